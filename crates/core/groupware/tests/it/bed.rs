//! An office for one test.

use bytes::Bytes;
use kontor_groupware::{
    ArgonCost, Asker, Attempt, Denied, Expect, NewUser, Office, Parts, Place, Policy, Put, Scope, Written,
};
use kontor_model::{
    AccountName, CollectionName, FixedClock, ItemName, Kind, Origin, Result, SeededChance, Timestamp,
};
use kontor_store::Store;
use kontor_store::sqlite::{SqliteOptions, open};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// What addresses share an address space.
pub(crate) const CALENDARS: &[Kind] = &[Kind::Calendar, Kind::Tasks];
pub(crate) const BOOKS: &[Kind] = &[Kind::Contacts];

/// 2026-03-02T08:00:00Z, a Monday.
pub(crate) const NOW: i64 = 1_772_438_400;

pub(crate) struct Bed {
    pub(crate) office: Office,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) root: Asker,
    pub(crate) folder: TempDir,
}

pub(crate) fn policy() -> Policy {
    let mut policy = Policy::default();
    // Dear digests prove nothing here.
    policy.sign_in.argon = ArgonCost { memory_kib: 8, passes: 1, lanes: 1 };
    policy
}

impl Bed {
    pub(crate) async fn new() -> Self {
        Self::with(policy()).await
    }

    pub(crate) async fn with(policy: Policy) -> Self {
        // Memory, if there is such a disk: nothing here is about power cuts.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let store = open(folder.path(), &SqliteOptions::default()).unwrap();
        Self::over(store, folder, policy).await
    }

    /// An office over that store.
    pub(crate) async fn over(store: Arc<dyn Store>, folder: TempDir, policy: Policy) -> Self {
        let clock = Arc::new(FixedClock::at(Timestamp::from_secs(NOW)));
        let office = office(store.clone(), clock.clone(), policy, 1).await;
        Self { office, store, clock, root: Asker::system(Origin::Admin), folder }
    }

    /// Another node on the database of this one.
    pub(crate) async fn beside(&self, store: Arc<dyn Store>) -> Office {
        office(store, self.clock.clone(), policy(), 3).await
    }

    /// The same store, opened as if after a restart.
    pub(crate) async fn again(&self, policy: Policy) -> Office {
        office(self.store.clone(), self.clock.clone(), policy, 2).await
    }

    /// An account whose password is its name.
    pub(crate) async fn user(&self, name: &str) -> Asker {
        let email = format!("{name}@example.com");
        let new = NewUser::person(AccountName::new(name).unwrap(), name, &email, Some(name));
        self.made(new).await
    }

    pub(crate) async fn made(&self, new: NewUser) -> Asker {
        let principal = self.office.create_user(&self.root, new).await.unwrap();
        Asker::account(principal, Origin::Dav)
    }

    pub(crate) async fn place(&self, who: &Asker, owner: &Asker, name: &str) -> Result<Place> {
        self.office.place(who, owner.principal.name.as_str(), CALENDARS, name).await
    }

    pub(crate) async fn book(&self, owner: &Asker) -> Place {
        self.office.place(owner, owner.principal.name.as_str(), BOOKS, "default").await.unwrap()
    }

    pub(crate) async fn put(
        &self,
        who: &Asker,
        at: &Place,
        name: &str,
        text: &str,
        expect: Expect,
    ) -> Result<Written> {
        let put = Put { media_type: "", bytes: Bytes::copy_from_slice(text.as_bytes()), expect };
        self.office.put(who, at, &item(name), put).await
    }

    pub(crate) async fn sign_in(
        &self,
        office: &Office,
        name: &str,
        password: &str,
        from: &str,
    ) -> std::result::Result<Asker, Denied> {
        let address: IpAddr = from.parse().unwrap();
        office.sign_in(Attempt { name, password, address, scope: Scope::Dav }).await
    }

    pub(crate) fn pass_s(&self, seconds: i64) {
        self.clock.advance_millis(seconds * 1000);
    }
}

async fn office(store: Arc<dyn Store>, clock: Arc<FixedClock>, policy: Policy, seed: u64) -> Office {
    let chance = Arc::new(SeededChance::new(seed));
    Office::open(Parts { store, clock, chance, policy }).await.unwrap()
}

pub(crate) fn item(name: &str) -> ItemName {
    ItemName::new(name).unwrap()
}

pub(crate) fn collection(name: &str) -> CollectionName {
    CollectionName::new(name).unwrap()
}

/// An event of one hour, `hours` after [`NOW`].
pub(crate) fn event(uid: &str, hours: i64) -> String {
    let start = stamp(NOW + hours * 3600);
    event_with(uid, &format!("DTSTART:{start}\r\nDURATION:PT1H\r\nSUMMARY:{uid}\r\n"))
}

pub(crate) fn event_with(uid: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20260101T000000Z\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

pub(crate) fn task(uid: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VTODO\r\nUID:{uid}\r\n\
         DTSTAMP:20260101T000000Z\r\nSUMMARY:{uid}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )
}

pub(crate) fn card(uid: &str, full_name: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{full_name}\r\nN:{full_name};;;;\r\nEND:VCARD\r\n")
}

/// An instant as iCalendar writes it.
pub(crate) fn stamp(instant: i64) -> String {
    let (days, secs) = (instant.div_euclid(86_400), instant.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", secs / 3600, secs / 60 % 60, secs % 60)
}

/// Day of the Gregorian calendar for a count of days since 1970 (years of 365.2425 days that begin in March).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        let at = self.below(i64::try_from(from.len()).unwrap());
        from[usize::try_from(at).unwrap()].clone()
    }
}
