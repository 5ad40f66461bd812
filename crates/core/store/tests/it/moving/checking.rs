//! A store that is as it should be is told so, and every sort of damage is found, on every engine and in a backup.

use super::furnished::at;
use super::{Place, check, database, folder, keeper, runtime};
use crate::suite::world::{WORK, World};
use kontor_model::Timestamp;
use kontor_store::Verdict;
use kontor_store::moving::archive::{Archive, Label, pack};
use kontor_store::moving::{Checked, Checker, carry};
use std::io::Cursor;
use std::time::Duration;

/// Rule, and what breaks it.
const DAMAGE: &[(&str, &str)] = &[
    (
        "item-without-body",
        "DELETE FROM body WHERE account = 11 AND item = (SELECT id FROM item WHERE name = 'stays')",
    ),
    ("body-without-item", "UPDATE body SET item = 77 WHERE account = 22"),
    ("body-differs", "UPDATE item SET size = size + 1 WHERE name = 'stays'"),
    ("count-differs", "UPDATE counter SET items = items - 1 WHERE collection = 101"),
    ("count-differs", "UPDATE counter SET bytes = bytes + 1 WHERE collection = 101"),
    ("item-without-time", "DELETE FROM span WHERE name = 'for ever'"),
    ("time-without-item", "UPDATE span SET edge = edge + 1 WHERE name = 'for ever'"),
    ("time-without-item", "UPDATE item SET level = NULL, edge = NULL WHERE name = 'for ever'"),
    ("item-without-text", "DELETE FROM search_text WHERE name = 'stays'"),
    ("text-without-item", "UPDATE item SET folded = 0 WHERE name = 'stays'"),
    ("text-without-item", "UPDATE search_text SET name = 'nobody' WHERE name = 'stays'"),
    ("item-without-property", "DELETE FROM item_property"),
    ("property-without-item", "UPDATE item SET has_properties = 0 WHERE name = 'for ever'"),
    ("log-gap", "DELETE FROM change WHERE collection = 101 AND version = 40"),
    (
        "log-gap",
        "DELETE FROM change WHERE collection = 101 AND version = (SELECT version FROM counter WHERE collection = 101)",
    ),
    ("log-gap", "UPDATE counter SET version = version + 5 WHERE collection = 101"),
    ("log-gap", "UPDATE counter SET floor = 3 WHERE collection = 101"),
    ("item-not-logged", "UPDATE change SET name = 'other' WHERE name = 'stays'"),
    ("item-beyond-number", "UPDATE item SET version = 100000 WHERE name = 'stays'"),
    ("item-impossible", "UPDATE item SET revision = version + 1 WHERE name = 'stays'"),
    ("item-impossible", "UPDATE item SET live = 0 WHERE name = 'stays'"),
    ("collection-without-number", "DELETE FROM counter WHERE collection = 103"),
    ("number-without-collection", "DELETE FROM collection WHERE collection = 103"),
    ("collection-without-parent", "UPDATE collection SET parent = 999 WHERE collection = 103"),
    ("unknown-value", "UPDATE collection SET kind = 'shoebox' WHERE collection = 103"),
    ("unknown-value", "UPDATE principal SET kind = 'robot' WHERE account = 22"),
    ("collection-doomed", "INSERT INTO doomed (account, collection) VALUES (11, 103)"),
    ("rows-without-collection", "UPDATE search_text SET collection = 999 WHERE name = 'stays'"),
    ("property-without-collection", "UPDATE property SET collection = 999"),
    ("addresses-differ", "DELETE FROM address WHERE folded = 'bert@example.org'"),
    ("address-without-account", "UPDATE address SET account = 5 WHERE folded = 'bert@example.org'"),
    ("account-without-store", "DELETE FROM account_state WHERE account = 22"),
    ("account-without-secret", "DELETE FROM secret WHERE account = 22"),
    ("secret-without-account", "UPDATE secret SET account = 5 WHERE account = 22"),
    ("store-without-owner", "DELETE FROM orphan"),
    ("orphan-with-account", "INSERT INTO orphan (account, name, since) VALUES (22, 'bert', 1)"),
    ("account-numbers", "UPDATE account_state SET number = number - 1 WHERE account = 22"),
    ("account-numbers", "UPDATE account_state SET shelf = number + 1 WHERE account = 22"),
    ("app-password-number", "UPDATE app_password SET number = 9"),
    ("grant-impossible", "UPDATE access_entry SET grantee = 5 WHERE grantee = 22"),
    ("ordinal-not-given", "UPDATE ordinal_counter SET last = 0"),
    ("blob-without-row", "DELETE FROM blob"),
    ("body-differs", "UPDATE body SET blob = blob + 1 WHERE blob IS NOT NULL"),
    ("blob-differs", "UPDATE blob SET size = size + 1"),
    ("blob-differs", "UPDATE blob SET state = 2"),
    ("blob-impossible", "UPDATE blob SET state = 7"),
    ("past-without-body", "DELETE FROM body WHERE item = (SELECT max(text) FROM past)"),
    ("body-without-item", "DELETE FROM past WHERE text = (SELECT max(text) FROM past)"),
    ("folder-differs", "DELETE FROM item WHERE collection = 601 AND name = 'moved'"),
    ("folder-differs", "UPDATE item SET folder = 602 WHERE collection = 601 AND name = 'moved'"),
    ("folder-differs", "UPDATE collection SET parent = 602 WHERE collection = 603"),
    ("folder-differs", "DELETE FROM item WHERE collection = 604 AND name = 'further'"),
    ("trash-differs", "DELETE FROM trash WHERE root = 604"),
    ("trash-differs", "UPDATE trash SET items = items + 1"),
    ("trash-differs", "DELETE FROM trashed WHERE collection = 604"),
    ("trash-differs", "UPDATE trashed SET root = 605 WHERE collection = 605"),
    (
        "trash-differs",
        "UPDATE trashed SET grants = search_text.text FROM search_text WHERE search_text.name = 'stays'",
    ),
    ("trash-differs", "INSERT INTO doomed (account, collection) VALUES (11, 605)"),
    ("rows-without-collection", "DELETE FROM trashed"),
    ("unknown-value", "UPDATE trashed SET kind = 'shoebox' WHERE collection = 605"),
    ("count-differs", "UPDATE trashed SET bytes = bytes + 1 WHERE collection = 605"),
    ("log-gap", "UPDATE trashed SET version = version + 5 WHERE collection = 605"),
    ("log-gap", "UPDATE trashed SET floor = 1 WHERE collection = 605"),
];

fn furnished(place: Place) -> Place {
    let place = at(place, 150);
    runtime().block_on(async {
        let store = place.open().unwrap();
        let world = World::again(store.clone());
        let mut stays = crate::suite::world::body("stays", Some("stays"));
        stays.facets.folded = b"stays".to_vec();
        let at = crate::suite::world::source(WORK, "stays");
        world.act(world.put_op(at, kontor_store::Expect::Any, stays)).await.unwrap();
        store.close().await.unwrap();
    });
    place
}

fn good(checked: &Checked) {
    assert_eq!(checked.findings, [], "{} in all", checked.count());
    assert!(checked.rows > 500, "{}", checked.rows);
}

#[test]
fn what_is_as_it_should_be_is_told_so() {
    for (from, to) in [(folder(), database()), (database(), folder())] {
        let (from, to) = (furnished(from), to.made());
        good(&from.check());
        let now = Some(Timestamp::from_secs(5));
        carry(&mut *from.rows().unwrap(), "x", &mut *to.fill().unwrap(), now, &mut |_| {}).unwrap();
        good(&to.check());
        keeper(&to.name()).unwrap().leap(Timestamp::from_secs(6)).unwrap();
        runtime().block_on(async {
            let store = to.open().unwrap();
            World::again(store.clone()).put(WORK, "later", "x").await;
            let mut whole = store.whole().await.unwrap();
            let checked = tokio::task::spawn_blocking(move || check(&mut *whole)).await.unwrap();
            good(&checked);
            while store.trim(Timestamp::from_secs(2_000_000)).await.unwrap().more {}
            store.close().await.unwrap();
        });
        good(&to.check());
    }
}

#[test]
fn every_sort_of_damage_is_found() {
    for (good, spoilt) in [(furnished(folder()), folder as fn() -> Place), (furnished(database()), database)]
    {
        for (rule, sql) in DAMAGE {
            let place = copy_of(&good, spoilt());
            place.sql(sql);
            let found = place.check();
            let rules: Vec<_> = found.findings.iter().map(|finding| finding.rule).collect();
            assert!(rules.contains(rule), "{sql}: found {:?}", found.findings);
            assert!(found.count() < 20, "{sql}: found {:?}", found.findings);
        }
    }
}

fn copy_of(from: &Place, to: Place) -> Place {
    match (from, to) {
        (Place::Folder(from), Place::Folder(to)) => {
            std::fs::copy(from.path().join("kontor.db"), to.path().join("kontor.db")).unwrap();
            Place::Folder(to)
        }
        (Place::Database(from), Place::Database(to)) => {
            let sql = format!("CREATE DATABASE \"{to}\" TEMPLATE \"{from}\"");
            // Connections that were closed a moment ago may still be there for it.
            kontor_testkit::until("nobody to use the database", Duration::from_secs(60), || {
                kontor_testkit::postgres().try_sql("postgres", &sql).ok()
            });
            Place::Database(to)
        }
        _ => unreachable!("the same sort"),
    }
}

#[test]
fn damage_is_found_in_a_backup_too() {
    let place = furnished(folder());
    place.sql(DAMAGE[0].1);
    let label = Label { made: Timestamp::from_secs(1), program: "x".into(), from: "x".into() };
    let mut bytes = Vec::new();
    pack(&mut *place.rows().unwrap(), &label, &mut bytes, &mut |_| {}).unwrap();
    let found = check(&mut Archive::open(Box::new(Cursor::new(bytes))).unwrap());
    assert_eq!(found, place.check());
    let [finding] = found.findings.as_slice() else { panic!("{found:?}") };
    assert_eq!(finding.rule, DAMAGE[0].0);
    let told = finding.to_string();
    assert!(told.starts_with("account anna (b), collection "), "{told}");
    assert!(told.contains(" (65), item \"stays\": its body is missing"), "{told}");
}

#[test]
fn what_was_seen_of_large_bodies_is_told_of_the_items_that_have_them() {
    for place in [furnished(folder()), furnished(database())] {
        let bodies = runtime().block_on(async {
            let store = place.open().unwrap();
            let (mut kept, mut bodies) = (store.blobs().unwrap().kept(), Vec::new());
            while let Some(blob) = kept.next().await {
                bodies.push(blob.unwrap().object());
            }
            store.close().await.unwrap();
            bodies
        });
        assert!(!bodies.is_empty());
        for (verdict, rule) in [
            (Verdict::Missing, Some("blob-missing")),
            (Verdict::Damaged, Some("blob-damaged")),
            (Verdict::Good, None),
        ] {
            let mut rows = place.rows().unwrap();
            let mut checker = Checker::new(rows.about().unwrap().schema);
            bodies.iter().for_each(|object| checker.saw(object, verdict));
            checker.saw("000000000000000b/00000000000000ff", Verdict::Missing);
            rows.pour(None, &mut |chunk| checker.add(&chunk)).unwrap();
            let found = checker.finish();
            let rules: Vec<_> = found.counts.iter().map(|(rule, count)| (*rule, *count)).collect();
            assert_eq!(rules, rule.map(|rule| (rule, bodies.len() as u64)).into_iter().collect::<Vec<_>>());
            assert!(found.findings.iter().all(|one| one.at.item.is_some() && one.at.collection.is_some()));
        }
    }
}

#[test]
fn a_flood_of_one_sort_hides_no_other() {
    let place = furnished(folder());
    place.sql("DELETE FROM body; UPDATE counter SET items = items - 1 WHERE collection = 101");
    let found = place.check();
    assert!(found.counts["item-without-body"] > 100, "{:?}", found.counts);
    let kept = |rule: &str| found.findings.iter().filter(|finding| finding.rule == rule).count();
    assert_eq!((kept("item-without-body"), kept("count-differs")), (50, 1));
}

#[test]
fn every_rule_has_its_damage() {
    let mut rules: Vec<&str> = DAMAGE.iter().map(|(rule, _)| *rule).collect();
    rules.extend(["blob-missing", "blob-damaged"]);
    rules.sort_unstable();
    rules.dedup();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/moving/check");
    let mut known = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
        let words =
            text.split('"').skip(1).step_by(2).filter(|word| {
                word.contains('-') && word.chars().all(|c| c == '-' || c.is_ascii_lowercase())
            });
        known.extend(words.map(str::to_owned));
    }
    known.sort_unstable();
    known.dedup();
    assert_eq!(known, rules);
    let told = include_str!("../../../../../../docs/admin/backup.md");
    let untold: Vec<_> = rules.iter().filter(|rule| !told.contains(&format!("`{rule}`"))).collect();
    assert!(untold.is_empty(), "docs/admin/backup.md does not name {untold:?}");
}
