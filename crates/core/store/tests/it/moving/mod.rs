//! Whole stores on their way: every engine to every engine.

mod backup;
mod bodies;
mod checking;
mod closing;
mod copying;
mod furnished;
mod interrupted;
mod leaping;
mod uncounted;

use crate::suite::at_server;
use kontor_model::{Error, Result};
use kontor_store::blob::Depot;
use kontor_store::moving::{Checked, Checker, Keeper, RowSink, RowSource, Sum, Summing};
use kontor_store::postgres::PostgresOptions;
use kontor_store::sqlite::SqliteOptions;
use kontor_store::{BlobOptions, BlobPlace, History, Store, postgres, sqlite};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// Where a store is or can be.
pub(crate) enum Place {
    Folder(TempDir),
    Database(String),
}

pub(crate) fn folder() -> Place {
    Place::Folder(tempfile::tempdir().unwrap())
}

pub(crate) fn database() -> Place {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    Place::Database(format!("moving{}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

impl Place {
    /// The data folder, or the database.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Folder(folder) => folder.path().display().to_string(),
            Self::Database(name) => kontor_testkit::postgres().url(name),
        }
    }

    /// Makes the database; a folder is made when it is filled.
    pub(crate) fn made(self) -> Self {
        if let Self::Database(name) = &self {
            kontor_testkit::postgres().create(name);
            kontor_testkit::s3().create(name);
        }
        self
    }

    pub(crate) fn open(&self) -> Result<Arc<dyn Store>> {
        patient(|| open(&self.name()))
    }

    /// Its large bodies, apart from it.
    pub(crate) fn depot(&self) -> Depot {
        Depot::open(&blobs(&self.name())).unwrap()
    }

    pub(crate) fn rows(&self) -> Result<Box<dyn RowSource>> {
        patient(|| rows(&self.name()))
    }

    pub(crate) fn fill(&self) -> Result<Box<dyn RowSink>> {
        patient(|| fill(&self.name()))
    }

    /// What a look at every row finds.
    pub(crate) fn check(&self) -> Checked {
        check(&mut *self.rows().unwrap())
    }

    /// Says something to the database itself.
    pub(crate) fn sql(&self, sql: &str) {
        match self {
            Self::Folder(folder) => {
                let file = folder.path().join("kontor.db");
                rusqlite::Connection::open(file)
                    .unwrap()
                    .execute_batch(sql)
                    .unwrap_or_else(|e| panic!("{sql}: {e}"));
            }
            Self::Database(name) => drop(kontor_testkit::postgres().sql(name, sql)),
        }
    }

    /// Count and digest of every table.
    pub(crate) fn sums(&self) -> Vec<Sum> {
        let mut rows = self.rows().unwrap();
        let mut sums = Summing::new(rows.about().unwrap().schema);
        rows.pour(None, &mut |chunk| sums.add(&chunk)).unwrap();
        sums.sums()
    }
}

/// Where the large bodies of a store are: in its data folder, and in a bucket of its own for a database.
pub(crate) fn blobs(name: &str) -> BlobOptions {
    if !is_database(name) {
        return BlobOptions::at(BlobPlace::Folder(PathBuf::from(name).join("blobs")));
    }
    let endpoint = std::env::var(S3).unwrap_or_else(|_| kontor_testkit::s3().endpoint());
    let bucket = name.rsplit('/').next().unwrap();
    BlobOptions::at(BlobPlace::Bucket(Box::new(at_server(bucket, &endpoint))))
}

/// Tells a child where the buckets are.
pub(crate) const S3: &str = "KONTOR_STORE_TEST_S3";

/// A process that a test beside this one starts holds our lock until it runs its own program.
fn patient<T>(mut open: impl FnMut() -> Result<T>) -> Result<T> {
    let begun = std::time::Instant::now();
    loop {
        match open() {
            Err(Error::Locked) if begun.elapsed() < std::time::Duration::from_secs(30) => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            other => return other,
        }
    }
}

/// Looks at every row.
pub(crate) fn check(rows: &mut dyn RowSource) -> Checked {
    let mut checker = Checker::new(rows.about().unwrap().schema);
    rows.pour(None, &mut |chunk| checker.add(&chunk)).unwrap();
    checker.finish()
}

/// Looks at every row of a store that is in use; panics with what is found.
pub(crate) async fn is_as_it_should_be(store: &Arc<dyn Store>) {
    let mut whole = store.whole().await.unwrap();
    let checked = tokio::task::spawn_blocking(move || check(&mut *whole)).await.unwrap();
    assert_eq!(checked.findings, [], "{} in all", checked.count());
}

fn is_database(name: &str) -> bool {
    name.starts_with("postgres://")
}

pub(crate) fn open(name: &str) -> Result<Arc<dyn Store>> {
    open_in(name, blobs(name))
}

/// Opened with its large bodies there.
pub(crate) fn open_in(name: &str, blobs: BlobOptions) -> Result<Arc<dyn Store>> {
    let blobs = Some(blobs);
    let history = History { texts: 5, bytes: 1 << 30 };
    if is_database(name) {
        postgres::open(name, &PostgresOptions { blobs, history, ..PostgresOptions::default() })
    } else {
        sqlite::open(&PathBuf::from(name), &SqliteOptions { blobs, history, ..SqliteOptions::default() })
    }
}

pub(crate) fn rows(name: &str) -> Result<Box<dyn RowSource>> {
    let mut rows = if is_database(name) {
        postgres::rows(name, &PostgresOptions::default())?
    } else {
        sqlite::rows(&PathBuf::from(name))?
    };
    rows.lie_in(Depot::existing(&blobs(name))?);
    Ok(rows)
}

pub(crate) fn fill(name: &str) -> Result<Box<dyn RowSink>> {
    let mut sink = if is_database(name) {
        postgres::fill(name, &PostgresOptions::default())?
    } else {
        sqlite::fill(&PathBuf::from(name))?
    };
    sink.lay_in(Depot::open(&blobs(name))?);
    Ok(sink)
}

pub(crate) fn keeper(name: &str) -> Result<Box<dyn Keeper>> {
    patient(|| {
        if is_database(name) {
            postgres::keeper(name, &PostgresOptions::default())
        } else {
            sqlite::keeper(&PathBuf::from(name))
        }
    })
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
