//! An office for translations: who is who, when it is, and where.

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::row::{Context, Nobody, People, Person, Row, Task, Tasks};
use proptest::test_runner::{Config as ProptestConfig, RngSeed};

/// 2026-06-01T12:00:00Z.
pub(crate) const NOW: i64 = 1_780_315_200;

/// So many random cases, the same in every run: what is rare is left to the fuzzers.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(NOW.unsigned_abs());
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

/// A context in a zone.
pub(crate) fn context(zone: &Zone) -> Context<'_> {
    Context { zone, now: NOW, uid: "new-uid@kontor.example", asker: None, people: &Nobody, tasks: &Nobody }
}

/// Fields as a client sends them: `Title=Plan`, `MetaInfo:BusyStatus=3`.
pub(crate) fn row(fields: &[&str]) -> Row {
    let mut row = Row::new();
    for field in fields {
        let (name, value) = field.split_once('=').unwrap();
        match name.strip_prefix("MetaInfo:") {
            Some(property) => row.push_bag(property.to_owned(), value.to_owned()),
            None => row.push(name.to_owned(), value.to_owned()),
        }
    }
    row
}

/// A row as lines in the spelling of [`row`].
pub(crate) fn told(row: &Row) -> Vec<String> {
    row.fields
        .iter()
        .map(|field| match &field.property {
            Some(property) => format!("{}:{property}={}", field.name, field.value),
            None => format!("{}={}", field.name, field.value),
        })
        .collect()
}

/// A calendar with these components, lines ended with CRLF.
pub(crate) fn calendar(components: &str) -> Vec<u8> {
    let text =
        format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Test//EN\n{}\nEND:VCALENDAR\n", components.trim());
    text.lines().map(|line| format!("{}\r\n", line.trim_start())).collect::<String>().into_bytes()
}

/// The lines of one text that another has not.
pub(crate) fn lines_without(one: &[u8], other: &[u8]) -> Vec<String> {
    let lines =
        |text: &[u8]| -> Vec<String> { String::from_utf8_lossy(text).lines().map(str::to_owned).collect() };
    let mut others = lines(other);
    let mut left = Vec::new();
    for line in lines(one) {
        match others.iter().position(|own| *own == line) {
            Some(at) => {
                others.remove(at);
            }
            None => left.push(line),
        }
    }
    left
}

/// Ann and Bob.
pub(crate) struct Staff(pub(crate) [Person; 2]);

impl Staff {
    pub(crate) fn new() -> Self {
        let person = |id, name: &str, login: &str| Person {
            id,
            name: name.to_owned(),
            login: login.to_owned(),
            mail: format!("{login}@x.example"),
        };
        Self([person(7, "Ann Ax", "ann"), person(8, "Bob Bex", "bob")])
    }

    fn find(&self, is: impl Fn(&Person) -> bool) -> Option<Person> {
        self.0.iter().find(|person| is(person)).cloned()
    }
}

impl People for Staff {
    fn by_id(&self, id: i64) -> Option<Person> {
        self.find(|person| person.id == id)
    }

    fn by_mail(&self, mail: &str) -> Option<Person> {
        self.find(|person| person.mail.eq_ignore_ascii_case(mail))
    }

    fn by_login(&self, login: &str) -> Option<Person> {
        self.find(|person| person.login.eq_ignore_ascii_case(login))
    }
}

/// Other tasks of the list: number 1 has the UID `other@x`, and so on.
pub(crate) struct Others;

const OTHERS: [(i64, &str, &str); 3] =
    [(1, "other@x", "1"), (2, "second@x", "Paint"), (3, "third@x", "Wait; #2")];

impl Others {
    fn find(is: impl Fn(&(i64, &str, &str)) -> bool) -> Option<Task> {
        let (number, uid, title) = OTHERS.into_iter().find(is)?;
        Some(Task { number, uid: uid.to_owned(), title: title.to_owned() })
    }
}

impl Tasks for Others {
    fn by_uid(&self, uid: &str) -> Option<Task> {
        Self::find(|(_, own, _)| *own == uid)
    }

    fn by_number(&self, number: i64) -> Option<Task> {
        Self::find(|(own, ..)| *own == number)
    }
}
