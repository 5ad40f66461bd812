//! News from other nodes: NOTIFY as a hint, the numbers themselves as the truth.

use super::Shared;
use super::connect::Connector;
use super::fault::chain;
use super::session::{Line, Session};
use super::value::{get, values};
use crate::sql::{changes, postgres};
use kontor_model::{AccountId, CollectionId, Notice, Result, Version};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, Notification};

/// Accounts asked about in one round.
const ROUND: usize = 200;
/// Notices in one message: it may have 8,000 bytes (PostgreSQL 15, NOTIFY).
const TOLD_AT_ONCE: usize = 120;
/// How long to wait before the next attempt to connect.
const PAUSE: Duration = Duration::from_secs(1);

/// Its life: listens, tells, asks; begins anew when the connection is lost.
pub(super) async fn run(
    connector: Arc<Connector>,
    shared: Arc<Shared>,
    mut to_tell: mpsc::Receiver<Notice>,
    poll: Duration,
) {
    loop {
        match Post::open(&connector).await {
            Ok(mut post) => post.serve(&shared, &mut to_tell, poll).await,
            Err(error) => tracing::debug!(error, "news of other nodes cannot be heard"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A connection that listens.
struct Post {
    session: Arc<Session>,
    heard: mpsc::Receiver<Notification>,
    /// Our own messages come back too: they name the server process of this connection.
    own: i32,
}

impl Post {
    async fn open(connector: &Connector) -> std::result::Result<Self, String> {
        let (send, heard) = mpsc::channel(1_024);
        let hear = move |message| {
            if let AsyncMessage::Notification(note) = message {
                drop(send.try_send(note));
            }
        };
        let session = connector.log_in(hear).await?;
        let own = session.row(postgres::OWN_PROCESS, Vec::new()).await.ok().flatten();
        if let Err(error) = session.say(postgres::LISTEN).await {
            tracing::debug!(error = chain(&error), "this database sends no hints: its numbers are asked for");
        }
        let own = own.and_then(|row| row.try_get(0).ok()).unwrap_or(0);
        Ok(Self { session: Arc::new(session), heard, own })
    }

    /// Until the connection is lost.
    async fn serve(&mut self, shared: &Shared, to_tell: &mut mpsc::Receiver<Notice>, poll: Duration) {
        let mut round = tokio::time::interval(poll.max(Duration::from_millis(10)));
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut some = Vec::new();
        while !self.session.is_gone() {
            tokio::select! {
                count = to_tell.recv_many(&mut some, TOLD_AT_ONCE) => {
                    if count == 0 {
                        return;
                    }
                    self.tell(&some).await;
                    some.clear();
                }
                note = self.heard.recv() => {
                    let Some(note) = note else { return };
                    if note.process_id() != self.own {
                        decoded(note.payload()).for_each(|notice| shared.heard(&notice));
                    }
                }
                _ = round.tick() => {
                    if let Err(error) = self.ask(shared).await {
                        tracing::debug!(?error, "the numbers of accounts could not be asked for");
                    }
                }
            }
        }
    }

    async fn tell(&self, notices: &[Notice]) {
        // A hint: whoever does not get it asks.
        let _ = self.session.rows(postgres::NOTIFY, values![postgres::CHANNEL, encoded(notices)]).await;
    }

    /// Asks for the numbers of some accounts, and tells what is news.
    async fn ask(&self, shared: &Shared) -> Result<()> {
        let accounts = shared.interest.due(ROUND);
        let mut asks = Vec::with_capacity(accounts.len() * 2);
        for account in &accounts {
            asks.push((changes::COUNTERS, values![account.0]));
            asks.push((changes::STATE, values![account.0]));
        }
        let answers = Line::new(Arc::clone(&self.session)).flight(asks).await?;
        for (account, answer) in accounts.into_iter().zip(answers.chunks(2)) {
            let [counters, state] = answer else { continue };
            let mut there = Vec::with_capacity(counters.len());
            for row in counters {
                let collection = CollectionId(get(row, 0)?);
                there.push(collection);
                let version = Version(get(row, 1)?);
                shared.heard(&Notice { account, collection: Some(collection), version });
            }
            shared.interest.keep_only(account, &there);
            for row in state {
                shared.heard(&Notice { account, collection: None, version: Version(get(row, 1)?) });
            }
        }
        Ok(())
    }
}

/// `account.collection.version`, one after the other; collection 0 is the shelf.
fn encoded(notices: &[Notice]) -> String {
    let mut text = String::new();
    for notice in notices {
        let collection = notice.collection.map_or(0, |id| id.0);
        // Writing to a text does not fail.
        let _ = write!(text, "{}.{collection}.{};", notice.account.0, notice.version.0);
    }
    text
}

/// Back; what is something else is left out.
fn decoded(text: &str) -> impl Iterator<Item = Notice> {
    text.split(';').filter_map(|one| {
        let mut parts = one.split('.').map(str::parse::<i64>);
        let (account, collection, version) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        let collection = (collection != 0).then_some(CollectionId(collection));
        Some(Notice { account: AccountId(account), collection, version: Version(version) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_travel() {
        let notice =
            |collection| Notice { account: AccountId(i64::MAX), collection, version: Version(i64::MAX) };
        let notices = vec![notice(None), notice(Some(CollectionId(i64::MAX)))];
        assert_eq!(decoded(&encoded(&notices)).collect::<Vec<_>>(), notices);
        assert_eq!(decoded("1.2;x.y.z;;7.8.9;1").count(), 1);
        assert!(encoded(&vec![notice(Some(CollectionId(i64::MAX))); TOLD_AT_ONCE]).len() < 8_000);
    }
}
