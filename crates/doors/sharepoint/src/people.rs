//! Who is who, as far as the rows at hand name people.

use crate::fault::Refusal;
use crate::session::Session;
use kontor_model::{AccountId, Error, Principal, Result};
use kontor_wire_sharepoint::row::{People, Person};
use kontor_wire_sharepoint::soap::code;
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// People that texts may name in one go; more are told by their address alone.
const MOST: usize = 2_000;

/// People with their numbers, looked up before a translation that cannot wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    people: Vec<Person>,
    by_account: BTreeMap<i64, usize>,
    by_id: BTreeMap<i64, usize>,
    by_mail: BTreeMap<String, usize>,
    by_login: BTreeMap<String, usize>,
}

impl Known {
    fn add(&mut self, principal: &Principal, number: i64) {
        let at = self.people.len();
        self.people.push(person(principal, number));
        self.by_account.insert(principal.id.0, at);
        self.by_id.insert(number, at);
        self.by_login.insert(principal.name.as_str().to_lowercase(), at);
        for address in
            principal.aliases.iter().chain([&principal.email]).filter(|address| !address.is_empty())
        {
            self.by_mail.insert(address.to_lowercase(), at);
        }
    }

    /// As in a User field; empty if nobody knows.
    pub(crate) fn account(&self, id: Option<AccountId>) -> String {
        let found = id.and_then(|id| self.by_account.get(&id.0)).and_then(|at| self.people.get(*at));
        found.map_or_else(String::new, |person| format!("{};#{}", person.id, person.name))
    }

    /// Somebody by account.
    pub(crate) fn person(&self, id: AccountId) -> Option<&Person> {
        self.people.get(*self.by_account.get(&id.0)?)
    }

    fn at(&self, found: Option<&usize>) -> Option<Person> {
        self.people.get(*found?).cloned()
    }
}

impl People for Known {
    fn by_id(&self, id: i64) -> Option<Person> {
        self.at(self.by_id.get(&id))
    }

    fn by_mail(&self, mail: &str) -> Option<Person> {
        self.at(self.by_mail.get(&mail.to_lowercase()))
    }

    fn by_login(&self, login: &str) -> Option<Person> {
        self.at(self.by_login.get(&login.to_lowercase()))
    }
}

/// Somebody, as rows name people.
pub(crate) fn person(principal: &Principal, number: i64) -> Person {
    let name = if principal.full_name.is_empty() { principal.name.as_str() } else { &principal.full_name };
    Person {
        id: number,
        name: name.to_owned(),
        login: principal.name.as_str().to_owned(),
        mail: principal.email.clone(),
    }
}

/// Whom to look up.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    accounts: BTreeSet<i64>,
    numbers: BTreeSet<i64>,
    mails: BTreeSet<String>,
    logins: BTreeSet<String>,
}

impl Wanted {
    /// Whether some may have been left out.
    pub(crate) fn is_full(&self) -> bool {
        self.mails.len() >= MOST || self.logins.len() >= MOST || self.numbers.len() >= MOST
    }

    /// An account.
    pub(crate) fn account(&mut self, id: Option<AccountId>) {
        self.accounts.extend(id.map(|id| id.0));
    }

    /// Everybody whose address stands in a text.
    pub(crate) fn text(&mut self, text: &[u8]) {
        // Most items name nobody: that is seen without reading their lines.
        if [b"\nATTENDEE".as_slice(), b"\nORGANIZER"].iter().all(|hint| memmem::find(text, hint).is_none()) {
            return;
        }
        let text = String::from_utf8_lossy(text);
        // Long lines are folded, in the middle of an address too (RFC 5545 3.1).
        let text = text.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "");
        let ends = |c: char| c.is_whitespace() || matches!(c, ';' | ',' | '"' | '>' | '?' | '\\');
        for (at, found) in text.match_indices(':') {
            let before = text.get(at.saturating_sub(6)..at).unwrap_or_default();
            if !before.eq_ignore_ascii_case("mailto") || self.mails.len() >= MOST {
                continue;
            }
            let rest = text.get(at + found.len()..).unwrap_or_default();
            let address = rest.split(ends).next().unwrap_or_default();
            self.mails.insert(address.to_lowercase());
        }
    }

    /// Everybody whom a value of a User field names: `12;#Ada`, or a log-in name or an address.
    pub(crate) fn value(&mut self, value: &str) {
        for part in value.split(";#").map(str::trim).filter(|part| !part.is_empty()).take(MOST) {
            match part.parse() {
                Ok(number) => drop(self.numbers.insert(number)),
                Err(_) => {
                    let part = part.split(',').next().unwrap_or(part).to_lowercase();
                    let login = part.rsplit(['\\', '|']).next().unwrap_or(&part).to_owned();
                    if part.contains('@') {
                        self.mails.insert(part);
                    }
                    self.logins.insert(login);
                }
            }
        }
    }
}

impl Session {
    /// All accounts that the asker may know of, by name.
    ///
    /// # Errors
    /// Too large if there are more than may be told; those of the office.
    pub(crate) async fn everybody(&self) -> std::result::Result<Vec<Arc<Principal>>, Refusal> {
        let most = self.settings().max_people;
        let all = self.first_people(most.saturating_add(1)).await?;
        if all.len() > most {
            let text =
                format!("The directory has more than {most} people, which is too many for one answer.");
            return Err(Refusal::new(code::TOO_LARGE, text));
        }
        Ok(all)
    }

    /// How many they are; of those who are too many, about as many as would be told.
    ///
    /// # Errors
    /// Those of the office.
    pub(crate) async fn count_everybody(&self) -> Result<u64> {
        Ok(self.first_people(self.settings().max_people).await?.len() as u64)
    }

    /// The first of them, at least so many if there are.
    async fn first_people(&self, count: usize) -> Result<Vec<Arc<Principal>>> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let people = self.office().principals(&self.asker, after.as_ref()).await?;
            all.extend(people.some);
            after = people.next;
            if after.is_none() || all.len() >= count {
                return Ok(all);
            }
        }
    }

    /// Looks people up, and numbers them.
    ///
    /// # Errors
    /// Those of the office; whom nobody knows is left out.
    pub(crate) async fn people(&self, mut wanted: Wanted) -> Result<Known> {
        let (office, who) = (self.office(), &*self.asker);
        let numbers: Vec<i64> = wanted.numbers.iter().copied().collect();
        if !numbers.is_empty() {
            let found = office.numbered_people(&numbers).await?;
            wanted.accounts.extend(found.into_iter().map(|(_, account)| account.0));
        }
        let mut found: BTreeMap<i64, Arc<Principal>> = BTreeMap::new();
        let mut add = |answer: Result<Arc<Principal>>| match answer {
            Ok(principal) => {
                found.insert(principal.id.0, principal);
                Ok(())
            }
            Err(Error::NotFound | Error::Forbidden { .. }) => Ok(()),
            Err(other) => Err(other),
        };
        for id in &wanted.accounts {
            add(office.principal_by_id(who, AccountId(*id)).await)?;
        }
        for mail in &wanted.mails {
            add(office.principal_by_email(who, mail).await)?;
        }
        for login in &wanted.logins {
            add(office.principal(who, login).await)?;
        }
        let people: Vec<&Principal> = found.values().map(|one| &**one).collect();
        let numbers = office.number_people(who, &people).await?;
        let mut known = Known::default();
        people.iter().zip(numbers).for_each(|(principal, number)| known.add(principal, number));
        Ok(known)
    }
}
