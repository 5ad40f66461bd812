//! Networks, and which part of an address counts as one guesser.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network in CIDR form: `192.0.2.0/24`, `2001:db8::/32`, or a single address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether `address` is in it; an IPv4 address in IPv6 clothes is taken for what it is.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => {
                cut(address.to_canonical(), self.bits) == self.base
            }
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let wrong = || format!("{text:?} is not a network such as 192.0.2.0/24");
        let base: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse().ok().filter(|bits| *bits <= most).ok_or_else(wrong)?,
            None => most,
        };
        Ok(Self { base: cut(base, bits), bits })
    }
}

/// The address with all but its first `bits` bits cleared.
fn cut(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

/// What counts as one guesser: an IPv4 address, or the /64 that an IPv6 host has to itself (features.md 2.14).
pub fn subnet(address: IpAddr) -> Network {
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { 32 } else { 64 };
    Network { base: cut(address, bits), bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        let check = |network: &str, address: &str, inside: bool| {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.holds(address.parse().unwrap()), inside, "{network} {address}");
        };
        check("192.0.2.0/24", "192.0.2.77", true);
        check("192.0.2.0/24", "::ffff:192.0.2.77", true);
        check("192.0.2.0/24", "192.0.3.1", false);
        check("0.0.0.0/0", "8.8.8.8", true);
        check("::/0", "8.8.8.8", false);
        check("2001:db8::/32", "2001:db8:1::1", true);
        check("127.0.0.1", "127.0.0.1", true);
        assert!("192.0.2.0/33".parse::<Network>().is_err());
        assert!("office".parse::<Network>().is_err());
    }

    #[test]
    fn a_subnet_is_one_guesser() {
        let check =
            |address: &str, text: &str| assert_eq!(subnet(address.parse().unwrap()).to_string(), text);
        check("192.0.2.7", "192.0.2.7/32");
        check("::ffff:192.0.2.7", "192.0.2.7/32");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
    }
}
