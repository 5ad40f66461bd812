//! A small office to try things on: four people with a week like any other.

mod agenda;
mod cards;
mod text;

use bytes::Bytes;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kontor_groupware::{Asker, Expect, NewUser, Office, Put};
use kontor_model::{
    AccountName, AdminLevel, Chance, Clock, Error, ItemName, Kind, Origin, PrincipalKind, SystemChance,
    SystemClock,
};

/// Somebody who works here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) full_name: &'static str,
    pub(crate) email: &'static str,
    admin: bool,
}

/// The four, the administrator first.
pub(crate) const PEOPLE: [Person; 4] = [
    Person { name: "anna", full_name: "Anna Berg", email: "anna@example.org", admin: true },
    Person { name: "ben", full_name: "Ben Castro", email: "ben@example.org", admin: false },
    Person { name: "clara", full_name: "Clara Dubois", email: "clara@example.org", admin: false },
    Person { name: "david", full_name: "David Eide", email: "david@example.org", admin: false },
];

/// An account that was made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) name: &'static str,
    pub(crate) full_name: &'static str,
    pub(crate) password: String,
    pub(crate) admin: bool,
}

/// One thing to be stored: its name and text.
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Makes the accounts and what they have.
///
/// # Errors
/// One line; nothing is undone then.
pub(crate) async fn fill(office: &Office) -> Result<Vec<Made>, String> {
    let who = Asker::system(Origin::Admin);
    let failed = |what: &str, error: Error| match error {
        Error::Internal(detail) => format!("cannot {what}: {detail}"),
        other => format!("cannot {what}: {other}"),
    };
    let there = office.users(&who, None).await.map_err(|error| failed("read the accounts", error))?;
    // A server that was started before has its public store.
    if there.some.iter().any(|one| one.kind != PrincipalKind::Shared) {
        return Err("there are accounts in this data folder already; the demo needs a new one".into());
    }
    let monday = this_monday()?;
    let mut made = Vec::new();
    for person in PEOPLE {
        let password = password();
        let name = AccountName::new(person.name).map_err(|error| failed("name an account", error))?;
        let admin = if person.admin { AdminLevel::System } else { AdminLevel::None };
        let new = NewUser::person(name, person.full_name, person.email, Some(&password));
        let new = NewUser { admin, ..new };
        office.create_user(&who, new).await.map_err(|error| failed("make an account", error))?;
        let shelves = [
            (Kind::Calendar, "default", "text/calendar", agenda::events(&person, monday)),
            (Kind::Tasks, "tasks", "text/calendar", agenda::tasks(&person, monday)),
            (Kind::Contacts, "default", "text/vcard", cards::contacts(&person)),
        ];
        for (kind, collection, media_type, items) in shelves {
            for item in items {
                let stored = put(office, &who, &person, (kind, collection, media_type), &item).await;
                stored.map_err(|error| failed(&format!("store {}", item.name), error))?;
            }
        }
        made.push(Made { name: person.name, full_name: person.full_name, password, admin: person.admin });
    }
    Ok(made)
}

async fn put(
    office: &Office,
    who: &Asker,
    person: &Person,
    (kind, collection, media_type): (Kind, &str, &str),
    item: &Item,
) -> kontor_model::Result<()> {
    let place = office.place(who, person.name, &[kind], collection).await?;
    let bytes = Bytes::copy_from_slice(item.text.as_bytes());
    let put = Put { media_type, bytes, expect: Expect::Absent };
    office.put(who, &place, &ItemName::new(&item.name)?, put).await.map(|_written| ())
}

/// Four groups of four letters and digits: eighty bits.
fn password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut noise = [0_u8; 16];
    SystemChance.fill(&mut noise);
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).map_or('a', |letter| char::from(*letter));
    noise.chunks(4).map(|group| group.iter().map(letter).collect::<String>()).collect::<Vec<_>>().join("-")
}

fn this_monday() -> Result<Date, String> {
    let failed = |error: jiff::Error| format!("cannot read the clock: {error}");
    let now = jiff::Timestamp::from_second(SystemClock.now().secs()).map_err(failed)?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let since = i32::from(today.weekday().to_monday_zero_offset());
    today.checked_sub(since.days()).map_err(failed)
}
