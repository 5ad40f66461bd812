//! Busy status, and what Outlook says beside it.

use kontor_contentline::Component;

use super::times::refused;
use crate::row::{Error, Row};
use crate::translate::categories;
use crate::translate::change::Changes;
use crate::translate::outlook::{self, Place};
use crate::translate::priority;

/// BusyStatus (MS-OUTSPS 2.2.5.1) and the words of MS-OXCICAL 2.1.3.1.1.20.31.
const BUSY: [(&str, &str); 4] = [("0", "FREE"), ("1", "TENTATIVE"), ("2", "BUSY"), ("3", "OOF")];

/// Outlook's own properties.
const CDO_BUSY: &str = "X-MICROSOFT-CDO-BUSYSTATUS";
const CDO_INTENDED: &str = "X-MICROSOFT-CDO-INTENDEDSTATUS";

/// Fields that an event has no property for (MS-OUTSPS 3.2.4.2.3).
const KEPT: [(&str, Place); 3] =
    [("FollowUp", Place::Bag), ("HeaderInfo", Place::Bag), ("FooterInfo", Place::Bag)];

fn word(component: Component<'_, '_>, name: &str) -> Option<String> {
    component.property(name).map(|line| line.value_str().trim().to_ascii_uppercase())
}

/// What an event does to its owner's time, as everybody who asks for busy times hears it.
fn busy(component: Component<'_, '_>) -> &'static str {
    let status = word(component, "STATUS");
    if word(component, "TRANSP").as_deref() == Some("TRANSPARENT") || status.as_deref() == Some("CANCELLED") {
        return "0";
    }
    match (status.as_deref(), word(component, CDO_BUSY).as_deref()) {
        (Some("TENTATIVE"), _) | (_, Some("TENTATIVE")) => "1",
        (_, Some("OOF")) => "3",
        (_, Some("FREE")) => "0",
        _ => "2",
    }
}

/// Tells the fields of a component.
pub(super) fn tell(component: Component<'_, '_>, row: &mut Row) {
    let categories = categories::of(component);
    row.push("Category", categories.first().cloned().unwrap_or_default());
    row.push("Categories", categories::joined(&categories));
    row.push_bag("BusyStatus", busy(component));
    row.push_bag("Priority", priority::of(component));
    if let Some(intended) = word(component, CDO_INTENDED) {
        let number = BUSY.iter().find(|(_, word)| *word == intended);
        number.into_iter().for_each(|(number, _)| row.push_bag("IntendedBusyStatus", *number));
    }
    outlook::tell(component, &KEPT, row);
}

/// Takes over the fields that changed.
pub(super) fn take(before: &Row, fields: &Row, changes: &mut Changes<'_, '_>) -> Result<(), Error> {
    if let Some(status) = changed_bag(before, fields, "BusyStatus") {
        take_busy(status, changes)?;
    }
    if let Some(status) = changed_bag(before, fields, "IntendedBusyStatus") {
        let word = BUSY.iter().find(|(number, _)| *number == status).map(|(_, word)| *word);
        word.into_iter().for_each(|word| changes.set_raw(CDO_INTENDED, word));
    }
    if let Some(priority) = changed_bag(before, fields, "Priority") {
        priority::take(priority, changes)?;
    }
    categories::take(before, fields, changes);
    outlook::take(fields, &KEPT, changes);
    Ok(())
}

/// The value of the property bag that a client sent, if it is another one.
fn changed_bag<'r>(before: &Row, fields: &'r Row, name: &str) -> Option<&'r str> {
    let sent = fields.bag(name)?.trim();
    (before.bag(name) != Some(sent)).then_some(sent)
}

fn take_busy(status: &str, changes: &mut Changes<'_, '_>) -> Result<(), Error> {
    if matches!(status, "" | "-1") {
        // Unspecified: as it was.
        return Ok(());
    }
    let known = BUSY.iter().find(|(number, _)| *number == status);
    let (_, cdo) = known.ok_or_else(|| refused("BusyStatus", "it is none of -1 to 3"))?;
    let component = changes.component();
    if *cdo == "FREE" {
        changes.set_raw("TRANSP", "TRANSPARENT");
    } else if word(component, "TRANSP").as_deref() == Some("TRANSPARENT") {
        changes.set_raw("TRANSP", "OPAQUE");
    }
    let status = word(component, "STATUS");
    let in_the_way = match status.as_deref() {
        Some("CANCELLED") => *cdo != "FREE",
        Some("TENTATIVE") => *cdo != "TENTATIVE",
        _ => false,
    };
    if in_the_way {
        changes.set_raw("STATUS", "CONFIRMED");
    }
    if component.property(CDO_BUSY).is_some() || matches!(*cdo, "TENTATIVE" | "OOF") {
        changes.set_raw(CDO_BUSY, cdo);
    }
    Ok(())
}
