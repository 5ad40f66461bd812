//! DAV:lockdiscovery and DAV:supportedlock (RFC 4918 15.8, 15.10).

use super::{Live, protected};
use crate::subject::{Subject, on};
use crate::{Session, locks};
use kontor_wire_dav::answer::{Multistatus, write_supported_locks};
use kontor_wire_dav::name::{Name, dav};

/// What can be locked.
const LOCKABLE: u16 = on::FOLDER | on::FILE;

pub(super) const TABLE: &[Live] = &[
    protected(dav::LOCKDISCOVERY, LOCKABLE, lockdiscovery).in_all(),
    protected(dav::SUPPORTEDLOCK, LOCKABLE, supportedlock).in_all(),
];

fn lockdiscovery(session: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let (place, item) = match subject {
        Subject::Collection(view) => (&view.place, None),
        Subject::Item { at, item, .. } => (&at.place, Some(&item.meta.name)),
        _ => return false,
    };
    let found = place.locks(&session.asker, session.office().now(), item);
    out.value(name, |w| found.iter().for_each(|lock| locks::told(session, place, lock).write(w)));
    true
}

fn supportedlock(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.value(name, write_supported_locks);
    true
}
