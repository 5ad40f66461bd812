//! What can be said of accounts when all their rows came by.

use super::Findings;
use super::account::{Account, Blob, Collection, Group, Item, place};
use super::directory::Directory;
use kontor_model::{CollectionName, ItemName, Kind};

/// Bits of rights that there are, and some to spare.
const RIGHTS: i64 = u32::MAX as i64;
/// Bytes of a hash.
const HASH: usize = 32;

pub(super) fn judge(group: Group, directory: &mut Directory, findings: &mut Findings) {
    for (id, account) in group.accounts {
        numbers(id, &account, directory, findings);
        grants(id, &account, directory, findings);
        for (collection, one) in &account.collections {
            let at = At { account: id, collection: *collection };
            let parents = |parent: i64| {
                parent == 0 || account.collections.get(&parent).is_some_and(|up| up.row.is_some())
            };
            at.shelf(one, parents, directory, findings);
            at.items(one, directory, findings);
        }
        blobs(id, account, directory, findings);
    }
}

fn numbers(id: i64, account: &Account, directory: &mut Directory, findings: &mut Findings) {
    if account.secret.is_some() || !account.app_passwords.is_empty() {
        directory.has_secret(id, findings);
    }
    let called = directory.called(id);
    let last = account.secret.unwrap_or(0);
    if account.app_passwords.iter().any(|number| *number > last || *number < 1) {
        findings.add(
            "app-password-number",
            format!("{called}: an app password has a number that was never given"),
        );
    }
    let Some((number, shelf)) = account.state else {
        if !account.collections.is_empty() {
            findings.add(
                "account-without-store",
                format!("{called}: there are rows, and no numbers of the account"),
            );
        }
        return;
    };
    directory.has_state(id, findings);
    if shelf > number || account.logged > number || shelf < 0 {
        let text = format!(
            "{called}: its number is {number}, its shelf's {shelf}, its log goes to {}",
            account.logged
        );
        findings.add("account-numbers", text);
    }
}

fn grants(id: i64, account: &Account, directory: &Directory, findings: &mut Findings) {
    for (kind, grantee, rights, collection) in &account.grants {
        let there =
            *collection == 0 || account.collections.get(collection).is_some_and(|one| one.row.is_some());
        let known = match kind {
            0 => directory.is_principal(*grantee),
            1 | 2 => true,
            _ => false,
        };
        if !there || !known || !(0..=RIGHTS).contains(rights) {
            let (called, to) = (directory.called(id), directory.called(*grantee));
            let what =
                if there { format!("to {to}, whom there is not") } else { "on no collection".to_owned() };
            findings.add("grant-impossible", format!("{called}: something is granted {what}"));
        }
    }
}

struct At {
    account: i64,
    collection: i64,
}

impl At {
    fn called(&self, directory: &Directory) -> String {
        format!("{}, collection {:x}", directory.called(self.account), self.collection)
    }

    /// The collection as such.
    fn shelf(
        &self,
        one: &Collection,
        is_there: impl Fn(i64) -> bool,
        directory: &Directory,
        findings: &mut Findings,
    ) {
        let mut say = |rule, what: String| findings.add(rule, format!("{}: {what}", self.called(directory)));
        match (&one.row, &one.counter, one.doomed) {
            (Some((parent, kind, name, own)), Some(counter), false) => {
                let known = Kind::from_word(kind).is_some() && CollectionName::new(name).is_ok();
                if !known || !(0..=1).contains(own) {
                    say("unknown-value", format!("its kind {kind:?} or name {name:?} is none that there is"));
                }
                if !is_there(*parent) {
                    say("collection-without-parent", "what it lies in is not there".to_owned());
                }
                if counter.floor > counter.version || counter.floor < 0 {
                    say(
                        "log-gap",
                        format!("its log begins above {}, its number is {}", counter.floor, counter.version),
                    );
                } else if one.log.last != counter.version {
                    let (version, last) = (counter.version, one.log.last);
                    say("log-gap", format!("its number is {version}, and its log ends with {last}"));
                }
            }
            (None, None, true) => {}
            (Some(_), Some(_), true) => {
                say("collection-doomed", "it is there, and its rows are to be dropped".to_owned())
            }
            (Some(_), None, _) => say("collection-without-number", "it has no change number".to_owned()),
            (None, Some(_), _) => {
                say("number-without-collection", "there is a change number, and no collection".to_owned())
            }
            (None, None, false) => {
                say("rows-without-collection", "there are rows, and no collection".to_owned())
            }
        }
        if one.properties > 0 && one.row.is_none() {
            say("property-without-collection", "there are properties, and no collection".to_owned());
        }
        if one.ordinals > one.last_ordinal.unwrap_or(0) && one.row.is_some() {
            say("ordinal-not-given", format!("the small number {} was never given", one.ordinals));
        }
    }

    /// What is in it.
    fn items(&self, one: &Collection, directory: &Directory, findings: &mut Findings) {
        let (mut items, mut bytes) = (0, 0_i64);
        for item in &one.items {
            if item.live {
                items += 1;
                bytes = bytes.saturating_add(item.size);
            }
            for (rule, what) in wrong(one, item) {
                let place = place(directory, self.account, self.collection, &item.name);
                findings.add(rule, format!("{place}: {what}"));
            }
        }
        let Some(counter) = one.counter else { return };
        if (counter.items, counter.bytes) != (items, bytes) {
            let text = format!(
                "{}: it is said to hold {} items and {} bytes, and holds {items} and {bytes}",
                self.called(directory),
                counter.items,
                counter.bytes
            );
            findings.add("count-differs", text);
        }
    }
}

/// What is wrong with an item.
fn wrong(one: &Collection, item: &Item) -> Vec<(&'static str, &'static str)> {
    let mut all = Vec::new();
    let mut say = |wrong: bool, rule, what| all.extend(wrong.then_some((rule, what)));
    say(ItemName::new(&item.name).is_err(), "unknown-value", "its name is none that there can be");
    // Rows of a collection that is gone are dropped one by one.
    if !one.doomed {
        say(item.live && !item.seen.body, "item-without-body", "its body is missing");
        say(
            item.slot.is_some() && !item.seen.span,
            "item-without-time",
            "the time to be found by is missing",
        );
        say(item.folded && !item.seen.text, "item-without-text", "the text to be found by is missing");
        say(
            item.has_properties && !item.seen.property,
            "item-without-property",
            "it should have properties, and has none",
        );
    }
    if let Some(counter) = one.counter {
        say(
            item.version > counter.version,
            "item-beyond-number",
            "its number is above that of the collection",
        );
        let logged = item.seen.log || item.version <= counter.floor;
        say(!logged, "item-not-logged", "the log does not tell of its latest change");
    }
    all
}

/// Bodies that lie outside.
fn blobs(id: i64, account: Account, directory: &mut Directory, findings: &mut Findings) {
    let called = directory.called(id);
    for (blob, item, size, hash) in &account.outside {
        let good = |found: &&Blob| found.state == 1 && found.size == *size && found.hash == *hash;
        match account.blobs.get(blob) {
            Some(found) if good(&found) => {}
            Some(_) => {
                let what = format!("{called}: the large body {blob:x} of {item:x} is not what its row says");
                findings.add("blob-differs", what);
            }
            None => findings
                .add("blob-without-row", format!("{called}: the large body {blob:x} of {item:x} has no row")),
        }
    }
    for (blob, found) in &account.blobs {
        let whole = found.state != 1 || found.hash.len() == HASH;
        if !(0..=2).contains(&found.state) || !whole || found.size < 0 {
            findings
                .add("blob-impossible", format!("{called}: the row of the large body {blob:x} cannot be"));
        }
        directory.outside += u64::from(found.state == 1);
    }
}
