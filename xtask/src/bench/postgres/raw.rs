//! What `pgbench` reaches on the same server with the rows that one PUT writes.

use crate::bench::rows::{ACCOUNTS, MANY_ACCOUNTS, ONE_ACCOUNT};
use crate::bench::server::{DATABASE, Server, create_user};
use crate::bench::table::Table;
use kontor_testkit::Postgres;
use std::io::Write as _;
use std::process::Stdio;

/// Its own database: the same tables, nothing else in them.
const RAW: &str = "raw";
const SECONDS: &str = "5";

/// What is written for a PUT of something new, statement by statement. Words in braces are the sizes of what Kontor wrote.
const SCRIPT: &str = "\
\\set item random(1, 1000000000000)
\\set edge :item / 100000
BEGIN;
UPDATE counter SET version = version + 1, items = items + 1, bytes = bytes + {body} \
WHERE account = :account AND collection = 1 RETURNING version AS version \\gset
INSERT INTO item (account, collection, name, id, version, revision, live, size, media_type, created, modified, \
has_properties, components, uid, level, edge, folded, creator) VALUES (:account, 1, \
lpad(CAST(:item AS TEXT), {name}, 'n'), :item, :version, :version, 1, {body}, 'text/calendar; charset=utf-8', 1, 1, 0, \
1, lpad(CAST(:item AS TEXT), {uid}, 'u'), 12, :edge, 1, 1) \
ON CONFLICT (account, collection, name) DO UPDATE SET id = excluded.id, version = excluded.version;
INSERT INTO span (account, collection, level, edge, name, first, last, timeline) VALUES (:account, 1, 12, :edge, \
lpad(CAST(:item AS TEXT), {name}, 'n'), 1, 2, CAST(repeat('t', {timeline}) AS BYTEA)) \
ON CONFLICT (account, collection, level, edge, name) DO UPDATE SET first = excluded.first;
INSERT INTO search_text (account, collection, name, text) VALUES (:account, 1, \
lpad(CAST(:item AS TEXT), {name}, 'n'), CAST(repeat('f', {text}) AS BYTEA)) \
ON CONFLICT (account, collection, name) DO UPDATE SET text = excluded.text;
INSERT INTO body (account, item, bytes) VALUES (:account, :item, CAST(repeat('b', {body}) AS BYTEA)) \
ON CONFLICT (account, item) DO UPDATE SET bytes = excluded.bytes;
INSERT INTO change (account, collection, version, item, name, verb, actor, origin, at) VALUES (:account, 1, :version, \
:item, lpad(CAST(:item AS TEXT), {name}, 'n'), 'put', 1, 'dav', 1);
COMMIT;
";

/// Sizes of what was written, by the word that stands for them.
const SIZES: &[(&str, &str)] = &[
    ("{body}", "SELECT CAST(avg(octet_length(bytes)) AS BIGINT) FROM body"),
    ("{name}", "SELECT CAST(avg(octet_length(name)) AS BIGINT) FROM item"),
    ("{uid}", "SELECT CAST(avg(octet_length(uid)) AS BIGINT) FROM item"),
    ("{timeline}", "SELECT CAST(avg(octet_length(timeline)) AS BIGINT) FROM span"),
    ("{text}", "SELECT CAST(avg(octet_length(text)) AS BIGINT) FROM search_text"),
];

/// Both rows: every client in one account, and each in its own.
pub(super) fn measure(server: &Server, table: &mut Table) -> Result<(), String> {
    println!("\n-- pgbench, the same rows");
    let database = server.database.as_deref().ok_or("no database")?;
    let mut script = SCRIPT.to_owned();
    for (word, sql) in SIZES {
        script = script.replace(word, &database.sql(DATABASE, sql));
    }
    database.create(RAW);
    // A folder of its own, for in the other one a server runs that would be asked instead.
    create_user(&server.data.with_file_name(RAW), Some((database, RAW)), "raw")?;
    let begin = format!(
        "INSERT INTO counter (account, collection, version, floor, items, bytes) \
         SELECT account, 1, 0, 0, 0, 0 FROM generate_series(1000001, 1000000 + {ACCOUNTS}) AS account"
    );
    database.sql(RAW, &begin);
    for (row, account) in [(ONE_ACCOUNT, "1000001"), (MANY_ACCOUNTS, ":client_id + 1000001")] {
        let before = database.cpu_seconds();
        let (rate, count) = run(database, &format!("\\set account {account}\n{script}"))?;
        let cpu = (database.cpu_seconds() - before) * 1000.0 / count.max(1.0);
        table.put("pgbench", row, rate, Some(cpu));
    }
    Ok(())
}

/// Transactions a second, and how many there were.
fn run(database: &Postgres, script: &str) -> Result<(f64, f64), String> {
    let clients = ACCOUNTS.to_string();
    let mut command = database.program("pgbench");
    command
        .args(["-n", "-M", "prepared", "-c", &clients, "-j", "4", "-T", SECONDS, "-f", "-"])
        .arg(database.url(RAW))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    let mut child = command.spawn().map_err(|e| format!("starting pgbench: {e}"))?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(script.as_bytes()).map_err(|e| format!("telling pgbench: {e}"))?;
    }
    let output = child.wait_with_output().map_err(|e| format!("waiting for pgbench: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let figure = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split([' ', '/']).next()?.parse::<f64>().ok()
    };
    let count = figure("number of transactions actually processed: ");
    figure("tps = ").zip(count).ok_or_else(|| format!("pgbench said: {text}"))
}
