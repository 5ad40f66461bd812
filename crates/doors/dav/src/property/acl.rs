//! Properties of RFC 3744 5 and RFC 5397: who owns it, who may do what, who am I.

use super::{Live, protected, tell_href};
use crate::Session;
use crate::privilege::{self, Privilege};
use crate::route;
use crate::subject::{NamedGrant, Subject, need, on};
use kontor_model::Grantee;
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, dav};
use kontor_wire_dav::xml::Writer;

pub(super) const TABLE: &[Live] = &[
    protected(dav::CURRENT_USER_PRINCIPAL, on::ANY, current_user_principal),
    protected(dav::PRINCIPAL_COLLECTION_SET, on::ANY, principal_collection_set),
    protected(dav::OWNER, on::HOME | on::COLLECTION | on::ITEM | on::PRINCIPAL, owner),
    protected(dav::CURRENT_USER_PRIVILEGE_SET, on::ANY, current_user_privilege_set),
    protected(dav::SUPPORTED_PRIVILEGE_SET, on::ANY, supported_privilege_set),
    protected(dav::ACL, on::COLLECTION | on::ITEM, acl).needing(need::GRANTS),
    protected(dav::ACL_RESTRICTIONS, on::COLLECTION | on::ITEM, acl_restrictions),
    protected(dav::INHERITED_ACL_SET, on::COLLECTION | on::ITEM, inherited_acl_set),
];

fn current_user_principal(session: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_href(out, name, &route::principal_href(session.asker.principal.name.as_str()))
}

fn principal_collection_set(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    tell_href(out, name, "/dav/principals/")
}

fn owner(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    subject.owner().is_some_and(|owner| tell_href(out, name, &route::principal_href(owner.name.as_str())))
}

fn current_user_privilege_set(
    session: &Session,
    subject: &Subject<'_>,
    name: &Name,
    out: &mut Multistatus,
) -> bool {
    out.value(name, |w| {
        privilege::held(subject.rights(&session.asker), &mut |held| {
            w.nest(&dav::PRIVILEGE, |w| w.empty(held))
        });
    });
    true
}

fn supported_privilege_set(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.value(name, |w| privilege::TREES.iter().for_each(|tree| supported(tree, w)));
    true
}

fn supported(privilege: &Privilege, w: &mut Writer<'_>) {
    w.nest(&dav::SUPPORTED_PRIVILEGE, |w| {
        w.nest(&dav::PRIVILEGE, |w| w.empty(&privilege.name));
        w.open_with(&dav::DESCRIPTION, &[("xml:lang", "en")]);
        w.text(privilege.description);
        w.close(&dav::DESCRIPTION);
        for part in privilege.parts {
            supported(part, w);
        }
    });
}

/// The owner's entry comes first and is protected; the others are as they were granted (RFC 3744 5.5). Items have what
/// their collection has.
fn acl(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let (view, from) = match subject {
        Subject::Collection(view) => (view, None),
        Subject::Item { at, .. } => (at, Some(at.href.as_str())),
        _ => return false,
    };
    let Some(grants) = &view.grants else { return false };
    out.value(name, |w| {
        w.nest(&dav::ACE, |w| {
            w.nest(&dav::PRINCIPAL, |w| w.nest(&dav::PROPERTY, |w| w.empty(&dav::OWNER)));
            w.nest(&dav::GRANT, |w| w.nest(&dav::PRIVILEGE, |w| w.empty(&dav::ALL)));
            w.empty(&dav::PROTECTED);
            inherited(from, w);
        });
        grants.iter().for_each(|grant| ace(grant, from, w));
    });
    true
}

/// Where an entry comes from if not from the resource itself (RFC 3744 5.5.4).
fn inherited(from: Option<&str>, w: &mut Writer<'_>) {
    if let Some(href) = from {
        w.nest(&dav::INHERITED, |w| w.leaf(&dav::HREF, href));
    }
}

fn ace(entry: &NamedGrant, from: Option<&str>, w: &mut Writer<'_>) {
    let privileges = privilege::granted(entry.grant.rights);
    // Somebody whom this asker does not know has no name to be told by.
    let nameless = matches!(entry.grant.grantee, Grantee::Account(_)) && entry.account.is_none();
    if privileges.is_empty() || nameless {
        return;
    }
    w.nest(&dav::ACE, |w| {
        w.nest(&dav::PRINCIPAL, |w| match (&entry.grant.grantee, &entry.account) {
            (Grantee::Account(_), name) => {
                w.leaf(&dav::HREF, &route::principal_href(name.as_deref().unwrap_or_default()));
            }
            (Grantee::Everyone, _) => w.empty(&dav::AUTHENTICATED),
            (Grantee::Public, _) => w.empty(&dav::ALL),
        });
        w.nest(&dav::GRANT, |w| {
            for privilege in &privileges {
                w.nest(&dav::PRIVILEGE, |w| w.empty(privilege));
            }
        });
        inherited(from, w);
    });
}

/// Only grants, no inversion, the owner's entry stays (RFC 3744 5.6).
fn acl_restrictions(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.value(name, |w| {
        w.empty(&dav::GRANT_ONLY);
        w.empty(&dav::NO_INVERT);
        w.nest(&dav::REQUIRED_PRINCIPAL, |w| w.nest(&dav::PROPERTY, |w| w.empty(&dav::OWNER)));
    });
    true
}

/// None: inherited entries are told among the others, and to be granted something there is enough (RFC 3744 5.7 means
/// lists that must grant it as well).
fn inherited_acl_set(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.empty(name);
    true
}
