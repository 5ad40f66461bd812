//! What every engine must do, written against the contract alone.

mod changes;
mod collections;
mod facets;
mod items;
pub(crate) mod leases;
mod model;
mod ordinals;
mod past;
pub(crate) mod poorer;
mod principals;
mod quotas;
mod tides;
mod transfers;
mod trash;
mod whole;
pub(crate) mod world;

use kontor_model::Secret;
use kontor_store::blob::Bucket;
use kontor_store::postgres::PostgresOptions;
use kontor_store::sqlite::{self, SqliteOptions};
use kontor_store::{BlobOptions, BlobPlace, History, Store};
use kontor_testkit::{postgres, s3};
use std::sync::Arc;
use tempfile::TempDir;

/// An engine that can be opened again and again on the same data.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) folder: TempDir,
    kind: kontor_testkit::Engine,
    reached: Reached,
    /// The bucket of its large bodies; `None` is a folder.
    bucket: Option<String>,
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
    fn new(kind: kontor_testkit::Engine, reached: Reached, in_bucket: bool) -> Self {
        let folder = folder();
        let name = match (kind, reached, in_bucket) {
            (kontor_testkit::Engine::Sqlite, _, false) => "sqlite",
            (kontor_testkit::Engine::Sqlite, _, true) => "sqlite and a bucket",
            (kontor_testkit::Engine::Postgres, Reached::Directly, false) => "postgres",
            (kontor_testkit::Engine::Postgres, Reached::Directly, true) => "postgres and a bucket",
            (kontor_testkit::Engine::Postgres, Reached::Poorer, _) => "a poorer one",
        };
        if kind == kontor_testkit::Engine::Postgres {
            postgres().create(&database(&folder));
        }
        let bucket = in_bucket.then(|| bucket_of(&folder));
        bucket.iter().for_each(|bucket| s3().create(bucket));
        Self { name, folder, kind, reached, bucket }
    }

    pub(crate) fn open(&self) -> Arc<dyn Store> {
        self.open_with(self.blobs()).expect("open a store")
    }

    /// Where its large bodies lie.
    pub(crate) fn blobs(&self) -> BlobOptions {
        BlobOptions::at(match &self.bucket {
            None => BlobPlace::Folder(self.folder.path().join("blobs")),
            Some(bucket) => BlobPlace::Bucket(Box::new(at_server(bucket, &s3().endpoint()))),
        })
    }

    /// The bucket of its large bodies, if they lie in one.
    pub(crate) fn bucket(&self) -> Option<&str> {
        self.bucket.as_deref()
    }

    /// Its object as it lies there.
    pub(crate) fn object(&self, name: &str) -> Option<Vec<u8>> {
        match &self.bucket {
            None => std::fs::read(self.folder.path().join("blobs").join(name)).ok(),
            Some(bucket) => s3().get(bucket, &format!("{PREFIX}/{name}")),
        }
    }

    /// Replaces an object behind the store's back; `None` removes it.
    pub(crate) fn spoil(&self, name: &str, bytes: Option<&[u8]>) {
        let file = self.folder.path().join("blobs").join(name);
        match (&self.bucket, bytes) {
            (None, Some(bytes)) => std::fs::write(file, bytes).expect("write a file"),
            (None, None) => std::fs::remove_file(file).expect("remove a file"),
            (Some(bucket), Some(bytes)) => s3().put(bucket, &format!("{PREFIX}/{name}"), bytes),
            (Some(bucket), None) => s3().remove(bucket, &format!("{PREFIX}/{name}")),
        }
    }

    /// Bytes of all that is in its folder of objects, unfinished ones too.
    pub(crate) fn bytes_of_objects(&self) -> u64 {
        let files = |path: &std::path::Path| std::fs::read_dir(path).into_iter().flatten().flatten();
        let accounts = files(&self.folder.path().join("blobs")).map(|account| account.path());
        let objects = accounts.flat_map(|account| files(&account).collect::<Vec<_>>());
        objects.filter_map(|object| Some(object.metadata().ok()?.len())).sum()
    }

    /// Uploads that were begun and neither ended nor given up.
    pub(crate) fn unfinished(&self) -> Vec<String> {
        self.bucket.iter().flat_map(|bucket| s3().unfinished(bucket)).collect()
    }

    /// The data folder, or the URL of the database.
    pub(crate) fn data(&self) -> String {
        match self.kind {
            kontor_testkit::Engine::Sqlite => self.folder.path().display().to_string(),
            kontor_testkit::Engine::Postgres => postgres().url(&database(&self.folder)),
        }
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
        self.open_keeping(blobs, History::default())
    }

    /// With what is kept of what items said before.
    pub(crate) fn open_keeping(
        &self,
        blobs: BlobOptions,
        history: History,
    ) -> kontor_model::Result<Arc<dyn Store>> {
        let blobs = Some(blobs);
        match self.kind {
            kontor_testkit::Engine::Sqlite => sqlite::open(
                self.folder.path(),
                &SqliteOptions { blobs, history, ..SqliteOptions::default() },
            ),
            kontor_testkit::Engine::Postgres => {
                let name = database(&self.folder);
                let url = match self.reached {
                    Reached::Directly => postgres().url(&name),
                    Reached::Poorer => poorer_url(&name),
                };
                kontor_store::postgres::open(
                    &url,
                    &PostgresOptions { blobs, history, ..PostgresOptions::default() },
                )
            }
        }
    }
}

/// Every engine that is switched to, each on empty data.
pub(crate) fn engines() -> Vec<Engine> {
    kontor_testkit::engines().into_iter().flat_map(|kind| of_kind(kind, false)).collect()
}

/// The same, each with large bodies in a folder and in a bucket.
pub(crate) fn engines_and_places() -> Vec<Engine> {
    let both = |kind| [false, true].into_iter().flat_map(move |in_bucket| of_kind(kind, in_bucket));
    kontor_testkit::engines().into_iter().flat_map(both).collect()
}

fn of_kind(kind: kontor_testkit::Engine, in_bucket: bool) -> Vec<Engine> {
    let ways = match kind {
        kontor_testkit::Engine::Sqlite => vec![Reached::Directly],
        kontor_testkit::Engine::Postgres if in_bucket => vec![Reached::Directly],
        kontor_testkit::Engine::Postgres => vec![Reached::Directly, Reached::Poorer],
    };
    ways.into_iter().map(|way| Engine::new(kind, way, in_bucket)).collect()
}

/// What names of objects begin with in a bucket.
const PREFIX: &str = "kontor/blobs";

/// The folder of an engine also names its bucket.
fn bucket_of(folder: &TempDir) -> String {
    format!("b{}", database(folder).to_lowercase())
}

/// The bucket at the test server, or at what stands before it.
pub(crate) fn at_server(bucket: &str, endpoint: &str) -> Bucket {
    Bucket {
        endpoint: Some(endpoint.to_owned()),
        virtual_host: false,
        access_key: Secret::new("anyone"),
        secret_key: Secret::new("anything"),
        ..Bucket::of_url(&format!("s3://{bucket}/{PREFIX}")).expect("a URL")
    }
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
