//! Functions over address ranges. Source: <https://developer.hashicorp.com/terraform/language/functions/cidrsubnet> and
//! its neighbours.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};
use terravet_graph::{Type, Value};

use crate::go_numbers::{big_integer, integer};
use crate::signature::{Function, Kind, Parameter};
use crate::string::text;
use crate::{Context, FunctionError};

/// How many bits `cidrsubnets` extends a prefix by at most.
const MAX_NEW_BITS: i64 = 32;

const PREFIX: Parameter = Parameter::new("prefix", Kind::String);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("cidrhost", &[PREFIX, Parameter::new("hostnum", Kind::Number)], Kind::String, host),
    Function::new("cidrnetmask", &[PREFIX], Kind::String, netmask),
    Function::new(
        "cidrsubnet",
        &[PREFIX, Parameter::new("newbits", Kind::Number), Parameter::new("netnum", Kind::Number)],
        Kind::String,
        subnet,
    ),
    Function::new("cidrsubnets", &[PREFIX], Kind::ListOfString, subnets)
        .variadic(Parameter::new("newbits", Kind::Number)),
];

/// A range of addresses: its first one and the length of the prefix that all share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    first: u128,
    prefix: u32,
    /// 32 or 128.
    bits: u32,
}

impl Network {
    /// Reads `10.0.0.0/8` or `2001:db8::/32`. What stands behind the prefix is taken for zero; numbers of an IPv4 address
    /// may have leading zeros and are decimal all the same.
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let (address, bits) = if address.contains(':') {
            (address.parse::<Ipv6Addr>().ok()?.to_bits(), 128)
        } else {
            (u128::from(parse_ipv4(address)?), 32)
        };
        if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let prefix = length.parse().ok().filter(|prefix| *prefix <= bits)?;
        let network = Self { first: address, prefix, bits };
        Some(Self { first: address & !network.host_mask(), ..network })
    }

    /// The bits behind the prefix, all set.
    fn host_mask(&self) -> u128 {
        ones(self.bits - self.prefix)
    }

    /// Whether it is of IPv4 addresses, written as IPv6.
    fn is_mapped(&self) -> bool {
        self.bits == 128 && Ipv6Addr::from_bits(self.first).to_ipv4_mapped().is_some()
    }

    fn last(&self) -> u128 {
        self.first | self.host_mask()
    }
}

/// That many low bits, all set.
fn ones(count: u32) -> u128 {
    1u128.checked_shl(count).map_or(u128::MAX, |power| power - 1)
}

fn parse_ipv4(text: &str) -> Option<u32> {
    let mut address = 0u32;
    let mut parts = 0;
    for part in text.split('.') {
        let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let number: u8 = if plain { part.parse().ok()? } else { return None };
        address = address.checked_shl(8)? | u32::from(number);
        parts += 1;
    }
    (parts == 4).then_some(address)
}

/// An address as Go prints it: IPv6 addresses of mapped IPv4 ones as the latter.
fn address_text(address: u128, bits: u32) -> String {
    if bits == 32 {
        return Ipv4Addr::from_bits(u32::try_from(address).unwrap_or(u32::MAX)).to_string();
    }
    let address = Ipv6Addr::from_bits(address);
    match address.to_ipv4_mapped() {
        Some(mapped) => mapped.to_string(),
        None => ipv6_text(address),
    }
}

/// The address in hexadecimal groups only, the first longest run of two or more zero groups left out.
fn ipv6_text(address: Ipv6Addr) -> String {
    let groups = address.segments();
    let (mut best, mut best_length) = (0, 1);
    let mut at = 0;
    while at < groups.len() {
        let length = groups[at..].iter().take_while(|group| **group == 0).count();
        if length > best_length {
            (best, best_length) = (at, length);
        }
        at += length.max(1);
    }
    let joined = |groups: &[u16]| groups.iter().map(|group| format!("{group:x}")).collect::<Vec<_>>().join(":");
    if best_length < 2 {
        return joined(&groups);
    }
    format!("{}::{}", joined(&groups[..best]), joined(&groups[best + best_length..]))
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.is_mapped() { self.prefix.saturating_sub(96) } else { self.prefix };
        write!(f, "{}/{prefix}", address_text(self.first, self.bits))
    }
}

fn network(arguments: &[Value]) -> Result<Network, FunctionError> {
    let given = text(arguments, 0);
    Network::parse(given)
        .ok_or_else(|| FunctionError::argument(0, format!("invalid CIDR expression: invalid CIDR address: {given}")))
}

fn host(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let number = big_integer(&arguments[1]).map_err(|error| FunctionError::argument(1, error.message))?;
    let network = network(arguments)?;
    let greatest = BigInt::from(network.host_mask());
    // Negative numbers count from the end.
    let place = if number.is_negative() { &greatest + BigInt::one() + &number } else { number.clone() };
    // Of a range of mapped addresses, Terraform numbers the networks.
    let shift = if network.is_mapped() { 96 } else { 0 };
    match combined(&network, &place, shift).filter(|_| !place.is_negative() && place <= greatest) {
        Some(address) => Ok(Value::string(address_text(address, network.bits))),
        None => Err(FunctionError::argument(
            1,
            format!("prefix of {} does not accommodate a host numbered {number}", network.prefix),
        )),
    }
}

fn netmask(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let network = network(arguments)?;
    if network.bits != 32 {
        let message = format!("IPv6 addresses cannot have a netmask: {}", text(arguments, 0));
        return Err(FunctionError::argument(0, message));
    }
    Ok(Value::string(address_text(ones(32) & !network.host_mask(), 32)))
}

fn subnet(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let new_bits = integer(&arguments[1]).map_err(|error| FunctionError::argument(1, error.message))?;
    let number = big_integer(&arguments[2]).map_err(|error| FunctionError::argument(2, error.message))?;
    let base = network(arguments)?;
    let prefix = i64::from(base.prefix).saturating_add(new_bits);
    let prefix = match u32::try_from(prefix) {
        Ok(prefix) if prefix <= base.bits => prefix,
        Ok(_) => {
            let message = format!("insufficient address space to extend prefix of {} by {new_bits}", base.prefix);
            return Err(FunctionError::argument(1, message));
        }
        Err(_) => return Err(FunctionError::argument(1, "the prefix would have a negative length")),
    };
    let greatest = if new_bits < 0 { ones(64) } else { ones(u32::try_from(new_bits).unwrap_or(128)) };
    if number > BigInt::from(greatest) {
        let message = format!("prefix extension of {new_bits} does not accommodate a subnet numbered {number}");
        return Err(FunctionError::argument(2, message));
    }
    let first = combined(&base, &number, base.bits - prefix)
        .ok_or_else(|| FunctionError::argument(2, format!("there is no subnet numbered {number}")))?;
    Ok(Value::string(Network { first, prefix, ..base }.to_string()))
}

/// The first address with a number set in, that many bits from the end; none where that is no address. Terraform computes
/// with whole numbers of any size, and takes what a negative one gives without its sign.
fn combined(base: &Network, number: &BigInt, shift: u32) -> Option<u128> {
    let address = BigInt::from(base.first) | (number << shift);
    address.magnitude().to_u128().filter(|address| *address <= ones(base.bits))
}

fn subnets(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let base = network(arguments)?;
    if base.is_mapped() {
        return Err(FunctionError::argument(0, "a range of IPv4 addresses written as IPv6 cannot be divided"));
    }
    let mut made = Vec::with_capacity(arguments.len() - 1);
    // The last address that is taken; at first the one before the range.
    let mut last = base.first.wrapping_sub(1) & ones(base.bits);
    for (index, argument) in arguments.iter().enumerate().skip(1) {
        let refused = |message: String| FunctionError::argument(index, message);
        let new_bits = integer(argument).map_err(|error| refused(error.message))?;
        if new_bits < 1 {
            return Err(refused("must extend prefix by at least one bit".into()));
        }
        if new_bits > MAX_NEW_BITS {
            return Err(refused(format!("may not extend prefix by more than {MAX_NEW_BITS} bits")));
        }
        let prefix = base.prefix + u32::try_from(new_bits).unwrap_or(0);
        if prefix > base.bits {
            let protocol = if base.bits == 32 { "IPv4" } else { "IPv6" };
            let message = format!("would extend prefix to {prefix} bits, which is too long for an {protocol} address");
            return Err(refused(message));
        }
        let host_mask = ones(base.bits - prefix);
        let first = (last | host_mask).wrapping_add(1) & ones(base.bits);
        if first.is_zero() || first < base.first || first > base.last() {
            let message = format!("not enough remaining address space for a subnet with a prefix of {prefix} bits");
            return Err(refused(message));
        }
        last = first | host_mask;
        made.push(Value::string(Network { first, prefix, ..base }.to_string()));
    }
    Ok(Value::list(Type::String, made))
}
