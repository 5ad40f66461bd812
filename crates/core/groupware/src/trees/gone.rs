//! Names that no longer are what they were. The row of a name tells what is there now; that a folder was there before, with
//! all that was in it, or a file where a folder is now, only the log tells.

use super::{Deeds, ENTRIES, TreeFolder, owns};
use crate::{Asker, Office};
use kontor_model::{AccountId, Collection, CollectionId, Error, ItemName, Kind, Result, Version};
use kontor_store::{Deed, LogEntry, LogKey, Shelf};
use std::collections::{BTreeMap, HashSet};

/// Entries of the folders' logs that are looked at, together. Who was away for longer starts afresh.
const MOST: usize = 200_000;

/// What happened to a name between two numbers.
#[derive(Default)]
struct Story {
    /// Whether a folder had it at the beginning.
    began_as_folder: bool,
    /// Whether a folder went.
    folder_went: bool,
    /// Whether one of those had an access list of its own.
    kept_went: bool,
    /// When a file went, the last time.
    file_went: Option<Version>,
    ends: End,
}

/// What a name is in the end.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum End {
    #[default]
    Nothing,
    File,
    Folder,
}

impl Story {
    fn goes_on(&mut self, entry: &LogEntry, shelf: &Shelf, deeds: &Deeds) {
        let id = CollectionId(entry.about);
        match entry.deed {
            Deed::Remove if deeds.departed.contains(&id) => {
                (self.folder_went, self.ends) = (true, End::Nothing);
                self.kept_went |= deeds.kept.contains(&id) || shelf.grants_on(id).is_some();
            }
            Deed::Remove => (self.file_went, self.ends) = (Some(Version(entry.number)), End::Nothing),
            Deed::Make | Deed::Move if deeds.entered.contains(&id) => self.ends = End::Folder,
            _ => self.ends = End::File,
        }
    }
}

impl Office {
    /// Fills in [`TreeFolder::folders_gone`] and [`TreeFolder::files_gone`].
    pub(super) async fn tell_gone(
        &self,
        who: &Asker,
        shelf: &Shelf,
        deeds: &Deeds,
        folders: &mut [TreeFolder],
    ) -> Result<()> {
        let mut room = MOST;
        for folder in folders {
            let Some(since) = folder.since.filter(|since| *since < folder.until) else { continue };
            for (name, story) in self.stories(folder, since, (shelf, deeds), &mut room).await? {
                // Others may not have been allowed to see that it was there, and nobody knows any more. And of a folder in
                // the place of another nobody knows what was in the first one.
                let unseen = story.kept_went && !owns(who, folder.place.account());
                if unseen || (story.began_as_folder && story.ends == End::Folder) {
                    return Err(Error::GoneVersion);
                }
                if let Some(version) = story.file_went.filter(|_| story.ends != End::File) {
                    folder.files_gone.insert(name.clone(), version);
                }
                if story.folder_went && story.ends != End::Folder {
                    folder.folders_gone.push(name);
                }
            }
        }
        Ok(())
    }

    /// Whether one of the names that went from a folder may have been that of a folder which was kept from this asker: of
    /// those nothing may be told, not even that they are gone.
    ///
    /// # Errors
    /// `GoneVersion` if the logs are too long to tell.
    pub(crate) async fn kept_from(
        &self,
        who: &Asker,
        at: &Collection,
        since: Version,
        gone: &[(ItemName, Version)],
    ) -> Result<bool> {
        if at.kind != Kind::Files || gone.is_empty() || owns(who, at.account) {
            return Ok(false);
        }
        // A tombstone has the number under which the log tells of its end.
        let gone: HashSet<i64> = gone.iter().map(|(_, version)| version.0).collect();
        let mut went = HashSet::new();
        self.read_log((at.account, Some(at.id)), since.0, |entry| {
            if entry.deed == Deed::Remove && gone.contains(&entry.number) {
                went.insert(CollectionId(entry.about));
            }
        })
        .await?;
        let shelf = self.shelf(at.account).await?;
        if went.iter().any(|id| shelf.grants_on(*id).is_some()) {
            return Ok(true);
        }
        let mut kept = false;
        self.read_log((at.account, None), 0, |entry| {
            kept |= entry.deed == Deed::RemoveKept && went.contains(&CollectionId(entry.about));
        })
        .await?;
        Ok(kept)
    }

    /// Reads a log from a number on to its end.
    async fn read_log(
        &self,
        (account, collection): (AccountId, Option<CollectionId>),
        since: i64,
        mut look: impl FnMut(&LogEntry),
    ) -> Result<()> {
        let (mut last, mut room) = (since, MOST);
        loop {
            let some = self.store().log(LogKey { account, collection, since: last, limit: ENTRIES }).await?;
            room = room.checked_sub(some.len()).ok_or(Error::GoneVersion)?;
            for entry in &some {
                if entry.deed == Deed::Unknown {
                    return Err(Error::GoneVersion);
                }
                last = entry.number;
                look(entry);
            }
            if some.len() < ENTRIES {
                return Ok(());
            }
        }
    }

    /// Reads the log of a folder between two numbers.
    async fn stories(
        &self,
        folder: &TreeFolder,
        since: Version,
        (shelf, deeds): (&Shelf, &Deeds),
        room: &mut usize,
    ) -> Result<BTreeMap<String, Story>> {
        let (account, collection) = (folder.place.account(), Some(folder.place.id()));
        let (mut stories, mut last) = (BTreeMap::<String, Story>::new(), since.0);
        loop {
            let some = self.store().log(LogKey { account, collection, since: last, limit: ENTRIES }).await?;
            let full = some.len() == ENTRIES;
            *room = room.checked_sub(some.len()).ok_or(Error::GoneVersion)?;
            for entry in some {
                last = entry.number;
                match entry.deed {
                    _ if entry.number > folder.until.0 => return Ok(stories),
                    Deed::Unknown => return Err(Error::GoneVersion),
                    Deed::Leap => {}
                    _ => {
                        let began_as_folder =
                            entry.deed == Deed::Remove && deeds.departed.contains(&CollectionId(entry.about));
                        let fresh = || Story { began_as_folder, ..Story::default() };
                        let name = entry.name.clone();
                        stories.entry(name).or_insert_with(fresh).goes_on(&entry, shelf, deeds);
                    }
                }
            }
            if !full {
                return Ok(stories);
            }
        }
    }
}
