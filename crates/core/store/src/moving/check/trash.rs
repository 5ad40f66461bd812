//! Each collection in the trash belongs to a tree, each tree is what its row says, and nothing is in the trash and
//! elsewhere too.

use super::account::{Account, Collection, Trashed};
use super::directory::Directory;
use super::finding::{Findings, Spot};
use kontor_model::{CollectionName, Kind};
use std::collections::BTreeMap;

pub(super) fn trash(id: i64, account: &Account, directory: &Directory, findings: &mut Findings) {
    let mut held: BTreeMap<i64, (i64, i64, i64)> = BTreeMap::new();
    for (collection, one) in &account.collections {
        let Some(trashed) = &one.trashed else { continue };
        let (collections, items, bytes) = held.entry(trashed.root).or_default();
        *collections += 1;
        if let Some(counter) = one.counter {
            *items = items.saturating_add(counter.items);
            *bytes = bytes.saturating_add(counter.bytes);
        }
        for (rule, what) in wrong(*collection, one, trashed, account) {
            let spot = Spot { collection: Some(one.called(*collection)), ..directory.at(id) };
            findings.add(rule, spot, what);
        }
    }
    for root in account.trees.keys().chain(held.keys().filter(|root| !account.trees.contains_key(root))) {
        let (said, held) = (account.trees.get(root), held.get(root));
        if said != held {
            let what = format!(
                "the tree {root:x} in the trash is said to hold {said:?} collections, items and bytes, and holds {held:?}"
            );
            findings.add("trash-differs", directory.at(id), what);
        }
    }
}

fn wrong(id: i64, one: &Collection, trashed: &Trashed, account: &Account) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let mut say = |wrong: bool, rule, what: &str| all.extend(wrong.then(|| (rule, what.to_owned())));
    say(one.row.is_some() || one.doomed, "trash-differs", "it is in the trash, and elsewhere too");
    let above = account.collections.get(&trashed.parent).and_then(|above| above.trashed.as_ref());
    let apart = trashed.root != id && above.is_none_or(|above| above.root != trashed.root);
    say(apart, "trash-differs", "what it lies in is not in the trash with it");
    say(!trashed.grants, "trash-differs", "what was granted on it cannot be read");
    let known = Kind::from_word(&trashed.kind).is_some() && CollectionName::new(&trashed.name).is_ok();
    say(!known, "unknown-value", "its kind or name is none that there is");
    if let Some(counter) = one.counter.filter(|_| one.row.is_none()) {
        let (first, leapt) = one.log.first.unwrap_or((counter.floor + 1, false));
        let (begins, ends) =
            (first.saturating_sub(1), if one.log.first.is_some() { one.log.last } else { counter.floor });
        let begun = begins == counter.floor || leapt && begins > counter.floor;
        let whole = begun && ends == counter.version && counter.floor >= 0;
        let what = format!(
            "its log tells of what is above {begins} up to {ends}, and should of {} to {}",
            counter.floor, counter.version
        );
        say(!whole, "log-gap", &what);
        say(one.log.gap.is_some(), "log-gap", one.log.gap.as_deref().unwrap_or_default());
    }
    all
}
