//! The data folder: whose it is, and what may be in it.

use super::{open_at, runtime};
use crate::suite::world::{ANNA, WORK, World, source};
use kontor_model::Error;
use kontor_store::sqlite::{SqliteOptions, open};
use kontor_store::{Expect, Op, Remains};
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};

fn refusal(path: &Path) -> Error {
    match open(path, &SqliteOptions::default()) {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

#[test]
fn only_one_at_a_time_has_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("new").join("deeper");
    let first = open_at(&at);
    assert_eq!(refusal(&at), Error::Locked);
    runtime().block_on(first.close()).unwrap();
    let second = open_at(&at);
    drop(second);
    drop(open_at(&at));
}

#[cfg(unix)]
#[test]
fn nobody_else_looks_into_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let at = folder.path().join("data");
    let _store = open_at(&at);
    assert_eq!(mode(&at), 0o700);
    // A folder that was there keeps the mode its owner gave it; the files in it are ours.
    let shared = folder.path().join("shared");
    std::fs::create_dir(&shared).unwrap();
    std::fs::set_permissions(&shared, PermissionsExt::from_mode(0o755)).unwrap();
    let _other = open_at(&shared);
    let files: Vec<_> = std::fs::read_dir(&shared).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), if file.is_dir() { 0o700 } else { 0o600 }, "{file:?}");
    }
}

#[test]
fn data_of_a_newer_program_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open_at(folder.path()));
    let database = folder.path().join("kontor.db");
    Connection::open(&database).unwrap().pragma_update(None, "user_version", 9_999).unwrap();
    let Error::Unsupported { detail } = refusal(folder.path()) else { panic!() };
    assert!(detail.contains("schema version 9999") && detail.contains("versions up to"), "{detail}");
    assert!(detail.contains(folder.path().to_str().unwrap()), "{detail}");
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("kontor.db");
    Connection::open(&database).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let Error::Unsupported { detail } = refusal(folder.path()) else { panic!() };
    assert!(detail.contains("not a Kontor store"), "{detail}");
    std::fs::write(&database, "this is no database at all, but quite a text. ".repeat(200)).unwrap();
    let Error::Internal(detail) = refusal(folder.path()) else { panic!() };
    assert!(detail.contains("damaged"), "{detail}");
}

/// Law 2: every number that a collection ever got has its entry in the log, with who and through which door.
#[test]
fn every_number_has_its_entry_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let world = runtime.block_on(World::new(open_at(folder.path())));
    let shelf = runtime.block_on(async {
        world.put(WORK, "a", "a").await;
        world.put(WORK, "a", "again").await;
        let changes = vec![(kontor_model::PropertyKey::new("p"), Some(vec![1]))];
        world.act(Op::SetItemProperties { at: source(WORK, "a"), changes }).await.unwrap();
        let (from, to, new_id) = (source(WORK, "a"), source(WORK, "b"), world.id());
        world.act(Op::Relocate { from, expect: Expect::Any, to, target: Expect::Any, new_id }).await.unwrap();
        world.act(Op::SetGrants { account: ANNA, collection: None, grants: None }).await.unwrap();
        let shelf = world.store.shelf(ANNA).await.unwrap().version;
        world.store.close().await.unwrap();
        shelf
    });
    let connection = Connection::open(folder.path().join("kontor.db")).unwrap();
    let read = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let log = read("SELECT version || verb || ' ' || name || actor || origin FROM change ORDER BY version");
    assert_eq!(log, ["1put a11dav", "2put a11dav", "3properties a11dav", "4remove a11dav", "5arrive b11dav"]);
    let of_account = read("SELECT number || verb FROM account_change WHERE account = 11 ORDER BY number");
    let create = "create-collection";
    let expected = [
        "1create-principal".to_owned(),
        format!("2{create}"),
        format!("3{create}"),
        format!("4{create}"),
        "5set-grants".to_owned(),
    ];
    assert_eq!(of_account, expected);
    assert_eq!(shelf, 5, "the number of the last change of the shelf");
}

/// Rows of all tables that belong to one collection.
fn rows_of(database: &Path, collection: i64) -> i64 {
    let connection = Connection::open(database).unwrap();
    let mut rows = connection.query_row("SELECT count(*) FROM body", [], |row| row.get::<_, i64>(0)).unwrap();
    for table in ["item", "item_property", "span", "search_text", "change", "counter", "doomed", "property"] {
        let sql = format!("SELECT count(*) FROM {table} WHERE collection = {collection}");
        rows += connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap();
    }
    rows
}

#[test]
fn rows_of_a_removed_collection_are_dropped_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let world = runtime.block_on(World::new(open_at(folder.path())));
    runtime.block_on(async {
        for round in 0..12 {
            let put = |n: i64| {
                let mut body = crate::suite::world::body_at(n, if n % 2 == 0 { n } else { i64::MAX });
                body.facets.folded = vec![1];
                world.put_op(source(WORK, &format!("{round}-{n}")), Expect::Any, body)
            };
            world.write((0..100).map(put).collect()).await.unwrap();
        }
        world.remove(WORK, "0-0").await;
        let changes = vec![(kontor_model::PropertyKey::new("p"), Some(vec![1]))];
        world.act(Op::SetItemProperties { at: source(WORK, "0-1"), changes }).await.unwrap();
        world
            .act(Op::RemoveCollection { account: ANNA, collection: WORK, remains: Remains::Nothing })
            .await
            .unwrap();
        // Whether this or the next process finishes it makes no difference.
        world.store.close().await.unwrap();
    });
    let _store = open_at(folder.path());
    let start = Instant::now();
    while rows_of(&folder.path().join("kontor.db"), WORK.0) > 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "rows are left");
        std::thread::sleep(Duration::from_millis(20));
    }
}
