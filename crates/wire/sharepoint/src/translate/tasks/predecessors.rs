//! Which tasks a task waits for: Predecessors, and the RELATED-TO of a VTODO (RFC 9253 5).
//!
//! The field names rows of the same list by their numbers, `12;#First;#13;#Second`; a calendar names them by UID, in lines
//! with RELTYPE=DEPENDS-ON. Only these are told and taken. FINISHTOSTART and its like do not say in words which of the
//! two tasks is the later one (RFC 9253 4), and PARENT, CHILD and SIBLING are other things: such lines stay as they are,
//! and so do lines that name what is not in the list.

use kontor_contentline::{Component, Line, Property};

use super::super::change::Changes;
use crate::row::{Context, Error, Row, Task};

const FIELD: &str = "Predecessors";
const RELATED: &str = "RELATED-TO";

/// Tasks that one task may name.
const MOST: usize = 100;

/// The UID that a line names as what has to be done before.
fn uid(line: &Line<'_>) -> Option<String> {
    let is_before = line.param("RELTYPE").is_some_and(|kind| kind.has("DEPENDS-ON"));
    let is_uid = line.param("VALUE").is_none_or(|value| value.has("TEXT") || value.has("UID"));
    (is_before && is_uid).then(|| line.text().trim().to_owned()).filter(|uid| !uid.is_empty())
}

/// The UIDs of the tasks that a task waits for, in order, each with the number of its line.
pub(super) fn uids(component: Component<'_, '_>) -> Vec<(usize, String)> {
    let lines = component.properties_named(RELATED).enumerate();
    lines.filter_map(|(nth, line)| Some((nth, uid(line)?))).take(MOST).collect()
}

/// Those of them that the list has.
fn known(component: Component<'_, '_>, context: &Context<'_>) -> Vec<(usize, Task)> {
    let uids = uids(component).into_iter();
    uids.filter_map(|(nth, uid)| Some((nth, context.tasks.by_uid(&uid)?))).collect()
}

/// As the field tells them, each once.
pub(super) fn told(component: Component<'_, '_>, context: &Context<'_>) -> String {
    let mut told: Vec<i64> = Vec::new();
    let mut value = String::new();
    for (_, task) in known(component, context) {
        if told.contains(&task.number) {
            continue;
        }
        let between = if told.is_empty() { "" } else { ";#" };
        // What separates the parts of the field cannot stand in one.
        let title = task.title.replace(";#", "; #").replace(['\r', '\n'], " ");
        value.push_str(&format!("{between}{};#{title}", task.number));
        told.push(task.number);
    }
    value
}

/// The numbers that a field names.
///
/// # Errors
/// [`Error::Value`] for what is no number.
pub(super) fn numbers(value: &str) -> Result<Vec<i64>, Error> {
    let mut found = Vec::new();
    let mut parts = value.split(";#").map(str::trim);
    while let Some(part) = parts.next().filter(|part| !part.is_empty()) {
        let number = part.parse().map_err(|_| refused("it names a task otherwise than by its number"))?;
        if !found.contains(&number) {
            found.push(number);
        }
        // Its title.
        parts.next();
    }
    if found.len() > MOST {
        return Err(refused("it names more than a hundred tasks"));
    }
    Ok(found)
}

fn refused(reason: &'static str) -> Error {
    Error::Value { field: FIELD.into(), reason: reason.into() }
}

/// Takes over which tasks are to be done before. Lines of those that stay, and all others, are as they were.
pub(super) fn take(fields: &Row, context: &Context<'_>, changes: &mut Changes<'_, '_>) -> Result<(), Error> {
    let Some(sent) = fields.get(FIELD) else { return Ok(()) };
    let wanted = numbers(sent)?;
    let component = changes.component();
    let now = known(component, context);
    for (nth, task) in &now {
        if !wanted.contains(&task.number) {
            changes.remove_nth(RELATED, *nth);
        }
    }
    let own = component.property("UID").map(|line| line.text().into_owned()).unwrap_or_default();
    for number in wanted.into_iter().filter(|number| now.iter().all(|(_, task)| task.number != *number)) {
        let task = context.tasks.by_number(number);
        let task = task.ok_or_else(|| refused("there is no such task in this list"))?;
        if task.uid == own {
            return Err(refused("a task cannot wait for itself"));
        }
        changes.add(Property::text(RELATED, &task.uid).param("RELTYPE", "DEPENDS-ON"));
    }
    Ok(())
}
