//! Getting at the office: over the socket of a running server, or by opening the data folder.

use crate::command::Place;
use crate::config::{Applied, Engine};
use crate::{Outcome, remote};
use kontor_door_admin::{Answer, Command, Refusal};
use kontor_groupware::{Office, Parts};
use kontor_model::{Error, SystemChance, SystemClock};
use kontor_store::Store;
use kontor_store::postgres::PostgresOptions;
use kontor_store::sqlite::SqliteOptions;
use std::fs::{File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a command waits for a server that is just starting or ending.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open data folder.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) office: Office,
    /// Held while the data folder is ours, if the store itself does not hold it.
    _folder: Option<File>,
}

/// Opens the data folder; makes it if it is not there. Must be called inside a runtime.
///
/// # Errors
/// One line for the administrator; `None` if another process has it.
pub(crate) async fn open(data: &Path, applied: &Applied) -> Result<Opened, Option<String>> {
    let blobs = Some(applied.blobs.on(data));
    let (store, folder) = match &applied.store {
        Engine::Embedded(options) => {
            let options = SqliteOptions { blobs, ..options.clone() };
            (kontor_store::sqlite::open(data, &options), None)
        }
        Engine::Postgres(url, options) => {
            let folder = take(data).map_err(|error| why_not(data, error))?;
            let options = PostgresOptions { blobs, ..options.clone() };
            (kontor_store::postgres::open(url.expose(), &options), Some(folder))
        }
    };
    let store = store.map_err(|error| why_not(data, error))?;
    let parts = Parts {
        store: store.clone(),
        clock: Arc::new(SystemClock),
        chance: Arc::new(SystemChance),
        policy: applied.policy.clone(),
    };
    let office = Office::open(parts).await.map_err(|error| why_not(data, error))?;
    Ok(Opened { store, office, _folder: folder })
}

/// Makes the data folder if need be and takes it, as the embedded store does: the admin socket is in it.
fn take(data: &Path) -> Result<File, Error> {
    let doing =
        |what: &str, error: std::io::Error| Error::Internal(format!("{what} {}: {error}", data.display()));
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(|error| doing("make the data folder", error))?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data.join("kontor.lock"))
        .map_err(|error| doing("open the lock file in", error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::Locked),
        Err(TryLockError::Error(error)) => Err(doing("lock", error)),
    }
}

fn why_not(data: &Path, error: Error) -> Option<String> {
    match error {
        Error::Locked => None,
        Error::Unsupported { detail } => Some(detail),
        Error::Internal(detail) => Some(format!("cannot open {}: {detail}", data.display())),
        Error::NoSpace => Some(format!("the disk of {} is full", data.display())),
        other => Some(format!("cannot open {}: {other}", data.display())),
    }
}

/// Does a command wherever the office is: asks the running server, else opens the folder.
pub(crate) fn execute(place: &Place, command: Command) -> Outcome<Answer> {
    let socket = crate::socket::admin_path(&place.data);
    let begun = Instant::now();
    loop {
        if let Some(answer) = remote::ask(&socket, &command)? {
            return Ok(answer.map_err(|refusal| refusal.to_string())?);
        }
        if let Some(answer) = on_stopped(place, command.clone())? {
            return Ok(answer.map_err(|refusal| refusal.to_string())?);
        }
        if begun.elapsed() > PATIENCE {
            let text = format!(
                "another process uses {}, but its admin socket does not answer",
                place.data.display()
            );
            return Err(text.into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Does a command on the folder itself; `None` if another process has it.
fn on_stopped(place: &Place, command: Command) -> Outcome<Option<Result<Answer, Refusal>>> {
    let makes = matches!(command, Command::UserCreate(_));
    if !makes && !place.data.is_dir() {
        let text =
            format!("there is no data folder {}; `user create` or `serve` makes one", place.data.display());
        return Err(text.into());
    }
    let applied = place.configuration()?.apply()?;
    runtime()?.block_on(async {
        let opened = match open(&place.data, &applied).await {
            Ok(opened) => opened,
            Err(None) => return Ok(None),
            Err(Some(why)) => return Err(why.into()),
        };
        let answer = kontor_door_admin::execute(&opened.office, command).await;
        close(opened).await?;
        Ok(Some(answer))
    })
}

/// Ends in order.
pub(crate) async fn close(opened: Opened) -> Outcome {
    opened.office.end_watches();
    let closed = opened.store.close().await;
    Ok(closed.map_err(|error| match error {
        Error::Internal(detail) => format!("cannot close the store: {detail}"),
        other => format!("cannot close the store: {other}"),
    })?)
}

/// A small runtime for one command.
pub(crate) fn runtime() -> Outcome<tokio::runtime::Runtime> {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    Ok(built.map_err(|error| format!("cannot start threads: {error}"))?)
}
