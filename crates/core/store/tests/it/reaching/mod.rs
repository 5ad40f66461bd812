//! Getting to the database: encryption, log-in, and what keeps a store from being opened.

mod certificates;
mod encrypted;
mod refused;

use kontor_model::Error;
use kontor_store::Store;
use kontor_store::postgres::{PostgresOptions, open};
use kontor_testkit::Postgres;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server that is reached over the network of this machine, at an address that nobody else has.
struct Reached {
    server: Postgres,
    address: String,
}

impl Reached {
    fn start(name: &str, settings: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Any address that begins with 127 is this machine (RFC 1122 3.2.1.3), so the usual port is free there.
        let number = u64::from(std::process::id()) * 16 + u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let [a, b, c] = [number / (250 * 250) % 200 + 50, number / 250 % 250, number % 250 + 2];
        let address = format!("127.{a}.{b}.{c}");
        let listen = format!("listen_addresses={address}");
        let server = Postgres::with(name, &[&[listen.as_str()], settings].concat());
        Self { server, address }
    }

    /// Makes an empty database that belongs to a user with that password.
    fn database(&self, name: &str, password: &str) {
        self.server.create(name);
        self.server.sql("postgres", &format!("CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'"));
        self.server.sql("postgres", &format!("ALTER DATABASE \"{name}\" OWNER TO \"{name}\""));
    }

    /// How that database is reached under this name of the machine.
    fn url(&self, host: &str, name: &str, parameters: &str) -> String {
        format!("postgres://{name}@{host}/{name}?hostaddr={}{parameters}", self.address)
    }
}

/// Opens a store and closes it again; the line for the administrator if that fails.
fn try_open(url: &str, options: &PostgresOptions) -> Result<(), String> {
    match open(url, options) {
        Ok(store) => {
            close(store);
            Ok(())
        }
        Err(Error::Unsupported { detail }) => Err(detail),
        Err(other) => panic!("not for the administrator: {other:?}"),
    }
}

fn close(store: Arc<dyn Store>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(store.close()).unwrap();
}

/// Refused with one line that holds all of these.
#[track_caller]
fn check_refused(url: &str, options: &PostgresOptions, holds: &[&str]) {
    let line = try_open(url, options).expect_err("it was opened");
    assert!(!line.contains('\n'), "{line}");
    for part in holds {
        assert!(line.contains(part), "{part:?} is not in {line:?}");
    }
}
