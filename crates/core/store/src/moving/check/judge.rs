//! What can be said of accounts when all their rows came by.

use super::account::{Account, Blob, Collection, Group, Item, Outside};
use super::directory::{Directory, HOUSE};
use super::finding::{Findings, Spot};
use super::folders::folders;
use super::past::past;
use super::trash::trash;
use kontor_model::{CollectionName, ItemName, Kind};

/// Bits of rights that there are, and some to spare.
const RIGHTS: i64 = u32::MAX as i64;
/// Bytes of a hash.
const HASH: usize = 32;

pub(super) fn judge(group: Group, directory: &mut Directory, findings: &mut Findings) {
    for (id, mut account) in group.accounts {
        past(id, &mut account, directory, findings);
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
        folders(id, &account, directory, findings);
        trash(id, &account, directory, findings);
        blobs(id, &account, directory, findings);
    }
}

fn numbers(id: i64, account: &Account, directory: &mut Directory, findings: &mut Findings) {
    if account.secret.is_some() || !account.app_passwords.is_empty() {
        directory.has_secret(id, findings);
    }
    let at = directory.at(id);
    let last = account.secret.unwrap_or(0);
    if account.app_passwords.iter().any(|number| *number > last || *number < 1) {
        findings.add("app-password-number", at.clone(), "an app password has a number that was never given");
    }
    let Some((number, shelf)) = account.state else {
        if !account.collections.is_empty() {
            findings.add("account-without-store", at, "there are rows, and no numbers of the account");
        }
        return;
    };
    directory.has_state(id, findings);
    if shelf > number || account.logged > number || shelf < 0 {
        let last = account.logged;
        let what = format!("its number is {number}, its shelf's {shelf}, its log goes to {last}");
        findings.add("account-numbers", at, what);
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
            let to = directory.called(*grantee);
            let what = match (there, known) {
                (false, _) => "on no collection".to_owned(),
                (true, false) => format!("to the account {to}, which is not there"),
                (true, true) => "that is no right".to_owned(),
            };
            findings.add("grant-impossible", directory.at(id), format!("something is granted {what}"));
        }
    }
}

struct At {
    account: i64,
    collection: i64,
}

impl At {
    fn spot(&self, one: &Collection, directory: &Directory) -> Spot {
        Spot { collection: Some(one.called(self.collection)), ..directory.at(self.account) }
    }

    /// The collection as such.
    fn shelf(
        &self,
        one: &Collection,
        is_there: impl Fn(i64) -> bool,
        directory: &Directory,
        findings: &mut Findings,
    ) {
        let mut say = |rule, what: String| findings.add(rule, self.spot(one, directory), what);
        let known = one.row.is_some() || one.trashed.is_some();
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
            // See `trash`.
            _ if one.trashed.is_some() => {}
            (None, None, true) => {}
            (Some(_), Some(_), true) => {
                say("collection-doomed", "it is there, and its rows are to be dropped".to_owned())
            }
            (Some(_), None, _) => say("collection-without-number", "it has no change number".to_owned()),
            (None, Some(_), _) => {
                say("number-without-collection", "there is a change number, and no collection".to_owned())
            }
            // People are counted in a series that is no collection's.
            (None, None, false) if (self.account, self.collection) == (HOUSE, 0) => {}
            (None, None, false) => {
                say("rows-without-collection", "there are rows, and no collection".to_owned())
            }
        }
        if one.properties > 0 && !known {
            say("property-without-collection", "there are properties, and no collection".to_owned());
        }
        if one.ordinals > one.last_ordinal.unwrap_or(0) && (known || self.account == HOUSE) {
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
                let spot = Spot { item: Some(format!("{:?}", item.name)), ..self.spot(one, directory) };
                findings.add(rule, spot, what);
            }
        }
        let Some(counter) = one.counter else { return };
        if (counter.items, counter.bytes) != (items, bytes) {
            let said = format!("{} items and {} bytes", counter.items, counter.bytes);
            let what = format!("it is said to hold {said}, and holds {items} and {bytes}");
            findings.add("count-differs", self.spot(one, directory), what);
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
        let body = item.seen.body || item.folder.is_some();
        say(item.live && !body, "item-without-body", "its body is missing");
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
fn blobs(id: i64, account: &Account, directory: &mut Directory, findings: &mut Findings) {
    let at = |(collection, name): &(i64, Box<str>)| {
        let one = account.collections.get(collection);
        let collection = one.map(|one| one.called(*collection));
        Spot { collection, item: Some(format!("{name:?}")), ..directory.at(id) }
    };
    for Outside { blob, item, size, hash } in &account.outside {
        let good = |found: &&Blob| found.state == 1 && found.size == *size && found.hash == *hash;
        let (rule, what) = match account.blobs.get(blob) {
            Some(found) if good(&found) => continue,
            Some(_) => ("blob-differs", format!("its large body {blob:x} is not what the row of that says")),
            None => ("blob-without-row", format!("its large body {blob:x} has no row")),
        };
        findings.add(rule, at(item), what);
    }
    for (blob, found) in &account.blobs {
        let whole = found.state != 1 || found.hash.len() == HASH;
        if !(0..=2).contains(&found.state) || !whole || found.size < 0 {
            let what = format!("the row of the large body {blob:x} cannot be");
            findings.add("blob-impossible", directory.at(id), what);
        }
    }
    directory.outside += account.blobs.values().filter(|found| found.state == 1).count() as u64;
}
