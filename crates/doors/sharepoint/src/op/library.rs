//! What changed in a library since a tide, at any depth.
//!
//! The office says which of its folders changed, and what of each the client knows. One that it does not know where it is
//! now is told whole; of the others, what their logs tell. All is told in one answer, whatever limit the client names; where
//! that would be too many rows, the client starts afresh, page by page.

use super::Call;
use super::changes::Delta;
use crate::documents::{self, Document};
use crate::list::List;
use crate::rows::{Teller, gone};
use crate::token::Known;
use kontor_groupware::{Ordinal, OrdinalKey, Place, Select, TreeFolder, TreeSpan};
use kontor_model::{CollectionId, Error, Item, Result, Version};
use kontor_wire_sharepoint::op::items::Ask;
use std::collections::HashSet;

/// Changes, as they are gathered.
#[derive(Default)]
struct Gathered {
    documents: Vec<Document>,
    /// Paths of files that went.
    files: Vec<String>,
    /// Paths of folders that went, with all that was in them.
    folders: Vec<String>,
    /// Folders that may be told.
    seen: HashSet<CollectionId>,
}

pub(super) async fn changed(
    call: &Call<'_>,
    list: &List,
    library: &Place,
    (since, ask): (Known, &Ask),
) -> Result<Delta> {
    let (office, who) = (call.session.office(), &*call.session.asker);
    let span = TreeSpan { since: Some(since.number), tide: None, eyes: since.eyes.unwrap_or_default() };
    let tree = office.tree(who, library, span).await?;
    let seen = tree.folders.iter().map(|one| one.place.collection.id).chain(tree.closed.keys().copied());
    let mut gathered = Gathered { seen: seen.collect(), ..Gathered::default() };
    for folder in tree.folders.iter().filter(|one| one.since != Some(one.until)) {
        gathered.folder(call, library, folder).await?;
    }
    gathered.narrow(library, &ask.folder);
    let known = gathered.numbered(call, library).await?;
    let teller = Teller { session: &call.session, list, place: library };
    let told = teller.tell_documents(gathered.documents).await;
    let told = told.map_err(|refusal| Error::Internal(refusal.secret.unwrap_or(refusal.text)))?;
    Ok(Delta {
        deleted: gone(&known, &told),
        rows: told.into_iter().flat_map(|told| told.rows).collect(),
        known: Known { number: tree.tide, eyes: Some(tree.eyes) },
        more: false,
        next: None,
        invalid: false,
        schema: false,
    })
}

impl Gathered {
    /// What changed directly in a folder.
    async fn folder(&mut self, call: &Call<'_>, library: &Place, folder: &TreeFolder) -> Result<()> {
        let path = documents::path_in(library, &folder.place);
        let inside = |name: &String| documents::join(&path, name);
        self.folders.extend(folder.folders_gone.iter().map(inside));
        let went = folder
            .files_gone
            .iter()
            .filter(|(_, version)| folder.since.is_none_or(|since| **version > since));
        self.files.extend(went.map(|(name, _)| inside(name)));
        let items = match folder.since {
            Some(since) => self.since(call, folder, &path, since).await?,
            None => self.all(call, folder).await?,
        };
        // What came after the tide is for the next time, and so are folders that did.
        let told = items.into_iter().filter(|item| item.meta.folder.is_none_or(|id| self.seen.contains(&id)));
        let told: Vec<Item> = told.collect();
        self.documents
            .extend(told.into_iter().map(|item| Document { meta: item.meta, folder: path.clone() }));
        self.bound(call)
    }

    /// What its log tells.
    async fn since(
        &mut self,
        call: &Call<'_>,
        folder: &TreeFolder,
        path: &str,
        since: Version,
    ) -> Result<Vec<Item>> {
        let (office, who) = (call.session.office(), &*call.session.asker);
        let (mut from, mut items) = (since, Vec::new());
        loop {
            let some =
                office.changes(who, &folder.place, from, call.session.settings().page, Select::Meta).await?;
            let removed = some.removed.into_iter().filter(|(_, version)| *version <= folder.until);
            let removed = removed.map(|(name, _)| name.as_str().to_owned());
            let removed = removed.filter(|name| folder.folders_gone.binary_search(name).is_err());
            self.files.extend(removed.map(|name| documents::join(path, &name)));
            items.extend(some.changed.into_iter().filter(|item| item.meta.version <= folder.until));
            from = some.upto;
            if !some.more || from >= folder.until || items.len() > call.session.settings().max_query_rows {
                return Ok(items);
            }
        }
    }

    /// All that is in it: it is new to the client.
    async fn all(&self, call: &Call<'_>, folder: &TreeFolder) -> Result<Vec<Item>> {
        let (office, who) = (call.session.office(), &*call.session.asker);
        let (mut after, mut items) = (None, Vec::new());
        loop {
            let settings = call.session.settings();
            let page = office.page(who, &folder.place, after.as_ref(), settings.page, Select::Meta).await?;
            after = page.items.last().map(|item| item.meta.name.clone());
            items.extend(page.items);
            if !page.more || items.len() > settings.max_query_rows {
                return Ok(items);
            }
        }
    }

    /// # Errors
    /// `GoneVersion`, where this is more than one answer takes.
    fn bound(&self, call: &Call<'_>) -> Result<()> {
        let all = self.documents.len() + self.files.len() + self.folders.len();
        if all > call.session.settings().max_query_rows { Err(Error::GoneVersion) } else { Ok(()) }
    }

    /// Leaves what lies below a folder that the client asks for.
    fn narrow(&mut self, library: &Place, folder: &str) {
        let base = documents::path_of(library, folder);
        let is_below = |path: &str| match base.as_deref() {
            None => false,
            Some("") => true,
            Some(base) => path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/')),
        };
        self.documents.retain(|one| is_below(&one.path()));
        self.files.retain(|path| is_below(path));
        self.folders.retain(|path| is_below(path));
    }

    /// The numbers that were told under these paths, before they are told anew.
    async fn numbered(&self, call: &Call<'_>, library: &Place) -> Result<Vec<Ordinal>> {
        let (office, who) = (call.session.office(), &*call.session.asker);
        let most = i64::try_from(call.session.settings().max_query_rows).unwrap_or(i64::MAX);
        let paths =
            self.documents.iter().map(Document::path).chain(self.files.iter().chain(&self.folders).cloned());
        let below = self.folders.iter().map(|path| {
            // `0` comes right after the slash.
            let (first, last) = (format!("{path}/"), format!("{path}0"));
            OrdinalKey::Names { first, last, most: most.saturating_add(1) }
        });
        let keys: Vec<OrdinalKey> = paths.map(OrdinalKey::Name).chain(below).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = office.ordinals(who, library, &keys).await?;
        if i64::try_from(found.len()).is_ok_and(|count| count > most) {
            return Err(Error::GoneVersion);
        }
        // A file called like the folder with a 0 behind it is none that was in it.
        let beside = |one: &Ordinal| {
            let path = &one.of.name;
            self.folders.iter().any(|folder| path.strip_suffix('0') == Some(folder))
                && !self.files.contains(path)
                && !self.folders.contains(path)
                && self.documents.iter().all(|document| document.path() != *path)
        };
        Ok(found.into_iter().filter(|one| !beside(one)).collect())
    }
}
