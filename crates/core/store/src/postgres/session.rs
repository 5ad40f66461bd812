//! One connection: prepared statements, and a line of statements that are sent before the earlier ones answered.

use super::fault::{Answer, Trouble, checked, trouble};
use super::pulse::Pulse;
use super::text::{Gathered, Text};
use super::value::Value;
use crate::sql::postgres;
use kontor_model::Result;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

/// A connection that several may use at once: their statements follow each other without waiting for answers.
pub(super) struct Session {
    client: Client,
    pulse: Arc<Pulse>,
    prepared: Mutex<HashMap<Text, Statement>>,
}

impl Session {
    pub(super) fn new(client: Client, pulse: Arc<Pulse>) -> Self {
        Self { client, pulse, prepared: Mutex::default() }
    }

    /// Whether nothing can be sent on it any more, or an answer is not to be hoped for.
    pub(super) fn is_gone(&self) -> bool {
        self.client.is_closed() || self.pulse.is_doubtful()
    }

    /// Whether nobody waits for an answer on it.
    pub(super) fn is_idle(&self) -> bool {
        !self.pulse.is_awaited()
    }

    /// Asks; the answer comes in bounded time.
    async fn ask<T>(&self, asks: impl Future<Output = Answer<T>>) -> Answer<T> {
        let awaited = self.pulse.ask();
        let answer = asks.await;
        awaited.answered();
        answer
    }

    /// Says something without parameters.
    pub(super) async fn say(&self, sql: &str) -> Answer<()> {
        self.ask(self.client.batch_execute(sql)).await
    }

    /// The connection itself, for what is not prepared.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    fn known(&self, sql: Text) -> Option<Statement> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(&sql).cloned()
    }

    /// Prepares a statement once.
    async fn statement(&self, sql: Text) -> Answer<Statement> {
        if let Some(known) = self.known(sql) {
            return Ok(known);
        }
        let new = self.ask(self.client.prepare(&sql.written())).await?;
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(prepared.entry(sql).or_insert(new).clone())
    }

    /// Prepares these; what fails is prepared, and told, when it is needed.
    pub(super) async fn prepare(&self, all: &[&'static str]) {
        for sql in all {
            let _ = self.statement((*sql).into()).await;
        }
    }

    /// The rows of a statement outside of a transaction.
    pub(super) async fn rows(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>> {
        checked(sql, self.query(sql.into(), values).await)
    }

    /// The first row.
    pub(super) async fn row(&self, sql: &'static str, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    async fn query(&self, sql: Text, values: Vec<Value>) -> Answer<Vec<Row>> {
        let statement = self.statement(sql).await?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|one| one as &(dyn ToSql + Sync)).collect();
        self.ask(self.client.query(&statement, &values)).await
    }

    async fn execute(&self, sql: Text, values: Vec<Value>) -> Answer<u64> {
        let statement = self.statement(sql).await?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|one| one as &(dyn ToSql + Sync)).collect();
        self.ask(self.client.execute(&statement, &values)).await
    }
}

type Sent<T> = Pin<Box<dyn Future<Output = Answer<T>> + Send>>;
/// Answers that are there already are kept with what was asked.
struct Waiting(&'static str, Sent<u64>);

/// A line of statements on one connection, in order. What tells nothing is not waited for until [`Line::settle`] or
/// the next read; a failure shows there and leaves the transaction undone by the database.
pub(super) struct Line {
    session: Arc<Session>,
    waiting: VecDeque<Waiting>,
    /// Rows that are to be written, not sent yet.
    gathered: Gathered,
    sent: usize,
    /// Why the transaction cannot go on.
    pub(super) trouble: Option<Trouble>,
}

impl Line {
    pub(super) fn new(session: Arc<Session>) -> Self {
        Self { session, waiting: VecDeque::new(), gathered: Gathered::default(), sent: 0, trouble: None }
    }

    /// How many statements that change something were sent.
    pub(super) fn sent(&self) -> usize {
        self.sent
    }

    /// Sends a statement without parameters, such as BEGIN, after all that was gathered.
    pub(super) async fn plain(&mut self, sql: &'static str) -> Result<()> {
        self.flush().await?;
        self.bare(sql);
        Ok(())
    }

    /// Ends a transaction that only read.
    pub(super) fn over(&mut self) {
        self.bare(postgres::ROLLBACK);
    }

    fn bare(&mut self, sql: &'static str) {
        let session = Arc::clone(&self.session);
        let answer = async move { session.say(sql).await.map(|()| 0) };
        self.waiting.push_back(Waiting(sql, started(answer)));
    }

    /// Sends a statement.
    pub(super) async fn run(&mut self, sql: &'static str, values: Vec<Value>) -> Result<()> {
        self.flush().await?;
        self.sent += 1;
        self.send(sql.into(), values).await
    }

    /// Writes a row, by a statement that inserts it or replaces what has the same `key` first values: together with
    /// others of its sort, before anything else is sent.
    pub(super) async fn gather(&mut self, sql: &'static str, key: usize, values: Vec<Value>) -> Result<()> {
        if !self.gathered.takes(sql, key, &values) {
            self.flush().await?;
        }
        self.gathered.add(sql, key, values);
        self.sent += 1;
        Ok(())
    }

    /// Says something before the rows that are gathered. If the row of this key is among those, which it may be about,
    /// they are sent first.
    pub(super) async fn ahead(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        (unless, key): (&'static str, Vec<Value>),
    ) -> Result<()> {
        if !self.gathered.takes(unless, key.len(), &key) {
            self.flush().await?;
        }
        self.gathered.say_ahead(sql, values);
        self.sent += 1;
        Ok(())
    }

    /// Sends what was gathered.
    async fn flush(&mut self) -> Result<()> {
        for (text, values) in self.gathered.take() {
            self.send(text, values).await?;
        }
        Ok(())
    }

    async fn send(&mut self, text: Text, values: Vec<Value>) -> Result<()> {
        self.ready(text).await?;
        let session = Arc::clone(&self.session);
        let answer = async move { session.execute(text, values).await };
        self.waiting.push_back(Waiting(text.sql, started(answer)));
        Ok(())
    }

    /// Sends a statement and waits; how many rows it touched.
    pub(super) async fn count(&mut self, sql: &'static str, values: Vec<Value>) -> Result<u64> {
        self.flush().await?;
        self.ready(sql.into()).await?;
        let session = Arc::clone(&self.session);
        let answer = started(async move { session.execute(sql.into(), values).await });
        self.sent += 1;
        self.answers().await?;
        let answer = answer.await;
        self.checked(sql, answer)
    }

    /// The first row, if there is one.
    pub(super) async fn one<T>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        map: impl FnOnce(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let rows = self.rows(sql, values).await?;
        rows.first().map(map).transpose()
    }

    /// All rows.
    pub(super) async fn all<T>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
        map: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.rows(sql, values).await?.iter().map(map).collect()
    }

    /// All rows as they came.
    pub(super) async fn rows(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Vec<Row>> {
        let mut all = self.flight(vec![(sql, values)]).await?;
        Ok(all.pop().unwrap_or_default())
    }

    /// The rows of several statements, all sent before the first answer.
    pub(super) async fn flight<T: Into<Text>>(
        &mut self,
        asks: Vec<(T, Vec<Value>)>,
    ) -> Result<Vec<Vec<Row>>> {
        self.flush().await?;
        let asks: Vec<(Text, _)> = asks.into_iter().map(|(text, values)| (text.into(), values)).collect();
        for (text, _) in &asks {
            self.ready(*text).await?;
        }
        let mut answers = Vec::with_capacity(asks.len());
        for (text, values) in asks {
            let session = Arc::clone(&self.session);
            answers.push((text.sql, started(async move { session.query(text, values).await })));
        }
        self.answers().await?;
        let mut all = Vec::with_capacity(answers.len());
        for (sql, answer) in answers {
            let answer = answer.await;
            all.push(self.checked(sql, answer)?);
        }
        Ok(all)
    }

    /// Sends what was gathered and waits for all answers.
    pub(super) async fn settle(&mut self) -> Result<()> {
        self.flush().await?;
        self.answers().await
    }

    async fn answers(&mut self) -> Result<()> {
        while let Some(Waiting(sql, answer)) = self.waiting.pop_front() {
            let answer = answer.await;
            self.checked(sql, answer)?;
        }
        Ok(())
    }

    /// Undoes what is open, if the connection still lives.
    pub(super) async fn rollback(mut self) {
        self.bare(postgres::ROLLBACK);
        while let Some(Waiting(_, answer)) = self.waiting.pop_front() {
            // Why it failed was told already.
            let _ = answer.await;
        }
    }

    /// Sees to it that a statement can be sent at once.
    async fn ready(&mut self, text: Text) -> Result<()> {
        if self.session.known(text).is_some() {
            return Ok(());
        }
        self.answers().await?;
        let session = Arc::clone(&self.session);
        let prepared = session.statement(text).await;
        self.checked(text.sql, prepared).map(drop)
    }

    fn checked<T>(&mut self, sql: &'static str, answer: Answer<T>) -> Result<T> {
        answer.map_err(|refusal| {
            let trouble = trouble(sql, &refusal);
            self.trouble.get_or_insert_with(|| trouble.clone());
            trouble.told()
        })
    }
}

/// Asks for the first time, which sends the statement; the answer is waited for later.
fn started<T: Send + 'static>(answer: impl Future<Output = Answer<T>> + Send + 'static) -> Sent<T> {
    let mut answer: Sent<T> = Box::pin(answer);
    match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Box::pin(std::future::ready(done)),
        Poll::Pending => answer,
    }
}
