//! Getting to the database: encryption, log-in, and what keeps a store from being opened.

mod certificates;
mod encrypted;
mod refused;

use kontor_model::Error;
use kontor_store::Store;
use kontor_store::postgres::{PostgresOptions, open};
use kontor_testkit::{Postgres, own_address};
use std::sync::Arc;

/// A server that is reached over the network of this machine, at an address that nobody else has.
struct Reached {
    server: Postgres,
    address: String,
}

impl Reached {
    fn start(name: &str, settings: &[&str]) -> Self {
        let address = own_address().to_string();
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
