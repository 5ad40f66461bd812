//! Properties of RFC 4918 15, and DAV:supported-report-set (RFC 3253 3.1.5).

use super::change::{self, Change};
use super::{Live, protected, tell_text};
use crate::subject::{Subject, need, on};
use crate::{Session, date, report, token};
use kontor_model::PropertyKey;
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, caldav, carddav, dav};

pub(super) const TABLE: &[Live] = &[
    protected(dav::RESOURCETYPE, on::ANY, resourcetype).in_all(),
    Live {
        name: dav::DISPLAYNAME,
        on: on::COLLECTION | on::PRINCIPAL | on::HOME,
        in_all: true,
        needs: 0,
        tell: displayname,
        change: Change::Kept { key: PropertyKey::DISPLAY_NAME, read: change::text },
    },
    protected(dav::CREATIONDATE, on::COLLECTION | on::ITEM | on::PRINCIPAL, creationdate).in_all(),
    protected(dav::GETCONTENTLENGTH, on::ITEM, getcontentlength).in_all(),
    protected(dav::GETCONTENTTYPE, on::ITEM, getcontenttype).in_all(),
    protected(dav::GETLASTMODIFIED, on::ITEM, getlastmodified).in_all(),
    protected(dav::GETETAG, on::COLLECTION | on::ITEM, getetag).in_all().needing(need::VERSION),
    protected(dav::SUPPORTED_REPORT_SET, on::ANY, supported_report_set),
];

fn resourcetype(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    match subject.sort() {
        sort if sort & on::ITEM != 0 => out.empty(name),
        sort => out.value(name, |w| {
            w.empty(&dav::COLLECTION);
            match sort {
                on::PRINCIPAL => w.empty(&dav::PRINCIPAL),
                on::CALENDAR => w.empty(&caldav::CALENDAR),
                on::BOOK => w.empty(&carddav::ADDRESSBOOK),
                _ => {}
            }
        }),
    }
    true
}

fn displayname(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    match subject {
        Subject::Principal(principal) => tell_text(out, name, &principal.full_name),
        Subject::Home(home) => tell_text(out, name, &home.owner.full_name),
        Subject::Collection(view) => view
            .place
            .collection
            .text(PropertyKey::DISPLAY_NAME)
            .is_some_and(|text| tell_text(out, name, text)),
        _ => false,
    }
}

fn creationdate(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let created = match subject {
        Subject::Principal(principal) => principal.created,
        Subject::Collection(view) => view.place.collection.created,
        Subject::Item { item, .. } => item.meta.created,
        _ => return false,
    };
    tell_text(out, name, &date::iso(created))
}

fn getcontentlength(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Item { at, item, .. } = subject else { return false };
    // The size of what is kept would tell of what this asker does not read.
    !at.place.is_veiled() && tell_text(out, name, &item.meta.size.to_string())
}

fn getcontenttype(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Item { item, .. } = subject else { return false };
    tell_text(out, name, &item.meta.media_type)
}

fn getlastmodified(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Item { item, .. } = subject else { return false };
    tell_text(out, name, &date::http(item.meta.modified))
}

fn getetag(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    match subject {
        Subject::Item { at, item, .. } => {
            tell_text(out, name, token::item_etag(&at.place, &item.meta).as_str())
        }
        Subject::Collection(view) => view.version.is_some_and(|version| {
            tell_text(out, name, token::collection_etag(&view.place, version).as_str())
        }),
        _ => false,
    }
}

fn supported_report_set(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.value(name, |w| {
        for known in report::on(subject.sort()) {
            w.nest(&dav::SUPPORTED_REPORT, |w| w.nest(&dav::REPORT, |w| w.empty(&known.name)));
        }
    });
    true
}
