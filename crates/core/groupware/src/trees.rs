//! What changed in a whole tree of folders since somebody last asked.
//!
//! Each folder counts for itself, so one number for all of them is a *tide*: a number of the account at which the
//! numbers of its folders were noted. A tide is noted when somebody asks, in a write that proves that no folder was made
//! or moved between; writes of files know nothing of it.
//!
//! Between two tides a folder that was there keeps its path or is told of by the folder that it lay in: who moved, or was
//! made, is new to the asker with all that is in it. Where what the asker knows cannot be told from what is kept, the
//! answer is `GoneVersion`, after which all is listed anew: a grant was changed, the tree itself was moved, or a folder
//! gave its name to another one.

mod gone;

use crate::{Asker, Office, Place, access, collections};
use kontor_model::{
    AccountId, AdminLevel, Collection, CollectionId, Error, Kind, PrincipalKind, Result, Right, Version,
};
use kontor_store::{Deed, Done, LogEntry, LogKey, Mark, Op, Shelf};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How often a tide is tried when folders are made or moved at the same time.
const TRIES: usize = 16;
/// A tide is told again for so long, if nothing changed: after that a new one is noted, lest the log forget it.
const FRESH_MILLIS: i64 = 24 * 3600 * 1000;
/// Entries of the account's log that are looked at. Who was away for longer starts afresh.
const MOST_ENTRIES: usize = 50_000;
/// Of which so many are read at a time.
const ENTRIES: usize = 2_000;

/// What somebody asks for who asks for a tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeSpan {
    /// The tide up to which the asker knows the tree; `None` if not at all.
    pub since: Option<i64>,
    /// The tide up to which it is being told, if that was begun; else a tide of now.
    pub tide: Option<i64>,
    /// [`Tree::eyes`] as they were told.
    pub eyes: u32,
}

/// A tree at a tide, as far as the asker may read it.
#[derive(Debug)]
pub struct Tree {
    /// The tide: who is told all of this knows the tree as it was then, or later.
    pub tide: i64,
    /// Stands for who the asker is, where that decides what is to be seen. What was told to others is not gone on from.
    pub eyes: u32,
    /// The folders, the outer ones first, then by id: an order that stays as it is while others come and go.
    pub folders: Vec<TreeFolder>,
    /// Folders in them of which the asker may see that they are there, and no more.
    pub closed: HashMap<CollectionId, Place>,
}

/// A folder of a tree.
#[derive(Debug)]
pub struct TreeFolder {
    /// It.
    pub place: Place,
    /// In how many others of the tree it lies.
    pub depth: usize,
    /// Its number at the tide: what has a higher one is for the next time.
    pub until: Version,
    /// Up to which number the asker knows it; `None` if nothing of it is known where it is now.
    pub since: Option<Version>,
    /// Whether it looks different itself, and is not at the top: its own properties were changed, or it has another
    /// number.
    pub touched: bool,
    /// Names of folders that went from it and were no folders any more at the tide, in order.
    pub folders_gone: Vec<String>,
    /// The same of files, with the number of that. Only where folders came or went: else the rows of the names tell it.
    pub files_gone: HashMap<String, Version>,
}

/// What the log of the account tells.
#[derive(Default)]
struct Deeds {
    /// Folders that came to be where they are.
    entered: HashSet<CollectionId>,
    /// Folders that went from where they were.
    departed: HashSet<CollectionId>,
    /// Those of them that had an access list of their own and were removed.
    kept: HashSet<CollectionId>,
    /// Folders whose properties were changed.
    touched: HashSet<CollectionId>,
    /// Folders that moved, or were made, after the tide.
    later: HashSet<CollectionId>,
    /// What grants were changed on; 0 for the store.
    granted: HashSet<CollectionId>,
}

/// A tide that was noted or is still known.
struct Noted {
    number: i64,
    shelf: Arc<Shelf>,
    /// The folders' numbers at it.
    until: HashMap<CollectionId, Version>,
    floors: HashMap<CollectionId, Version>,
}

impl Office {
    /// The tree below a place, and what of it changed between two tides.
    ///
    /// # Errors
    /// `Forbidden` without `r` on the place; `GoneVersion` if what is new to this asker can no longer be told.
    pub async fn tree(&self, who: &Asker, place: &Place, span: TreeSpan) -> Result<Tree> {
        let (top, _) = self.readable(who, place).await?;
        let eyes = self.eyes(who);
        let begun = span.since.is_some() || span.tide.is_some();
        if begun && span.eyes != eyes
            || span.since.is_some_and(|since| span.tide.is_some_and(|tide| tide < since))
        {
            return Err(Error::GoneVersion);
        }
        let noted = match span.tide {
            None => self.tide(who, top.account).await?,
            Some(tide) => self.noted(top.account, tide).await?,
        };
        let known = match span.since {
            Some(since) => Some(self.noted(top.account, since).await?.until),
            None => None,
        };
        let deeds = self.deeds(top.account, span.since, noted.number).await?;
        self.goes_on(who, &noted.shelf, &top, &deeds)?;
        let mut tree = self.folders_of(who, place, &noted, &deeds, known.as_ref())?;
        tree.eyes = eyes;
        // Elsewhere the rows of the names tell enough.
        if [&deeds.entered, &deeds.departed, &deeds.later].iter().any(|some| !some.is_empty()) {
            self.tell_gone(who, &noted.shelf, &deeds, &mut tree.folders).await?;
        }
        Ok(tree)
    }

    /// See [`Tree::eyes`].
    fn eyes(&self, who: &Asker) -> u32 {
        let principal = &who.principal;
        let level = match principal.admin {
            AdminLevel::None => 0,
            _ if self.policy().restrict_admin => 1,
            _ => 2,
        };
        let guest = u8::from(principal.kind == PrincipalKind::Guest);
        let system = u8::from(who.is_system());
        let mut bytes = principal.id.0.to_be_bytes().to_vec();
        bytes.extend([level, guest, system]);
        // FNV-1a, which stays the same from one version of the program to the next.
        bytes.iter().fold(0x811C_9DC5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
    }

    /// A tide of now: the last one, if nothing came since, or a new one.
    async fn tide(&self, who: &Asker, account: AccountId) -> Result<Noted> {
        for _ in 0..TRIES {
            let shelf = self.shelf(account).await?;
            let mut found = self.store().tides(account, i64::MAX).await?;
            found.marks.retain(|mark| is_folder(&shelf, mark.collection));
            let changed = found.marks.iter().filter(|mark| mark.marked != Some(mark.version));
            let marks: Vec<_> = changed.map(|mark| (mark.collection, mark.version)).collect();
            let fresh = self.now().millis() - FRESH_MILLIS;
            let last = found.tide.filter(|tide| tide.number >= shelf.version && tide.at.millis() > fresh);
            let number = match last {
                Some(tide) if marks.is_empty() => Ok(tide.number),
                _ => self.note(who, Op::Tide { account, shelf: shelf.version, marks }).await,
            };
            match number {
                Err(Error::Busy { retry_after: 0 }) => {}
                Err(error) => return Err(error),
                Ok(number) => {
                    let until = found.marks.iter().map(|mark| (mark.collection, mark.version)).collect();
                    let floors = floors(&found.marks);
                    return Ok(Noted { number, shelf, until, floors });
                }
            }
        }
        Err(Error::Busy { retry_after: 1 })
    }

    async fn note(&self, who: &Asker, op: Op) -> Result<i64> {
        match self.write(who, Vec::new(), vec![op]).await?.done.first() {
            Some(Done::Tide { number }) => Ok(*number),
            other => Err(Error::Internal(format!("noting a tide was answered with {other:?}"))),
        }
    }

    /// A tide that was told before.
    async fn noted(&self, account: AccountId, number: i64) -> Result<Noted> {
        let found = self.store().tides(account, number).await?;
        found.tide.filter(|tide| tide.number == number).ok_or(Error::GoneVersion)?;
        let until = found.marks.iter().filter_map(|mark| Some((mark.collection, mark.marked?))).collect();
        // Asked for after the tide: whatever folder was there at the tide, and is still there, is on it.
        let shelf = self.shelf(account).await?;
        Ok(Noted { number, shelf, until, floors: floors(&found.marks) })
    }

    /// Reads the log of the account from `since`, or from the tide, to now.
    async fn deeds(&self, account: AccountId, since: Option<i64>, tide: i64) -> Result<Deeds> {
        let from = since.unwrap_or(tide);
        let (mut deeds, mut last, mut count) = (Deeds::default(), from - 1, 0);
        loop {
            let key = LogKey { account, collection: None, since: last, limit: ENTRIES };
            let some = self.store().log(key).await?;
            for entry in &some {
                let gap = entry.number != last + 1 && entry.deed != Deed::Leap;
                if gap || entry.deed == Deed::Unknown {
                    return Err(Error::GoneVersion);
                }
                last = entry.number;
                if entry.number > from {
                    deeds.add(entry, tide);
                }
            }
            count += some.len();
            if count > MOST_ENTRIES || count == 0 {
                return Err(Error::GoneVersion);
            }
            if some.len() < ENTRIES {
                return Ok(deeds);
            }
        }
    }

    /// Whether what the asker knows can be gone on from.
    fn goes_on(&self, who: &Asker, shelf: &Shelf, top: &Collection, deeds: &Deeds) -> Result<()> {
        let moved = |id: &CollectionId| deeds.entered.contains(id) || deeds.later.contains(id);
        let mut chain = std::iter::once(top.id).chain(collections::above(shelf, top).map(|one| one.id));
        let regranted = !owns(who, top.account)
            && deeds
                .granted
                .iter()
                .any(|id| *id == CollectionId(0) || is_folder(shelf, *id) || deeds.departed.contains(id));
        if regranted || chain.any(|id| moved(&id)) { Err(Error::GoneVersion) } else { Ok(()) }
    }

    /// The folders, outer ones first.
    fn folders_of(
        &self,
        who: &Asker,
        top: &Place,
        noted: &Noted,
        deeds: &Deeds,
        known: Option<&HashMap<CollectionId, Version>>,
    ) -> Result<Tree> {
        let mut tree = Tree { tide: noted.number, eyes: 0, folders: Vec::new(), closed: HashMap::new() };
        let start = noted.shelf.collection(top.id()).ok_or(Error::NotFound)?;
        let mut row = vec![(start, known.is_some())];
        for depth in 0..access::DEEPEST {
            row.sort_by_key(|(one, _)| one.id);
            let mut next = Vec::new();
            for (one, is_known) in row {
                let place = self.seen_on(who, top, &noted.shelf, one);
                if !place.rights.has(Right::Read) {
                    if place.rights.has(Right::Look) {
                        tree.closed.insert(one.id, place);
                    }
                    continue;
                }
                let until = *noted.until.get(&one.id).ok_or(Error::GoneVersion)?;
                let since = match known.filter(|_| is_known) {
                    Some(known) => Some(*known.get(&one.id).ok_or(Error::GoneVersion)?),
                    None => None,
                };
                let floor = noted.floors.get(&one.id).copied().unwrap_or(Version::ZERO);
                if since.is_some_and(|since| since < floor) {
                    return Err(Error::GoneVersion);
                }
                let below = noted.shelf.below(Some(one.id)).filter(|one| one.kind == Kind::Files);
                let below = below.filter(|one| !deeds.later.contains(&one.id));
                next.extend(below.map(|one| (one, is_known && !deeds.entered.contains(&one.id))));
                let changed = since.is_some_and(|since| since < until || deeds.touched.contains(&one.id));
                let touched = changed && depth > 0;
                tree.folders.push(TreeFolder {
                    place,
                    depth,
                    until,
                    since,
                    touched,
                    folders_gone: Vec::new(),
                    files_gone: HashMap::new(),
                });
            }
            row = next;
        }
        Ok(tree)
    }

    /// A folder of the same store as the asker sees it.
    fn seen_on(&self, who: &Asker, near: &Place, shelf: &Arc<Shelf>, one: &Arc<Collection>) -> Place {
        Place {
            owner: near.owner.clone(),
            collection: one.clone(),
            rights: access::on(self.policy(), who, shelf, one),
            shelf: shelf.clone(),
            known: crate::place::Known::Now,
        }
    }
}

impl Deeds {
    fn add(&mut self, entry: &LogEntry, tide: i64) {
        let id = CollectionId(entry.about);
        let before = entry.number <= tide;
        match entry.deed {
            Deed::Grants => _ = self.granted.insert(id),
            Deed::Make | Deed::Move if !before => _ = self.later.insert(id),
            Deed::Make => _ = self.entered.insert(id),
            Deed::Move => {
                self.entered.insert(id);
                self.departed.insert(id);
            }
            Deed::RemoveKept if before => {
                self.departed.insert(id);
                self.kept.insert(id);
            }
            Deed::Remove if before => _ = self.departed.insert(id),
            Deed::Properties if before => _ = self.touched.insert(id),
            Deed::Remove | Deed::RemoveKept | Deed::Properties | Deed::Leap | Deed::Aside | Deed::Unknown => {
            }
        }
    }
}

/// Whether no grant can keep anything of that store from the asker.
fn owns(who: &Asker, account: AccountId) -> bool {
    who.is_system() || who.is(account)
}

fn is_folder(shelf: &Shelf, id: CollectionId) -> bool {
    shelf.collection(id).is_some_and(|one| one.kind == Kind::Files)
}

fn floors(marks: &[Mark]) -> HashMap<CollectionId, Version> {
    marks.iter().map(|mark| (mark.collection, mark.floor)).collect()
}
