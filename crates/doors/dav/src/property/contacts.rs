//! Properties of address books (RFC 6352 6.2).

use super::apple::tell_kept;
use super::change;
use super::{Live, kept, protected, tell_text};
use crate::Session;
use crate::subject::{Subject, on};
use kontor_model::PropertyKey;
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, carddav};

pub(super) const TABLE: &[Live] = &[
    kept(carddav::ADDRESSBOOK_DESCRIPTION, on::BOOK, description, PropertyKey::DESCRIPTION, change::text),
    protected(carddav::SUPPORTED_ADDRESS_DATA, on::BOOK | on::BOOK_HOME, supported_address_data),
    protected(carddav::MAX_RESOURCE_SIZE, on::BOOK | on::BOOK_HOME, max_resource_size),
    protected(carddav::SUPPORTED_COLLATION_SET, on::BOOK | on::BOOK_HOME, supported_collation_set),
];

fn description(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_kept(subject, PropertyKey::DESCRIPTION, name, out)
}

fn supported_address_data(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.value(name, |w| {
        for version in ["3.0", "4.0"] {
            w.empty_with(
                &carddav::ADDRESS_DATA_TYPE,
                &[("content-type", "text/vcard"), ("version", version)],
            );
        }
    });
    true
}

fn max_resource_size(session: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_text(out, name, &session.office().limits().max_item_size.to_string())
}

/// RFC 6352 8.3: both of these must be there; i;octet serves those who want exactness.
fn supported_collation_set(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.value(name, |w| {
        for collation in ["i;ascii-casemap", "i;octet", "i;unicode-casemap"] {
            w.leaf(&carddav::SUPPORTED_COLLATION, collation);
        }
    });
    true
}
