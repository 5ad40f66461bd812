//! Requests made of odd pieces: whatever comes, it is answered, and never by a fault of ours.

use crate::scene::{Scene, event, task};
use kontor_model::{Chance, SeededChance};

struct Dice(SeededChance);

impl Dice {
    fn roll(&self, sides: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % sides
    }

    fn pick<'a>(&self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const METHODS: &[&str] = &[
    "GET",
    "HEAD",
    "PUT",
    "DELETE",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "MKCALENDAR",
    "COPY",
    "MOVE",
    "REPORT",
    "ACL",
    "OPTIONS",
    "LOCK",
    "PATCH",
];
const PATHS: &[&str] = &[
    "/",
    "/dav",
    "/dav/principals/",
    "/dav/principals/anna",
    "/dav/principals/%00",
    "/dav/calendars/",
    "/dav/calendars/anna/",
    "/dav/calendars/anna/default/",
    "/dav/calendars/anna/default/one.ics",
    "/dav/calendars/anna/default/%F0%9F%93%85.ics",
    "/dav/calendars/anna/default/%ff.ics",
    "/dav/calendars/anna/default/..%2f..%2fx",
    "/dav/calendars/anna/new/",
    "/dav/calendars/anna/new/one.ics",
    "/dav/calendars/anna/tasks/t.ics",
    "/dav/calendars/ben/default/x.ics",
    "/dav/addressbooks/anna/default/",
    "/dav/addressbooks/anna/default/c.vcf",
    "/dav/addressbooks/anna/other",
    "/.well-known/caldav",
    "/dav/calendars/anna/default/?a=b&c",
];
const HEADERS: &[&str] = &[
    "Depth: 0",
    "Depth: 1",
    "Depth: infinity",
    "Depth: -1",
    "If-Match: *",
    "If-Match: \"a\", W/\"b\"",
    "If-Match: \"",
    "If-None-Match: *",
    "If-None-Match: ,",
    "If: (<urn:x> [\"y\"])",
    "If: </dav/calendars/anna/default/> (Not [\"y\"])",
    "If: ((((",
    "Destination: /dav/calendars/anna/default/two.ics",
    "Destination: /dav/calendars/anna/moved/",
    "Destination: http://dav.example.org/dav/addressbooks/anna/default/x.vcf",
    "Destination: %%%",
    "Destination: http://",
    "Overwrite: F",
    "Prefer: return=minimal, depth-noroot",
    "Prefer: \"\\\"",
    "Brief: t",
    "Content-Type: text/calendar; charset=\"",
    "Content-Type: text/vcard",
    "If-Modified-Since: Sat, 99 Foo 2026 21:04:05 GMT",
    "If-Unmodified-Since: Sat, 21 Nov 2026 21:04:05 GMT",
];
const XML: &[&str] = &[
    "<propfind xmlns='DAV:'><propname/></propfind>",
    "<propfind xmlns='DAV:'><prop><acl/><x xmlns=''/><calendar-data xmlns='urn:ietf:params:xml:ns:caldav'/></prop></propfind>",
    "<propertyupdate xmlns='DAV:'><set><prop><displayname>&#x1F4C5;</displayname><x xmlns='urn:x'><![CDATA[<]]></x></prop></set></propertyupdate>",
    "<propertyupdate xmlns='DAV:'><remove><prop><displayname/><resourcetype/></prop></remove></propertyupdate>",
    "<mkcol xmlns='DAV:'><set><prop><resourcetype><collection/><x:calendar xmlns:x='urn:ietf:params:xml:ns:caldav'/></resourcetype></prop></set></mkcol>",
    "<x:mkcalendar xmlns:x='urn:ietf:params:xml:ns:caldav'/>",
    "<acl xmlns='DAV:'><ace><principal><authenticated/></principal><grant><privilege><read/></privilege></grant></ace></acl>",
    "<sync-collection xmlns='DAV:'><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>",
    "<expand-property xmlns='DAV:'><property name='owner'/></expand-property>",
    "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav'><C:filter><C:comp-filter name='VCALENDAR'/></C:filter></C:calendar-query>",
    "<a/>",
    "<a",
    "\u{FEFF}",
];

fn body(dice: &Dice) -> String {
    let mut text = match dice.roll(5) {
        0 => event("one"),
        1 => task("t"),
        2 => "BEGIN:VCARD\nVERSION:4.0\nFN:x\nUID:c\nEND:VCARD".to_owned(),
        _ => dice.pick(XML).to_owned(),
    };
    // One time in three something is cut out.
    if dice.roll(3) == 0 {
        let cut = dice.roll(text.len().max(1));
        if text.is_char_boundary(cut) {
            text.truncate(cut);
        }
    }
    text
}

#[tokio::test]
async fn whatever_comes_is_answered() {
    let scene = Scene::new().await;
    let dice = Dice(SeededChance::new(2));
    for n in 0..4_000 {
        if n % 20 == 0 {
            // Whatever was removed is there again.
            scene.anna("MKCALENDAR /dav/calendars/anna/default/\n\n").await;
            scene.anna(&format!("PUT /dav/calendars/anna/default/one.ics\n\n{}", event("one"))).await;
        }
        let headers: Vec<&str> = (0..dice.roll(4)).map(|_| dice.pick(HEADERS)).collect();
        let head = format!("{} {}", dice.pick(METHODS), dice.pick(PATHS));
        let text = format!("{head}\n{}\n\n{}", headers.join("\n"), body(&dice)).replace("\n\n\n", "\n\n");
        let reply = scene.anna(&text).await;
        assert!((200..500).contains(&reply.status), "{} {}\n{text}\n{}", reply.status, head, reply.body);
    }
}
