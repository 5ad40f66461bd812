//! The list door: calendars, task lists and address books as SharePoint lists, as Outlook for Windows takes them in
//! (MS-OUTSPS, MS-LISTSWS, MS-STSSYN).
//!
//! A request comes in at [`ListDoor`]; its path becomes a `route::Route`, the credential an asker, and the operation in
//! its body one file in `op`, found in a table. Rows are told by `rows`, and taken by `op::update`; what a row means in
//! iCalendar and vCard is the business of `kontor_wire_sharepoint::translate`.
//!
//! Laws:
//! - Rights are never tested here. What the office answers is translated once, in `fault`.
//! - The office's numbers are dressed as GUIDs, change tokens and positions in `token` alone.
//! - Rows are told page by page; memory does not grow with a list.
//! - A list that may not be seen is a list that does not exist, in every answer.
//! - Writes are edits: what a row does not say stays as it is.
//!
//! Deliberately absent: sockets and log lines (`listen`), discussion boards, changes to documents (they have WebDAV), pages for people
//! other than those of one row and of what can be connected.

mod answer;
mod attachment;
mod connect;
mod dispatch;
mod documents;
mod employees;
mod fault;
mod list;
mod op;
mod page;
mod people;
mod route;
mod rows;
mod session;
mod settings;
mod sign_in;
mod tasks;
mod time;
mod token;
mod translate;

pub use settings::Settings;

use kontor_groupware::Office;
use kontor_listen::{Answering, Door, Request, Tls};
use std::fmt;
use std::sync::Arc;

/// Answers everything below `/lists` and `/_vti_bin`, and `/connect`, where people get their links.
pub struct ListDoor {
    room: Arc<Room>,
}

/// What all requests share.
pub(crate) struct Room {
    office: Office,
    settings: Settings,
    /// Signs what people are given to install.
    tls: Option<Arc<Tls>>,
}

impl ListDoor {
    /// A door to `office` of a server with a certificate.
    pub fn with_tls(office: Office, settings: Settings, tls: Option<Arc<Tls>>) -> Self {
        Self { room: Arc::new(Room { office, settings, tls }) }
    }

    /// A door to `office`.
    pub fn new(office: Office, settings: Settings) -> Self {
        Self { room: Arc::new(Room { office, settings, tls: None }) }
    }
}

impl fmt::Debug for ListDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListDoor").field("settings", &self.room.settings).finish_non_exhaustive()
    }
}

impl Door for ListDoor {
    fn handle(&self, request: Request) -> Answering<'_> {
        Box::pin(dispatch::answer(&self.room, request))
    }
}
