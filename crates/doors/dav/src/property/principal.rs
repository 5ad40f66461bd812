//! Properties of principals (RFC 3744 4, RFC 4791 6.2, RFC 6352 7.1, RFC 6638 2.4).

use super::{Live, protected, tell_href, tell_text};
use crate::Session;
use crate::route::{self, Branch};
use crate::subject::{Subject, on};
use kontor_model::PrincipalKind;
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, caldav, calendarserver, carddav, dav};

pub(super) const TABLE: &[Live] = &[
    protected(dav::PRINCIPAL_URL, on::PRINCIPAL, principal_url),
    protected(dav::ALTERNATE_URI_SET, on::PRINCIPAL, alternate_uri_set),
    protected(dav::GROUP_MEMBER_SET, on::PRINCIPAL, nothing),
    protected(dav::GROUP_MEMBERSHIP, on::PRINCIPAL, nothing),
    protected(caldav::CALENDAR_HOME_SET, on::PRINCIPAL, calendar_home_set),
    protected(carddav::ADDRESSBOOK_HOME_SET, on::PRINCIPAL, addressbook_home_set),
    protected(caldav::CALENDAR_USER_ADDRESS_SET, on::PRINCIPAL, calendar_user_address_set),
    protected(caldav::CALENDAR_USER_TYPE, on::PRINCIPAL, calendar_user_type),
    protected(calendarserver::EMAIL_ADDRESS_SET, on::PRINCIPAL, email_address_set),
];

fn principal_url(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Principal(principal) = subject else { return false };
    tell_href(out, name, &route::principal_href(principal.name.as_str()))
}

fn alternate_uri_set(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Principal(principal) = subject else { return false };
    out.value(name, |w| {
        for address in addresses(principal) {
            w.leaf(&dav::HREF, &format!("mailto:{address}"));
        }
    });
    true
}

/// There are no groups yet.
fn nothing(_: &Session, _: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    out.empty(name);
    true
}

fn calendar_home_set(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    home_set(Branch::Calendars, subject, name, out)
}

fn addressbook_home_set(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    home_set(Branch::AddressBooks, subject, name, out)
}

fn home_set(branch: Branch, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Principal(principal) = subject else { return false };
    tell_href(out, name, &route::home_href(branch, principal.name.as_str()))
}

/// The principal's URL and every address it receives mail at; the primary one is marked as preferred, as Apple's
/// clients expect.
fn calendar_user_address_set(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Principal(principal) = subject else { return false };
    out.value(name, |w| {
        for (n, address) in addresses(principal).enumerate() {
            let attributes: &[(&str, &str)] = if n == 0 { &[("preferred", "1")] } else { &[] };
            w.nest_with(&dav::HREF, attributes, |w| w.text(&format!("mailto:{address}")));
        }
        w.leaf(&dav::HREF, &route::principal_href(principal.name.as_str()));
    });
    true
}

fn email_address_set(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Principal(principal) = subject else { return false };
    let element = Name::known(kontor_wire_dav::ns::CALENDARSERVER, "email-address");
    out.value(name, |w| {
        for address in addresses(principal) {
            w.leaf(&element, address);
        }
    });
    true
}

fn calendar_user_type(_: &Session, subject: &Subject<'_>, name: &Name, out: &mut Multistatus) -> bool {
    let Subject::Principal(principal) = subject else { return false };
    tell_text(out, name, user_type(principal.kind))
}

/// The word for a sort of principal (RFC 6638 2.4.2).
pub(crate) fn user_type(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::User | PrincipalKind::Guest => "INDIVIDUAL",
        PrincipalKind::Shared => "GROUP",
        PrincipalKind::Room => "ROOM",
        PrincipalKind::Equipment => "RESOURCE",
        PrincipalKind::Service => "UNKNOWN",
    }
}

/// Mail addresses, the primary one first.
pub(crate) fn addresses(principal: &kontor_model::Principal) -> impl Iterator<Item = &str> {
    std::iter::once(&principal.email)
        .chain(&principal.aliases)
        .map(String::as_str)
        .filter(|one| !one.is_empty())
}
