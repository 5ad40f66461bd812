//! A hundred thousand requests of rubbish: each is answered, none is our fault, and they leave nothing in memory.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::scope;
use std::time::Duration;

use kontor_testkit::Server;

use crate::office::{ANNA, CALENDAR, admin, event};

const REQUESTS: usize = 100_000;
/// Sent on one connection without waiting for answers.
const AT_ONCE: usize = 50;
const THREADS: usize = 8;
/// Growth of memory that is not growth: pages that came to be used, threads that came to be started. In MiB.
const SLACK: f64 = 24.0;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    fn noise(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.roll(256) as u8).collect()
    }

    /// The text, perhaps with its end cut off, something put into it, or a part of it doubled.
    fn spoil(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..self.roll(4) {
            let at = self.roll(bytes.len().max(1));
            match self.roll(3) {
                0 => bytes.truncate(at),
                1 => bytes.splice(at..at, b"\r\n<![CDATA[&#0;\xff".iter().copied()).for_each(drop),
                _ => bytes.extend_from_within(at..),
            }
            bytes.truncate(20_000);
        }
        bytes
    }
}

/// None that removes the calendar: the rubbish shall get as far in as it can.
const METHODS: &[&str] = &[
    "GET",
    "PUT",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "MKCOL",
    "MKCALENDAR",
    "COPY",
    "ACL",
    "LOCK",
    "POST",
    "BREW",
];
const PATHS: &[&str] = &[
    "/",
    "/dav/",
    "/dav/principals/anna/",
    "/dav/calendars/anna/",
    CALENDAR,
    "/dav/calendars/anna/default/a.ics",
    "/dav/addressbooks/anna/default/b.vcf",
    "/dav/calendars/nobody/x/",
    "/%00",
    "/dav/calendars/anna/default/%ff%2e%2e%2f",
    "/.well-known/caldav",
    "/dav/calendars/anna/default/a.ics/b/c/d/e/f/g",
];
const HEADERS: &[&str] = &[
    "Depth: 1",
    "Depth: infinity",
    "If: (<a> [\"b\"]) (Not",
    "If-Match: \"",
    "Destination: [::1",
    "Overwrite: Q",
    "Content-Type: text/calendar; charset=\"",
    "Content-Type: application/xml",
    "Prefer: return=;;;=",
    "Range: bytes=9-1",
    "Accept-Encoding: gzip;q=x",
    "X: \u{e9}\u{e8}",
];
const XML: &str = "<?xml version=\"1.0\"?><c:calendar-query xmlns=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>\
    <c:calendar-data><c:expand start=\"20260101T000000Z\" end=\"20260201T000000Z\"/></c:calendar-data></prop><c:filter>\
    <c:comp-filter name=\"VCALENDAR\"><c:comp-filter name=\"VEVENT\"><c:prop-filter name=\"SUMMARY\"><c:text-match>x</c:text-match>\
    </c:prop-filter></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>";

fn request(dice: &mut Dice, last: bool) -> Vec<u8> {
    let body = match dice.roll(4) {
        0 => dice.noise(300),
        1 => dice.spoil(XML),
        2 => dice.spoil(&event("garbage", "20260302T100000Z", "x")),
        _ => Vec::new(),
    };
    // "anna:a Password, with space"
    let known =
        if dice.roll(50) == 0 { "" } else { "Authorization: Basic YW5uYTphIFBhc3N3b3JkLCB3aXRoIHNwYWNl\r\n" };
    let end = if last { "Connection: close\r\n" } else { "" };
    let (method, path, header) = (dice.pick(METHODS), dice.pick(PATHS), dice.pick(HEADERS));
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\n{known}{header}\r\n{end}Content-Length: {length}\r\n\r\n"
    );
    [head.into_bytes(), body].concat()
}

/// One connection's worth; now and then it ends in what is not even HTTP.
fn send(server: &Server, dice: &mut Dice) {
    let mut bytes = Vec::new();
    for n in 1..=AT_ONCE {
        if n == AT_ONCE && dice.roll(4) == 0 {
            bytes.extend(dice.noise(500));
            bytes.extend(b"\r\n\r\n");
        } else {
            bytes.extend(request(dice, n == AT_ONCE));
        }
    }
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut answers = stream.try_clone().unwrap();
    let reading = std::thread::spawn(move || {
        let mut sink = vec![0; 64 * 1024];
        // Reset is an end too: the server does not wait for the rest of what it cannot read.
        while matches!(answers.read(&mut sink), Ok(count) if count > 0) {}
    });
    let _cut_short = stream.write_all(&bytes);
    let _all_said = stream.shutdown(std::net::Shutdown::Write);
    reading.join().unwrap();
}

fn send_many(server: &Server, requests: usize, seed: u64) {
    scope(|threads| {
        for thread in 0..THREADS as u64 {
            threads.spawn(move || {
                let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (seed << 32) ^ (thread + 1));
                for _ in 0..requests / THREADS / AT_ONCE {
                    send(server, &mut dice);
                }
            });
        }
    });
}

/// The sum of all rows that begin like this.
fn sum(page: &str, name: &str) -> f64 {
    let rows = page.lines().filter(|line| line.starts_with(name));
    rows.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[test]
fn rubbish_is_answered_and_forgotten() {
    let server = Server::start(&[ANNA]);
    send_many(&server, REQUESTS / 4, 1);
    let before = sum(&admin(&server, "/metrics"), "process_resident_memory_bytes ");
    send_many(&server, REQUESTS - REQUESTS / 4, 2);
    let page = admin(&server, "/metrics");
    let grown = (sum(&page, "process_resident_memory_bytes ") - before) / 1048576.0;
    assert!(grown < SLACK, "{grown} MiB more after {REQUESTS} requests, from {before}");
    assert!(
        sum(&page, "kontor_requests_total{") > REQUESTS as f64 / 2.0,
        "hardly anything was asked:\n{page}"
    );
    assert_eq!(sum(&page, "kontor_request_panics_total "), 0.0);
    for line in page.lines().filter(|line| line.contains("status=\"5xx\"")) {
        assert!(line.ends_with(" 0"), "a fault of ours: {line}");
    }
    let anna = server.client_of(ANNA);
    assert_eq!(anna.ask("PROPFIND", CALENDAR, &[("Depth", "1")], b"").status, 207, "and it goes on");
}
