//! How much room there is (RFC 4331). Neither is told by DAV:allprop.

use super::{Live, protected, tell_text};
use crate::Session;
use crate::subject::{Subject, need, on};
use kontor_groupware::Space;
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, dav};

pub(super) const TABLE: &[Live] = &[
    protected(dav::QUOTA_AVAILABLE_BYTES, on::COLLECTION | on::HOMES, available).needing(need::SPACE),
    protected(dav::QUOTA_USED_BYTES, on::COLLECTION | on::HOMES, used).needing(need::SPACE),
];

/// RFC 4331 3: without a limit there is nothing to tell.
fn available(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    space_of(subject).available.is_some_and(|bytes| tell_text(out, name, &bytes.to_string()))
}

/// RFC 4331 4: the limit is the account's, and so is what counts towards it.
fn used(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    space_of(subject).used.is_some_and(|bytes| tell_text(out, name, &bytes.to_string()))
}

fn space_of(subject: &Subject<'_>) -> Space {
    match subject {
        Subject::Collection(view) => view.space,
        Subject::Homes(_, space) => *space,
        _ => Space::default(),
    }
}
