//! Properties: a table of those that we know, and one way to tell them, shared by PROPFIND and all reports.
//!
//! A request's choice is made into a [`Plan`] once; [`Plan::respond`] then writes one response element for each
//! subject. Whatever must be read for it is known beforehand ([`Plan::needs`]), so telling never waits.

mod acl;
mod apple;
mod calendar;
pub(crate) mod change;
mod contacts;
mod live;
mod lock;
pub(crate) mod principal;
mod quota;
mod sync;
mod zone;

use crate::error::Refusal;
use crate::subject::{Bits, Subject, need, on};
use crate::{Session, Settings};
use http::StatusCode;
use kontor_model::PropertyKey;
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, caldav, carddav};
use kontor_wire_dav::request::PropSet;

/// Writes one property of a subject into the propstat that is open; `false` if the subject does not have it, and then
/// nothing is written.
type Tell = fn(&Session, &Subject<'_>, &Name, &mut Multistatus) -> bool;

/// A property that the office understands.
pub(crate) struct Live {
    /// Name on the wire.
    pub(crate) name: Name,
    /// Sorts of subject that have it.
    pub(crate) on: Bits,
    /// Whether DAV:allprop tells it (RFC 4918's own properties; CalDAV and CardDAV ask to leave theirs out).
    pub(crate) in_all: bool,
    /// What must be read for it.
    pub(crate) needs: Bits,
    /// How it is told.
    tell: Tell,
    /// How a client may change it.
    pub(crate) change: change::Change,
}

/// A property that clients cannot change.
const fn protected(name: Name, on: Bits, tell: Tell) -> Live {
    Live { name, on, in_all: false, needs: 0, tell, change: change::Change::Protected }
}

/// A property of collections that clients can change; kept under a key of the house.
const fn kept(name: Name, on: Bits, tell: Tell, key: &'static str, read: change::Read) -> Live {
    Live { name, on, in_all: false, needs: 0, tell, change: change::Change::Kept { key, read } }
}

impl Live {
    const fn in_all(mut self) -> Self {
        self.in_all = true;
        self
    }

    const fn needing(mut self, needs: Bits) -> Self {
        self.needs = needs;
        self
    }
}

/// Every group's table.
const GROUPS: [&[Live]; 9] = [
    live::TABLE,
    lock::TABLE,
    acl::TABLE,
    principal::TABLE,
    calendar::TABLE,
    contacts::TABLE,
    sync::TABLE,
    quota::TABLE,
    apple::TABLE,
];

/// Every property that we understand.
pub(crate) fn all() -> impl Iterator<Item = &'static Live> {
    GROUPS.into_iter().flatten()
}

/// The property of that name.
pub(crate) fn find(name: &Name) -> Option<&'static Live> {
    all().find(|live| live.name == *name)
}

/// The key under which a client's own property is kept.
pub(crate) fn dead_key(name: &Name) -> PropertyKey {
    PropertyKey::new(name.to_string())
}

/// One property asked for.
struct Entry {
    name: Name,
    live: Option<&'static Live>,
    key: PropertyKey,
}

impl Entry {
    fn of(name: &Name) -> Self {
        Self { name: name.clone(), live: find(name), key: dead_key(name) }
    }
}

/// Refuses requests that name more properties than the settings allow: each would be told of each resource.
pub(crate) fn check_count(settings: &Settings, named: usize) -> Result<(), Refusal> {
    let max = settings.max_asked_properties;
    if named <= max {
        return Ok(());
    }
    let detail = format!("more properties are named than max_asked_properties = {max}");
    Err(Refusal::because(StatusCode::PAYLOAD_TOO_LARGE, detail))
}

/// How many properties a choice names.
pub(crate) fn count(set: &PropSet) -> usize {
    match set {
        PropSet::Named(names) | PropSet::All { include: names } => names.len(),
        PropSet::Names => 0,
    }
}

/// How much of the dead properties is told besides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Named,
    All,
    Names,
}

/// What a request wishes to know, looked up once.
pub(crate) struct Plan {
    mode: Mode,
    entries: Vec<Entry>,
    minimal: bool,
}

impl Plan {
    /// The plan for `set`. `minimal` leaves out what is not there (RFC 8144 2.1).
    pub(crate) fn new(set: &PropSet, minimal: bool) -> Self {
        let (mode, entries) = match set {
            PropSet::Named(names) => (Mode::Named, names.iter().map(Entry::of).collect()),
            PropSet::Names => (Mode::Names, all().map(|live| Entry::of(&live.name)).collect()),
            PropSet::All { include } => {
                let of_all = all().filter(|live| live.in_all).map(|live| &live.name);
                let besides = include.iter().filter(|name| !find(name).is_some_and(|live| live.in_all));
                (Mode::All, of_all.chain(besides).map(Entry::of).collect())
            }
        };
        Self { mode, entries, minimal }
    }

    /// What must be read of subjects of these sorts before they can [respond](Plan::respond): bits of [`need`].
    pub(crate) fn needs(&self, sorts: Bits) -> Bits {
        let items = sorts & on::ITEM;
        let dead = |live: Option<&Live>| items != 0 && live.is_none_or(|live| live.on & items != items);
        let whole = if self.mode != Mode::Named && items != 0 { need::DEAD } else { 0 };
        self.entries.iter().fold(whole, |needs, entry| {
            let own = entry.live.filter(|live| live.on & sorts != 0).map_or(0, |live| live.needs);
            needs | own | if dead(entry.live) { need::DEAD } else { 0 }
        })
    }

    /// Whether the body of items of that sort is asked for (CALDAV:calendar-data, CARDDAV:address-data).
    pub(crate) fn wants_body(&self, sort: Bits) -> bool {
        self.entries.iter().any(|entry| has_body(&entry.name) & sort != 0)
    }

    /// Writes the response element of one subject. `body` is what CALDAV:calendar-data or CARDDAV:address-data
    /// shall hold; without it they are told as missing.
    pub(crate) fn respond(
        &self,
        session: &Session,
        subject: &Subject<'_>,
        body: Option<&[u8]>,
        out: &mut Multistatus,
    ) {
        out.response(&subject.href());
        self.tell(session, subject, body, out);
        out.end_response();
    }

    /// The propstats of [`Plan::respond`], into a response that is open.
    pub(crate) fn tell(
        &self,
        session: &Session,
        subject: &Subject<'_>,
        body: Option<&[u8]>,
        out: &mut Multistatus,
    ) {
        if self.mode == Mode::Names {
            return self.tell_names(session, subject, out);
        }
        out.propstat(200);
        let mut missing: Vec<&Name> = Vec::new();
        for entry in &self.entries {
            if !entry.tell(session, subject, body, out) {
                missing.push(&entry.name);
            }
        }
        if self.mode == Mode::All {
            let others =
                subject.dead().filter(|(key, _)| !self.entries.iter().any(|entry| entry.key == **key));
            others.for_each(|(_, value)| out.raw(value));
            return;
        }
        if !self.minimal {
            out.missing(missing);
        }
    }

    fn tell_names(&self, session: &Session, subject: &Subject<'_>, out: &mut Multistatus) {
        out.propstat(200);
        let mut scratch = Multistatus::new();
        for entry in &self.entries {
            if entry.tell(session, subject, None, &mut scratch) {
                out.empty(&entry.name);
            }
        }
        for (key, _) in subject.dead() {
            if let Some(name) = Name::from_clark(&key.0).filter(|name| find(name).is_none()) {
                out.empty(&name);
            }
        }
    }
}

impl Entry {
    fn tell(
        &self,
        session: &Session,
        subject: &Subject<'_>,
        body: Option<&[u8]>,
        out: &mut Multistatus,
    ) -> bool {
        if let Some(live) = self.live.filter(|live| live.on & subject.sort() != 0) {
            return (live.tell)(session, subject, &self.name, out);
        }
        if let Some(body) = body.filter(|_| has_body(&self.name) & subject.sort() != 0) {
            out.text_bytes(&self.name, body);
            return true;
        }
        match subject.dead_value(&self.key) {
            Some(value) => {
                out.raw(value);
                true
            }
            None => false,
        }
    }
}

/// The sort of item whose body this property tells; 0 for other properties.
fn has_body(name: &Name) -> Bits {
    if *name == caldav::CALENDAR_DATA {
        on::EVENT
    } else if *name == carddav::ADDRESS_DATA {
        on::CARD
    } else {
        0
    }
}

/// Writes a property that is one href.
fn tell_href(out: &mut Multistatus, name: &Name, href: &str) -> bool {
    out.value(name, |w| w.leaf(&kontor_wire_dav::name::dav::HREF, href));
    true
}

/// Writes a property that is text.
fn tell_text(out: &mut Multistatus, name: &Name, text: &str) -> bool {
    out.text(name, text);
    true
}
