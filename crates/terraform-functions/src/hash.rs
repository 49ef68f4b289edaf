//! Hashes, identifiers and keys. Source: <https://developer.hashicorp.com/terraform/language/functions/md5> and its
//! neighbours.
//!
//! `bcrypt` and `uuid` differ from run to run, so that their results are unknown here.

use base64::Engine as _;
use sha2::Digest;
use terravet_graph::{Type, Value};

use crate::date::differs_from_run_to_run;
use crate::encoding::BASE64;
use crate::filesystem::{Content, read_bytes};
use crate::go_numbers::integer;
use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, text};
use crate::{Context, FunctionError};

/// The cost that bcrypt allows at most.
const MAX_COST: i64 = 31;

const STR: Parameter = Parameter::new("str", Kind::String);
const PATH: Parameter = Parameter::new("path", Kind::String);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("base64sha256", &[STR], Kind::String, |_, arguments, _| {
        Ok(of_text(arguments, base64_of::<sha2::Sha256>))
    }),
    Function::new("base64sha512", &[STR], Kind::String, |_, arguments, _| {
        Ok(of_text(arguments, base64_of::<sha2::Sha512>))
    }),
    Function::new("bcrypt", &[STR], Kind::String, bcrypt).variadic(Parameter::new("cost", Kind::Number)),
    Function::new("filebase64sha256", &[PATH], Kind::String, |context, arguments, _| {
        of_file(context, arguments, base64_of::<sha2::Sha256>)
    }),
    Function::new("filebase64sha512", &[PATH], Kind::String, |context, arguments, _| {
        of_file(context, arguments, base64_of::<sha2::Sha512>)
    }),
    Function::new("filemd5", &[PATH], Kind::String, |context, arguments, _| {
        of_file(context, arguments, hex_of::<md5::Md5>)
    }),
    Function::new("filesha1", &[PATH], Kind::String, |context, arguments, _| {
        of_file(context, arguments, hex_of::<sha1::Sha1>)
    }),
    Function::new("filesha256", &[PATH], Kind::String, |context, arguments, _| {
        of_file(context, arguments, hex_of::<sha2::Sha256>)
    }),
    Function::new("filesha512", &[PATH], Kind::String, |context, arguments, _| {
        of_file(context, arguments, hex_of::<sha2::Sha512>)
    }),
    Function::new("md5", &[STR], Kind::String, |_, arguments, _| Ok(of_text(arguments, hex_of::<md5::Md5>))),
    Function::new(
        "rsadecrypt",
        &[Parameter::new("ciphertext", Kind::String), Parameter::new("privatekey", Kind::String)],
        Kind::String,
        rsa_decrypt,
    )
    // As long as it takes to read some megabytes.
    .priced(|_| 8 << 20),
    Function::new("sha1", &[STR], Kind::String, |_, arguments, _| Ok(of_text(arguments, hex_of::<sha1::Sha1>))),
    Function::new("sha256", &[STR], Kind::String, |_, arguments, _| Ok(of_text(arguments, hex_of::<sha2::Sha256>))),
    Function::new("sha512", &[STR], Kind::String, |_, arguments, _| Ok(of_text(arguments, hex_of::<sha2::Sha512>))),
    Function::new("uuid", &[], Kind::String, differs_from_run_to_run),
    Function::new(
        "uuidv5",
        &[Parameter::new("namespace", Kind::String), Parameter::new("name", Kind::String)],
        Kind::String,
        uuid_v5,
    ),
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hex_of<D: Digest>(bytes: &[u8]) -> String {
    hex(&D::digest(bytes))
}

fn base64_of<D: Digest>(bytes: &[u8]) -> String {
    BASE64.encode(D::digest(bytes))
}

fn of_text(arguments: &[Value], hash: fn(&[u8]) -> String) -> Value {
    Value::string(hash(text(arguments, 0).as_bytes()))
}

fn of_file(context: &Context<'_>, arguments: &[Value], hash: fn(&[u8]) -> String) -> Result<Value, FunctionError> {
    Ok(match read_bytes(context, arguments)? {
        Content::Here(bytes) => Value::string(hash(&bytes)),
        Content::OutOfReach(open) => open,
    })
}

fn bcrypt(context: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    if arguments.len() > 2 {
        return Err(FunctionError::new("bcrypt() takes no more than two arguments"));
    }
    if let Some(cost) = arguments.get(1) {
        let cost = integer(cost).map_err(|error| FunctionError::argument(1, error.message))?;
        if cost > MAX_COST {
            let message = format!("error occurred generating password: the cost {cost} is above {MAX_COST}");
            return Err(FunctionError::argument(1, message));
        }
    }
    differs_from_run_to_run(context, arguments, ty)
}

/// The namespaces of <https://www.rfc-editor.org/rfc/rfc4122#appendix-C>, which differ in one byte.
fn namespace(name: &str) -> Option<[u8; 16]> {
    let number = match name {
        "dns" => 0x10,
        "url" => 0x11,
        "oid" => 0x12,
        "x500" => 0x14,
        _ => return parse_uuid(name),
    };
    Some([0x6b, 0xa7, 0xb8, number, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8])
}

/// A UUID in any of its usual spellings.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let text = match text.len() {
        45 if text.get(..9)?.eq_ignore_ascii_case("urn:uuid:") => text.get(9..)?,
        38 => text.get(1..37)?,
        _ => text,
    };
    let hyphens: &[usize] = if text.len() == 36 { &[8, 13, 18, 23] } else { &[] };
    if !hyphens.iter().all(|at| text.as_bytes().get(*at) == Some(&b'-')) {
        return None;
    }
    let places = text.bytes().enumerate().filter(|(at, _)| !hyphens.contains(at));
    let digits: Vec<u8> = places
        .map(|(_, byte)| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    bytes.try_into().ok().filter(|_| digits.len() == 32)
}

fn uuid_v5(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let name = text(arguments, 0);
    let space = namespace(name)
        .ok_or_else(|| FunctionError::argument(0, format!("uuidv5() doesn't support namespace {name}")))?;
    let mut hash = sha1::Sha1::new();
    hash.update(space);
    hash.update(text(arguments, 1));
    let mut bytes = hash.finalize();
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes[..16]);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Ok(Value::string(parts.join("-")))
}

fn rsa_decrypt(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let secret = crate::encoding::decode(text(arguments, 0))
        .map_err(|_| FunctionError::argument(0, "failed to decode input: cipher text must be base64-encoded"))?;
    let key = crate::rsa::PrivateKey::parse(text(arguments, 1))
        .map_err(|message| FunctionError::argument(1, format!("invalid private key: {message}")))?;
    let plain = key.decrypt(&secret).ok_or_else(|| FunctionError::argument(0, "failed to decrypt"))?;
    Ok(string(String::from_utf8_lossy(&plain).into_owned()))
}
