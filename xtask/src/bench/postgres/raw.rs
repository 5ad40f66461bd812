//! What `pgbench` reaches on the same server with the rows that one PUT writes.

use super::middle;
use crate::bench::crowd::{ACCOUNTS, all_in_one, each_its_own};
use crate::bench::hammer::Measured;
use crate::bench::server::{DATABASE, Server, create_user};
use crate::bench::table::Table;
use kontor_testkit::Postgres;
use std::io::Write as _;
use std::process::Stdio;

/// Its own database: the same tables, nothing else in them.
const RAW: &str = "raw";
const SECONDS: &str = "3";

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

/// Everybody in one account, and each in its own.
const ROWS: [(&str, &str, Put); 2] = [
    ("PUT beside pgbench, 64 clients, one account /s", "1000001", all_in_one),
    ("PUT beside pgbench, 64 clients, 64 accounts /s", ":client_id + 1000001", each_its_own),
];
type Put = fn(&Server, &str) -> Result<Measured, String>;
const ROUNDS: usize = 3;

/// Both rows, Kontor and pgbench by turns.
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
    for (row, account, put) in ROWS {
        let script = format!("\\set account {account}\n{script}");
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let before = server.cpu_seconds()?;
            let measured = put(server, &format!("beside{round}"))?;
            let cpu = server.cpu_seconds()? - before;
            ours.push((measured.rate(), cpu * 1000.0 / measured.count.max(1) as f64));
            theirs.push(pgbench(database, &script)?);
        }
        for (who, rounds) in [("postgres", ours), ("pgbench", theirs)] {
            let (rate, cpu) = middle(rounds);
            table.put(who, row, rate, Some(cpu));
        }
    }
    Ok(())
}

/// Transactions a second, and what each cost the database in CPU, milliseconds.
fn pgbench(database: &Postgres, script: &str) -> Result<(f64, f64), String> {
    let before = database.cpu_seconds();
    let (rate, count) = run(database, script)?;
    Ok((rate, (database.cpu_seconds() - before) * 1000.0 / count.max(1.0)))
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
