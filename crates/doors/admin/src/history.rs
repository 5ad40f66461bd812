//! What was replaced or removed: telling it, and bringing it back.

use crate::answer::{History, PastText, Present, Restored, written};
use crate::{Answer, Refusal};
use http::StatusCode;
use kontor_groupware::{Asker, End, ItemHistory, Office, Past, Place, REMOVED, Which};
use kontor_model::{Actor, Error, ItemId, ItemName, Kind, Result, Timestamp, Version};
use std::collections::HashMap;

/// Kinds, one after the other, in which a name is looked for: two of different kinds may have the same.
const KINDS: [&[Kind]; 4] = [&[Kind::Calendar], &[Kind::Tasks], &[Kind::Contacts], &[Kind::Files]];

/// An item, or a collection.
struct At<'a> {
    account: &'a str,
    /// Names from the top, a slash between them.
    path: &'a str,
}

impl<'a> At<'a> {
    fn read(path: &'a str) -> std::result::Result<Self, Refusal> {
        let told = path.trim_matches('/');
        match told.split_once('/') {
            Some((account, path)) if !account.is_empty() => Ok(Self { account, path }),
            _ => {
                let text =
                    format!("{path:?} names no collection: ACCOUNT/COLLECTION or ACCOUNT/COLLECTION/ITEM");
                Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, text))
            }
        }
    }

    /// As a collection.
    async fn places(&self, office: &Office, who: &Asker) -> Result<Vec<Place>> {
        places(office, who, self.account, self.path).await
    }

    /// As an item: collections that may have it, and its name.
    async fn item(&self, office: &Office, who: &Asker) -> Result<Option<(Vec<Place>, ItemName)>> {
        let Some((path, name)) = self.path.rsplit_once('/') else { return Ok(None) };
        let Ok(name) = ItemName::new(name) else { return Ok(None) };
        Ok(Some((places(office, who, self.account, path).await?, name)))
    }
}

async fn places(office: &Office, who: &Asker, account: &str, path: &str) -> Result<Vec<Place>> {
    let mut found = Vec::new();
    for kinds in KINDS {
        match office.place(who, account, kinds, path).await {
            Ok(place) => found.push(place),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Tells what an item said before, or what was removed from a collection, some of it, from `before` on.
pub(crate) async fn history(
    office: &Office,
    who: &Asker,
    path: &str,
    before: Option<&str>,
) -> std::result::Result<Answer, Refusal> {
    let at = At::read(path)?;
    let told = async {
        let places = at.places(office, who).await?;
        if !places.is_empty() {
            return removed(office, who, &places, before).await;
        }
        let Some((places, name)) = at.item(office, who).await? else { return Err(Error::NotFound) };
        for place in places {
            match office.history(who, &place, &name).await {
                Err(Error::NotFound) => {}
                done => return told(office, who, &place, done?).await,
            }
        }
        Err(Error::NotFound)
    };
    told.await.map(Answer::History).map_err(|error| refusal(&error, path))
}

/// Whether there is an item of that path now.
pub(crate) async fn is_there(office: &Office, who: &Asker, path: &str) -> bool {
    let Ok(at) = At::read(path) else { return false };
    let Ok(Some((places, name))) = at.item(office, who).await else { return false };
    let is_file = |history: ItemHistory| history.now.is_some_and(|now| now.folder.is_none());
    for place in places {
        if office.history(who, &place, &name).await.is_ok_and(is_file) {
            return true;
        }
    }
    false
}

/// Brings something back; of several of that name the one that went last.
pub(crate) async fn restore(
    office: &Office,
    who: &Asker,
    path: &str,
    revision: Option<i64>,
    as_name: Option<&str>,
) -> std::result::Result<Answer, Refusal> {
    let at = At::read(path)?;
    let which = revision.map_or(Which::Latest, |revision| Which::Revision(Version(revision)));
    let done = async {
        let as_name = as_name.map(ItemName::new).transpose()?;
        let Some((places, name)) = at.item(office, who).await? else { return Err(Error::NotFound) };
        for place in places {
            match office.restore(who, &place, &name, which, as_name.as_ref()).await {
                Err(Error::NotFound) => {}
                done => return done.map(|done| (place.path(), done)),
            }
        }
        Err(Error::NotFound)
    };
    match done.await {
        Ok((collection, done)) => {
            let name = done.name.as_str().to_owned();
            let path = format!("{}/{collection}/{name}", at.account);
            let created = done.written.created;
            Ok(Answer::Restored(Restored { path, name, revision: done.revision.0, created }))
        }
        Err(Error::NotFound) => {
            let what = revision.map_or_else(String::new, |revision| format!(" of revision {revision}"));
            let text =
                format!("nothing{what} is kept of {path}: see `kontor store history` for what there is");
            Err(Refusal::new(StatusCode::NOT_FOUND, text))
        }
        Err(Error::Exists) => {
            let name = as_name.unwrap_or(path);
            Err(Refusal::new(
                StatusCode::CONFLICT,
                format!("{name} is there already: choose another name (--as)"),
            ))
        }
        Err(error) => Err(refusal(&error, path)),
    }
}

/// Drops what an item said before for good; how many texts, `None` if nothing is kept of one of that path.
pub(crate) async fn purge(
    office: &Office,
    who: &Asker,
    path: &str,
) -> std::result::Result<Option<u64>, Refusal> {
    let Ok(at) = At::read(path) else { return Ok(None) };
    let done = async {
        let Some((places, name)) = at.item(office, who).await? else { return Err(Error::NotFound) };
        for place in places {
            match office.purge_past(who, &place, &name).await {
                Err(Error::NotFound) => {}
                done => return done,
            }
        }
        Err(Error::NotFound)
    };
    match done.await {
        Ok(texts) => Ok(Some(texts)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(refusal(&error, path)),
    }
}

fn refusal(error: &Error, path: &str) -> Refusal {
    match error {
        Error::NotFound => {
            let text = format!("there is no {path}, nor is anything kept that was called so");
            Refusal::new(StatusCode::NOT_FOUND, text)
        }
        other => Refusal::of(other, path),
    }
}

async fn told(office: &Office, who: &Asker, place: &Place, history: ItemHistory) -> Result<History> {
    let mut teller = Teller::default();
    let mut past = Vec::with_capacity(history.past.len());
    for one in history.past.iter().rev() {
        past.push(teller.text(office, who, place, one).await?);
    }
    let now = history.now.map(|now| Present {
        revision: now.revision.0,
        size: now.size,
        media_type: now.media_type,
        modified: written(now.modified),
    });
    Ok(History { now, past, next: None })
}

/// What was removed from collections of one name.
async fn removed(office: &Office, who: &Asker, places: &[Place], before: Option<&str>) -> Result<History> {
    let before = before.map(read_mark).transpose()?;
    let (mut all, mut more) = (Vec::new(), false);
    for place in places {
        let some = office.removed(who, place, before).await?;
        more |= some.len() == REMOVED;
        all.extend(some.into_iter().map(|past| (place, past)));
    }
    all.sort_by_key(|(_, past)| std::cmp::Reverse((past.until, past.item())));
    // What one of them tells may lie behind what another did not tell yet.
    all.truncate(REMOVED);
    let next = all.last().filter(|_| more).map(|(_, past)| mark(past));
    let (mut teller, mut past) = (Teller::default(), Vec::with_capacity(all.len()));
    for (place, one) in &all {
        past.push(teller.text(office, who, place, one).await?);
    }
    Ok(History { now: None, past, next })
}

/// Where a list goes on.
fn mark(past: &Past) -> String {
    format!("{}.{:x}", past.until.millis(), past.item().0)
}

pub(crate) fn read_mark(mark: &str) -> Result<(Timestamp, ItemId)> {
    let read = || {
        let (until, item) = mark.split_once('.')?;
        let until = Timestamp::from_millis(until.parse().ok()?);
        Some((until, ItemId(i64::from_str_radix(item, 16).ok()?)))
    };
    read().ok_or(Error::GoneVersion)
}

/// Knows people by name whom it has told of.
#[derive(Default)]
struct Teller {
    names: HashMap<i64, String>,
}

impl Teller {
    async fn text(&mut self, office: &Office, who: &Asker, place: &Place, past: &Past) -> Result<PastText> {
        let collection = place.path_of(past.collection).unwrap_or_else(|| format!("{:x}", past.collection.0));
        Ok(PastText {
            name: past.meta.name.as_str().to_owned(),
            collection,
            kind: place.collection.kind.word().to_owned(),
            revision: past.meta.revision.0,
            size: past.meta.size,
            media_type: past.meta.media_type.clone(),
            modified: written(past.meta.modified),
            until: written(past.until),
            end: match past.end {
                End::Replaced => "replaced",
                End::Removed => "removed",
            }
            .to_owned(),
            by: self.name(office, who, &past.actor).await?,
            door: past.origin.word().to_owned(),
        })
    }

    async fn name(&mut self, office: &Office, who: &Asker, actor: &Actor) -> Result<String> {
        let id = match actor {
            Actor::System => return Ok("the server".to_owned()),
            Actor::Public => return Ok("the public".to_owned()),
            Actor::Account(id) => *id,
        };
        if let Some(name) = self.names.get(&id.0) {
            return Ok(name.clone());
        }
        let name = match office.principal_by_id(who, id).await {
            Ok(found) => found.name.to_string(),
            Err(Error::NotFound) => format!("{:x}", id.0),
            Err(error) => return Err(error),
        };
        self.names.insert(id.0, name.clone());
        Ok(name)
    }
}
