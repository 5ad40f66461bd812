//! Basic authentication (RFC 7617), with the account's password or an app password.

use crate::Room;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use kontor_groupware::{Asker, Attempt, Denied, Scope};
use kontor_listen::{Body, Peer, Response};
use kontor_model::{Error, Origin};
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
pub(crate) async fn sign_in(room: &Arc<Room>, head: &Parts, peer: &Peer) -> Result<Asker, Stranger> {
    let header = head.headers.get(AUTHORIZATION).ok_or(Stranger::Unknown)?;
    let mut buffer = [0_u8; MAX_CREDENTIAL];
    let (name, password) = credential(header, &mut buffer).ok_or(Stranger::Unknown)?;
    // Windows puts its domain before the name if nobody tells it otherwise.
    let name = name.rsplit_once('\\').map_or(name, |(_, name)| name);
    let attempt = Attempt { name, password, address: peer.address, scope: Scope::Dav };
    match room.office.sign_in(attempt).await {
        Ok(mut asker) => {
            asker.origin = Origin::Lists;
            Ok(asker)
        }
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
    /// 401 with the challenge, 429 with Retry-After, or 503 for our fault.
    pub(crate) fn refuse(self, room: &Room) -> Response {
        let mut answer = Response::new(Body::empty());
        match self {
            Self::Unknown => {
                *answer.status_mut() = StatusCode::UNAUTHORIZED;
                let kept = |c: &char| !matches!(c, '"' | '\\') && !c.is_control();
                let realm: String = room.settings.realm.chars().filter(kept).collect();
                let basic = HeaderValue::try_from(format!("Basic realm=\"{realm}\", charset=\"UTF-8\""));
                let basic = basic.unwrap_or_else(|_| HeaderValue::from_static("Basic realm=\"Kontor\""));
                answer.headers_mut().insert(WWW_AUTHENTICATE, basic);
            }
            Self::TooMany(seconds) => {
                *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
            }
            Self::Fault(Error::Busy { retry_after }) => {
                *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after.max(1)));
            }
            Self::Fault(error) => {
                tracing::error!(fault = ?error, "a log-in could not be decided");
                *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            }
        }
        answer
    }
}
