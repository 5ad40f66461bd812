//! Addresses for servers that want a certain port.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};

/// An address of this machine that no other test uses now, so that every port is free there: all that begin with 127
/// are this machine (RFC 1122 3.2.1.3).
pub fn own_address() -> Ipv4Addr {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = u64::from(std::process::id()) * 16 + NEXT.fetch_add(1, Ordering::Relaxed) % 16;
    let part = |divisor: u64, values: u64, least: u64| {
        u8::try_from(number / divisor % values + least).expect("a part of an address")
    };
    Ipv4Addr::new(127, part(250 * 250, 200, 50), part(250, 250, 0), part(1, 250, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_another() {
        let (one, other) = (own_address(), own_address());
        assert!(one.is_loopback() && other.is_loopback() && one != other && one != Ipv4Addr::LOCALHOST);
    }
}
