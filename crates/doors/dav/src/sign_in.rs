//! Basic authentication (RFC 7617).

use crate::error::Refusal;
use crate::{Room, Session};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use kontor_groupware::{Attempt, Denied, Scope};
use kontor_listen::{Peer, Response};
use kontor_model::Error;
use std::sync::Arc;

/// Longest credential that is looked at, decoded: the longest mail address, a colon, the longest password.
const MAX_CREDENTIAL: usize = 1536;

/// Why nobody came in.
pub(crate) enum Stranger {
    /// No credential, or a wrong one.
    Unknown,
    /// Too many wrong ones; try again after so many seconds.
    TooMany(u32),
    /// Our fault.
    Fault(Error),
}

/// Who sends this request.
pub(crate) async fn sign_in(room: &Arc<Room>, head: &Parts, peer: &Peer) -> Result<Session, Stranger> {
    let header = head.headers.get(AUTHORIZATION).ok_or(Stranger::Unknown)?;
    let mut buffer = [0_u8; MAX_CREDENTIAL];
    let (name, password) = credential(header, &mut buffer).ok_or(Stranger::Unknown)?;
    let attempt = Attempt { name, password, address: peer.address, scope: Scope::Dav };
    match room.office.sign_in(attempt).await {
        Ok(asker) => Ok(Session { room: room.clone(), asker }),
        Err(Denied::Wrong) => Err(Stranger::Unknown),
        Err(Denied::TooMany { retry_after_s }) => Err(Stranger::TooMany(retry_after_s)),
        Err(Denied::Fault(error)) => Err(Stranger::Fault(error)),
    }
}

/// Name and password, UTF-8 (RFC 7617 2.1).
fn credential<'a>(header: &HeaderValue, buffer: &'a mut [u8]) -> Option<(&'a str, &'a str)> {
    let (scheme, encoded) = header.to_str().ok()?.trim_ascii().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let len = STANDARD.decode_slice(encoded.trim_ascii(), buffer).ok()?;
    std::str::from_utf8(buffer.get(..len)?).ok()?.split_once(':')
}

impl Stranger {
    /// 401 with the challenge, 429 with Retry-After, or the fault.
    pub(crate) fn refuse(self) -> Refusal {
        match self {
            Self::Unknown => Refusal::because(StatusCode::UNAUTHORIZED, "a name and its password are needed"),
            Self::TooMany(seconds) => {
                let refusal = Refusal::because(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too many wrong passwords; try again later",
                );
                Refusal { retry_after: Some(seconds.max(1)), ..refusal }
            }
            Self::Fault(error) => Refusal::of(error, crate::error::Scope::of_door()),
        }
    }
}

/// Adds the challenge that a 401 must carry.
pub(crate) fn challenge(room: &Room, answer: &mut Response) {
    let realm: String =
        room.settings.realm.chars().filter(|c| !matches!(c, '"' | '\\') && !c.is_control()).collect();
    let basic = HeaderValue::try_from(format!("Basic realm=\"{realm}\", charset=\"UTF-8\""));
    let basic =
        basic.unwrap_or_else(|_| HeaderValue::from_static("Basic realm=\"Kontor\", charset=\"UTF-8\""));
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
}
