//! The administrator's door: commands over a socket that only the owner of the data folder can open, and what a
//! monitoring system asks for.
//!
//! Main types: [`Command`] and [`Answer`], what can be asked and told, as JSON; [`execute`], which does it, on a running
//! server behind the socket and on a stopped one called by the command line itself, so that both are the same;
//! [`AdminDoor`] with `POST /command`, `POST /backup`, `POST /rows` and `POST /survey` (the socket only, and only for root and the server's own user),
//! `GET /healthz` and `GET /metrics`.
//!
//! Laws: field names of answers are stable, scripts read them; a secret is told once, in the answer that makes it, and
//! never logged. Deliberately absent: the socket itself and its client (`kontor`), rights within the office.

mod answer;
mod command;
mod door;
mod execute;
mod history;
mod metrics;
mod refusal;
mod trash;

pub use answer::{
    Answer, AppPassword, History, MadeAppPassword, PastText, Present, PublicStore, Quota, Restored, Returned,
    Trash, Trashed, User,
};
pub use command::{AppPasswordCreate, Command, Limit, Secret, UserCreate, UserQuota, UserUpdate};
pub use door::{AdminDoor, Export, Parts, Probe};
pub use execute::{USERS, execute};
pub use metrics::{Figure, FigureKind, Value};
pub use refusal::Refusal;
