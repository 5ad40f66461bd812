//! The DAV door: WebDAV (class 1, 2 and 3) on files, CalDAV and CardDAV, with sync, access control and an event stream.
//!
//! A request comes in at [`DavDoor`], its path becomes a `route::Route`, the credential an asker, and its method one
//! file in `method`. What a resource is, as far as its properties are concerned, is a `subject::Subject`; properties
//! are a table in `property`, reports a table in `report`. Both write through one `property::Plan`.
//!
//! Laws:
//! - Rights are never tested here. What the office answers is translated once, in `error`.
//! - The office's numbers are dressed as entity tags and tokens in `token` alone.
//! - Whatever may be large is written page by page (`stream`); memory does not grow with a collection.
//! - No state outlives a request, but for streams that their client still reads.
//! - What may not be seen is 404, for every method.
//!
//! Deliberately absent: scheduling, sockets and log lines (`listen`), what content means.

mod browse;
mod call;
mod checksum;
mod date;
mod dispatch;
mod download;
mod error;
mod events;
mod everybody;
mod locate;
mod locks;
mod method;
mod part;
mod past;
mod precondition;
mod prefer;
mod privilege;
mod property;
mod reply;
mod report;
mod route;
mod settings;
mod sign_in;
mod stream;
mod subject;
mod token;
mod upload;
mod whole;

pub use settings::Settings;

use kontor_groupware::{Asker, Office};
use kontor_listen::{Answering, Door, Request};
use std::fmt;
use std::sync::Arc;

/// Answers everything below `/dav`, and `/.well-known/caldav` and `/.well-known/carddav`; PROPFIND and OPTIONS on `/`
/// as well, if they are sent here.
pub struct DavDoor {
    room: Arc<Room>,
}

/// What all requests share.
struct Room {
    office: Office,
    settings: Settings,
    /// The one user of this machine who is let in, with the powers of the server; `None` for a door where people sign in.
    owner: Option<u32>,
}

impl DavDoor {
    /// A door to `office`.
    pub fn new(office: Office, settings: Settings) -> Self {
        Self { room: Arc::new(Room { office, settings, owner: None }) }
    }

    /// A door for the command line: over a unix socket, for the user of that id and for root alone. Everybody else finds
    /// nothing there.
    pub fn for_owner(office: Office, settings: Settings, owner: u32) -> Self {
        Self { room: Arc::new(Room { office, settings, owner: Some(owner) }) }
    }
}

impl fmt::Debug for DavDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DavDoor").field("settings", &self.room.settings).finish_non_exhaustive()
    }
}

impl Door for DavDoor {
    fn handle(&self, request: Request) -> Answering<'_> {
        Box::pin(dispatch::answer(&self.room, request))
    }
}

/// Somebody who signed in, at this door. Cheap to clone, so that a stream can outlive the request that began it.
#[derive(Clone)]
pub(crate) struct Session {
    room: Arc<Room>,
    /// Who asks.
    pub(crate) asker: Asker,
}

impl Session {
    /// The office.
    pub(crate) fn office(&self) -> &Office {
        &self.room.office
    }

    /// The door's settings.
    pub(crate) fn settings(&self) -> &Settings {
        &self.room.settings
    }
}
