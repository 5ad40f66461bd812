//! UpdateListItems: a batch of rows made, changed and taken away.
//!
//! What is to be done to one item is done in order; items are written at the same time, so that the store takes a
//! whole batch along in few commits. A row that fails does not keep the others from being done, unless the client
//! wishes so. A New with a ReplicationID names its item by it: sent again after an answer that was lost, it finds the
//! item and makes no second one.

mod change;
mod find;
mod make;
mod start;

pub(crate) use find::{Find, find};

use super::{Answer, Call};
use crate::answer::result;
use crate::fault::Refusal;
use crate::list::List;
use crate::session::Session;
use kontor_groupware::{Ordinal, OrdinalKey, Place};
use kontor_model::ItemId;
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::op::update::{Command, Method, OnError, Outcome, UpdateListItems, results};
use kontor_wire_sharepoint::row::{Row, SERVER_FIELDS};
use kontor_wire_sharepoint::soap::code;
use start::Start;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// A batch on its way: what all of its rows share.
#[derive(Clone)]
struct Batch {
    session: Session,
    list: Arc<List>,
    place: Arc<Place>,
    utc: bool,
}

/// One row to write, and which item it is about; `None` if that is not there.
struct Step {
    nth: usize,
    method: Method,
    about: Option<About>,
    start: Option<Start>,
}

/// What a row is about.
#[derive(Clone, PartialEq, Eq, Hash)]
enum About {
    /// A new item, by its ReplicationID, or by the place in the batch if it has none.
    New(Result<String, usize>),
    /// An item that has a number.
    Item(ItemId),
}

pub(super) async fn answer(call: &Call<'_>) -> Answer {
    let request: UpdateListItems = call.read()?;
    let most = call.session.settings().max_batch;
    if request.methods.len() > most {
        let text = format!("A batch may have {most} rows at most, this one has {}.", request.methods.len());
        return Err(Refusal::new(code::TOO_LARGE, text).into());
    }
    let list = call.session.list(&request.list).await?;
    let outcomes = match list.place().cloned() {
        None => request.methods.iter().map(read_only).collect(),
        Some(_) if list.kind == ListKind::Documents => request.methods.iter().map(not_here).collect(),
        Some(place) => {
            let batch = Batch {
                session: call.session.clone(),
                list: Arc::new(list),
                place: Arc::new(place),
                utc: request.utc,
            };
            batch.perform(request.methods, request.on_error).await?
        }
    };
    Ok(result(call.version, call.operation, |out| results(out, &outcomes)))
}

/// The directory is changed elsewhere: who is taken out of the folder in Outlook stays in the office.
fn read_only(method: &Method) -> Outcome {
    let text = "Access denied: this list is the directory, which is changed by administrators.";
    refused(method, Refusal::new(code::DENIED, text))
}

/// Documents are read here.
fn not_here(method: &Method) -> Outcome {
    let text = "Access denied: documents are read here; put and change them over WebDAV, below /dav/files.";
    refused(method, Refusal::new(code::DENIED, text))
}

fn refused(method: &Method, refusal: Refusal) -> Outcome {
    if let Some(secret) = &refusal.secret {
        tracing::error!(fault = %secret, "the office failed a row");
    }
    let (id, command) = (method.id.clone(), method.command);
    Outcome { id, command, code: refusal.code, text: Some(refusal.text), row: None }
}

fn done(method: &Method, row: Option<Row>) -> Outcome {
    Outcome { id: method.id.clone(), command: method.command, code: code::OK, text: None, row }
}

impl Batch {
    async fn perform(&self, methods: Vec<Method>, on_error: OnError) -> Result<Vec<Outcome>, Refusal> {
        let known = self.known(&methods).await?;
        let steps = methods.into_iter().enumerate().map(|(nth, method)| {
            let about = about(nth, &method, &known);
            Step { nth, method, about, start: None }
        });
        let mut steps: Vec<Step> = steps.collect();
        self.prepare(&mut steps, &known).await;
        match on_error {
            OnError::Return => Ok(self.in_order(steps).await),
            OnError::Continue => Ok(self.at_once(steps).await),
        }
    }

    /// The ordinals that the batch names.
    async fn known(&self, methods: &[Method]) -> Result<HashMap<i64, Ordinal>, Refusal> {
        let named = methods.iter().flat_map(|method| [method.number(), series_of(method)]).flatten();
        let keys: Vec<_> = named.map(OrdinalKey::Number).collect();
        let found = self.session.office().ordinals(&self.session.asker, &self.place, &keys).await?;
        Ok(found.into_iter().map(|one| (one.number, one)).collect())
    }

    /// One after the other, until one fails (MS-LISTSWS 3.1.4.31.2.2).
    async fn in_order(&self, steps: Vec<Step>) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(steps.len());
        let mut failed = false;
        for step in steps {
            if failed {
                let text = "Not done, as a row before it failed.";
                outcomes.push(refused(&step.method, Refusal::new(code::CANCELLED, text)));
                continue;
            }
            let outcome = self.step(step).await;
            failed = outcome.code != code::OK;
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Items at the same time, what is about one item in order.
    async fn at_once(&self, steps: Vec<Step>) -> Vec<Outcome> {
        let mut lines: HashMap<Option<About>, Vec<Step>> = HashMap::new();
        let mut order = Vec::new();
        for step in steps {
            let key = step.about.clone();
            let line = lines.entry(key.clone()).or_default();
            if line.is_empty() {
                order.push(key);
            }
            line.push(step);
        }
        let mut outcomes: Vec<(usize, Outcome)> = Vec::new();
        let mut running: JoinSet<Vec<(usize, Outcome)>> = JoinSet::new();
        for line in order.into_iter().filter_map(|key| lines.remove(&key)) {
            if running.len() >= self.session.settings().writers {
                outcomes.extend(running.join_next().await.and_then(Result::ok).unwrap_or_default());
            }
            let batch = self.clone();
            running.spawn(async move {
                let mut out = Vec::with_capacity(line.len());
                for step in line {
                    out.push((step.nth, batch.step(step).await));
                }
                out
            });
        }
        while let Some(some) = running.join_next().await {
            outcomes.extend(some.unwrap_or_default());
        }
        outcomes.sort_unstable_by_key(|(nth, _)| *nth);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn step(&self, step: Step) -> Outcome {
        let start = step.start;
        let outcome = match (&step.about, step.method.command) {
            (None, _) => Err(Refusal::no_item()),
            (Some(About::New(_)), _) => self.make(&step.method, start).await,
            (Some(About::Item(_)), Command::Delete) => self.delete(&step.method, start).await,
            (Some(About::Item(_)), _) => self.change(&step.method, start).await,
        };
        outcome.unwrap_or_else(|refusal| refused(&step.method, refusal))
    }
}

/// The row of the series that a new exception belongs to.
fn series_of(method: &Method) -> Option<i64> {
    let series = method.fields.get("MasterSeriesItemID")?.trim().parse().ok();
    series.filter(|number| *number > 0 && method.command == Command::New)
}

fn about(nth: usize, method: &Method, known: &HashMap<i64, Ordinal>) -> Option<About> {
    let number = match method.command {
        Command::New => match series_of(method) {
            Some(series) => Some(series),
            None => {
                return Some(About::New(method.fields.bag("ReplicationID").map(str::to_owned).ok_or(nth)));
            }
        },
        Command::Update | Command::Delete => method.number(),
    };
    known.get(&number?).map(|ordinal| About::Item(ordinal.of.item))
}

/// What a client wants to say: without what only the server says.
fn said(method: &Method) -> Row {
    let mut fields = method.fields.clone();
    fields.fields.retain(|field| field.property.is_some() || !SERVER_FIELDS.contains(&&*field.name));
    fields
}

/// The version that a client last saw.
fn seen_version(method: &Method) -> Option<i64> {
    method.fields.get("owshiddenversion").and_then(|version| version.trim().parse().ok())
}
