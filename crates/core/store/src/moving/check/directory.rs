//! Who is who.

use super::finding::{Findings, Spot};
use crate::encode;
use crate::moving::chunk::Cell;
use kontor_model::{AccountName, AdminLevel, PrincipalKind};
use std::collections::HashMap;

/// What is known of an account.
#[derive(Default)]
struct Known {
    name: Box<str>,
    /// Whether it is one that can be logged in to, or whose store is left.
    principal: bool,
    orphan: bool,
    /// Digests of its addresses, added up: as it says them, and as they are taken.
    said: u64,
    taken: u64,
    /// Whether its numbers and its secrets came by.
    state: bool,
    secret: bool,
}

/// All accounts.
#[derive(Default)]
pub(super) struct Directory {
    accounts: HashMap<i64, Known>,
    /// Bodies that lie outside of the database.
    pub(super) outside: u64,
}

/// The account that stands for the house as a whole.
pub(super) const HOUSE: i64 = 0;

fn digest(folded: &str) -> u64 {
    let hash = blake3::hash(folded.as_bytes());
    hash.as_bytes().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

impl Directory {
    pub(super) fn principal(
        &mut self,
        [account, name, kind, admin, email, aliases]: [Cell<'_>; 6],
        findings: &mut Findings,
    ) {
        let id = account.int();
        let known = self.accounts.entry(id).or_default();
        known.principal = true;
        known.name = name.text().into();
        let mut folded: Vec<String> =
            encode::split(aliases.text()).iter().map(|one| encode::fold_address(one)).collect();
        folded.push(encode::fold_address(email.text()));
        folded.retain(|one| !one.is_empty());
        folded.sort();
        folded.dedup();
        known.said = folded.iter().fold(0, |sum, one| sum.wrapping_add(digest(one)));
        if AccountName::new(name.text()).is_err()
            || PrincipalKind::from_word(kind.text()).is_none()
            || AdminLevel::from_number(admin.int()).is_none()
        {
            findings.add("unknown-value", self.at(id), "its name, kind or level is none that there is");
        }
    }

    pub(super) fn address(&mut self, [folded, account]: [Cell<'_>; 2], findings: &mut Findings) {
        match self.accounts.get_mut(&account.int()).filter(|known| known.principal) {
            Some(known) => known.taken = known.taken.wrapping_add(digest(folded.text())),
            None => {
                let what = format!("the address {} belongs to it, and it is not there", folded.text());
                findings.add("address-without-account", self.at(account.int()), what);
            }
        }
    }

    pub(super) fn orphan(&mut self, [account, name]: [Cell<'_>; 2]) {
        let known = self.accounts.entry(account.int()).or_default();
        known.orphan = true;
        if !known.principal {
            known.name = name.text().into();
        }
    }

    /// For people.
    pub(super) fn called(&self, account: i64) -> String {
        match self.accounts.get(&account) {
            Some(known) => format!("{} ({account:x})", known.name),
            None => format!("{account:x}"),
        }
    }

    /// The same as a place.
    pub(super) fn at(&self, account: i64) -> Spot {
        Spot { account: Some(self.called(account)), ..Spot::default() }
    }

    /// Whether something can be granted to it.
    pub(super) fn is_principal(&self, account: i64) -> bool {
        self.accounts.get(&account).is_some_and(|known| known.principal)
    }

    /// The numbers of an account came by.
    pub(super) fn has_state(&mut self, account: i64, findings: &mut Findings) {
        match self.accounts.get_mut(&account) {
            Some(known) => known.state = true,
            None if account == HOUSE => {}
            None => {
                findings.add("store-without-owner", self.at(account), "there is a store, and nobody owns it");
            }
        }
    }

    /// The secrets of an account came by.
    pub(super) fn has_secret(&mut self, account: i64, findings: &mut Findings) {
        match self.accounts.get_mut(&account).filter(|known| known.principal) {
            Some(known) => known.secret = true,
            None => {
                findings.add("secret-without-account", self.at(account), "there are secrets, and no account");
            }
        }
    }

    /// All accounts came by.
    pub(super) fn judge(&self, findings: &mut Findings) {
        let mut all: Vec<_> = self.accounts.iter().collect();
        all.sort_by_key(|(id, _)| **id);
        for (id, known) in all {
            let mut say = |rule, what: &str| findings.add(rule, self.at(*id), what);
            if known.principal && known.orphan {
                say("orphan-with-account", "its store is listed as left, and the account is there");
            }
            if known.said != known.taken {
                say("addresses-differ", "the addresses that are looked up are not those that it has");
            }
            if !known.state {
                say("account-without-store", "its numbers are missing");
            }
            if known.principal && !known.secret {
                say("account-without-secret", "its secrets are missing");
            }
        }
    }
}
