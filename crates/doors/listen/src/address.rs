//! Whose address it is: ranges, and what trusted proxies say.

use http::HeaderMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// An address range such as `10.0.0.0/8`, `fd00::/8`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    bits: u128,
    mask: u128,
}

/// IPv4 as IPv4-mapped IPv6, so that one comparison serves both.
fn as_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl AddressRange {
    /// Whether the address lies in it. An IPv4-mapped IPv6 address counts as the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        as_bits(address) & self.mask == self.bits
    }
}

impl FromStr for AddressRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr =
            address.trim().parse().map_err(|_| format!("{text:?} is not an address range"))?;
        let (width, offset) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let length = match length {
            None => width,
            Some(length) => {
                length.parse::<u32>().ok().filter(|length| *length <= width).ok_or_else(|| {
                    format!("{text:?} is not an address range: the length is at most {width}")
                })?
            }
        };
        let mask = u128::MAX.checked_shl(128 - (length + offset)).unwrap_or(0);
        Ok(Self { bits: as_bits(address) & mask, mask })
    }
}

/// The header field in which proxies tell the client's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, `-Proto` and `-Host`.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// Proxies in front of the server whose word is believed. Only one kind of header field is read, because a proxy
/// that sets one kind passes on whatever the client wrote into the other.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    /// Where they are.
    pub ranges: Vec<AddressRange>,
    /// What they set.
    pub header: ForwardedHeader,
}

/// What a chain of trusted proxies says of the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Forwarded<'a> {
    pub(crate) address: IpAddr,
    pub(crate) secure: Option<bool>,
    pub(crate) host: Option<&'a str>,
}

impl TrustedProxies {
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(address))
    }

    /// Looks through the proxies: the rightmost address that is not itself a trusted proxy is the client.
    pub(crate) fn resolve<'a>(&self, direct: IpAddr, headers: &'a HeaderMap) -> Forwarded<'a> {
        match self.header {
            ForwardedHeader::XForwarded => self.resolve_x(direct, headers),
            ForwardedHeader::Forwarded => self.resolve_rfc(direct, headers),
        }
    }

    fn resolve_x<'a>(&self, direct: IpAddr, headers: &'a HeaderMap) -> Forwarded<'a> {
        let mut address = direct;
        for hop in rightmost_first(headers, "x-forwarded-for") {
            let Some(hop) = parse_hop(hop) else { break };
            address = hop;
            if !self.trusts(hop) {
                break;
            }
        }
        let last = |name| rightmost_first(headers, name).next();
        let secure = last("x-forwarded-proto").map(|proto| proto.eq_ignore_ascii_case("https"));
        Forwarded { address, secure, host: last("x-forwarded-host") }
    }

    fn resolve_rfc<'a>(&self, direct: IpAddr, headers: &'a HeaderMap) -> Forwarded<'a> {
        let mut found = Forwarded { address: direct, secure: None, host: None };
        for element in rightmost_first(headers, "forwarded") {
            let mut hop = None;
            for (name, value) in element.split(';').filter_map(|pair| pair.split_once('=')) {
                let value = value.trim().trim_matches('"');
                match name.trim().to_ascii_lowercase().as_str() {
                    "for" => hop = parse_hop(value),
                    "proto" if found.secure.is_none() => {
                        found.secure = Some(value.eq_ignore_ascii_case("https"))
                    }
                    "host" if found.host.is_none() => found.host = Some(value),
                    _ => {}
                }
            }
            let Some(hop) = hop else { break };
            found.address = hop;
            if !self.trusts(hop) {
                break;
            }
        }
        found
    }
}

/// The list elements of a header field that may come several times, last one first. At most 32 are looked at.
fn rightmost_first<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .rev()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.rsplit(','))
        .map(str::trim)
        .take(32)
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    text.parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .or_else(|_| text.trim_start_matches('[').trim_end_matches(']').parse::<Ipv6Addr>().map(IpAddr::V6))
        .ok()
        .map(|address| address.to_canonical())
}

/// What connections are counted by: an IPv4 address, or the /64 of an IPv6 address, which is one household.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Where unix sockets come from.
pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let check = |range: &str, address: &str, expect| {
            let range: AddressRange = range.parse().unwrap();
            assert_eq!(range.contains(address.parse().unwrap()), expect, "{range:?} {address}");
        };
        check("10.0.0.0/8", "10.200.3.4", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("10.0.0.1", "10.0.0.1", true);
        check("10.0.0.1", "10.0.0.2", false);
        check("0.0.0.0/0", "8.8.8.8", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("10.0.0.0/8", "::ffff:10.1.1.1", true);
        check("2001:db8::/32", "2001:db8:1::1", true);
        check("::/0", "1.2.3.4", true);
        check("::1", "::1", true);
        for bad in ["", "10.0.0.0/33", "::1/129", "x/8", "10.0.0.0/", "10.0.0.0/-1"] {
            assert!(bad.parse::<AddressRange>().is_err(), "{bad}");
        }
    }

    fn check(header: ForwardedHeader, fields: &[(&'static str, &str)], expect: &str, secure: Option<bool>) {
        let ranges = vec!["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let proxies = TrustedProxies { ranges, header };
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        let got = proxies.resolve(HERE, &headers);
        assert_eq!((got.address, got.secure), (expect.parse().unwrap(), secure), "{fields:?}");
    }

    #[test]
    fn the_rightmost_untrusted_address_is_the_client() {
        let check = |fields: &[(&'static str, &str)], expect, secure| {
            check(ForwardedHeader::XForwarded, fields, expect, secure);
        };
        check(&[], "127.0.0.1", None);
        check(&[("x-forwarded-for", "192.0.2.7")], "192.0.2.7", None);
        check(&[("x-forwarded-for", "6.6.6.6, 192.0.2.7, 10.1.1.1")], "192.0.2.7", None);
        check(&[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.7")], "192.0.2.7", None);
        check(&[("x-forwarded-for", "6.6.6.6, nonsense")], "127.0.0.1", None);
        check(&[("x-forwarded-for", "nonsense, 10.9.9.9")], "10.9.9.9", None);
        check(&[("x-forwarded-for", "[2001:db8::9]:443")], "2001:db8::9", None);
        check(
            &[("x-forwarded-for", "192.0.2.7:5555"), ("x-forwarded-proto", "https")],
            "192.0.2.7",
            Some(true),
        );
        check(&[("x-forwarded-proto", "https, http")], "127.0.0.1", Some(false));
        check(&[("forwarded", "for=192.0.2.7")], "127.0.0.1", None);
    }

    #[test]
    fn forwarded_as_in_rfc_7239() {
        let check = |fields: &[(&'static str, &str)], expect, secure| {
            check(ForwardedHeader::Forwarded, fields, expect, secure);
        };
        check(&[("forwarded", "for=192.0.2.7;proto=https;host=a.example")], "192.0.2.7", Some(true));
        check(&[("forwarded", "for=6.6.6.6, For=\"[2001:db8::9]:1\", for=10.0.0.1")], "2001:db8::9", None);
        check(&[("forwarded", "for=_hidden, for=10.0.0.1")], "10.0.0.1", None);
        check(&[("forwarded", "for=unknown")], "127.0.0.1", None);
        check(&[("x-forwarded-for", "6.6.6.6")], "127.0.0.1", None);
    }

    #[test]
    fn an_ipv6_household_is_a_64() {
        assert_eq!(
            household("2001:db8:0:1:2:3:4:5".parse().unwrap()),
            "2001:db8:0:1::".parse::<IpAddr>().unwrap()
        );
        assert_eq!(household("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1".parse::<IpAddr>().unwrap());
    }
}
