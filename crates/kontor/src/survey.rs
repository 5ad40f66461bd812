//! What rows do not tell: whether the engine's own files are sound, and large bodies, each of which is read and compared
//! with what was put. It is looked at where the store is open.

use crate::command::Place;
use crate::config::{Applied, Engine};
use crate::{Outcome, office, remote};
use bytes::Bytes;
use kontor_door_admin::Export;
use kontor_listen::{Body, BodySender};
use kontor_model::Error;
use kontor_store::postgres::PostgresOptions;
use kontor_store::sqlite::SqliteOptions;
use kontor_store::{Blobs, Store, Verdict, postgres, sqlite};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;

/// Objects that are read at once: a bucket answers late, and a disk has others to serve.
const AT_ONCE: usize = 4;
/// What is told and not yet heard.
const AHEAD: usize = 64;
/// Longest line of what a server tells.
const LONGEST: u64 = 64 << 10;

/// What comes of looking at them. Field names are those that a server of another version understands.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Seen {
    /// One more was read, of so many bytes.
    Read { bytes: u64 },
    /// One more was read, and is not what was put, or is not there.
    Spoilt { object: String, missing: bool },
    /// That was the last. Where they lie, if anywhere.
    All { place: Option<String> },
    /// The engine finds its own files damaged.
    Unsound { what: String },
    /// It does not go on.
    Failed { why: String },
}

/// Looks at all of it, in the order in which it is told.
async fn look(store: Arc<dyn Store>, to: Sender<Seen>) {
    let failed = |of: &str, error| Seen::Failed { why: format!("{of}: {}", told(error)) };
    let last = match engine(&store, &to).await {
        Err(error) => failed("the engine", error),
        Ok(()) => match store.blobs() {
            None => Seen::All { place: None },
            Some(blobs) => match bodies(&blobs, &to).await {
                Ok(()) => Seen::All { place: Some(blobs.place()) },
                Err(error) => failed(&blobs.place(), error),
            },
        },
    };
    // Nobody listens: nobody to tell.
    let _ = to.send(last).await;
}

/// What the engine finds by itself.
async fn engine(store: &Arc<dyn Store>, to: &Sender<Seen>) -> Result<(), Error> {
    let mut whole = store.whole().await?;
    let found = tokio::task::spawn_blocking(move || whole.unsound()).await;
    let found = match found.map_err(|error| Error::Internal(error.to_string()))? {
        // It may be too damaged to be looked at.
        Err(Error::Internal(why)) => vec![why],
        found => found?,
    };
    for what in found.iter().map(|what| what.replace('\n', " ")) {
        // Whoever does not listen is noticed by the next part.
        let _ = to.send(Seen::Unsound { what }).await;
    }
    Ok(())
}

/// What bodies may refer to.
async fn bodies(blobs: &Arc<Blobs>, to: &Sender<Seen>) -> Result<(), Error> {
    let (mut kept, mut reading) = (blobs.kept(), JoinSet::new());
    let gone = || Error::Internal("nobody wants to know".to_owned());
    loop {
        let next = if to.is_closed() { return Err(gone()) } else { kept.next().await };
        let ended = next.is_none();
        if let Some(blob) = next {
            let (blob, blobs) = (blob?, Arc::clone(blobs));
            reading.spawn(async move { blobs.verify(&blob).await.map(|verdict| (blob, verdict)) });
        }
        while reading.len() >= if ended { 1 } else { AT_ONCE } {
            let Some(done) = reading.join_next().await else { break };
            let (blob, verdict) = done.map_err(|error| Error::Internal(error.to_string()))??;
            let seen = match verdict {
                Verdict::Good => Seen::Read { bytes: blob.size() },
                bad => Seen::Spoilt { object: blob.object(), missing: bad == Verdict::Missing },
            };
            to.send(seen).await.map_err(|_| gone())?;
        }
        if ended {
            return Ok(());
        }
    }
}

fn told(error: Error) -> String {
    match error {
        Error::Internal(why) | Error::Unsupported { detail: why } => why,
        Error::Busy { .. } => "it does not answer".to_owned(),
        Error::Locked => "a backup is being taken: try again when that is done".to_owned(),
        other => other.to_string(),
    }
}

/// What a server with this store answers who asks for that: a line for each that was seen.
pub(crate) fn export(store: Arc<dyn Store>) -> Export {
    Box::new(move || {
        let (tell, told) = mpsc::channel(AHEAD);
        let (to, body) = Body::stream();
        tokio::spawn(look(store.clone(), tell));
        tokio::spawn(write(told, to));
        Box::pin(async move { Ok(body) })
    })
}

async fn write(mut told: Receiver<Seen>, to: BodySender) {
    while let Some(seen) = told.recv().await {
        let mut line = serde_json::to_vec(&seen).unwrap_or_default();
        line.push(b'\n');
        if to.send(Bytes::from(line)).await.is_err() {
            return;
        }
    }
}

/// Has the running server look at all of it; false if there is none.
pub(crate) fn by_server(place: &Place, each: &mut dyn FnMut(Seen)) -> Outcome<bool> {
    match remote::survey(&crate::socket::admin_path(&place.data))? {
        Some(Ok(stream)) => Ok(from_server(stream, each).map(|()| true)?),
        Some(Err(refusal)) => Err(refusal.to_string().into()),
        None => Ok(false),
    }
}

fn from_server(stream: remote::Stream, each: &mut dyn FnMut(Seen)) -> Result<(), String> {
    let mut lines = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        let read = lines.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        read.map_err(|error| format!("the server broke off: {error}"))?;
        let seen = serde_json::from_slice(&line)
            .map_err(|error| format!("the server's answer is not understood: {error}"))?;
        let ended = matches!(seen, Seen::All { .. } | Seen::Failed { .. });
        each(seen);
        if ended {
            return Ok(());
        }
    }
}

/// Opens the store that the configuration names, and looks at all of it.
pub(crate) fn here(place: &Place, applied: &Applied, each: &mut dyn FnMut(Seen)) -> Outcome {
    let blobs = Some(applied.blobs.on(&place.data));
    office::runtime()?.block_on(async {
        let store = match &applied.store {
            Engine::Embedded(options) => {
                sqlite::open(&place.data, &SqliteOptions { blobs, ..options.clone() })
            }
            Engine::Postgres(url, options) => {
                postgres::open(url.expose(), &PostgresOptions { blobs, ..options.clone() })
            }
        };
        let store = match store {
            Ok(store) => store,
            Err(error) => {
                each(Seen::Failed { why: told(error) });
                return Ok(());
            }
        };
        let (tell, mut told_of) = mpsc::channel(AHEAD);
        tokio::spawn(look(store.clone(), tell));
        while let Some(seen) = told_of.recv().await {
            each(seen);
        }
        store.close().await.map_err(|error| format!("cannot close the store: {}", told(error)).into())
    })
}
