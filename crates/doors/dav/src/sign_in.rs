//! Basic authentication (RFC 7617), and HTTP Digest (RFC 7616) where it is switched on.

use crate::error::Refusal;
use crate::{Room, Session};
use http::StatusCode;
use http::request::Parts;
use kontor_groupware::{
    Asker, Attempt, Denied, DigestAlgorithm, DigestAttempt, DigestChallenge, DigestName, Scope,
};
use kontor_listen::{DigestShown, Peer, Response, Shown};
use kontor_model::{Error, Origin};
use std::sync::Arc;

/// Why nobody came in.
pub(crate) enum Stranger {
    /// No credential, or a wrong one.
    Unknown,
    /// A response to a challenge that is not good any more.
    Stale,
    /// Not from where this door is.
    Elsewhere,
    /// Too many wrong ones; try again after so many seconds.
    TooMany(u32),
    /// Our fault.
    Fault(Error),
}

/// Who sends this request.
pub(crate) async fn sign_in(room: &Arc<Room>, head: &Parts, peer: &Peer) -> Result<Session, Stranger> {
    if let Some(owner) = room.owner {
        let known = peer.uid.is_some_and(|uid| uid == 0 || uid == owner);
        let asker = Asker::system(Origin::Admin);
        return if known { Ok(Session { room: room.clone(), asker }) } else { Err(Stranger::Elsewhere) };
    }
    let asker = match Shown::read(&head.headers).ok_or(Stranger::Unknown)? {
        Shown::Basic(name, password) => {
            let attempt =
                Attempt { name: &name, password: &password, address: peer.address, scope: Scope::Dav };
            room.office.sign_in(attempt).await
        }
        Shown::Digest(shown) => respond(room, &shown, head, peer).await,
    };
    match asker {
        Ok(asker) => Ok(Session { room: room.clone(), asker }),
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
    // Rare, and large: the future of a request with a password stays small.
    Box::pin(room.office.sign_in_by_digest(attempt)).await
}

impl Stranger {
    /// 401, 429 with Retry-After, or the fault.
    pub(crate) fn refuse(self) -> Refusal {
        match self {
            Self::Unknown => Refusal::because(StatusCode::UNAUTHORIZED, "a name and its password are needed"),
            Self::Stale => {
                Refusal::because(StatusCode::UNAUTHORIZED, "the challenge is old; answer this one")
            }
            Self::Elsewhere => Refusal::not_found(),
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

/// Adds the challenges that a 401 must carry.
pub(crate) fn challenge(room: &Room, peer: &Peer, stale: bool, answer: &mut Response) {
    let digest = |one: DigestChallenge| (one.algorithm.word(), one.nonce);
    let digests = || room.office.challenges().into_iter().map(digest).collect();
    kontor_listen::challenge(answer.headers_mut(), &room.settings.realm, peer, stale, digests);
}
