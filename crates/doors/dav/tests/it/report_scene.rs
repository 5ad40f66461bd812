//! What tests of reports share: asking, and reading the answers back as a client would.

use crate::scene::{Reply, Scene};
use kontor_groupware::{Expect, Put};
use kontor_model::{ItemName, Kind};
use kontor_wire_dav::Limits;
use kontor_wire_dav::answer::{MultistatusBody, Response};
use kontor_wire_dav::name::{Name, caldav, carddav};

/// Anna's calendar, task list and address book.
pub(crate) const CALENDAR: &str = "/dav/calendars/anna/default/";
pub(crate) const TASKS: &str = "/dav/calendars/anna/tasks/";
pub(crate) const BOOK: &str = "/dav/addressbooks/anna/default/";

/// Declarations that the bodies here use.
pub(crate) const SPACES: &str = "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
     xmlns:CR=\"urn:ietf:params:xml:ns:carddav\" xmlns:CS=\"http://calendarserver.org/ns/\" xmlns:X=\"urn:x\"";

/// A report body: `name` with what is inside it.
pub(crate) fn body(name: &str, inside: &str) -> String {
    format!("<{name} {SPACES}>{inside}</{name}>")
}

impl Scene {
    /// What Anna is answered to a report.
    pub(crate) async fn report(&self, path: &str, body: &str) -> Reply {
        self.anna(&format!("REPORT {path}\nDepth: 1\n\n{body}")).await
    }

    /// Puts something as Anna, through the door.
    pub(crate) async fn put(&self, path: &str, text: &str) {
        let status = self.anna(&format!("PUT {path}\n\n{text}")).await.status;
        assert!([201, 204].contains(&status), "{path}: {status}");
    }

    /// Puts a calendar object with these components into Anna's calendar.
    pub(crate) async fn calendar(&self, name: &str, components: &str) {
        self.put(&format!("{CALENDAR}{name}.ics"), &object(components)).await;
    }

    /// Puts any bytes into one of Anna's collections.
    pub(crate) async fn bytes(&self, kind: Kind, collection: &str, name: &str, bytes: &[u8]) {
        let anna = self.asker("anna").await;
        let place = self.office.place(&anna, "anna", &[kind], collection).await.unwrap();
        let media_type = if kind == Kind::Contacts { "text/vcard" } else { "text/calendar" };
        let put = Put { media_type, bytes: bytes.to_vec().into(), expect: Expect::Any };
        self.office.put(&anna, &place, &ItemName::new(name).unwrap(), put).await.unwrap();
    }

    /// The names that a calendar-query with this filter inside VCALENDAR finds in a collection.
    pub(crate) async fn found_in(&self, path: &str, filter: &str) -> String {
        self.report(path, &query("", filter)).await.is(207).names()
    }

    /// The same for Anna's calendar.
    pub(crate) async fn found(&self, filter: &str) -> String {
        self.found_in(CALENDAR, filter).await
    }
}

/// A calendar object around components, with the line ends that clients send.
pub(crate) fn object(components: &str) -> String {
    let lines = components.lines().map(str::trim).filter(|line| !line.is_empty());
    let inside: String = lines.map(|line| format!("{line}\r\n")).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{inside}END:VCALENDAR\r\n")
}

/// An event of these lines.
pub(crate) fn vevent(uid: &str, lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261121T000000Z\n{lines}\nEND:VEVENT\n")
}

/// A task of these lines.
pub(crate) fn vtodo(uid: &str, lines: &str) -> String {
    format!("BEGIN:VTODO\nUID:{uid}\nDTSTAMP:20261121T000000Z\n{lines}\nEND:VTODO\n")
}

/// A calendar-query for entity tags and `data`, with a filter inside VCALENDAR.
pub(crate) fn query(data: &str, filter: &str) -> String {
    body(
        "C:calendar-query",
        &format!(
            "<D:prop><D:getetag/>{data}</D:prop>\
             <C:filter><C:comp-filter name=\"VCALENDAR\">{filter}</C:comp-filter></C:filter>"
        ),
    )
}

/// A filter on components of one name.
pub(crate) fn comp(name: &str, inside: &str) -> String {
    format!("<C:comp-filter name=\"{name}\">{inside}</C:comp-filter>")
}

/// A time-range; an empty end is left out.
pub(crate) fn range(start: &str, end: &str) -> String {
    let attribute = |name: &str, value: &str| {
        if value.is_empty() { String::new() } else { format!(" {name}=\"{value}\"") }
    };
    format!("<C:time-range{}{}/>", attribute("start", start), attribute("end", end))
}

impl Reply {
    /// The body as a client reads it, which it must be able to.
    #[track_caller]
    pub(crate) fn multistatus(&self) -> MultistatusBody {
        MultistatusBody::parse(self.body.as_bytes(), &Limits::ANSWER)
            .unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }

    /// Last path segments of all responses that are not errors, without their ending, sorted and in one line.
    #[track_caller]
    pub(crate) fn names(&self) -> String {
        self.named(|status| status.is_none())
    }

    /// The same for those with this status.
    #[track_caller]
    pub(crate) fn names_with(&self, status: u16) -> String {
        self.named(|found| found == Some(status))
    }

    #[track_caller]
    fn named(&self, wanted: impl Fn(Option<u16>) -> bool) -> String {
        let all = self.multistatus().responses;
        let names = all.iter().filter(|one| wanted(one.status())).map(|one| {
            let segment = one.href().trim_end_matches('/').rsplit('/').next().unwrap().to_owned();
            segment.split('.').next().unwrap().to_owned()
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names.join(" ")
    }

    /// The text of a property of the response about that name.
    #[track_caller]
    pub(crate) fn value(&self, name: &str, property: &Name) -> String {
        let all = self.multistatus().responses;
        let is = |one: &&Response| one.href().trim_end_matches('/').ends_with(&format!("/{name}"));
        let one = all.iter().find(is).unwrap_or_else(|| panic!("nothing about {name} in {}", self.body));
        let found = one.property(property).unwrap_or_else(|| panic!("no {property} in {}", self.body));
        found.text().into_owned()
    }

    /// The calendar data of that name.
    #[track_caller]
    pub(crate) fn data(&self, name: &str) -> String {
        self.value(&format!("{name}.ics"), &caldav::CALENDAR_DATA)
    }

    /// The card of that name.
    #[track_caller]
    pub(crate) fn card(&self, name: &str) -> String {
        self.value(&format!("{name}.vcf"), &carddav::ADDRESS_DATA)
    }

    /// DAV:sync-token of the answer.
    #[track_caller]
    pub(crate) fn token(&self) -> String {
        self.multistatus().sync_token.unwrap_or_else(|| panic!("no token in {}", self.body))
    }

    /// Whether the answer says that the collection itself was cut short.
    #[track_caller]
    pub(crate) fn is_truncated(&self, href: &str) -> bool {
        let all = self.multistatus();
        let Some(one) = all.response(href) else { return false };
        assert_eq!(one.status(), Some(507), "{}", self.body);
        assert!(
            self.body.contains("<D:error><D:number-of-matches-within-limits/></D:error>"),
            "{}",
            self.body
        );
        true
    }
}
