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
use kontor_store::sqlite::{self, SqliteOptions};
use kontor_store::{BlobOptions, BlobPlace, Store};
use kontor_testkit::postgres;
use std::sync::Arc;
use tempfile::TempDir;

/// An engine that can be opened again and again on the same data.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) folder: TempDir,
    kind: kontor_testkit::Engine,
    reached: Reached,
}

/// How a server is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    Directly,
    /// See [`poorer`].
    Poorer,
}

impl Engine {
    /// An engine on empty data.
    fn new(kind: kontor_testkit::Engine, reached: Reached) -> Self {
        let folder = folder();
        let name = match (kind, reached) {
            (kontor_testkit::Engine::Sqlite, _) => "sqlite",
            (kontor_testkit::Engine::Postgres, Reached::Directly) => "postgres",
            (kontor_testkit::Engine::Postgres, Reached::Poorer) => "a poorer one",
        };
        if kind == kontor_testkit::Engine::Postgres {
            postgres().create(&database(&folder));
        }
        Self { name, folder, kind, reached }
    }

    pub(crate) fn open(&self) -> Arc<dyn Store> {
        self.open_with(self.blobs()).expect("open a store")
    }

    /// Where its large bodies lie.
    pub(crate) fn blobs(&self) -> BlobOptions {
        BlobOptions::at(BlobPlace::Folder(self.folder.path().join("blobs")))
    }

    /// Whether several can have it open at once.
    pub(crate) fn is_shared(&self) -> bool {
        self.kind == kontor_testkit::Engine::Postgres
    }

    /// Whether it lacks what PostgreSQL has besides others.
    pub(crate) fn is_poorer(&self) -> bool {
        self.reached == Reached::Poorer
    }

    pub(crate) fn open_with(&self, blobs: BlobOptions) -> kontor_model::Result<Arc<dyn Store>> {
        let blobs = Some(blobs);
        match self.kind {
            kontor_testkit::Engine::Sqlite => {
                sqlite::open(self.folder.path(), &SqliteOptions { blobs, ..SqliteOptions::default() })
            }
            kontor_testkit::Engine::Postgres => {
                let name = database(&self.folder);
                let url = match self.reached {
                    Reached::Directly => postgres().url(&name),
                    Reached::Poorer => poorer_url(&name),
                };
                kontor_store::postgres::open(&url, &PostgresOptions { blobs, ..PostgresOptions::default() })
            }
        }
    }
}

/// Every engine that is switched to, each on empty data.
pub(crate) fn engines() -> Vec<Engine> {
    let ways = |kind| match kind {
        kontor_testkit::Engine::Sqlite => vec![Reached::Directly],
        kontor_testkit::Engine::Postgres => vec![Reached::Directly, Reached::Poorer],
    };
    let all = kontor_testkit::engines().into_iter();
    all.flat_map(|kind| ways(kind).into_iter().map(move |way| Engine::new(kind, way))).collect()
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
