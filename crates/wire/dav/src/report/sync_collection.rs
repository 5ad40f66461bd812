//! DAV:sync-collection (RFC 6578 3.2, 6.1).

use super::wanted::Wanted;
use crate::error::Result;
use crate::name::dav;
use crate::xml::{Element, Writer};

/// How deep a synchronisation reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncLevel {
    /// `1`: members of the collection.
    One,
    /// `infinite`: also members of collections in it.
    Infinite,
}

/// A sync-collection request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncCollection {
    /// Where the client is; `None` when it begins.
    pub token: Option<String>,
    /// How deep.
    pub level: SyncLevel,
    /// Most changes to answer with.
    pub limit: Option<u32>,
    /// What to answer about each changed member.
    pub wanted: Wanted,
}

impl SyncCollection {
    pub(super) fn read(root: &Element) -> Result<Self> {
        let token = root.child(&dav::SYNC_TOKEN).map(|token| token.trimmed().into_owned());
        // Quirk(no-sync-level): drafts before RFC 6578 had none; clients from that time mean the members
        let level = match root.child(&dav::SYNC_LEVEL) {
            None => SyncLevel::One,
            Some(level) => match level.trimmed().as_ref() {
                "1" => SyncLevel::One,
                "infinite" | "infinity" => SyncLevel::Infinite,
                _ => return Err(level.malformed("sync-level is neither 1 nor infinite")),
            },
        };
        Ok(SyncCollection {
            token: token.filter(|token| !token.is_empty()),
            level,
            limit: super::nresults(root, &dav::LIMIT, &dav::NRESULTS)?,
            wanted: Wanted::read(root)?,
        })
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) {
        match &self.token {
            Some(token) => w.leaf(&dav::SYNC_TOKEN, token),
            None => w.empty(&dav::SYNC_TOKEN),
        }
        w.leaf(&dav::SYNC_LEVEL, if self.level == SyncLevel::One { "1" } else { "infinite" });
        if let Some(limit) = self.limit {
            w.nest(&dav::LIMIT, |w| w.leaf(&dav::NRESULTS, &limit.to_string()));
        }
        self.wanted.write(w);
    }
}
