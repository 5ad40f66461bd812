//! Each collection that lies in another has a row among the items of that one, and each such row its collection.

use super::account::{Account, Collection};
use super::directory::Directory;
use super::finding::{Findings, Spot};

pub(super) fn folders(id: i64, account: &Account, directory: &Directory, findings: &mut Findings) {
    for (collection, one) in account.collections.iter().filter(|(_, one)| !one.doomed) {
        if let Some(what) = astray(*collection, one, account) {
            let spot = Spot { collection: Some(one.called(*collection)), ..directory.at(id) };
            findings.add("folder-differs", spot, what.to_owned());
        }
        for item in one.items.iter().filter(|item| item.live) {
            let Some(folder) = item.folder else { continue };
            let opens = account.collections.get(&folder).and_then(|inner| inner.berth(folder));
            let fits = opens == Some((*collection, &*item.name));
            if !fits || item.seen.body || item.size != 0 {
                let called = Some(one.called(*collection));
                let item = Some(format!("{:?}", item.name));
                let spot = Spot { collection: called, item, ..directory.at(id) };
                findings.add("folder-differs", spot, "it is no folder of the one that it opens".to_owned());
            }
        }
    }
}

/// What is wrong with the row of a collection in the one that it lies in.
fn astray(id: i64, one: &Collection, account: &Account) -> Option<&'static str> {
    let (parent, name) = one.berth(id).filter(|(parent, _)| *parent != 0)?;
    let above = account.collections.get(&parent).filter(|above| above.berth(parent).is_some())?;
    let row = above.items.iter().find(|item| *item.name == *name);
    (!row.is_some_and(|row| row.live && row.folder == Some(id)))
        .then_some("the collection that it lies in does not tell of it")
}
