//! DAV:version-tree (RFC 3253 3.7): what an item says and said, as far as it is kept, the oldest first. DAV:version-name is
//! the revision of the text, by which `?version=` reads it.

use crate::call::Call;
use crate::error::Refusal;
use crate::past;
use crate::prefer::prefer_of;
use crate::property::{Plan, dead_key};
use crate::route::{Route, item_href};
use crate::stream::multistatus_of;
use crate::subject::Subject;
use kontor_groupware::{ItemHistory, Past};
use kontor_listen::{Body, Response};
use kontor_model::{AccountId, Actor, Error, Item, ItemMeta, ItemName, PropertyKey};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, dav};
use kontor_wire_dav::report::VersionTree;
use kontor_wire_dav::xml::Writer;
use std::collections::HashMap;

/// A text, and who wrote it, as far as that is known.
struct Text {
    meta: ItemMeta,
    by: Option<AccountId>,
}

/// Answers it.
pub(super) async fn answer(call: Call<'_>, asked: VersionTree) -> Result<Response, Refusal> {
    let Route::Item(branch, owner, path, name) = &call.route else {
        return Err(call.refuse(Error::NotFound));
    };
    let session = &call.session;
    let name = ItemName::new(name).map_err(|_| Refusal::not_found())?;
    let place = session.place(*branch, owner, path).await.map_err(|error| call.refuse(error))?;
    let history = session.office().history(&session.asker, &place, &name).await;
    let texts = texts(history.map_err(|error| call.refuse(error))?);
    let view = session.view(place, 0).await.map_err(|error| call.refuse(error))?;
    let plan = Plan::new(&asked.wanted.props, prefer_of(&call).minimal());
    let mut names = HashMap::new();
    let mut out = Multistatus::new();
    for Text { meta, by } in texts {
        let href = item_href(&view.href, name.as_str()) + &past::query(meta.revision);
        let mut dead = vec![property(&dav::VERSION_NAME, &meta.revision.0.to_string())];
        if let Some(name) = called(&call, by, &mut names).await? {
            dead.push(property(&dav::CREATOR_DISPLAYNAME, &name));
        }
        let item = Item { meta, body: bytes::Bytes::new() };
        out.response(&href);
        plan.tell(session, &Subject::Item { at: &view, item: &item, dead: &dead }, None, &mut out);
        out.end_response();
    }
    Ok(multistatus_of(Body::full(out.finish())))
}

/// The oldest first, what is there now last. Who replaced a text wrote the next one; the first is its item's creator's.
fn texts(history: ItemHistory) -> Vec<Text> {
    let mut all: Vec<Text> = Vec::with_capacity(history.past.len() + 1);
    let mut before: Option<&Past> = None;
    for past in &history.past {
        all.push(Text { meta: past.meta.clone(), by: writer(before, &past.meta, past.number) });
        before = Some(past);
    }
    if let Some(now) = history.now.filter(|now| now.folder.is_none()) {
        let by = match before.filter(|before| before.item() == now.id) {
            Some(before) => account(&before.actor),
            None => now.creator,
        };
        all.push(Text { meta: now, by });
    }
    all
}

fn writer(before: Option<&Past>, meta: &ItemMeta, number: i64) -> Option<AccountId> {
    match before.filter(|before| before.item() == meta.id) {
        Some(before) => account(&before.actor),
        None => meta.creator.filter(|_| number == 1),
    }
}

fn account(actor: &Actor) -> Option<AccountId> {
    match actor {
        Actor::Account(id) => Some(*id),
        Actor::System | Actor::Public => None,
    }
}

/// What somebody is called, if this asker may know.
async fn called(
    call: &Call<'_>,
    id: Option<AccountId>,
    names: &mut HashMap<AccountId, Option<String>>,
) -> Result<Option<String>, Refusal> {
    let Some(id) = id else { return Ok(None) };
    if let Some(known) = names.get(&id) {
        return Ok(known.clone());
    }
    let name = match call.session.office().principal_by_id(&call.session.asker, id).await {
        Ok(found) => Some(found.full_name.clone()),
        Err(Error::NotFound) => None,
        Err(error) => return Err(call.refuse(error)),
    };
    names.insert(id, name.clone());
    Ok(name)
}

/// A property as those are told that clients keep with us.
fn property(name: &Name, text: &str) -> (PropertyKey, Vec<u8>) {
    let mut out = Vec::new();
    Writer::new(&mut out).leaf(name, text);
    (dead_key(name), out)
}
