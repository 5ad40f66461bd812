//! A client that remembers what it was told, and asks only for what is new (RFC 6578).

use kontor_testkit::{Client, Server, User};
use std::collections::BTreeMap;

pub(super) const CALENDAR: &str = "/dav/calendars/anna/default/";

/// An event of that name; its text tells `summary`.
pub(super) fn event(name: &str, summary: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:{name}\r\n\
         DTSTAMP:20260101T000000Z\r\nDTSTART:20260101T100000Z\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n"
    )
}

/// What came of a synchronisation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Synced {
    /// Names that were told, changed and removed ones.
    Delta(Vec<String>),
    /// The token was refused.
    Refused,
}

/// See above.
#[derive(Clone)]
pub(super) struct Syncer {
    client: Client,
    collection: String,
    pub(super) token: String,
    /// Entity tag by name, of what is there.
    pub(super) known: BTreeMap<String, String>,
}

impl Syncer {
    /// Knows nothing yet.
    pub(super) fn new(server: &Server, user: User, collection: &str) -> Self {
        Self::with(server.client_of(user), collection)
    }

    pub(super) fn with(client: Client, collection: &str) -> Self {
        Self { client, collection: collection.to_owned(), token: String::new(), known: BTreeMap::new() }
    }

    /// Asks for what is new.
    pub(super) fn sync(&mut self) -> Synced {
        let ask = format!(
            "<sync-collection xmlns=\"DAV:\"><sync-token>{}</sync-token><sync-level>1</sync-level>\
             <prop><getetag/></prop></sync-collection>",
            self.token
        );
        let headers = [("Content-Type", "application/xml")];
        let answer = self.client.ask("REPORT", &self.collection, &headers, ask.as_bytes());
        let text = answer.text();
        if answer.status == 403 && text.contains("valid-sync-token") {
            return Synced::Refused;
        }
        assert_eq!(answer.status, 207, "{text}");
        let mut told = Vec::new();
        for response in text.split("response>").filter(|part| part.contains("href>")) {
            let name = between(response, "href>", "<").rsplit('/').next().unwrap().to_owned();
            match response.contains("getetag>") {
                true => drop(self.known.insert(name.clone(), between(response, "getetag>", "<").to_owned())),
                false => drop(self.known.remove(&name)),
            }
            told.push(name);
        }
        self.token = between(&text, "sync-token>", "<").to_owned();
        told.sort();
        Synced::Delta(told)
    }

    /// Forgets everything and asks for all, as a client does whose token was refused.
    pub(super) fn afresh(&mut self) -> Synced {
        (self.token, self.known) = (String::new(), BTreeMap::new());
        self.sync()
    }

    /// The server is another one now.
    pub(super) fn moves_to(&mut self, server: &Server, user: User) {
        self.client = server.client_of(user);
    }

    /// [`Syncer::put`], or `None` if the server is gone.
    pub(super) fn try_put(&mut self, name: &str, summary: &str) -> Option<u16> {
        self.send(name, summary)
    }

    /// Removes it; `None` if the server is gone.
    pub(super) fn try_delete(&mut self, name: &str) -> Option<()> {
        self.known.remove(name);
        let path = format!("{}{name}", self.collection);
        let answer = self.client.try_ask("DELETE", &path, &[], b"").ok()?;
        assert_eq!(answer.status, 204, "{}", answer.text());
        Some(())
    }

    /// Stores an event as it is known here (If-Match), or as a new one; the status.
    pub(super) fn put(&mut self, name: &str, summary: &str) -> u16 {
        self.send(name, summary).expect("the server answers")
    }

    fn send(&mut self, name: &str, summary: &str) -> Option<u16> {
        let text = event(name, summary);
        let condition = match self.known.get(name) {
            Some(tag) => ("If-Match", tag.replace("&quot;", "\"")),
            None => ("If-None-Match", "*".to_owned()),
        };
        let headers = [("Content-Type", "text/calendar"), (condition.0, condition.1.as_str())];
        let path = format!("{}{name}", self.collection);
        let answer = self.client.try_ask("PUT", &path, &headers, text.as_bytes()).ok()?;
        if let Some(tag) = answer.header("etag").filter(|_| answer.status < 300) {
            self.known.insert(name.to_owned(), tag.to_owned());
        }
        Some(answer.status)
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.client.get(&format!("{}{name}", self.collection))
    }

    pub(super) fn delete(&mut self, name: &str) {
        self.client.delete(&format!("{}{name}", self.collection));
        self.known.remove(name);
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(start).unwrap_or_else(|| panic!("no {start} in {text}")) + start.len();
    let rest = &text[from..];
    rest.split(end).next().unwrap()
}
