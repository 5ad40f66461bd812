//! Somebody who signed in, at one site.

use crate::route::Site;
use crate::{Room, Settings};
use http::request::Parts;
use kontor_groupware::{Asker, Office};
use kontor_listen::{Peer, Tls};
use kontor_wire_sharepoint::op::sites;
use std::sync::Arc;

/// One request's surroundings. Cheap to clone, so that what is done at the same time can have its own.
#[derive(Clone)]
pub(crate) struct Session {
    room: Arc<Room>,
    /// Who asks.
    pub(crate) asker: Arc<Asker>,
    /// At which site.
    pub(crate) site: Arc<Site>,
    /// `https://host:port`, as the client sees us.
    pub(crate) origin: Arc<str>,
}

impl Session {
    /// Of a request.
    pub(crate) fn new(room: &Arc<Room>, asker: Asker, site: Site, origin: String) -> Self {
        Self { room: room.clone(), asker: Arc::new(asker), site: Arc::new(site), origin: origin.into() }
    }

    /// The office.
    pub(crate) fn office(&self) -> &Office {
        &self.room.office
    }

    /// The server's certificate, if it has one.
    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.room.tls.as_deref()
    }

    /// The door's settings.
    pub(crate) fn settings(&self) -> &Settings {
        &self.room.settings
    }

    /// The site, as it is told.
    pub(crate) fn told_site(&self) -> sites::Site {
        sites::Site {
            title: self.settings().site_name.clone(),
            url: format!("{}{}", self.origin, self.site.path()),
            guid: crate::token::SITE,
            language: 1033,
        }
    }
}

/// `https://host:port`, as the client sees us.
pub(crate) fn origin(head: &Parts, peer: &Peer) -> String {
    let scheme = if peer.secure { "https" } else { "http" };
    let host = peer.host.clone().or_else(|| head.uri.authority().map(ToString::to_string));
    format!("{scheme}://{}", host.unwrap_or_else(|| "localhost".to_owned()))
}
