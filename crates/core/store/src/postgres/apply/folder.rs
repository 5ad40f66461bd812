//! The row that a collection has among the items of the one that it lies in.

use super::Tx;
use super::item::Found;
use crate::Source;
use crate::postgres::value::values;
use crate::sql::items;
use kontor_model::{AccountId, CollectionId, CollectionName, Error, ItemId, ItemName, Result, Verb};

/// What the row says, besides where it is.
pub(super) struct Row {
    pub(super) folder: CollectionId,
    pub(super) created: i64,
    pub(super) modified: i64,
    pub(super) creator: i64,
    /// What the log calls it.
    pub(super) verb: Verb,
}

/// Where it is.
pub(super) fn place(account: AccountId, parent: CollectionId, name: &CollectionName) -> Result<Source> {
    Ok(Source { account, collection: parent, name: ItemName::new(name.as_str())? })
}

impl Tx<'_> {
    /// Makes the row. Error: `Exists` if there is anything of that name.
    pub(super) async fn open_folder(&mut self, at: &Source, row: &Row) -> Result<()> {
        if self.find(at).await?.is_some() {
            return Err(Error::Exists);
        }
        let version = self.bump(at, 1, 0)?;
        // A folder is its own item, so its item has its number.
        let id = ItemId(row.folder.0);
        let values = values![
            at.account.0,
            at.collection.0,
            at.name.as_str(),
            id.0,
            version.0,
            version.0,
            row.created,
            row.modified,
            row.creator,
            row.folder.0
        ];
        let found = Found {
            id,
            revision: version,
            size: 0,
            media_type: String::new(),
            created: row.created,
            modified: row.modified,
            has_properties: false,
            components: 0,
            uid: None,
            slot: None,
            folded: false,
            creator: row.creator,
            folder: true,
            texts: None,
        };
        self.desk.set_item(at, Some(found));
        self.db.run(items::FOLDER, values).await?;
        self.log((at.account, at.collection, &at.name), (id, version, row.verb)).await
    }

    /// Leaves a tombstone in the place of the row; tells what it said.
    pub(super) async fn close_folder(&mut self, at: &Source) -> Result<Option<Row>> {
        let Some(found) = self.find(at).await?.filter(|found| found.folder) else { return Ok(None) };
        self.bury(at, &found).await?;
        Ok(Some(Row {
            folder: CollectionId(found.id.0),
            created: found.created,
            modified: found.modified,
            creator: found.creator,
            verb: Verb::Arrive,
        }))
    }
}
