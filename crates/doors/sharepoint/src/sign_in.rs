//! Basic authentication (RFC 7617), with the account's password or an app password, and HTTP Digest (RFC 7616) where it
//! is switched on.

use crate::Room;
use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use kontor_groupware::{
    Asker, Attempt, Denied, DigestAlgorithm, DigestAttempt, DigestChallenge, DigestName, Scope,
};
use kontor_listen::{Body, DigestShown, Peer, Response, Shown, challenge};
use kontor_model::{Error, Origin};
use std::sync::Arc;

/// Why nobody came in.
pub(crate) enum Stranger {
    /// No credential, or a wrong one.
    Unknown,
    /// A response to a challenge that is not good any more.
    Stale,
    /// Too many wrong ones; try again after so many seconds.
    TooMany(u32),
    /// Our fault.
    Fault(Error),
}

/// Who sends this request.
pub(crate) async fn sign_in(room: &Arc<Room>, head: &Parts, peer: &Peer) -> Result<Asker, Stranger> {
    let asker = match Shown::read(&head.headers).ok_or(Stranger::Unknown)? {
        Shown::Basic(name, password) => {
            // Windows puts its domain before the name if nobody tells it otherwise.
            let name = name.rsplit_once('\\').map_or(name.as_str(), |(_, name)| name);
            let attempt = Attempt { name, password: &password, address: peer.address, scope: Scope::Dav };
            room.office.sign_in(attempt).await
        }
        Shown::Digest(shown) => respond(room, &shown, head, peer).await,
    };
    match asker {
        Ok(mut asker) => {
            asker.origin = Origin::Lists;
            Ok(asker)
        }
        Err(Denied::Wrong) => Err(Stranger::Unknown),
        Err(Denied::Stale) => Err(Stranger::Stale),
        Err(Denied::TooMany { retry_after_s }) => Err(Stranger::TooMany(retry_after_s)),
        Err(Denied::Fault(error)) => Err(Stranger::Fault(error)),
    }
}

/// A response is for one method and one target: another's is not even looked at.
async fn respond(room: &Room, shown: &DigestShown, head: &Parts, peer: &Peer) -> Result<Asker, Denied> {
    let algorithm = DigestAlgorithm::from_word(&shown.algorithm).ok_or(Denied::Wrong)?;
    let asked = shown.asked(head).ok_or(Denied::Wrong)?;
    let name = &shown.name;
    let attempt = DigestAttempt {
        // With a domain before it the hash is another one: nothing can be left out here.
        name: if shown.hashed { DigestName::Hashed(name) } else { DigestName::Plain(name) },
        algorithm,
        realm: &shown.realm,
        nonce: &shown.nonce,
        count: &shown.count,
        client_nonce: &shown.client_nonce,
        asked: &asked,
        response: &shown.response,
        address: peer.address,
        scope: Scope::Dav,
    };
    Box::pin(room.office.sign_in_by_digest(attempt)).await
}

impl Stranger {
    /// 401 with the challenges (Digest only where the way is not encrypted), 429 with Retry-After, or 503 for our fault.
    pub(crate) fn refuse(self, room: &Room, peer: &Peer) -> Response {
        let mut answer = Response::new(Body::empty());
        match self {
            Self::Unknown | Self::Stale => {
                let stale = matches!(self, Self::Stale);
                *answer.status_mut() = StatusCode::UNAUTHORIZED;
                let digest = |one: DigestChallenge| (one.algorithm.word(), one.nonce);
                let digests = || room.office.challenges().into_iter().map(digest).collect();
                challenge(answer.headers_mut(), &room.settings.realm, peer, stale, digests);
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
