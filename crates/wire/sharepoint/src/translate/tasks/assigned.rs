//! Who is to do a task: AssignedTo, and the ATTENDEE of a VTODO.

use kontor_contentline::{Component, Line, Property};

use crate::row::{Context, Error, Person, Row};
use crate::translate::change::Changes;

/// The mail address that a calendar address has.
fn mail(line: &Line<'_>) -> Option<String> {
    let value = line.value_str();
    let value = value.trim();
    let scheme = value.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    scheme.and_then(|_| value.get(7..)).map(str::to_owned)
}

/// The first attendee whom the office knows, and which one that is.
fn known(component: Component<'_, '_>, context: &Context<'_>) -> Option<(usize, Person)> {
    let attendees = component.properties_named("ATTENDEE").enumerate();
    attendees.into_iter().find_map(|(nth, line)| Some((nth, context.people.by_mail(&mail(line)?)?)))
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
    if person.mail.is_empty() {
        let reason = "the person has no mail address, so that no calendar could name them".into();
        return Err(Error::Value { field: "AssignedTo".into(), reason });
    }
    let attendee = Property::raw("ATTENDEE", format!("mailto:{}", person.mail));
    let attendee =
        attendee.param("CN", &person.name).param("ROLE", "REQ-PARTICIPANT").param("PARTSTAT", "NEEDS-ACTION");
    match now {
        Some((nth, _)) => changes.set("ATTENDEE", nth, attendee),
        None => changes.add(attendee),
    }
    // Attendees need an organizer (RFC 5545 3.8.4.3).
    if let Some(asker) = context.asker.filter(|asker| !asker.mail.is_empty())
        && changes.component().property("ORGANIZER").is_none()
    {
        let organizer = Property::raw("ORGANIZER", format!("mailto:{}", asker.mail));
        changes.add(organizer.param("CN", &asker.name));
    }
    Ok(())
}

/// Whom a User field names (MS-LISTSWS, UpdateListItems): a number of the user list, or -1 and a log-in name or mail
/// address.
fn named(sent: &str, context: &Context<'_>) -> Result<Person, Error> {
    let mut parts = sent.split(";#");
    let first = parts.next().unwrap_or_default().trim();
    // Parts of the long form start with `#` or `,#`, and commas are doubled.
    let second = parts.next().unwrap_or_default().split(",#").next().unwrap_or_default().trim();
    let found = match first.parse::<i64>() {
        Ok(id) if id > 0 => context.people.by_id(id),
        Ok(_) => somebody(second, context),
        Err(_) => somebody(first, context),
    };
    found.ok_or_else(|| {
        let who = if second.is_empty() { first } else { second };
        Error::UnknownPerson(who.chars().take(200).collect())
    })
}

fn somebody(name: &str, context: &Context<'_>) -> Option<Person> {
    let login = name.rsplit_once(['\\', '|']).map_or(name, |(_, login)| login);
    let people = context.people;
    people.by_mail(name).or_else(|| people.by_login(name)).or_else(|| people.by_login(login))
}
