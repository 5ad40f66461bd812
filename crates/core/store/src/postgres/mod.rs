//! The engine for several nodes: PostgreSQL, and what speaks like it.
//!
//! A write is queued in the line of its account; a writer takes what queued there while the last batch was committed,
//! and sends it in few flights: locks and look-ups, then all that changes and the commit. When more accounts wait than
//! writers are free, it takes several of them along (decision 15). Each write that could fail half done has a savepoint. Change numbers come from the row of the collection, which is locked to the commit, so
//! they become visible in order, whichever node writes. Nothing is kept in memory that another node could change
//! without being asked about again. Reads share some connections, statement behind statement; what takes several
//! statements runs as one view on a connection of its own.
//!
//! What other nodes commit is heard through NOTIFY where there is one, which is a hint; the log of the house and the
//! numbers of stores that are followed are asked for again and again, which is the truth (`news`).

mod address;
mod apply;
mod connect;
mod doomed;
mod engine;
mod explain;
mod fault;
mod forget;
#[cfg(test)]
mod forms;
mod migrate;
mod moving;
mod news;
#[cfg(test)]
mod plans;
mod pool;
mod pulse;
mod queue;
mod read;
mod row;
mod session;
mod text;
mod tls;
mod trim;
mod value;
mod vigil;
mod writer;

use crate::blob::{self, At, BlobOptions, Nodes};
use crate::growth::Growth;
use crate::tally::Tally;
use crate::{History, Store, Watcher};
use address::Address;
use apply::Effect;
use connect::Connector;
use engine::Engine;
use kontor_model::{Error, News, Notice, Result, Secret};
use migrate::Plan;
use news::{Followed, House, Outbox};
use pool::{Readers, Slot};
use queue::Queue;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, mpsc};
use vigil::Vigil;
use writer::Writer;

/// Bytes of bodies that may wait for the writers.
const QUEUE_BYTES: usize = 64 << 20;
/// Connections besides those that can be chosen: to hear and tell, to trim, to drop what is left of collections.
const HELPERS: usize = 3;

pub use moving::{fill, keeper, rows, shown};

/// How the engine shall work; the default suits a node with some cores.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Connections that write.
    pub writers: usize,
    /// Accounts whose writes one commit takes along at most, when more are written to than there are connections for.
    /// One where the database spreads accounts over several machines, each of which would have to agree.
    pub group: usize,
    /// Connections shared by look-ups.
    pub readers: usize,
    /// Connections for scans and views: as many run at once.
    pub scanners: usize,
    /// Writes that may wait; more are answered `Busy`.
    pub queue: usize,
    /// Whether nodes tell each other at once what changed (NOTIFY), where the database can do that.
    pub notify: bool,
    /// How often it is asked what happened on other nodes, whether or not they tell. `None` is twice a second where
    /// they tell, and where they do not every 50 ms, or as seldom as makes it a tenth of one connection's time. Where
    /// this is more than half a second, each log-in that is remembered is looked up again every second.
    pub poll: Option<Duration>,
    /// The password, if the URL holds none.
    pub password: Option<Secret>,
    /// PEM file of the authorities that vouch for the database, if not those of the system.
    pub authorities: Option<PathBuf>,
    /// PEM file of the certificate that shows who we are, with those that vouch for it.
    pub certificate: Option<PathBuf>,
    /// PEM file of its key.
    pub key: Option<PathBuf>,
    /// Where large bodies lie; `None` is in the database itself.
    pub blobs: Option<BlobOptions>,
    /// What is kept of what items said before.
    pub history: History,
    /// A further step of the schema, to rehearse an upgrade.
    #[doc(hidden)]
    pub rehearsal: Option<Rehearsal>,
}

/// What a later version of this program might do to the schema. For tests: a database that it was said to is no good
/// for anything else.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Rehearsal {
    /// The statements of the step.
    pub step: Vec<String>,
    /// The oldest program that may go on working, by the number of steps it knows; 0 is that of today.
    pub oldest: i64,
    /// Whether to behave as on an engine that cannot undo half a step.
    pub piecemeal: bool,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            writers: 8,
            group: 16,
            readers: 4,
            scanners: 8,
            queue: 4_096,
            notify: true,
            poll: None,
            password: None,
            authorities: None,
            certificate: None,
            key: None,
            blobs: None,
            history: History::default(),
            rehearsal: None,
        }
    }
}

/// Opens the store in the database that `url` names (`postgres://user:password@host:port/name`); makes its tables if
/// they are not there. Waits for the database, for a bounded time: not to be called where waiting is not allowed.
///
/// Over a network the connection is encrypted and the server has to show a certificate for its name, unless the URL
/// says otherwise (`sslmode`).
///
/// # Errors
/// `Unsupported`, with one line for the administrator that says what to do, if the URL cannot be used, if the database
/// cannot be reached or does not let us in, if what is in it is something else or was written by a newer program.
pub fn open(url: &str, options: &PostgresOptions) -> Result<Arc<dyn Store>> {
    let (runtime, connector) = connector(url, options)?;
    // The caller may be inside a runtime of its own, where this one cannot be waited for: hence the channel.
    let (reply, answer) = std::sync::mpsc::channel();
    let (first, rehearsal) = (Arc::clone(&connector), options.rehearsal.clone());
    runtime.spawn(async move {
        // Who asked is gone only with the process.
        let _ = reply.send(migrate(&first, rehearsal).await);
    });
    let migrated =
        answer.recv().map_err(|_| Error::Internal("open the store: no answer".to_owned())).flatten();
    let (house, spreads) = match migrated {
        Ok((number, spreads)) => (House::new(number), spreads),
        Err(error) => {
            runtime.shutdown_background();
            return Err(error);
        }
    };
    let words = &connector.address.words;
    let connections = options.writers.max(1) + options.readers.max(1) + options.scanners.max(1) + HELPERS;
    tracing::info!(at = words.servers, database = words.name, connections, "the store is in a PostgreSQL");
    let group = if spreads { 1 } else { options.group };
    let engine = Arc::new(start(runtime, &connector, &PostgresOptions { group, ..options.clone() }, house));
    blob::keep(engine, options.blobs.as_ref(), At::Once, Nodes::Several)
}

/// How to reach a database, and the threads on which its connections live.
fn connector(url: &str, options: &PostgresOptions) -> Result<(Runtime, Arc<Connector>)> {
    let address = Address::read(url, options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("store-postgres")
        .enable_all()
        .build()
        .map_err(|error| Error::Internal(format!("start the threads of the store: {error}")))?;
    let connector = Arc::new(Connector::new(address, runtime.handle().clone()));
    Ok((runtime, connector))
}

/// Brings the schema forward; what happens to accounts from then on, after the number that this gives, is to be heard.
/// Also whether accounts lie on several machines.
async fn migrate(connector: &Arc<Connector>, rehearsal: Option<Rehearsal>) -> Result<(i64, bool)> {
    match rehearsal {
        Some(more) => rehearse(connector, more).await?,
        None => migrate::to_current(connector, Plan::OURS).await?,
    }
    let session = connector.connect().await?;
    moving::may_be_opened(&session).await?;
    Ok((House::number(&session).await?, migrate::spreads(&session).await))
}

async fn rehearse(connector: &Arc<Connector>, more: Rehearsal) -> Result<()> {
    let step: Vec<&str> = more.step.iter().map(String::as_str).collect();
    let steps: Vec<&[&str]> = Plan::OURS.steps.iter().copied().chain([step.as_slice()]).collect();
    let oldest = more.oldest.max(Plan::OURS.oldest);
    migrate::to_current(connector, Plan { steps: &steps, oldest, piecemeal: more.piecemeal }).await
}

/// Whether URL and options can be used, as far as that can be told without asking the database: reads the files that
/// they name.
///
/// # Errors
/// As for [`open`].
pub fn check(url: &str, options: &PostgresOptions) -> Result<()> {
    Address::read(url, options).map(drop)
}

fn start(runtime: Runtime, connector: &Arc<Connector>, options: &PostgresOptions, house: House) -> Engine {
    let shared = Arc::new(Shared {
        watchers: RwLock::default(),
        followed: Followed::default(),
        house,
        hints: options.notify,
        outbox: Outbox::default(),
        doomed: Notify::new(),
        tally: Tally::default(),
        past: Growth::new(options.history),
        vigil: Vigil::new(),
    });
    let manner = news::Manner { hints: options.notify, poll: options.poll };
    let queue = Arc::new(Queue::new(options.queue, QUEUE_BYTES, options.writers, options.group));
    let readers = Arc::new(Readers::new(connector, options.readers, options.scanners));
    let (alive, ended) = mpsc::channel(1);
    let writers = (0..options.writers.max(1)).map(|_| {
        let slot = Slot::hasty(Arc::clone(connector));
        let writer = Arc::new(Writer { slot, queue: Arc::clone(&queue), shared: Arc::clone(&shared) });
        let (alive, known) = (alive.clone(), Arc::downgrade(&writer));
        runtime.spawn(async move {
            writer.run().await;
            drop(alive);
        });
        known
    });
    let writers = writers.collect();
    let watched = Arc::clone(&shared);
    let helpers = vec![
        runtime.spawn(async move { watched.vigil.keep().await }).abort_handle(),
        runtime.spawn(doomed::run(Slot::new(Arc::clone(connector)), Arc::clone(&shared))).abort_handle(),
        runtime.spawn(news::run(Arc::clone(connector), Arc::clone(&shared), manner)).abort_handle(),
    ];
    let trimmer = trim::Trimmer::new(Slot::new(Arc::clone(connector)));
    Engine::new(engine::Parts {
        runtime,
        shared,
        queue,
        writers,
        readers,
        trimmer,
        connector: Arc::clone(connector),
        ended,
        helpers,
    })
}

/// What readers and writers share.
struct Shared {
    watchers: RwLock<Vec<Watcher>>,
    followed: Followed,
    house: House,
    /// Whether hints are sent.
    hints: bool,
    outbox: Outbox,
    /// Rows of collections that are gone may be there.
    doomed: Notify,
    tally: Tally,
    past: Growth,
    vigil: Vigil,
}

impl Shared {
    /// After a write is on disk, before it returns.
    fn committed(&self, effect: &Effect) {
        for news in &effect.news {
            self.pass_on(news);
            match news {
                // Told here only where somebody watches.
                News::Change(notice) => self.heard(notice),
                other => self.watchers_hear(other),
            }
        }
        if self.past.grew(&effect.grown) || effect.doomed {
            self.doomed.notify_one();
        }
    }

    /// To the other nodes.
    fn pass_on(&self, news: &News) {
        match news {
            _ if !self.hints => {}
            News::Change(notice) => self.outbox.put(notice),
            News::Grants(_) | News::Account(_) | News::Anything => self.outbox.put_house(),
        }
    }

    /// A number came up, by a commit here or elsewhere.
    fn heard(&self, notice: &Notice) {
        if self.followed.tell(notice) {
            self.watchers_hear(&News::Change(notice.clone()));
        }
    }

    fn watchers_hear(&self, news: &News) {
        for watcher in self.watchers.read().unwrap_or_else(PoisonError::into_inner).iter() {
            watcher(news);
        }
    }
}
