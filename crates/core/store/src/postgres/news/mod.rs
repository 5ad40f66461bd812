//! News from other nodes: NOTIFY as a hint, the numbers themselves as the truth.
//!
//! One connection listens, tells and asks. Hints say at once where something changed. Whether or not they come, it is
//! asked again and again what happened to accounts as such, and for the numbers of stores that are followed: of all of
//! them where there are no hints, and after the connection was lost; else of some in turn, for a hint may get lost.

mod followed;
mod house;
mod outbox;

pub(super) use followed::Followed;
pub(super) use house::House;
pub(super) use outbox::Outbox;

use super::Shared;
use super::connect::Connector;
use super::fault::chain;
use super::session::{Line, Session};
use super::value::{Value, get, values};
use crate::sql::postgres;
use kontor_model::{AccountId, CollectionId, Notice, Result, Version};
use outbox::Hint;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use tokio_postgres::{AsyncMessage, Notification};

/// Stores asked about in one round where there are hints.
const ROUND: usize = 256;
/// Stores asked about by one statement.
const AT_ONCE: usize = 512;
/// Hints that may wait to be read; if there are more, all numbers are asked for instead.
const WAITING: usize = 1_024;
/// Before the next attempt to connect, the first time and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));
/// From one round to the next where nothing else is said.
const USUAL: Duration = Duration::from_millis(500);
/// The same where nobody tells anything: as soon as this, and until others hear of a change it is not 100 ms.
const SOON: Duration = Duration::from_millis(50);
/// There a round may be so much of the time from one to the next, so that asking for thousands of stores does not keep
/// the database busy.
const SHARE: u32 = 10;
/// A round that takes longer is on a connection that is no good any more.
const PATIENCE: Duration = Duration::from_secs(5);

/// How news are to be had.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// Whether hints are sent and listened for.
    pub(super) hints: bool,
    /// From one round of asking to the next; `None` is as often as it takes.
    pub(super) poll: Option<Duration>,
}

/// Its life: listens, tells, asks; begins anew when the connection is lost.
pub(super) async fn run(connector: Arc<Connector>, shared: Arc<Shared>, manner: Manner) {
    let mut pause = PAUSES.0;
    loop {
        match Post::open(&connector, manner).await {
            Ok(mut post) => {
                pause = PAUSES.0;
                post.serve(&shared, manner).await;
            }
            Err(error) => tracing::debug!(error, "news of other nodes cannot be heard"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// A connection that listens.
struct Post {
    session: Arc<Session>,
    heard: mpsc::Receiver<Notification>,
    /// Our own messages come back too: they name the server process of this connection.
    own: i32,
    listens: bool,
    /// Hints that found no place: all must be asked for.
    missed: Arc<AtomicBool>,
}

impl Post {
    async fn open(connector: &Connector, manner: Manner) -> std::result::Result<Self, String> {
        let (send, heard) = mpsc::channel(WAITING);
        // What happened before it listened is to be asked for.
        let missed = Arc::new(AtomicBool::new(true));
        let lost = Arc::clone(&missed);
        let hear = move |message| {
            if let AsyncMessage::Notification(note) = message
                && send.try_send(note).is_err()
            {
                lost.store(true, Ordering::Release);
            }
        };
        let session = connector.log_in(hear).await?;
        // Wishes: whatever becomes of them.
        let _ = session.say(postgres::NEWS_NAME).await;
        let _ = connector.tell(&session, postgres::WISHES).await;
        let own = session.row(postgres::OWN_PROCESS, Vec::new()).await.ok().flatten();
        let own = own.and_then(|row| row.try_get(0).ok()).unwrap_or(0);
        let mut listens = manner.hints;
        if listens && let Err(error) = session.say(postgres::LISTEN).await {
            tracing::debug!(error = chain(&error), "this database sends no hints: its numbers are asked for");
            listens = false;
        }
        Ok(Self { session: Arc::new(session), heard, own, listens, missed })
    }

    /// Until the connection is lost.
    async fn serve(&mut self, shared: &Shared, manner: Manner) {
        let (session, house) = (Arc::clone(&self.session), Notify::new());
        let asking = Asking {
            shared,
            session: Arc::clone(&self.session),
            house: &house,
            missed: Arc::clone(&self.missed),
            all: !self.listens,
        };
        let (own, heard) = (self.own, &mut self.heard);
        tokio::select! {
            () = tell(shared, &session), if self.listens => {}
            () = hear(shared, heard, own, &house) => {}
            () = asking.run(manner.poll) => {}
        }
    }
}

/// Tells others what was committed here.
async fn tell(shared: &Shared, session: &Session) {
    loop {
        let message = shared.outbox.next().await;
        let told = session.rows(postgres::NOTIFY, values![postgres::CHANNEL, message]).await;
        if told.is_err() && session.is_gone() {
            shared.outbox.put_back(&message);
            return;
        }
    }
}

/// Hears what others tell.
async fn hear(shared: &Shared, heard: &mut mpsc::Receiver<Notification>, own: i32, house: &Notify) {
    while let Some(note) = heard.recv().await {
        if note.process_id() == own {
            continue;
        }
        for hint in outbox::read(note.payload()) {
            match hint {
                Hint::Change(notice) => shared.heard(&notice),
                Hint::House => house.notify_one(),
            }
        }
    }
}

/// Who asks for numbers.
struct Asking<'a> {
    shared: &'a Shared,
    session: Arc<Session>,
    /// Somebody said that something happened to an account.
    house: &'a Notify,
    missed: Arc<AtomicBool>,
    /// Whether nobody tells anything.
    all: bool,
}

impl Asking<'_> {
    async fn run(&self, poll: Option<Duration>) {
        let mut next = Instant::now();
        while !self.session.is_gone() {
            // The house first: rights count for more than being quick.
            let house_only = tokio::select! {
                biased;
                () = tokio::time::sleep_until(next) => false,
                () = self.house.notified() => true,
            };
            let begun = Instant::now();
            match tokio::time::timeout(PATIENCE, self.round(house_only)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(?error, "the numbers of accounts could not be asked for"),
                Err(_) => return,
            }
            if !house_only {
                next = begun + self.pause(poll, begun.elapsed());
            }
        }
    }

    /// From the beginning of a round that took so long to that of the next.
    fn pause(&self, poll: Option<Duration>, took: Duration) -> Duration {
        match poll {
            Some(poll) => poll.max(Duration::from_millis(10)),
            None if self.all => (took * SHARE).clamp(SOON, USUAL),
            None => USUAL,
        }
    }

    async fn round(&self, house_only: bool) -> Result<()> {
        self.shared.house.ask(&self.session, |news| self.shared.watchers_hear(news)).await?;
        let missed = self.missed.swap(false, Ordering::AcqRel);
        if house_only && !missed {
            return Ok(());
        }
        let limit = if self.all || missed { usize::MAX } else { ROUND };
        for some in self.shared.followed.due(limit).chunks(AT_ONCE) {
            if let Err(error) = self.numbers(some).await {
                self.missed.fetch_or(missed, Ordering::AcqRel);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Asks for the numbers of these stores, and tells what is news.
    async fn numbers(&self, stores: &[AccountId]) -> Result<()> {
        let mut there: HashMap<AccountId, Vec<CollectionId>> =
            stores.iter().map(|id| (*id, Vec::new())).collect();
        for notice in numbers(Line::new(Arc::clone(&self.session)), stores).await? {
            if let (Some(all), Some(collection)) = (there.get_mut(&notice.account), notice.collection) {
                all.push(collection);
            }
            self.shared.heard(&notice);
        }
        for (account, collections) in there {
            self.shared.followed.keep_only(account, &collections);
        }
        Ok(())
    }
}

/// The numbers of these stores as they are.
pub(super) async fn numbers(mut line: Line, stores: &[AccountId]) -> Result<Vec<Notice>> {
    let all = || vec![Value::Ints(stores.iter().map(|id| id.0).collect())];
    let asks = [postgres::NUMBERS, postgres::STATES].map(|sql| (sql, all()));
    let mut answers = line.flight(asks.to_vec()).await?.into_iter();
    let (numbers, states) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
    let mut all = Vec::with_capacity(numbers.len() + states.len());
    for row in &numbers {
        let (account, collection) = (AccountId(get(row, 0)?), Some(CollectionId(get(row, 1)?)));
        all.push(Notice { account, collection, version: Version(get(row, 2)?) });
    }
    for row in &states {
        all.push(Notice {
            account: AccountId(get(row, 0)?),
            collection: None,
            version: Version(get(row, 1)?),
        });
    }
    Ok(all)
}
