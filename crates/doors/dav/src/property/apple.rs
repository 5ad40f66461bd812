//! What Apple's clients keep on calendars and everybody else shows.

use super::change;
use super::{Live, kept, tell_text};
use crate::Session;
use crate::subject::{Subject, on};
use kontor_model::PropertyKey;
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, apple};

pub(super) const TABLE: &[Live] = &[
    kept(apple::CALENDAR_COLOR, on::COLLECTION, color, PropertyKey::COLOR, change::color),
    kept(apple::CALENDAR_ORDER, on::COLLECTION, order, PropertyKey::ORDER, change::number),
];

fn color(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_kept(subject, PropertyKey::COLOR, name, out)
}

fn order(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_kept(subject, PropertyKey::ORDER, name, out)
}

/// A property of a collection told as it is kept.
pub(super) fn tell_kept(subject: &Subject<'_>, key: &str, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Collection(view) = subject else { return false };
    view.place.collection.text(key).is_some_and(|text| tell_text(out, name, text))
}
