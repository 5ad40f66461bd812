//! App passwords: a random secret for one device, shown once.

use crate::key::{Digest, ServerKey, purpose};
use crate::{Proof, Scope, Scopes};
use kontor_model::{AccountId, Chance, Error, Result, Rule, Timestamp};
use kontor_store::AppPassword;

/// Letters of the secret: digits and lower-case letters without those that are taken for another (i, l, o, u).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Random bytes in a secret: 160 bits, 32 letters.
const RANDOM: usize = 20;
/// Longest label, in bytes.
const LONGEST_LABEL: usize = 200;

/// What is wanted of a new app password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppPasswordOrder {
    /// What the person calls it.
    pub label: String,
    /// What it is good for; empty means everything.
    pub scopes: Vec<Scope>,
    /// Whether it may only read.
    pub read_only: bool,
    /// When it stops working.
    pub expires: Option<Timestamp>,
}

impl AppPasswordOrder {
    /// Makes the secret, in groups of four, and what is to be stored of it.
    ///
    /// # Errors
    /// `Invalid` if the label is empty or too long, or if it would have stopped working already.
    pub fn make(
        self,
        key: &ServerKey,
        chance: &dyn Chance,
        account: AccountId,
        now: Timestamp,
    ) -> Result<(String, AppPassword)> {
        let refuse = |rule, detail: &str| Err(Error::Invalid { rule, detail: detail.to_owned() });
        if self.label.trim().is_empty() || self.label.len() > LONGEST_LABEL {
            return refuse(Rule::Name, "an app password needs a label of 1 to 200 bytes");
        }
        if self.expires.is_some_and(|end| end <= now) {
            return refuse(Rule::Bounds, "an app password cannot expire in the past");
        }
        let mut noise = [0_u8; RANDOM];
        chance.fill(&mut noise);
        let plain = letters(&noise);
        let stored = AppPassword {
            id: 0,
            label: self.label,
            digest: digest(key, account, plain.as_bytes()).to_vec(),
            scopes: self.scopes.iter().map(|scope| scope.word().to_owned()).collect(),
            read_only: self.read_only,
            expires: self.expires,
            created: now,
            last_used: None,
        };
        Ok((grouped(&plain), stored))
    }
}

/// Five bits a letter.
fn letters(noise: &[u8]) -> String {
    let mut text = String::with_capacity(noise.len() * 8 / 5);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in noise {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            let index = (bits >> held) & 31;
            text.push(LETTERS.get(index as usize).map_or('0', |letter| char::from(*letter)));
        }
    }
    text
}

fn grouped(plain: &str) -> String {
    let mut text = String::with_capacity(plain.len() * 5 / 4);
    for (at, letter) in plain.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.push(letter);
    }
    text
}

fn digest(key: &ServerKey, account: AccountId, plain: &[u8]) -> Digest {
    key.digest(purpose::APP_PASSWORD, &[&account.0.to_le_bytes(), plain])
}

/// The secret as it was made, whatever a person did to it: case, spaces, hyphens. `None` if it cannot be one.
fn normal(typed: &str) -> Option<String> {
    if typed.len() > 4 * RANDOM {
        return None;
    }
    let plain: String = typed
        .chars()
        .filter(|c| !c.is_ascii_whitespace() && *c != '-')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    (plain.len() == RANDOM * 8 / 5 && plain.bytes().all(|byte| LETTERS.contains(&byte))).then_some(plain)
}

/// How the secret that `typed` is is written by people: as it was shown, and without its hyphens.
pub(crate) fn spellings(typed: &str) -> Option<[String; 2]> {
    let plain = normal(typed)?;
    Some([grouped(&plain), plain])
}

/// What a stored app password proves.
pub(crate) fn proof(one: &AppPassword) -> Proof {
    Proof::AppPassword {
        id: one.id,
        scopes: scopes(one),
        read_only: one.read_only,
        expires: one.expires,
        last_used: one.last_used,
    }
}

/// Whether `typed` could be an app password, as far as its letters tell.
pub(crate) fn may_be_one(typed: &str) -> bool {
    normal(typed).is_some()
}

/// The app password that `typed` is, if it is one of the account and still good at `now`.
pub(crate) fn find<'a>(
    key: &ServerKey,
    account: AccountId,
    known: &'a [AppPassword],
    typed: &str,
    now: Timestamp,
) -> Option<&'a AppPassword> {
    let plain = normal(typed)?;
    let digest = blake3::Hash::from_bytes(digest(key, account, plain.as_bytes()));
    // `blake3::Hash` compares in constant time.
    known
        .iter()
        .find(|one| <Digest>::try_from(one.digest.as_slice()).is_ok_and(|kept| digest == kept))
        .filter(|one| one.expires.is_none_or(|end| now < end))
}

/// The uses an app password allows.
fn scopes(password: &AppPassword) -> Scopes {
    Scopes::of_words(&password.scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_come_in_groups_and_are_forgiving() {
        let text = grouped(&letters(&[0xff; RANDOM]));
        assert_eq!(text, "zzzz-zzzz-zzzz-zzzz-zzzz-zzzz-zzzz-zzzz");
        assert_eq!(normal(&text.to_uppercase().replace('-', " ")), Some("z".repeat(32)));
        assert_eq!(normal("hunter2"), None);
        assert_eq!(normal(&"é".repeat(16)), None);
    }

    #[test]
    fn letters_use_every_bit() {
        assert_eq!(letters(&[0b0000_1000, 0b1000_0110, 0b0100_0010, 0b1001_1000, 0b1110_1000]), "12345678");
    }
}
