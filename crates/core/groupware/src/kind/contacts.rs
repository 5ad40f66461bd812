//! vCards.

use super::Content;
use crate::Limits;
use kontor_model::{Components, Error, Result, Rule};
use kontor_store::Facets;
use kontor_vcard::ErrorKind;
use kontor_vcard::filter::folded_text;

pub(crate) struct Contacts;

impl Content for Contacts {
    fn media_type(&self) -> &'static str {
        "text/vcard"
    }

    fn facets(&self, bytes: &[u8], _components: Components, limits: &Limits) -> Result<Facets> {
        let card =
            kontor_vcard::validate(bytes, limits.max_item_size).map_err(|fault| refuse(&fault, limits))?;
        Ok(Facets {
            uid: card.uid().map(|uid| uid.trim().to_owned()),
            folded: folded_text(bytes),
            ..Facets::default()
        })
    }
}

fn refuse(fault: &kontor_vcard::Error, limits: &Limits) -> Error {
    let rule = match fault.kind {
        ErrorKind::TooLarge { .. } => {
            return Error::TooLarge { limit: "max_item_size", max: limits.max_item_size as u64 };
        }
        // RFC 6352 5.1: well-formed, but not what one resource of an address book may be.
        ErrorKind::ManyCards | ErrorKind::NotACard | ErrorKind::NoUid | ErrorKind::ManyUids => Rule::Object,
        ErrorKind::Nul
        | ErrorKind::Broken(_)
        | ErrorKind::NoCard
        | ErrorKind::NoVersion
        | ErrorKind::ManyVersions
        | ErrorKind::OldVersion
        | ErrorKind::UnknownVersion
        | ErrorKind::NoFullName => Rule::Data,
    };
    Error::Invalid { rule, detail: fault.to_string() }
}
