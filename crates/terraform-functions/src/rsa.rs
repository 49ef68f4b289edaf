//! Decryption with an RSA private key, as `rsadecrypt` does it.
//!
//! In: a key in PEM, as PKCS #1 (<https://www.rfc-editor.org/rfc/rfc8017>), PKCS #8 or in OpenSSH's own form, not
//! encrypted itself. Out: the plain text of what was encrypted with PKCS #1 v1.5 padding. The keys are part of the
//! configuration that is read, so that no care is taken to hide them from who watches the clock.

use base64::Engine as _;
use num_bigint::BigUint;

use crate::encoding::BASE64;

/// The longest modulus, in bytes, that is computed with.
const MAX_MODULUS: usize = 2048;
/// The object identifier of RSA keys in PKCS #8.
const RSA_ENCRYPTION: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// The part of a private key that decryption needs.
pub(crate) struct PrivateKey {
    modulus: BigUint,
    exponent: BigUint,
}

impl PrivateKey {
    /// Reads the first block of a PEM text.
    pub(crate) fn parse(pem: &str) -> Result<Self, &'static str> {
        let (label, bytes) = pem_block(pem).ok_or("no key found")?;
        let key = match label {
            "RSA PRIVATE KEY" => Self::from_pkcs1(&bytes),
            "PRIVATE KEY" => Self::from_pkcs8(&bytes),
            "OPENSSH PRIVATE KEY" => Self::from_openssh(&bytes),
            _ => return Err("this sort of key is not supported"),
        };
        key.filter(|key| (1..=MAX_MODULUS * 8).contains(&usize::try_from(key.modulus.bits()).unwrap_or(usize::MAX)))
            .ok_or("the key cannot be read, is encrypted or is no RSA key")
    }

    fn from_pkcs1(bytes: &[u8]) -> Option<Self> {
        let mut sequence = Der(Der(bytes).take(0x30)?);
        sequence.take(0x02)?;
        let modulus = BigUint::from_bytes_be(sequence.take(0x02)?);
        sequence.take(0x02)?;
        Some(Self { modulus, exponent: BigUint::from_bytes_be(sequence.take(0x02)?) })
    }

    fn from_pkcs8(bytes: &[u8]) -> Option<Self> {
        let mut sequence = Der(Der(bytes).take(0x30)?);
        sequence.take(0x02)?;
        let identifier = Der(sequence.take(0x30)?).take(0x06)?;
        if identifier != RSA_ENCRYPTION {
            return None;
        }
        Self::from_pkcs1(sequence.take(0x04)?)
    }

    /// <https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key>
    fn from_openssh(bytes: &[u8]) -> Option<Self> {
        let mut outer = Fields(bytes.strip_prefix(b"openssh-key-v1\0")?);
        let (cipher, _key_derivation, _options) = (outer.field()?, outer.field()?, outer.field()?);
        let count = outer.bytes(4)?;
        if cipher != b"none" || count != [0, 0, 0, 1] {
            return None;
        }
        outer.field()?;
        let mut inner = Fields(outer.field()?);
        inner.bytes(8)?;
        if inner.field()? != b"ssh-rsa" {
            return None;
        }
        let modulus = BigUint::from_bytes_be(inner.field()?);
        inner.field()?;
        Some(Self { modulus, exponent: BigUint::from_bytes_be(inner.field()?) })
    }

    /// The plain text, if the padding is in order.
    pub(crate) fn decrypt(&self, secret: &[u8]) -> Option<Vec<u8>> {
        let length = usize::try_from(self.modulus.bits().div_ceil(8)).ok()?;
        let secret = BigUint::from_bytes_be(secret);
        if secret >= self.modulus {
            return None;
        }
        let plain = secret.modpow(&self.exponent, &self.modulus).to_bytes_be();
        // The leading zero byte is no part of a number.
        if plain.len() + 1 != length || plain.first() != Some(&2) {
            return None;
        }
        let end = plain.iter().skip(1).position(|byte| *byte == 0)?;
        (end >= 8).then(|| plain[end + 2..].to_vec())
    }
}

/// The label and the bytes of the first block.
fn pem_block(pem: &str) -> Option<(&str, Vec<u8>)> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    // Headers, as encrypted keys have them, end with an empty line.
    if body.contains(':') {
        return None;
    }
    let digits: String = body.split_whitespace().collect();
    Some((label, BASE64.decode(digits).ok()?))
}

/// What is left of values in DER, one after another.
struct Der<'b>(&'b [u8]);

impl<'b> Der<'b> {
    /// The content of the next value, which must have this tag.
    fn take(&mut self, tag: u8) -> Option<&'b [u8]> {
        let (_, rest) = self.0.split_first().filter(|(first, _)| **first == tag)?;
        let (length, rest) = rest.split_first()?;
        let (length, rest) = match usize::from(*length) {
            short @ 0..0x80 => (short, rest),
            long => {
                let (digits, rest) = rest.split_at_checked(long & 0x7f).filter(|(digits, _)| digits.len() <= 4)?;
                (digits.iter().fold(0usize, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }
}

/// What is left of fields with their lengths before them.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<&'b [u8]> {
        let length = u32::from_be_bytes(self.bytes(4)?.try_into().ok()?);
        self.bytes(usize::try_from(length).ok()?)
    }
}
