//! Who is to do a task: AssignedTo, and the ATTENDEE of a VTODO.

use kontor_contentline::Component;

use crate::row::{Context, Error, Person, Row};
use crate::translate::attendees::{self, attendee, named, organize};
use crate::translate::change::Changes;

/// The first attendee whom the office knows, and which one that is.
fn known(component: Component<'_, '_>, context: &Context<'_>) -> Option<(usize, Person)> {
    attendees::known(component, context).into_iter().next()
}

/// AssignedTo, as a User field has it; empty if nobody of the office is to do it.
pub(super) fn told(component: Component<'_, '_>, context: &Context<'_>) -> String {
    known(component, context)
        .map_or_else(String::new, |(_, person)| format!("{};#{}", person.id, person.name))
}

/// Takes over another person. The others keep their lines.
pub(super) fn take(
    before: &Row,
    fields: &Row,
    context: &Context<'_>,
    changes: &mut Changes<'_, '_>,
) -> Result<(), Error> {
    let Some(sent) = fields.get("AssignedTo").map(str::trim) else { return Ok(()) };
    if before.get("AssignedTo") == Some(sent) {
        return Ok(());
    }
    let now = known(changes.component(), context);
    if sent.is_empty() {
        now.into_iter().for_each(|(nth, _)| changes.remove_nth("ATTENDEE", nth));
        return Ok(());
    }
    let person = named(sent, context)?;
    if now.as_ref().is_some_and(|(_, own)| own.id == person.id) {
        return Ok(());
    }
    let attendee = attendee(&person, "AssignedTo")?;
    match now {
        Some((nth, _)) => changes.set("ATTENDEE", nth, attendee),
        None => changes.add(attendee),
    }
    organize(context, changes);
    Ok(())
}
