//! `/dav/changes`: an event stream (`text/event-stream`, WHATWG HTML 9.2) that tells a waiting client what changed.
//!
//! Each `change` event holds `{"collection": href, "token": sync token}`; the token is null when the set of
//! collections, their properties or the rights changed, and the href is that of the home then. An event is a hint:
//! whoever was away asks with sync-collection, not for events missed.

use crate::Session;
use crate::call::Call;
use crate::error::{Refusal, if_allowed};
use crate::route::{self, Branch};
use crate::token;
use http::{HeaderValue, header};
use kontor_groupware::Watch;
use kontor_listen::{Body, BodySender, Response};
use kontor_model::{AccountId, Notice, Result};
use std::fmt::Write;

/// Answers GET of the stream. It lasts until the client goes, the account is closed, the server ends, or a change cannot
/// be told because the store is away: who comes again then asks what changed.
pub(crate) async fn answer(call: Call<'_>) -> std::result::Result<Response, Refusal> {
    let mut answer = Response::new(Body::empty());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather answers before they pass them on must not.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    if call.head.method != http::Method::HEAD {
        let watch = call.session.office().watch(&call.session.asker).await;
        let watch = watch.map_err(|error| call.refuse(error))?;
        let (to, body) = Body::events();
        *answer.body_mut() = body;
        tokio::spawn(tell(call.session, watch, to));
    }
    Ok(answer)
}

async fn tell(session: Session, mut watch: Watch, to: BodySender) {
    let pause = session.settings().heartbeat;
    if to.send(": here\n\n".into()).await.is_err() {
        return;
    }
    loop {
        let piece = tokio::select! {
            notice = watch.next() => {
                let Some(notice) = notice else { return };
                match Box::pin(event(&session, &notice)).await {
                    Ok(event) => event,
                    Err(_) => return,
                }
            }
            () = to.gone() => return,
            () = tokio::time::sleep(pause) => {
                // What the log-in rests on may have come to its end by itself.
                if session.office().still(&session.asker).await.is_err() {
                    return;
                }
                ":\n\n".to_owned()
            }
        };
        if to.send(piece.into()).await.is_err() {
            return;
        }
    }
}

/// The events of one notice; empty if what it is about is not to be seen any more, or not at this door.
async fn event(session: &Session, notice: &Notice) -> Result<String> {
    let mut out = String::new();
    let Some(owner) = owner(session, notice.account).await? else { return Ok(out) };
    match notice.collection {
        Some(id) => {
            let place = session.office().place_by_id(&session.asker, notice.account, id).await;
            let Some(place) = if_allowed(place)? else { return Ok(out) };
            if let Some(view) = if_allowed(session.view(place, 0).await)? {
                push(&mut out, &view.href, Some(token::sync_token(id, notice.version).as_str()));
            }
        }
        None => {
            for branch in [Branch::Calendars, Branch::AddressBooks, Branch::Files] {
                push(&mut out, &route::home_href(branch, &owner), None);
            }
        }
    }
    Ok(out)
}

/// Hrefs and tokens hold nothing that JSON would have to escape.
fn push(out: &mut String, href: &str, token: Option<&str>) {
    let _ = match token {
        Some(token) => {
            write!(out, "event: change\ndata: {{\"collection\":\"{href}\",\"token\":\"{token}\"}}\n\n")
        }
        None => write!(out, "event: change\ndata: {{\"collection\":\"{href}\",\"token\":null}}\n\n"),
    };
}

async fn owner(session: &Session, account: AccountId) -> Result<Option<String>> {
    let known = if_allowed(session.office().principal_by_id(&session.asker, account).await)?;
    Ok(known.map(|one| one.name.as_str().to_owned()))
}
