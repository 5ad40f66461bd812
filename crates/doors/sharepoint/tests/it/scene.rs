//! An office with two people, and a client that speaks in typed messages.

use base64::Engine;
use kontor_door_sharepoint::{ListDoor, Settings};
use kontor_groupware::{ArgonCost, Asker, Expect, NewUser, Office, Parts, Place, Policy, Put};
use kontor_listen::{Door, Peer, Request as HttpRequest, RequestBody, RequestId};
use kontor_model::{AccountName, Grant, Grantee, ItemName, Kind, Origin, Rights, SystemChance, SystemClock};
use kontor_store::sqlite::{SqliteOptions, open};
use kontor_wire_sharepoint::op::Request;
use kontor_wire_sharepoint::op::changes::GetListItemChangesSinceToken;
use kontor_wire_sharepoint::op::items::Ask;
use kontor_wire_sharepoint::op::listing::Listing;
use kontor_wire_sharepoint::op::update::{Command, Method, OnError, Outcome, UpdateListItems, read_results};
use kontor_wire_sharepoint::row::{BAG, Field, Row};
use kontor_wire_sharepoint::soap::{Envelope, Fault, Version};
use kontor_wire_sharepoint::xml::Limits;
use std::sync::Arc;

pub(crate) struct Scene {
    pub(crate) office: Office,
    door: ListDoor,
    _folder: tempfile::TempDir,
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn envelope(&self) -> Envelope {
        Envelope::read(&self.bytes, &Limits::default()).unwrap_or_else(|why| panic!("{why}: {}", self.text()))
    }

    pub(crate) fn fault(&self) -> Fault {
        self.envelope().fault().unwrap_or_else(|| panic!("no fault: {}", self.text()))
    }
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), &SqliteOptions::default()).unwrap();
        let mut policy = Policy::default();
        policy.sign_in.argon = ArgonCost { memory_kib: 8, passes: 1, lanes: 1 };
        let parts = Parts { store, clock: Arc::new(SystemClock), chance: Arc::new(SystemChance), policy };
        let office = Office::open(parts).await.unwrap();
        for (name, full_name) in [("anna", "Anna Arendt"), ("ben", "Ben Böll")] {
            let email = format!("{name}@example.org");
            let account = AccountName::new(name).unwrap();
            let new = NewUser::person(account, full_name, &email, Some(&format!("{name}-pw")));
            office.create_user(&Asker::system(Origin::Admin), new).await.unwrap();
        }
        let door = ListDoor::new(office.clone(), settings);
        Self { office, door, _folder: folder }
    }

    /// Anna herself, as the office knows her.
    pub(crate) async fn anna(&self) -> Asker {
        let system = Asker::system(Origin::Admin);
        Asker::account(self.office.principal(&system, "anna").await.unwrap(), Origin::Dav)
    }

    pub(crate) async fn place(&self, kind: Kind, name: &str) -> Place {
        self.office.place(&self.anna().await, "anna", &[kind], name).await.unwrap()
    }

    /// Puts a text into Anna's calendar, as another door would.
    pub(crate) async fn put(&self, name: &str, text: &str) {
        let (anna, place) = (self.anna().await, self.place(Kind::Calendar, "default").await);
        let put = Put { media_type: "", bytes: text.to_owned().into(), expect: Expect::Any };
        self.office.put(&anna, &place, &ItemName::new(name).unwrap(), put).await.unwrap();
    }

    pub(crate) async fn text(&self, name: &str) -> String {
        let (anna, place) = (self.anna().await, self.place(Kind::Calendar, "default").await);
        let item = self.office.item(&anna, &place, &ItemName::new(name).unwrap()).await.unwrap();
        String::from_utf8(item.body.to_vec()).unwrap()
    }

    pub(crate) async fn grant_to_ben(&self, place: &Place, rights: Rights) {
        let ben = self.office.principal(&Asker::system(Origin::Admin), "ben").await.unwrap().id;
        let grants = vec![Grant { grantee: Grantee::Account(ben), rights }];
        self.office.set_grants(&self.anna().await, place, Some(grants)).await.unwrap();
    }

    /// A request of somebody.
    pub(crate) async fn http(&self, user: &str, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Reply {
        let credential = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{user}-pw"));
        let head = http::Request::builder()
            .method(method)
            .uri(path)
            .header("Authorization", format!("Basic {credential}"))
            .header("Content-Type", "text/xml; charset=utf-8");
        let (head, ()) = head.body(()).unwrap().into_parts();
        let peer = Peer { host: Some("office.example".to_owned()), secure: true, ..Peer::loopback() };
        let body = RequestBody::from(bytes::Bytes::from(body.into()));
        let response = self.door.handle(HttpRequest { head, body, peer, id: RequestId(1) }).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect(64 << 20).await.unwrap().to_vec();
        Reply { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    /// An operation of somebody.
    pub(crate) async fn ask(&self, user: &str, request: &impl Request) -> Reply {
        self.http(user, "POST", "/lists/_vti_bin/Lists.asmx", request.message(Version::V11)).await
    }

    /// What changed since a token.
    pub(crate) async fn changes(&self, user: &str, list: &str, token: Option<&str>) -> Listing {
        let ask = Ask { utc: true, limit: Some(1_000), ..Ask::default() };
        let token = token.map(str::to_owned);
        let request = GetListItemChangesSinceToken { list: list.to_owned(), ask, token };
        let reply = self.ask(user, &request).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        Listing::read(&reply.envelope().body).unwrap()
    }

    /// The first answer about a list, as it came.
    pub(crate) async fn changes_text(&self, user: &str, list: &str) -> String {
        let request = GetListItemChangesSinceToken { list: list.to_owned(), ..Default::default() };
        self.ask(user, &request).await.text()
    }

    /// Writes rows.
    pub(crate) async fn update(
        &self,
        user: &str,
        list: &str,
        methods: &[(Command, &[(&str, &str)])],
    ) -> Vec<Outcome> {
        let methods = methods.iter().enumerate().map(|(nth, (command, fields))| Method {
            id: nth.to_string(),
            command: *command,
            fields: row(fields),
        });
        let (list, methods) = (list.to_owned(), methods.collect());
        let request = UpdateListItems { list, on_error: OnError::Continue, utc: true, methods };
        let reply = self.ask(user, &request).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        read_results(&reply.envelope().body).unwrap()
    }
}

/// Fields; `MetaInfo/Name` is a value of the property bag.
fn row(fields: &[(&str, &str)]) -> Row {
    let fields = fields.iter().map(|(name, value)| {
        let property = name.strip_prefix("MetaInfo/").map(|property| property.to_owned().into());
        let name = if property.is_some() { BAG } else { *name };
        Field { name: name.to_owned().into(), property, value: (*value).to_owned().into() }
    });
    Row { fields: fields.collect() }
}

/// A calendar with one event of these lines.
pub(crate) fn event(uid: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n\
         {lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// An hour, with a title.
pub(crate) fn hour(uid: &str, title: &str) -> String {
    event(uid, &format!("DTSTART:20300107T100000Z\r\nDTEND:20300107T110000Z\r\nSUMMARY:{title}\r\n"))
}
