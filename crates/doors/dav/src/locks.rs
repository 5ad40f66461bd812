//! Locks in their DAV clothes: tokens as URIs, and what is told of a lock (RFC 4918 6.5, 14.1).

use crate::Session;
use crate::route::{self, Branch};
use http::HeaderMap;
use kontor_groupware::Place;
use kontor_model::{Lock, Reach, Sharing, Timestamp};
use kontor_wire_dav::answer::{ActiveLock, LockScope, Owner};
use kontor_wire_dav::header::{Depth, IfHeader, LockToken, Timeout};

/// What a token starts with (RFC 4122).
const PREFIX: &str = "urn:uuid:";

/// The URI of a token.
pub(crate) fn token_uri(token: u128) -> LockToken {
    let hex = format!("{token:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let (a, b, c, d, e) = (part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32));
    LockToken(format!("{PREFIX}{a}-{b}-{c}-{d}-{e}"))
}

/// The token of a URI, if it is one that we would have given.
pub(crate) fn token_of(uri: &str) -> Option<u128> {
    let hex: String = uri.strip_prefix(PREFIX)?.chars().filter(|c| *c != '-').collect();
    let token = u128::from_str_radix(&hex, 16).ok()?;
    (token_uri(token).0 == uri).then_some(token)
}

/// The tokens that a request shows, in whatever condition (RFC 4918 6.4, 10.4.1).
pub(crate) fn shown(headers: &HeaderMap) -> Vec<u128> {
    let value = headers.get("if").and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    let lists = value.and_then(|value| IfHeader::parse(value).ok());
    lists.iter().flat_map(IfHeader::tokens).filter_map(token_of).collect()
}

/// What is told of a lock to whoever may look at what it covers. Its token is no secret (RFC 4918 20.4): it opens for
/// its holder only.
pub(crate) fn told(session: &Session, place: &Place, lock: &Lock) -> ActiveLock {
    let branch = Branch::of(place.collection.kind);
    let path = place.path_of(lock.collection).unwrap_or_default();
    let folder = route::collection_href(branch, place.owner.name.as_str(), &path);
    let root = match &lock.name {
        Some(name) => route::item_href(&folder, name.as_str()),
        None => folder,
    };
    ActiveLock {
        scope: match lock.sharing {
            Sharing::Exclusive => LockScope::Exclusive,
            Sharing::Shared => LockScope::Shared,
        },
        depth: match lock.reach {
            Reach::Alone => Depth::Zero,
            Reach::Deep => Depth::Infinity,
        },
        owner: std::str::from_utf8(&lock.about).ok().and_then(Owner::from_xml),
        timeout: Timeout::Seconds(left(session.office().now(), lock)),
        token: Some(token_uri(lock.token)),
        root,
    }
}

fn left(now: Timestamp, lock: &Lock) -> u32 {
    u32::try_from((lock.until.millis() - now.millis()).max(0) / 1000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back() {
        for token in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
            assert_eq!(token_of(&token_uri(token).0), Some(token));
        }
        let bad =
            ["", "urn:uuid:", "DAV:no-lock", "urn:uuid:0-0", "urn:uuid:00000000000000000000000000000000"];
        assert!(bad.iter().all(|uri| token_of(uri).is_none()));
    }
}
