//! PROPPATCH (RFC 4918 9.2): all instructions in their order, or none. What cannot be done is found before anything is
//! written, so an answer with a fault never leaves a change behind.

use crate::call::Call;
use crate::error::Refusal;
use crate::locate::Located;
use crate::precondition::{self, Current};
use crate::prefer::prefer_of;
use crate::property::change::Draft;
use crate::property::check_count;
use crate::{stream, token};
use http::{HeaderValue, StatusCode};
use kontor_listen::{Body, Response};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::request::Proppatch;

/// Answers PROPPATCH.
pub(crate) async fn answer(mut call: Call<'_>) -> Result<Response, Refusal> {
    let body = call.xml().await?;
    let found = call.session.locate(&call.route, 0).await.map_err(|error| call.refuse(error))?;
    let asked = Proppatch::parse(&body, &call.session.settings().xml)?;
    check_count(call.session.settings(), asked.updates.len())?;
    precondition::check(&call, current(&found)).await?;
    let max = call.session.office().limits().max_property_size;
    let draft = Draft::of(&asked.updates, found.subject().sort(), max);
    if !draft.is_refused() {
        write(&call, &found, &draft).await?;
        if prefer_of(&call).minimal() {
            let mut answer = Response::new(Body::empty());
            *answer.status_mut() = StatusCode::NO_CONTENT;
            answer.headers_mut().insert("preference-applied", HeaderValue::from_static("return=minimal"));
            return Ok(answer);
        }
    }
    let mut out = Multistatus::new();
    out.response(&found.subject().href());
    draft.tell(&mut out);
    Ok(stream::multistatus(out))
}

fn current(found: &Located) -> Option<Current> {
    match found {
        Located::Item(found) => Some(Current::item(&found.at.place, &found.item.meta)),
        Located::Collection(view) => {
            let tag = view.version.map(|version| token::collection_etag(&view.place, version));
            tag.map(|tag| Current::tagged(tag.as_str()))
        }
        _ => None,
    }
}

async fn write(call: &Call<'_>, found: &Located, draft: &Draft) -> Result<(), Refusal> {
    let office = call.session.office();
    let asker = &call.session.asker;
    let changes = draft.changes.clone();
    let done = match found {
        Located::Collection(view) => office.set_collection_properties(asker, &view.place, changes).await,
        Located::Item(item) => {
            office.set_item_properties(asker, &item.at.place, &item.item.meta.name, changes).await
        }
        // Nothing can be set there, so the draft was refused.
        _ => Ok(()),
    };
    done.map_err(|error| call.refuse(error))
}
