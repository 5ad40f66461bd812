//! Reading lists page by page.

use crate::documents::{self, Document};
use crate::employees;
use crate::fault::Refusal;
use crate::list::{List, Source};
use crate::rows::{Teller, Told, ToldRow};
use crate::session::Session;
use crate::token::Position;
use kontor_groupware::{Place, TreeSpan};
use kontor_model::{CollectionId, Error, ItemName, Kind, Version};
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::op::items::Ask;
use kontor_wire_sharepoint::soap::code;
use std::collections::HashSet;

/// What of a list is gone through, and how far that is.
#[derive(Debug)]
pub(super) struct Track {
    /// The collections, one after the other: that of the list, or folders of a library.
    places: Vec<Place>,
    /// Which one it is.
    at: usize,
    /// The last name that was told.
    after: Option<ItemName>,
    /// Whether rows of folders are wanted.
    has_folders: bool,
    /// The tide of a library that is gone through at any depth.
    pub(super) tide: Option<Tide>,
}

/// At which state the folders of a library were counted.
#[derive(Debug)]
pub(super) struct Tide {
    pub(super) number: i64,
    pub(super) eyes: u32,
    /// The folders that may be told.
    folders: HashSet<CollectionId>,
}

impl Track {
    /// Of a list from a position on, as far as a client asks.
    ///
    /// # Errors
    /// Those of the office; a position that is none any more.
    pub(super) async fn of(
        session: &Session,
        list: &List,
        place: &Place,
        ask: &Ask,
        position: Option<Position>,
    ) -> Result<Self, Refusal> {
        let after = position.as_ref().and_then(|position| position.after.clone());
        let mut track = Self { places: vec![place.clone()], at: 0, after, has_folders: true, tide: None };
        if list.kind != ListKind::Documents {
            return Ok(track);
        }
        track.has_folders = ask.scope.has_folders();
        let Some(base) = documents::path_of(place, &ask.folder) else { return Ok(track.nothing()) };
        if ask.scope.is_deep() {
            return track.deep(session, place, &base, position).await;
        }
        if !base.is_empty() {
            let path = documents::join(&place.path(), &base);
            let owner = place.owner.name.as_str();
            match session.office().place(&session.asker, owner, &[Kind::Files], &path).await {
                Ok(folder) => track.places = vec![folder],
                Err(Error::NotFound | Error::Forbidden { .. }) => return Ok(track.nothing()),
                Err(other) => return Err(other.into()),
            }
        }
        Ok(track)
    }

    /// All folders below one.
    async fn deep(
        mut self,
        session: &Session,
        place: &Place,
        base: &str,
        position: Option<Position>,
    ) -> Result<Self, Refusal> {
        let begun = position.as_ref().and_then(|one| Some((one.version.0, one.folder?)));
        let span = match begun {
            Some((tide, (_, eyes))) => TreeSpan { since: None, tide: Some(tide), eyes },
            None => TreeSpan::default(),
        };
        let tree = session.office().tree(&session.asker, place, span).await?;
        let is_below = |one: &Place| {
            let path = documents::path_in(place, one);
            base.is_empty()
                || path == base
                || path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'))
        };
        let folders =
            tree.folders.iter().map(|one| one.place.collection.id).chain(tree.closed.keys().copied());
        let folders = folders.collect();
        self.tide = Some(Tide { number: tree.tide, eyes: tree.eyes, folders });
        self.places = tree.folders.into_iter().map(|one| one.place).filter(is_below).collect();
        if let Some((_, (folder, _))) = begun {
            let at = self.places.iter().position(|one| one.collection.id == folder);
            self.at = at.ok_or(Error::GoneVersion)?;
        }
        Ok(self)
    }

    fn nothing(mut self) -> Self {
        self.places.clear();
        self
    }

    /// Where it goes on; `None` at the end. `version` is what the listing of a collection began at.
    pub(super) fn position(&self, version: Version) -> Option<Position> {
        let place = self.places.get(self.at)?;
        let (version, folder) = match &self.tide {
            Some(tide) => (Version(tide.number), Some((place.collection.id, tide.eyes))),
            None => (version, None),
        };
        Some(Position { version, after: self.after.clone(), folder })
    }
}

/// Goes through a list by name.
pub(super) struct Pager<'a> {
    pub(super) session: &'a Session,
    pub(super) list: &'a List,
    pub(super) place: &'a Place,
    pub(super) track: Track,
}

impl Pager<'_> {
    /// Whether there is more.
    pub(super) fn more(&self) -> bool {
        self.track.at < self.track.places.len()
    }

    /// The next items, at most `limit`, as rows; perhaps none, although there is more.
    pub(super) async fn next(&mut self, limit: usize) -> Result<Vec<Told>, Refusal> {
        let (office, who) = (self.session.office(), &*self.session.asker);
        let limit = limit.clamp(1, self.session.settings().page);
        let track = &mut self.track;
        let Some(place) = track.places.get(track.at) else { return Ok(Vec::new()) };
        let page = match office.page(who, place, track.after.as_ref(), limit, self.list.select()).await {
            // A folder that somebody took away since, or that only its name is seen of.
            Err(Error::NotFound | Error::Forbidden { .. })
                if self.place.collection.id != place.collection.id =>
            {
                (track.at, track.after) = (track.at + 1, None);
                return Ok(Vec::new());
            }
            page => page?,
        };
        let path = documents::path_in(self.place, place);
        if page.more {
            track.after = page.items.last().map(|item| item.meta.name.clone()).or(track.after.take());
        } else {
            (track.at, track.after) = (track.at + 1, None);
        }
        let teller = Teller { session: self.session, list: self.list, place: self.place };
        if self.list.kind != ListKind::Documents {
            return teller.tell_page(page.items).await;
        }
        let wanted = page.items.into_iter().filter(|item| match (item.meta.folder, &track.tide) {
            (None, _) => true,
            (Some(_), None) => track.has_folders,
            (Some(id), Some(tide)) => track.has_folders && tide.folders.contains(&id),
        });
        let documents = wanted.map(|item| Document { meta: item.meta, folder: path.clone() }).collect();
        teller.tell_documents(documents).await
    }
}

/// All rows of a list, at most so many.
///
/// # Errors
/// Too large if there are more.
pub(super) async fn whole(session: &Session, list: &List, ask: &Ask) -> Result<Vec<ToldRow>, Refusal> {
    let most = session.settings().max_query_rows;
    let place = match &list.source {
        Source::Collection(place) => place,
        Source::Employees | Source::People => return all_people(session, list).await,
    };
    let track = Track::of(session, list, place, ask, None).await?;
    let mut pager = Pager { session, list, place, track };
    let mut rows = Vec::new();
    while pager.more() {
        rows.extend(pager.next(usize::MAX).await?.into_iter().flat_map(|told| told.rows));
        if rows.len() > most {
            let text =
                format!("The list has more than {most} rows: ask for it page by page, without a query.");
            return Err(Refusal::new(code::TOO_LARGE, text));
        }
    }
    Ok(rows)
}

/// Rows of a list of the directory, which is told whole or not at all: it counts no changes.
///
/// # Errors
/// Too large if there are more people than may be told; those of the office.
pub(super) async fn all_people(session: &Session, list: &List) -> Result<Vec<ToldRow>, Refusal> {
    let people = session.everybody().await?;
    let people: Vec<_> =
        people.iter().map(|one| &**one).filter(|one| employees::is_listed(list, one)).collect();
    let numbers = session.office().number_people(&session.asker, &people).await?;
    let row = |(principal, number)| employees::row(list, principal, number);
    Ok(people.into_iter().zip(numbers).map(row).collect())
}

/// The row of that number of a list of the directory.
///
/// # Errors
/// Those of the office.
pub(crate) async fn somebody(
    session: &Session,
    list: &List,
    number: i64,
) -> Result<Option<ToldRow>, Refusal> {
    let (office, who) = (session.office(), &*session.asker);
    let Some((_, account)) = office.numbered_people(&[number]).await?.into_iter().next() else {
        return Ok(None);
    };
    match office.principal_by_id(who, account).await {
        Ok(found) => Ok(employees::is_listed(list, &found).then(|| employees::row(list, &found, number))),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
