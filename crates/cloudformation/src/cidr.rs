//! `Fn::Cidr`: blocks of addresses within a block.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html>.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The most blocks that one call makes.
const MAX_COUNT: u32 = 256;

/// The first `count` blocks of `2^bits` addresses in `block`.
///
/// # Errors
/// What is wrong with the arguments, in words.
pub(crate) fn blocks(block: &str, count: u32, bits: u32) -> Result<Vec<String>, String> {
    let (address, prefix) =
        block.split_once('/').ok_or_else(|| format!("`{block}` is no CIDR block: it has no prefix length"))?;
    let address: IpAddr = address.parse().map_err(|_| format!("`{address}` is no IP address"))?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let prefix: u32 = prefix
        .parse()
        .ok()
        .filter(|prefix| *prefix <= width)
        .ok_or_else(|| format!("`{prefix}` is no prefix length; it must be between 0 and {width}"))?;
    if count == 0 || count > MAX_COUNT {
        return Err(format!("the number of blocks must be between 1 and {MAX_COUNT}"));
    }
    if bits == 0 || bits > width - prefix {
        return Err(format!("blocks of {bits} bits do not fit into {block}, which has {} bits", width - prefix));
    }
    let room = width - prefix - bits;
    if room < 32 && count > (1 << room) {
        return Err(format!("{count} blocks of {bits} bits do not fit into {block}"));
    }
    let all = match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    };
    let host_bits = width - prefix;
    let base = if host_bits >= 128 { 0 } else { all >> host_bits << host_bits };
    Ok((0..count)
        .map(|index| {
            // `bits` is below 128 unless the whole space is one block, where the index is 0.
            let start = base + u128::from(index).checked_shl(bits).unwrap_or(0);
            let text = match address {
                IpAddr::V4(_) => Ipv4Addr::from(u32::try_from(start).unwrap_or(u32::MAX)).to_string(),
                IpAddr::V6(_) => Ipv6Addr::from(start).to_string(),
            };
            format!("{text}/{}", width - bits)
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_one_another() {
        assert_eq!(blocks("10.0.0.0/16", 3, 8).unwrap(), ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]);
        assert_eq!(blocks("2001:db8::/56", 2, 64).unwrap(), ["2001:db8::/64", "2001:db8:0:1::/64"]);
        assert_eq!(blocks("10.0.3.7/16", 1, 8).unwrap(), ["10.0.0.0/24"], "host bits do not count");
        assert_eq!(blocks("::/0", 1, 128).unwrap(), ["::/0"]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(blocks("10.0.0.0/24", 3, 7).unwrap_err(), "3 blocks of 7 bits do not fit into 10.0.0.0/24");
        assert!(blocks("10.0.0.0/24", 1, 9).is_err());
        assert!(blocks("10.0.0.0", 1, 8).is_err());
        assert!(blocks("10.0.0.0/33", 1, 8).is_err());
        assert!(blocks("10.0.0.0/8", 257, 8).is_err());
    }
}
