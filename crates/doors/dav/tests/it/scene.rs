//! An office with three people, and requests written as text: a request line, headers, an empty line, a body.

use kontor_door_dav::{DavDoor, Settings};
use kontor_groupware::{ArgonCost, Asker, NewUser, Office, Parts, Policy};
use kontor_listen::{Body, Door, Peer, Request, RequestBody, RequestId, Response};
use kontor_model::{
    AccountName, AdminLevel, FixedClock, Grant, Grantee, Kind, Origin, Rights, SeededChance, Timestamp,
};
use kontor_store::sqlite::{SqliteOptions, open};
use kontor_store::{History, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// 2026-11-21T21:04:05Z.
pub(crate) const NOW: i64 = 1_795_295_045;

/// Everything for one test.
pub(crate) struct Scene {
    pub(crate) office: Office,
    pub(crate) store: Arc<dyn Store>,
    door: DavDoor,
    requests: AtomicU64,
    #[allow(dead_code, reason = "goes with the scene")]
    folder: Option<tempfile::TempDir>,
}

impl Scene {
    /// Anna and Ben, and Carol who looks after the server.
    pub(crate) async fn new() -> Self {
        Self::with(Policy::default(), Settings::default()).await
    }

    pub(crate) async fn with(policy: Policy, settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let history = History { texts: 10, bytes: 1 << 30 };
        let store = open(folder.path(), &SqliteOptions { history, ..SqliteOptions::default() }).unwrap();
        Self { folder: Some(folder), ..Self::over(store, policy, settings).await }
    }

    /// On any store.
    pub(crate) async fn over(store: Arc<dyn Store>, policy: Policy, settings: Settings) -> Self {
        let scene = Self::beside(store, policy, settings, 7).await;
        let system = Asker::system(Origin::Admin);
        for (name, full_name) in [("anna", "Anna Arendt"), ("ben", "Ben Böll"), ("carol", "Carol Čapek")] {
            let email = format!("{name}@example.org");
            let account = AccountName::new(name).unwrap();
            let mut new = NewUser::person(account, full_name, &email, Some(&format!("{name}-pw")));
            new.aliases = vec![format!("{name}.alias@example.org")];
            if name == "carol" {
                new.admin = AdminLevel::System;
            }
            scene.office.create_user(&system, new).await.unwrap();
        }
        scene
    }

    /// Another node on a store where these people are already.
    pub(crate) async fn beside(
        store: Arc<dyn Store>,
        mut policy: Policy,
        settings: Settings,
        seed: u64,
    ) -> Self {
        let clock = Arc::new(FixedClock::at(Timestamp::from_secs(NOW)));
        let chance = Arc::new(SeededChance::new(seed));
        policy.sign_in.argon = ArgonCost { memory_kib: 8, passes: 1, lanes: 1 };
        let office = Office::open(Parts { store: store.clone(), clock, chance, policy }).await.unwrap();
        let door = DavDoor::new(office.clone(), settings);
        Self { office, store, door, requests: AtomicU64::new(1), folder: None }
    }

    /// What Anna is answered.
    pub(crate) async fn anna(&self, text: &str) -> Reply {
        self.ask("anna", text).await
    }

    /// What somebody is answered who knows his password.
    pub(crate) async fn ask(&self, user: &str, text: &str) -> Reply {
        self.raw(&signed(user, text)).await
    }

    /// What is answered to exactly this.
    pub(crate) async fn raw(&self, text: &str) -> Reply {
        Reply::of(text, self.response(text).await).await
    }

    /// The answer with its body not yet read.
    pub(crate) async fn response(&self, text: &str) -> Response {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let (method, uri) = lines.next().unwrap().split_once(' ').unwrap();
        let mut request = http::Request::builder().method(method).uri(uri);
        for line in lines {
            let (name, value) = line.split_once(':').unwrap();
            request = request.header(name, value.trim());
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let peer = Peer { host: Some("dav.example.org".to_owned()), ..Peer::loopback() };
        let id = RequestId(self.requests.fetch_add(1, Ordering::Relaxed));
        let body = RequestBody::from(bytes::Bytes::from(body.to_owned()));
        self.door.handle(Request { head, body, peer, id }).await
    }

    /// What Anna is answered to a body of any bytes, and the answer's own bytes.
    pub(crate) async fn exchange(&self, line: &str, body: &[u8]) -> (http::response::Parts, Vec<u8>) {
        let (method, uri) = line.split_once(' ').unwrap();
        let credential = format!("Basic {}", base64("anna:anna-pw"));
        let request = http::Request::builder().method(method).uri(uri).header("authorization", credential);
        let (head, ()) = request.body(()).unwrap().into_parts();
        let id = RequestId(self.requests.fetch_add(1, Ordering::Relaxed));
        let body = RequestBody::from(bytes::Bytes::from(body.to_vec()));
        let response = self.door.handle(Request { head, body, peer: Peer::loopback(), id }).await;
        let (head, body): (_, Body) = response.into_parts();
        (head, body.collect(64 << 20).await.expect("the answer was cut off").to_vec())
    }

    /// Grants Ben these rights on one of Anna's calendars.
    pub(crate) async fn grant_ben(&self, collection: &str, rights: Rights) {
        let anna = self.asker("anna").await;
        let ben = self.office.principal(&anna, "ben").await.unwrap().id;
        let kinds = [Kind::Calendar, Kind::Tasks];
        let place = self.office.place(&anna, "anna", &kinds, collection).await.unwrap();
        let grants = vec![Grant { grantee: Grantee::Account(ben), rights }];
        self.office.set_grants(&anna, &place, Some(grants)).await.unwrap();
    }

    pub(crate) async fn asker(&self, name: &str) -> Asker {
        let system = Asker::system(Origin::Admin);
        Asker::account(self.office.principal(&system, name).await.unwrap(), Origin::Dav)
    }

    /// Puts an event into Anna's default calendar; gives its entity tag.
    pub(crate) async fn event(&self, name: &str) -> String {
        let put = format!("PUT /dav/calendars/anna/default/{name}.ics\n\n{}", event(name));
        self.anna(&put).await.is(201).header("etag").to_owned()
    }
}

/// A request of somebody who knows his password.
pub(crate) fn signed(user: &str, text: &str) -> String {
    let credential = base64(&format!("{user}:{user}-pw"));
    with_header(text, &format!("Authorization: Basic {credential}"))
}

fn with_header(text: &str, header: &str) -> String {
    match text.split_once('\n') {
        Some((first, rest)) => format!("{first}\n{header}\n{rest}"),
        None => format!("{text}\n{header}"),
    }
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// An event with that UID.
pub(crate) fn event(uid: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261121T000000Z\r\n\
         DTSTART:20261201T100000Z\r\nDTEND:20261201T110000Z\r\nSUMMARY:{uid}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// A task with that UID.
pub(crate) fn task(uid: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VTODO\r\nUID:{uid}\r\nDTSTAMP:20261121T000000Z\r\n\
         SUMMARY:{uid}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )
}

/// A card with that UID.
pub(crate) fn card(uid: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{uid}\r\nN:{uid};;;;\r\nEND:VCARD\r\n")
}

/// An answer, whole.
pub(crate) struct Reply {
    asked: String,
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    async fn of(asked: &str, response: Response) -> Self {
        let (head, body): (_, Body) = response.into_parts();
        let body = body.collect(64 << 20).await.expect("the answer was cut off");
        Self {
            asked: asked.lines().next().unwrap_or_default().to_owned(),
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Checks the status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}\n{:?}\n{}", self.asked, self.headers, self.body);
        self
    }

    /// Checks that the body holds `part`.
    #[track_caller]
    pub(crate) fn has(self, part: &str) -> Self {
        assert!(self.body.contains(part), "{}\nno {part}\n{}", self.asked, self.body);
        self
    }

    /// Checks that the body does not hold `part`.
    #[track_caller]
    pub(crate) fn lacks(self, part: &str) -> Self {
        assert!(!self.body.contains(part), "{}\n{part} is there\n{}", self.asked, self.body);
        self
    }

    /// A header that must be there.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value =
            self.headers.get(name).unwrap_or_else(|| panic!("{}: no {name}: {:?}", self.asked, self.headers));
        value.to_str().unwrap()
    }

    /// Checks a header.
    #[track_caller]
    pub(crate) fn says(self, name: &str, value: &str) -> Self {
        assert_eq!(self.header(name), value, "{}", self.asked);
        self
    }

    /// How often the body holds `part`.
    pub(crate) fn count(&self, part: &str) -> usize {
        self.body.matches(part).count()
    }

    /// The text of the first element of that tag.
    #[track_caller]
    pub(crate) fn text(&self, tag: &str) -> String {
        let open = format!("<{tag}>");
        let rest = self.body.split_once(&open).unwrap_or_else(|| panic!("no {tag} in {}", self.body)).1;
        rest.split_once('<').unwrap().0.to_owned()
    }
}

/// A PROPFIND body that names these properties, written with the usual prefixes.
pub(crate) fn props(names: &str) -> String {
    let names: String = names.split(' ').map(|name| format!("<{name}/>")).collect();
    format!(
        "<D:propfind xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
         xmlns:CR=\"urn:ietf:params:xml:ns:carddav\" xmlns:CS=\"http://calendarserver.org/ns/\" \
         xmlns:A=\"http://apple.com/ns/ical/\" xmlns:X=\"urn:x\"><D:prop>{names}</D:prop></D:propfind>"
    )
}
