//! Tokens and identifiers: DAV:sync-token (RFC 6578 4), CS:getctag, DAV:resource-id (RFC 5842 3.1), DAV:add-member
//! (RFC 5995 3.2).

use super::{Live, protected, tell_href, tell_text};
use crate::subject::{Subject, need, on};
use crate::{Session, token};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, calendarserver, dav};

pub(super) const TABLE: &[Live] = &[
    protected(dav::SYNC_TOKEN, on::COLLECTION, sync_token).needing(need::VERSION),
    protected(calendarserver::GETCTAG, on::COLLECTION, sync_token).needing(need::VERSION),
    protected(dav::RESOURCE_ID, on::COLLECTION | on::ITEM | on::PRINCIPAL, resource_id),
    protected(dav::ADD_MEMBER, on::COLLECTION, add_member),
];

fn sync_token(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Collection(view) = subject else { return false };
    view.version.is_some_and(|version| {
        tell_text(out, name, token::sync_token(view.place.collection.id, version).as_str())
    })
}

fn resource_id(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let id = match subject {
        Subject::Principal(principal) => format!("urn:kontor:account:{:x}", principal.id.0),
        Subject::Collection(view) => {
            let collection = &view.place.collection;
            format!("urn:kontor:collection:{:x}:{:x}", collection.account.0, collection.id.0)
        }
        Subject::Item { at, item, .. } => {
            format!("urn:kontor:item:{:x}:{:x}", at.place.collection.account.0, item.meta.id.0)
        }
        _ => return false,
    };
    tell_href(out, name, &id)
}

fn add_member(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Collection(view) = subject else { return false };
    tell_href(out, name, &format!("{}?add-member", view.href))
}
