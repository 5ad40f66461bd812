//! What keeps a store from being opened: one line each, soon, and nothing is left behind.

use super::{check_refused, try_open};
use kontor_store::postgres::PostgresOptions;
use kontor_testkit::Postgres;
use std::net::TcpListener;
use std::time::{Duration, Instant};

fn plain() -> PostgresOptions {
    PostgresOptions::default()
}

/// A server for these tests alone, reached over its socket file, and a database in it that belongs to a user of the
/// same name.
fn server(name: &str) -> (Postgres, String) {
    let server = Postgres::start(name);
    server.create(name);
    server.sql("postgres", &format!("CREATE ROLE \"{name}\" LOGIN"));
    server.sql("postgres", &format!("ALTER DATABASE \"{name}\" OWNER TO \"{name}\""));
    let url = as_user(&server, name, name);
    (server, url)
}

fn as_user(server: &Postgres, user: &str, name: &str) -> String {
    let url = server.url(name);
    let (_, rest) = url.split_once('@').unwrap();
    format!("postgres://{user}@{rest}")
}

#[test]
fn nobody_is_there() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://anna:secret@{closed}/k");
    check_refused(&url, &plain(), &[&format!("no database listens at {closed}"), "store.url"]);
    let several = format!("postgres://anna:secret@{closed},{closed}/k?hostaddr=127.0.0.1,127.0.0.1");
    check_refused(&several, &plain(), &[&format!("{closed} or {closed}")]);
    check_refused("postgres://anna@%2Fnowhere/k", &plain(), &["listens at /nowhere/.s.PGSQL.5432"]);
    check_refused("postgres://anna@name.invalid/k?sslmode=require", &plain(), &["name.invalid:5432"]);
}

/// It takes the connection and says nothing, as a firewall or another kind of server may.
#[test]
fn somebody_is_there_and_says_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let begun = Instant::now();
    let url = format!("postgres://anna:secret@{}/k?connect_timeout=1", silent.local_addr().unwrap());
    check_refused(&url, &plain(), &["no answer from the database at 127.0.0.1"]);
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn who_may_not_or_asks_for_what_is_not_there() {
    let (server, url) = server("asker");
    check_refused(
        &as_user(&server, "asker", "nothing"),
        &plain(),
        &["no database \"nothing\"", "createdb --owner asker"],
    );
    check_refused(
        &as_user(&server, "nobody", "asker"),
        &plain(),
        &["does not let nobody in", "does not exist"],
    );
    server.sql("postgres", "ALTER ROLE asker CONNECTION LIMIT 0");
    check_refused(&url, &plain(), &["takes no more connections", "store.writers"]);
    server.sql("postgres", "ALTER ROLE asker CONNECTION LIMIT -1");
    // Somebody else's database, in which one may look around but make nothing.
    server.create("others");
    server.sql("others", "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let others = as_user(&server, "asker", "others");
    check_refused(&others, &plain(), &["asker may not make tables", "ALTER DATABASE others OWNER TO asker"]);
    server.sql("others", "REVOKE CONNECT ON DATABASE others FROM PUBLIC");
    check_refused(&others, &plain(), &["asker may not use the database \"others\""]);
    try_open(&url, &plain()).unwrap();
    // Tables that are ours, but made by another user.
    server.sql("asker", "REVOKE ALL ON kontor_schema FROM asker; ALTER TABLE kontor_schema OWNER TO kontor");
    check_refused(&url, &plain(), &["asker may not make tables", "permission denied"]);
}

#[test]
fn a_database_that_only_reads() {
    let (server, url) = server("reader");
    server.sql("postgres", "ALTER DATABASE reader SET default_transaction_read_only = on");
    check_refused(&url, &plain(), &["only reads", "store.url"]);
    server.sql("postgres", "ALTER DATABASE reader RESET default_transaction_read_only");
    try_open(&url, &plain()).unwrap();
    let standby = server.standby("standby", &[]);
    let follower = as_user(&standby, "reader", "reader");
    check_refused(&follower, &plain(), &["only reads, as a standby does", "store.url"]);
    // Who names both is led to the one that writes.
    let (one, other) = (follower.split_once('@').unwrap().1, url.split_once('@').unwrap().1);
    let hosts = format!("{},{}", one.trim_end_matches("/reader"), other);
    try_open(&format!("postgres://reader@{hosts}"), &plain()).unwrap();
}

#[test]
fn a_database_that_is_too_old() {
    let server = Postgres::old("old");
    let version = server.sql("postgres", "SHOW server_version");
    assert!(version.starts_with("13."), "{version}");
    let url = server.create("kontor");
    check_refused(&url, &plain(), &[&format!("is PostgreSQL {version}"), "at least 14", "upgrade it"]);
    let tables = server.sql("kontor", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'");
    assert_eq!(tables, "0", "nothing was made");
}

#[test]
fn somebody_elses_tables_are_left_alone() {
    let (server, url) = server("shop");
    server.sql("shop", "CREATE TABLE customers (id BIGINT); CREATE TABLE orders (id BIGINT)");
    check_refused(&url, &plain(), &["belongs to something else", "\"customers\", 2 in all", "empty one"]);
    let tables =
        server.sql("shop", "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'");
    assert_eq!(tables, "customers orders", "nothing was made");
    // What belongs to extensions and administrators lies in other schemas, or is no table.
    server.sql("shop", "DROP TABLE customers, orders; CREATE SCHEMA notes; CREATE TABLE notes.a (x BIGINT)");
    server.sql("shop", "CREATE VIEW look AS SELECT 1");
    try_open(&url, &plain()).unwrap();
    server.sql("shop", "UPDATE kontor_schema SET version = 1000");
    check_refused(&url, &plain(), &["schema version 1000", "use a newer one"]);
}
