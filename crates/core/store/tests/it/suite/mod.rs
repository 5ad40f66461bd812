//! What every engine must do, written against the contract alone.

mod changes;
mod collections;
mod facets;
mod items;
pub(crate) mod leases;
mod model;
mod ordinals;
pub(crate) mod poorer;
mod principals;
mod transfers;
mod whole;
pub(crate) mod world;

use kontor_store::postgres::PostgresOptions;
use kontor_store::{Store, sqlite};
use kontor_testkit::postgres;
use std::sync::Arc;
use tempfile::TempDir;

/// An engine that can be opened again and again on the same data.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) folder: TempDir,
    pub(crate) open: fn(&TempDir) -> Arc<dyn Store>,
}

impl Engine {
    pub(crate) fn open(&self) -> Arc<dyn Store> {
        (self.open)(&self.folder)
    }
}

/// Every engine that is switched to, each on empty data.
pub(crate) fn engines() -> Vec<Engine> {
    kontor_testkit::engines().into_iter().flat_map(of).collect()
}

fn of(engine: kontor_testkit::Engine) -> Vec<Engine> {
    match engine {
        kontor_testkit::Engine::Sqlite => {
            let open = |folder: &TempDir| {
                sqlite::open(folder.path(), &sqlite::SqliteOptions::default()).expect("open SQLite")
            };
            vec![Engine { name: "sqlite", folder: folder(), open }]
        }
        kontor_testkit::Engine::Postgres => {
            let open = |folder: &TempDir| on_server(&postgres().url(&database(folder)));
            let poorer = |folder: &TempDir| on_server(&poorer_url(&database(folder)));
            let engine = |name, open| {
                let folder = folder();
                postgres().create(&database(&folder));
                Engine { name, folder, open }
            };
            vec![engine("postgres", open), engine("a poorer one", poorer)]
        }
    }
}

fn on_server(url: &str) -> Arc<dyn Store> {
    kontor_store::postgres::open(url, &PostgresOptions::default()).expect("open PostgreSQL")
}

/// How a database is reached through [`poorer::wire`].
pub(crate) fn poorer_url(database: &str) -> String {
    let address = poorer::wire(postgres().socket());
    postgres().sql(
        "postgres",
        &format!("ALTER DATABASE \"{database}\" SET default_transaction_isolation = serializable"),
    );
    format!("postgres://kontor@{address}/{database}?sslmode=disable")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("make a folder")
}

/// The folder of an engine also names its database.
fn database(folder: &TempDir) -> String {
    let name = folder.path().file_name().and_then(|name| name.to_str()).expect("a name");
    format!("t{}", name.trim_start_matches('.'))
}

/// Runs `test` on a fresh store of every engine.
pub(crate) fn on_every_engine<F: Future<Output = ()>>(test: impl Fn(world::World) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("start tokio");
    for engine in engines() {
        let store = engine.open();
        runtime.block_on(async {
            let world = world::World::new(store.clone()).await;
            test(world).await;
            store.close().await.unwrap_or_else(|error| panic!("close {}: {error:?}", engine.name));
        });
    }
}
