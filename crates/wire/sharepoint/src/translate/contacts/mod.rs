//! Contacts as rows of a contact list, and back (MS-OUTSPS 3.2.4.2.4).
//!
//! A contact is one row. Where a card has more of something than a list has fields (a fourth mail address, a second mobile
//! number), the rest is not told and stays as it is. What a card has no property for is kept in properties of our own.

mod addresses;
mod card;
mod dates;
mod names;
mod phones;
mod photo;
mod texts;

use kontor_contentline::{Component, Ending, Property, Tree, Writer};
use kontor_ical::value::When;

use super::change::Changes;
use super::outlook::{self, Place};
use super::{categories, html};
use crate::row::{Context, Error, Part, Row};
use card::Lines;

pub(crate) use photo::shown;
pub use photo::{PHOTO, Photo, photo, set_photo};

/// Fields that a card has no property for.
const KEPT: [(&str, Place); 34] = [
    ("Account", Place::Bag),
    ("BCPicture", Place::Bag),
    ("BillingInformation", Place::Field),
    ("BizCard", Place::Bag),
    ("Certificate", Place::Bag),
    ("CertificateStr", Place::Bag),
    ("CertificatesX509", Place::Bag),
    ("ComputerNetworkName", Place::Field),
    ("ConfDefServerIndex", Place::Bag),
    ("ConfServerNames", Place::Bag),
    ("ContactLinkName", Place::Bag),
    ("CustomerID", Place::Field),
    ("EmailDisplayAs1", Place::Bag),
    ("EmailDisplayAs2", Place::Bag),
    ("EmailDisplayAs3", Place::Bag),
    ("Fax1", Place::Bag),
    ("Fax2", Place::Bag),
    ("Fax3", Place::Bag),
    ("FaxDisplayAs1", Place::Bag),
    ("FaxDisplayAs2", Place::Bag),
    ("FaxDisplayAs3", Place::Bag),
    ("FileAs", Place::Bag),
    ("FTPSite", Place::Field),
    ("GovernmentIDNumber", Place::Field),
    ("Initials", Place::Field),
    ("Location", Place::Field),
    ("Mileage", Place::Field),
    ("OrganizationalIDNumber", Place::Field),
    ("PostAddrID", Place::Bag),
    ("ReferredBy", Place::Field),
    ("UserField1", Place::Field),
    ("UserField2", Place::Field),
    ("UserField3", Place::Field),
    ("UserField4", Place::Field),
];

fn component<'t, 'a>(tree: &'t Tree<'a>) -> Result<Component<'t, 'a>, Error> {
    tree.root().child("VCARD").ok_or_else(|| Error::Unreadable("it has no card".into()))
}

/// An item as its row.
///
/// # Errors
/// [`Error::Unreadable`], if it is no card.
pub fn rows(text: &[u8], context: &Context<'_>) -> Result<Vec<(Part, Row)>, Error> {
    let tree = Tree::parse(text);
    Ok(vec![(Part::Whole, told(component(&tree)?, context))])
}

fn told(component: Component<'_, '_>, context: &Context<'_>) -> Row {
    let lines = Lines::of(component);
    let mut row = Row::new();
    names::tell(&lines, &mut row);
    texts::tell(&lines, &mut row);
    phones::tell(&lines, &mut row);
    addresses::tell(&lines, &mut row);
    dates::tell(&lines, context, &mut row);
    let note = lines.first("NOTE").map(|line| line.text()).unwrap_or_default();
    row.push("Comments", html::of_text(&note));
    row.push("Categories", categories::joined(&categories::of(component)));
    outlook::tell(component, &KEPT, &mut row);
    photo::tell(component, &mut row);
    row
}

/// Canonical text of a contact that a client made: a card of version 3.0, which all clients read.
///
/// # Errors
/// [`Error::Value`] for what no card can say.
pub fn create(fields: &Row, context: &Context<'_>) -> Result<Vec<u8>, Error> {
    let fields = &*fields.legible();
    let mut out = Writer::new(Ending::CrLf);
    out.begin("VCARD").property(&Property::raw("VERSION", "3.0"));
    out.property(&Property::raw("PRODID", "-//Kontor//Outlook list sync//EN"));
    out.property(&Property::text("UID", context.uid));
    out.property(&names::fresh(fields));
    out.property(&Property::text("FN", &names::full_name(fields)));
    out.property(&Property::raw("REV", When::Utc(context.now).to_string())).end("VCARD");
    let text = out.finish();
    Ok(edit(&text, &Part::Whole, fields, context)?.unwrap_or(text))
}

/// The text after an update; `None` if it says all that already.
///
/// # Errors
/// [`Error::Value`], [`Error::NoPart`].
pub fn edit(text: &[u8], part: &Part, fields: &Row, context: &Context<'_>) -> Result<Option<Vec<u8>>, Error> {
    if *part != Part::Whole {
        return Err(Error::NoPart);
    }
    let (tree, fields) = (Tree::parse(text), &*fields.legible());
    let component = component(&tree)?;
    let before = told(component, context);
    let lines = Lines::of(component);
    let mut changes = Changes::of(component);
    names::take(&lines, &before, fields, &mut changes);
    texts::take(&lines, &before, fields, &mut changes);
    phones::take(&lines, &before, fields, &mut changes);
    addresses::take(&lines, &before, fields, &mut changes);
    dates::take(&lines, &before, fields, context, &mut changes)?;
    take_note(&lines, &before, fields, &mut changes);
    categories::take(&before, fields, &mut changes);
    outlook::take(fields, &KEPT, &mut changes);
    changes.settle(text, |changes| {
        if let Some(rev) = lines.first("REV") {
            changes.set("REV", 0, rev.with_raw(&When::Utc(context.now).to_string()));
        }
    })
}

/// A note has no HTML: its words are taken over if they are others.
fn take_note(lines: &Lines<'_, '_>, before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) {
    let Some(sent) = fields.get("Comments") else { return };
    let was = before.get("Comments").unwrap_or_default();
    let plain = html::plain(sent);
    if sent == was || plain == html::plain(was) {
        return;
    }
    card::put_text(lines, "NOTE", &plain, changes);
}
