//! Collections that were removed: telling them, bringing them back, dropping them for good.

use crate::answer::{Returned, Trash, Trashed, written};
use crate::history::{self, read_mark};
use crate::{Answer, Refusal};
use http::StatusCode;
use kontor_groupware::{Asker, Discarded, Office};
use kontor_model::{Actor, CollectionId, CollectionName, Error, Timestamp};

/// Trees that one answer tells.
const TREES: usize = 500;

type Done<T> = Result<T, Refusal>;

/// Whether a path names an account and nothing in it.
pub(crate) fn is_account(path: &str) -> bool {
    !path.trim_matches('/').contains('/')
}

/// Some of an account's trash, from `before` on.
pub(crate) async fn list(office: &Office, who: &Asker, path: &str, before: Option<&str>) -> Done<Answer> {
    let account = path.trim_matches('/');
    let told = async {
        let before = before.map(read_mark).transpose()?.map(|(at, id)| (at, CollectionId(id.0)));
        office.trash(who, account, before, TREES).await
    };
    let some = told.await.map_err(|error| Refusal::of(&error, account))?;
    let next = some.last().filter(|_| some.len() == TREES);
    let next = next.map(|last| format!("{}.{:x}", last.tree.at.millis(), last.tree.root.0));
    Ok(Answer::Trash(Trash { trash: some.iter().map(trashed).collect(), next }))
}

fn trashed(one: &Discarded) -> Trashed {
    let tree = &one.tree;
    let by = match &tree.actor {
        Actor::System => "the server".to_owned(),
        Actor::Public => "the public".to_owned(),
        Actor::Account(id) => one.by.clone().unwrap_or_else(|| format!("{:x}", id.0)),
    };
    Trashed {
        id: format!("{:x}", tree.root.0),
        path: one.path.clone(),
        name: tree.name.as_str().to_owned(),
        kind: tree.kind.word().to_owned(),
        collections: tree.collections,
        items: one.items(),
        size: tree.bytes,
        removed: written(tree.at),
        by,
        door: tree.origin.word().to_owned(),
    }
}

/// What a path of a collection in the trash says.
fn parts(path: &str) -> Option<(&str, &str)> {
    path.trim_matches('/').split_once('/')
}

/// The tree that was removed last of those that were there, or the one of that id.
async fn find(office: &Office, who: &Asker, path: &str) -> Done<Option<Discarded>> {
    let Some((account, rest)) = parts(path) else { return Ok(None) };
    let mut before: Option<(Timestamp, CollectionId)> = None;
    loop {
        let some = match office.trash(who, account, before, TREES).await {
            Err(Error::NotFound) => return Ok(None),
            done => done.map_err(|error| Refusal::of(&error, account))?,
        };
        before = some.last().map(|last| (last.tree.at, last.tree.root));
        let is_it =
            |one: &Discarded| one.path.as_deref() == Some(rest) || format!("{:x}", one.tree.root.0) == rest;
        if let Some(found) = some.into_iter().find(is_it) {
            return Ok(Some(found));
        }
        if before.is_none() {
            return Ok(None);
        }
    }
}

/// Whether that is a collection in the trash, and no item that is there now.
pub(crate) async fn is_collection(office: &Office, who: &Asker, path: &str) -> bool {
    matches!(find(office, who, path).await, Ok(Some(_))) && !history::is_there(office, who, path).await
}

/// Brings one back.
pub(crate) async fn restore(office: &Office, who: &Asker, path: &str, as_name: Option<&str>) -> Done<Answer> {
    let tree = find(office, who, path).await?.ok_or_else(|| gone(path))?.tree;
    let Some((account, _)) = parts(path) else { return Err(gone(path)) };
    let back = async {
        let name = as_name.map(CollectionName::new).transpose()?;
        office.restore_collection(who, account, tree.root, name.as_ref()).await
    };
    let back = back.await.map_err(|error| match error {
        Error::NotFound => gone(path),
        Error::Exists => {
            let name = as_name.unwrap_or(path);
            Refusal::new(StatusCode::CONFLICT, format!("{name} is there already: choose another name (--as)"))
        }
        other => Refusal::of(&other, path),
    })?;
    let (path, kind) = (format!("{account}/{}", back.path), back.kind.word().to_owned());
    Ok(Answer::Returned(Returned { path, kind, in_place: back.in_place }))
}

/// Drops one, or all of an account, or what an item said before.
pub(crate) async fn purge(office: &Office, who: &Asker, path: &str, all: bool) -> Done<Answer> {
    if !all {
        let Some(Discarded { tree, .. }) = find(office, who, path).await? else {
            let texts = history::purge(office, who, path).await?;
            return texts.map(Answer::Purged).ok_or_else(|| gone(path));
        };
        let account = parts(path).map_or(path, |(account, _)| account);
        let done = office.purge_collection(who, account, tree.root).await;
        return done.map(|()| Answer::Purged(1)).map_err(|error| Refusal::of(&error, account));
    }
    if !is_account(path) {
        let text = format!(
            "{path:?} is no account: all of the trash is purged by `kontor store purge ACCOUNT --all`"
        );
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, text));
    }
    let account = path.trim_matches('/');
    let mut gone = 0;
    loop {
        let some =
            office.trash(who, account, None, TREES).await.map_err(|error| Refusal::of(&error, account))?;
        if some.is_empty() {
            return Ok(Answer::Purged(gone));
        }
        for one in some {
            match office.purge_collection(who, account, one.tree.root).await {
                // Somebody was faster.
                Err(Error::NotFound) => {}
                done => {
                    done.map_err(|error| Refusal::of(&error, account))?;
                    gone += 1;
                }
            }
        }
    }
}

fn gone(path: &str) -> Refusal {
    let account = parts(path).map_or(path, |(account, _)| account);
    let text = format!("{path} is not in the trash: see `kontor store history {account}` for what is");
    Refusal::new(StatusCode::NOT_FOUND, text)
}
