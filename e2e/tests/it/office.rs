//! What the clients' tests have in common: a person, and texts to put into her calendar.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use kontor_testkit::{Server, User};

pub(crate) const ANNA: User = User { name: "anna", password: "a Password, with space" };

/// Where Anna's calendar is.
pub(crate) const CALENDAR: &str = "/dav/calendars/anna/default/";
/// Where her tasks are.
pub(crate) const TASKS: &str = "/dav/calendars/anna/tasks/";
/// Where her contacts are.
pub(crate) const CARDS: &str = "/dav/addressbooks/anna/default/";

/// A calendar with one event of an hour; `start` such as `20260302T100000Z`.
pub(crate) fn event(uid: &str, start: &str, summary: &str) -> String {
    component("VEVENT", uid, &format!("DTSTART:{start}\r\nDURATION:PT1H\r\n{STAMP}SUMMARY:{summary}\r\n"))
}

/// The line that every component needs and no test looks at.
pub(crate) const STAMP: &str = "DTSTAMP:20260101T000000Z\r\n";

/// A calendar with one component of the given lines.
pub(crate) fn component(kind: &str, uid: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//e2e//EN\r\nBEGIN:{kind}\r\nUID:{uid}\r\n\
         {lines}END:{kind}\r\nEND:VCALENDAR\r\n"
    )
}

/// A contact.
pub(crate) fn card(uid: &str, name: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\nEND:VCARD\r\n")
}

/// A server with this `kontor.toml` and these people.
pub(crate) fn configured(toml: &str, users: &[User]) -> Server {
    configured_on(Server::prepare(), toml, users)
}

/// The same for one that was prepared in its own way.
pub(crate) fn configured_on(mut server: Server, toml: &str, users: &[User]) -> Server {
    std::fs::create_dir_all(server.data()).unwrap();
    std::fs::write(server.data().join("kontor.toml"), toml).unwrap();
    for user in users {
        server.create(*user);
    }
    server.restart();
    server
}

/// The whole answer to GET on the admin socket.
pub(crate) fn admin(server: &Server, path: &str) -> String {
    let mut socket = UnixStream::connect(server.data().join("admin.sock")).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nHost: kontor\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    socket.read_to_string(&mut page).unwrap();
    page
}
