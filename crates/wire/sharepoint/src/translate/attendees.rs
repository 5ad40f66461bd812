//! Who takes part: ATTENDEE and ORGANIZER, and the fields that name people of the office.

use kontor_contentline::{Component, Line, Property};

use super::change::Changes;
use crate::row::{Context, Error, Person, Row};

/// Those who take part in a meeting.
const PARTICIPANTS: &str = "ParticipantsPicker";

/// The mail address that a calendar address has.
fn mail(line: &Line<'_>) -> Option<String> {
    let value = line.value_str();
    let value = value.trim();
    let scheme = value.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    scheme.and_then(|_| value.get(7..)).map(str::to_owned)
}

/// The attendees whom the office knows, each with the number of its line.
pub(crate) fn known(component: Component<'_, '_>, context: &Context<'_>) -> Vec<(usize, Person)> {
    let attendees = component.properties_named("ATTENDEE").enumerate();
    attendees.filter_map(|(nth, line)| Some((nth, context.people.by_mail(&mail(line)?)?))).collect()
}

/// Tells those of the office who take part, each once. Guests from outside have no number, and no place in the field.
pub(crate) fn tell(component: Component<'_, '_>, context: &Context<'_>, row: &mut Row) {
    let mut told: Vec<i64> = Vec::new();
    let mut value = String::new();
    for (_, person) in known(component, context) {
        if told.contains(&person.id) {
            continue;
        }
        let between = if told.is_empty() { "" } else { ";#" };
        value.push_str(&format!("{between}{};#{}", person.id, person.name));
        told.push(person.id);
    }
    if !told.is_empty() {
        row.push(PARTICIPANTS, value);
    }
}

/// Takes over who of the office takes part. Lines of those who stay, and of guests from outside, are as they were.
pub(crate) fn take(
    before: &Row,
    fields: &Row,
    context: &Context<'_>,
    changes: &mut Changes<'_, '_>,
) -> Result<(), Error> {
    let Some(sent) = fields.get(PARTICIPANTS).map(str::trim) else { return Ok(()) };
    if before.get(PARTICIPANTS).unwrap_or_default() == sent {
        return Ok(());
    }
    let wanted = all_named(sent, context)?;
    let now = known(changes.component(), context);
    for (nth, person) in &now {
        if !wanted.iter().any(|one| one.id == person.id) {
            changes.remove_nth("ATTENDEE", *nth);
        }
    }
    let mut added: Vec<i64> = now.iter().map(|(_, person)| person.id).collect();
    for person in wanted {
        if !added.contains(&person.id) {
            changes.add(attendee(&person, PARTICIPANTS)?);
            added.push(person.id);
        }
    }
    if added.len() > now.len() {
        organize(context, changes);
    }
    Ok(())
}

/// The line of somebody who is asked.
pub(crate) fn attendee(person: &Person, field: &'static str) -> Result<Property, Error> {
    if person.mail.is_empty() {
        let reason = "the person has no mail address, so that no calendar could name them".into();
        return Err(Error::Value { field: field.into(), reason });
    }
    let attendee = Property::raw("ATTENDEE", format!("mailto:{}", person.mail));
    Ok(attendee.param("CN", &person.name).param("ROLE", "REQ-PARTICIPANT").param("PARTSTAT", "NEEDS-ACTION"))
}

/// Attendees need an organizer (RFC 5545 3.8.4.3): who asks, if nobody is yet.
pub(crate) fn organize(context: &Context<'_>, changes: &mut Changes<'_, '_>) {
    let is_there = changes.component().property("ORGANIZER").is_some();
    if let Some(asker) = context.asker.filter(|asker| !asker.mail.is_empty() && !is_there) {
        let organizer = Property::raw("ORGANIZER", format!("mailto:{}", asker.mail));
        changes.add(organizer.param("CN", &asker.name));
    }
}

/// Everybody whom a field for several people names: `7;#Ann;#8;#Ben`, or names alone.
fn all_named(sent: &str, context: &Context<'_>) -> Result<Vec<Person>, Error> {
    let parts: Vec<&str> = sent.split(";#").map(str::trim).filter(|part| !part.is_empty()).collect();
    let mut found = Vec::new();
    let mut rest = parts.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let is_number = first.parse::<i64>().is_ok();
        match after.split_first() {
            Some((second, after)) if is_number => {
                found.push(named(&format!("{first};#{second}"), context)?);
                rest = after;
            }
            _ => {
                found.push(named(first, context)?);
                rest = after;
            }
        }
    }
    Ok(found)
}

/// Whom a User field names (MS-LISTSWS, UpdateListItems): a number of the user list, or -1 and a log-in name or mail
/// address.
pub(crate) fn named(sent: &str, context: &Context<'_>) -> Result<Person, Error> {
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
