//! How PostgreSQL goes about each statement, with nothing in the tables and with much: along the index made for it.

use super::migrate::{self, Plan};
use super::session::Session;
use super::text::{Form, Text};
use super::{PostgresOptions, connector};
use crate::sql::{self, blobs, changes, facets, items, postgres};
use kontor_testkit::postgres as server;
use tokio_postgres::SimpleQueryMessage;

/// Statements that are about all there is: lists for the administrator, and rounds of housekeeping that end early.
const ABOUT_ALL: &[&str] =
    &["PAGE_BY_NAME", "ORPHANS", "NEXT", "NEXT_STATES", "NEXT_COUNTERS", "LOOSE", "NEXT_BLOBS"];
/// Those whose rows are sorted: few, and asked for by a person.
const SORTED: &[&str] = &["ORPHANS"];
/// Columns of keys: a row is found by them, not found and then looked at.
const KEYS: &[&str] =
    &["account", "collection", "name", "version", "uid", "item =", "level", "edge", "scope", "key"];
/// Statements that look at a row once more when they have it, or at rows of which an account has few.
const LOOKS: &[&str] = &["DROP_TOMBSTONE", "REVOKE_FROM", "FORGET_FAILURE"];
/// Many more, with next to nothing: the average collection is tiny then.
const MANY: &str = "\
    INSERT INTO item SELECT a, a + 100000, '1.ics', a + 10000000, 1, 1, 1, 500, 'text/calendar', 1, 1, 0, 1, 'uid', 12,
        3600, 1, 1 FROM generate_series(3, 20000) a;
    INSERT INTO counter SELECT account, collection, 1, 0, 1, 1 FROM item WHERE account > 2;
    INSERT INTO body SELECT account, id, CAST(repeat('x', 500) AS BYTEA) FROM item WHERE account > 2;
    INSERT INTO blob SELECT account, id + 1, 1, NULL, 70000, CAST(name AS BYTEA), NULL, '' FROM item WHERE account > 2;
    INSERT INTO span SELECT account, collection, level, edge, name, edge, edge + 3600, 'x' FROM item WHERE account > 2;
    INSERT INTO search_text SELECT account, collection, name, CAST(name AS BYTEA) FROM item WHERE account > 2;
    INSERT INTO change SELECT account, collection, version, id, name, 'put', 1, 'dav', 1 FROM item WHERE account > 2;
    INSERT INTO past SELECT account, id, 1, id + 1, collection, name, 1, 500, 'text/calendar', 1, 1, 1, version, 1, 'dav',
        1, NULL FROM item WHERE account > 2;
    ANALYZE";
/// Two accounts of 10,000 items with all that belongs to them.
const FILL: &str = "
    INSERT INTO principal SELECT a, 'user' || a, 'user', 'User', 'u' || a || '@x.y', '', 1, 0, 0, 1
        FROM generate_series(1, 1000) a;
    INSERT INTO address SELECT email, account FROM principal;
    INSERT INTO secret SELECT account, 'x', 1, 2 FROM principal;
    INSERT INTO app_password SELECT account, n, 'phone', 'x', '', 0, NULL, 1, NULL FROM principal, generate_series(1, 2) n;
    INSERT INTO orphan SELECT a, 'gone' || a, a FROM generate_series(2000, 3000) a;
    INSERT INTO failure SELECT 'account:' || n % 100, n, 'xy' FROM generate_series(1, 2000) n;
    INSERT INTO setting SELECT 'key' || n, 'x' FROM generate_series(1, 20) n;
    INSERT INTO account_state SELECT a, 1, 1 FROM generate_series(1, 1000) a;
    INSERT INTO collection SELECT a, c, 0, 'calendar', 'c' || c, 1, 0, 1
        FROM generate_series(1, 2) a, generate_series(1, 3) c;
    INSERT INTO counter SELECT a, c, 10000, 0, 10000, 1 FROM generate_series(1, 2) a, generate_series(1, 3) c;
    INSERT INTO property SELECT account, collection, 'color', 'red' FROM collection;
    INSERT INTO access_entry SELECT account, collection, n, 0, n + 2, 1 FROM collection, generate_series(1, 40) n;
    INSERT INTO item SELECT a, 1, n || '.ics', a * 100000 + n, n, n, 1, 500, 'text/calendar', 1, 1, 0, 1, 'uid-' || n,
        12, n * 3600, 1, 1 FROM generate_series(1, 2) a, generate_series(1, 10000) n;
    INSERT INTO item_property SELECT account, collection, name, 'color', 'red' FROM item WHERE version < 100;
    INSERT INTO body SELECT account, id, CAST(repeat('x', 500) AS BYTEA) FROM item;
    UPDATE body SET blob = item + 1 WHERE item % 10 = 0;
    INSERT INTO blob SELECT account, id + 1, 1, CASE WHEN id % 100 = 0 THEN id END, 70000, CAST(name AS BYTEA), NULL, ''
        FROM item WHERE id % 10 = 0;
    INSERT INTO span SELECT account, collection, level, edge, name, edge, edge + 3600, 'x' FROM item;
    INSERT INTO search_text SELECT account, collection, name, CAST(name AS BYTEA) FROM item;
    INSERT INTO change SELECT account, collection, version, id, name, 'put', 1, 'dav', 1 FROM item;
    INSERT INTO past SELECT account, id, n, id + n, collection, name, n, 500, 'text/calendar', 1, 1, 1, version * 5 + n, 1,
        'dav', n / 3, NULL FROM item, generate_series(1, 3) n WHERE version < 3000;
    INSERT INTO account_change SELECT a, n, 1, 'set-properties', 1, 'dav', n
        FROM generate_series(1, 2) a, generate_series(1, 1000) n;
    INSERT INTO trash SELECT a, n, 0, 'files', 'c' || n, n, 1, 'dav', 2, 2, 1, 1, 1, 1, 1
        FROM generate_series(1, 2) a, generate_series(1, 1000) n;
    INSERT INTO trashed SELECT account, root, root + c, 0, 'files', 'c' || c, 1, 0, 1, 1, 0, 1, 1, ''
        FROM trash, generate_series(0, 1) c;
    ANALYZE";

struct Plans {
    session: Session,
    state: &'static str,
}

impl Plans {
    async fn of(&self, text: Text) -> String {
        let client = self.session.client();
        let sql = text.written();
        let count = (1..).take_while(|n| sql.contains(&format!("${n}"))).count();
        client.batch_execute(&["PREPARE", "one AS", &sql].join(" ")).await.unwrap();
        let nulls = vec!["NULL"; count].join(", ");
        let ask = if count == 0 { "one".to_owned() } else { format!("one({nulls})") };
        let rows = client.simple_query(&format!("EXPLAIN EXECUTE {ask}")).await.unwrap();
        client.batch_execute("DEALLOCATE one").await.unwrap();
        let lines = rows.iter().filter_map(|row| match row {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Nothing is read whole, sorted, or found by less than its key.
    async fn is_direct(&self, name: &str, text: Text) {
        let plan = self.of(text).await;
        let told = format!("{name}, {}:\n{plan}", self.state);
        for line in plan.lines() {
            assert!(!line.contains("Seq Scan") || ABOUT_ALL.contains(&name), "{told}");
            assert!(!line.contains("Sort  (") || SORTED.contains(&name), "{told}");
            let filter = line
                .trim_start()
                .strip_prefix("Filter: ")
                .or(line.trim_start().strip_prefix("Join Filter: "));
            let by_key = filter.is_some_and(|filter| KEYS.iter().any(|key| filter.contains(key)));
            assert!(!by_key || LOOKS.contains(&name), "{told}");
        }
    }

    async fn uses(&self, text: impl Into<Text>, index: &str, condition: &str) {
        let plan = self.of(text.into()).await;
        let told = format!("{}:\n{plan}", self.state);
        assert!(plan.contains(&format!("using {index} ")) && plan.contains(condition), "{condition}\n{told}");
    }

    async fn all_are_direct(&self) {
        let about_rows = |sql: &str| sql.contains(" = ?") && !sql.contains("kontor_schema");
        let own = postgres::ALL.iter().filter(|(_, sql)| about_rows(sql));
        for (name, sql) in sql::all().iter().filter(|(name, _)| *name != "TIMINGS").chain(own) {
            self.is_direct(name, (*sql).into()).await;
        }
        for sql in [items::FIND_SOME, items::META, items::BODY] {
            self.is_direct("one of several", Text { sql, form: Form::Any }).await;
        }
        let name = "((account = $1) AND (collection = $2) AND (name = $3))";
        self.uses(items::FIND, "item_pkey", name).await;
        self.uses(items::BODY, "item_pkey", name).await;
        self.uses(items::BODY, "body_pkey", "((account = $1) AND (item = item.id))").await;
        self.uses(postgres::SHELF_AND_ITEM, "item_pkey", "(collection = $2) AND (name = $3))").await;
        let names = name.replace("$3", "wanted.one");
        for sql in [items::FIND_SOME, items::META, items::BODY] {
            self.uses(Text { sql, form: Form::Any }, "item_pkey", &names).await;
        }
        self.uses(postgres::NUMBERS, "counter_pkey", "(account = ANY").await;
        self.uses(postgres::STATES, "account_state_pkey", "(account = ANY").await;
        let uid = "((account = $1) AND (collection = $2) AND (uid >= $3) AND (uid <= $3))";
        self.uses(items::BY_UID, "item_uid", uid).await;
        let uids = uid.replace("$3", "wanted.one");
        self.uses(Text { sql: items::BY_UID_SOME, form: Form::Any }, "item_uid", &uids).await;
        let page = "((account = $1) AND (collection = $2) AND (name > $3))";
        self.uses(items::PAGE_BODY, "item_pkey", page).await;
        self.uses(facets::SOME_TEXTS, "search_text_pkey", page).await;
        let since = "((account = $1) AND (collection = $2) AND (version > $3) AND (version <= $4))";
        for sql in [changes::SINCE_META, changes::SINCE_BODY, changes::LIVE_META, changes::LIVE_BODY] {
            self.uses(sql, "item_version", since).await;
        }
        self.uses(blobs::USED, "body_blob", "((account = $1) AND (blob = $2))").await;
        self.uses(blobs::OF_HASH, "blob_hash", "((account = $1) AND (hash = $2))").await;
        self.uses(blobs::LOOSE, "blob_since", "(since < $4)").await;
        self.uses(blobs::LOOSEN, "body_pkey", "((account = $1) AND (item = $2))").await;
        let span = "((account = $1) AND (collection = $2) AND (level = 12) AND (edge >= ";
        self.uses(postgres::TIMINGS, "span_pkey", span).await;
    }
}

#[test]
fn every_statement_goes_by_its_index() {
    let url = server().create("plans");
    let (runtime, connector) = connector(&url, &PostgresOptions::default()).unwrap();
    runtime.block_on(async {
        migrate::to_current(&connector, Plan::OURS).await.unwrap();
        let session = connector.connect().await.unwrap();
        let mut plans = Plans { session, state: "nothing known" };
        plans.all_are_direct().await;
        server().sql("plans", FILL);
        plans.state = "two accounts of 10,000 items";
        plans.all_are_direct().await;
        server().sql("plans", MANY);
        plans.state = "20,000 accounts more";
        plans.all_are_direct().await;
    });
}
