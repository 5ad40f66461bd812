//! Several nodes on one database, and a database that goes away.

mod along;
mod away;
mod held;
mod leases;
mod news;
mod together;
mod trash;
mod trimming;
mod upgrade;

use crate::suite::poorer_url;
use kontor_store::Store;
use kontor_store::postgres::{PostgresOptions, open};
use kontor_testkit::postgres;
use std::sync::Arc;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// An empty database; its URL.
fn database(name: &str) -> String {
    postgres().create(&format!("{name}{}", std::process::id()))
}

/// Two of them: as they are, and behind [`poorer`](crate::suite::poorer), where transactions that meet are undone.
fn databases(name: &str) -> [String; 2] {
    let poorer = format!("{name}p{}", std::process::id());
    postgres().create(&poorer);
    [database(name), poorer_url(&poorer)]
}

fn node(url: &str) -> Arc<dyn Store> {
    open(url, &PostgresOptions::default()).unwrap()
}
