//! `kontor demo`.

use crate::house::{binary, kontor};
use kontor_testkit::{Server, User};
use std::collections::BTreeMap;

fn passwords(said: &str) -> BTreeMap<String, String> {
    let words = said.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.map(|words| (words[0].to_owned(), words[1].to_owned())).collect()
}

#[test]
fn four_people_with_a_week_like_any_other() {
    let mut server = Server::of(binary(), &[]);
    server.stop();
    let said = server.command(&["demo"]);
    let passwords = passwords(&said);
    assert_eq!(passwords.keys().collect::<Vec<_>>(), ["anna", "ben", "clara", "david"], "{said}");
    assert!(passwords.values().all(|password| password.len() >= 16));
    let again = server.try_command(&["demo"], "");
    assert!(!again.ok && again.said.contains("accounts in this data folder already"), "{again:?}");
    server.restart();
    for (name, password) in &passwords {
        let name: &'static str = name.clone().leak();
        let client = server.client_of(User { name, password: password.clone().leak() });
        let calendar = client.get(&format!("/dav/calendars/{name}/default/")).unwrap();
        for expect in ["RRULE:", "EXDATE", "RECURRENCE-ID", "VALUE=DATE:", "BEGIN:VALARM", "BEGIN:VTIMEZONE"]
        {
            assert!(calendar.contains(expect), "{name}: {expect}");
        }
        let tasks = client.get(&format!("/dav/calendars/{name}/tasks/")).unwrap();
        assert_eq!(tasks.matches("BEGIN:VTODO").count(), 5, "{name}");
        let contacts = client.get(&format!("/dav/addressbooks/{name}/default/")).unwrap();
        assert_eq!(contacts.matches("BEGIN:VCARD").count(), 6, "{name}");
        assert!(contacts.contains("X-ADDRESSBOOKSERVER-KIND:group"), "{name}");
    }
}

#[test]
fn nothing_is_told_twice() {
    let folder = kontor_testkit::Folder::new("twice");
    let first = passwords(&kontor(&folder.join("a"), &["demo"]).done());
    let second = passwords(&kontor(&folder.join("b"), &["demo"]).done());
    assert!(first.iter().all(|(name, password)| second[name] != *password), "passwords are random");
}
