//! What a client sent for an item itself, as edits.

use kontor_contentline::{Edit, Path};
use kontor_ical::Object;
use kontor_ical::stamp::Form;

use super::plan::{Plan, Series, Subject};
use super::times::{Span, Times, asked, dated, refused, truth};
use super::{exceptions, status, told, uid};
use crate::row::{Context, Error, Row};
use crate::translate::change::{Changes, applied};
use crate::translate::moment::{DAY, civil};
use crate::translate::recurrence::{Data, Days};
use crate::translate::stamp::{Moved, mark};
use crate::translate::zone::{Meant, Rule, find};
use crate::translate::{attendees, body};

/// The text after an update of the item itself.
pub(super) fn whole(text: &[u8], subject: &Subject<'_, '_>, fields: &Row) -> Result<Option<Vec<u8>>, Error> {
    match (&subject.plan, wanted(fields)?) {
        (Plan::Each, _) => Err(Error::ReadOnly("it repeats in a way that Outlook has no pattern for".into())),
        (Plan::Strays, _) => Err(Error::NoPart),
        (Plan::Single(times), None | Some(Wanted::Single)) => single(text, subject, times, fields),
        (Plan::Single(times), Some(Wanted::Series)) => series(text, subject, times, None, fields).map(Some),
        (Plan::Series(old), None | Some(Wanted::Series)) => {
            let after = series(text, subject, &old.times, Some(old), fields)?;
            Ok((after != text).then_some(after))
        }
        (Plan::Series(_), Some(Wanted::Single)) => once(text, subject, fields).map(Some),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Single,
    Series,
}

/// Whether a client wants a single event or a series; `None` if it does not say.
fn wanted(fields: &Row) -> Result<Option<Wanted>, Error> {
    let recurs = fields.get("fRecurrence").map(truth);
    Ok(match (fields.get("EventType").map(str::trim), recurs) {
        (Some("3" | "4"), _) => return Err(refused("EventType", "this item is no occurrence of a series")),
        // MS-OUTSPS 3.2.4.2.2, EventType: both must say so; 2 is to be read as 0.
        (Some("1"), Some(false)) | (Some("0" | "2"), _) | (None | Some(""), Some(false)) => {
            Some(Wanted::Single)
        }
        (Some("1"), _) | (None | Some(""), Some(true)) => Some(Wanted::Series),
        (None | Some(""), None) => None,
        (Some(_), _) => return Err(refused("EventType", "it is none of 0 to 4")),
    })
}

/// Fields that a whole item and an occurrence have in common.
pub(super) fn common(
    before: &Row,
    fields: &Row,
    context: &Context<'_>,
    changes: &mut Changes<'_, '_>,
) -> Result<(), Error> {
    for (field, name) in [("Title", "SUMMARY"), ("Location", "LOCATION")] {
        if let Some(sent) = fields.get(field)
            && before.get(field).map(str::trim) != Some(sent.trim())
        {
            changes.set_text(name, sent.trim());
        }
    }
    body::take("Description", before, fields, changes);
    attendees::take(before, fields, context, changes)?;
    status::take(before, fields, changes)
}

fn single(
    text: &[u8],
    subject: &Subject<'_, '_>,
    times: &Times,
    fields: &Row,
) -> Result<Option<Vec<u8>>, Error> {
    component(text, subject, times, Changes::of(subject.component()), fields)
}

/// The text after an update of one component that does not repeat by itself.
pub(super) fn component(
    text: &[u8],
    subject: &Subject<'_, '_>,
    times: &Times,
    mut changes: Changes<'_, '_>,
    fields: &Row,
) -> Result<Option<Vec<u8>>, Error> {
    let before = told::event(changes.component(), &subject.context, times.span);
    common(&before, fields, &subject.context, &mut changes)?;
    let span = asked(fields, Some(times.span), false, subject.floating())?.unwrap_or(times.span);
    let moved = if span == times.span { Moved::No } else { Moved::Yes };
    if moved == Moved::Yes {
        times.put(span, subject.floating(), &mut changes);
    }
    changes.settle(text, |changes| mark(changes, moved, subject.context.now))
}

/// The text after a series was made a single event.
fn once(text: &[u8], subject: &Subject<'_, '_>, fields: &Row) -> Result<Vec<u8>, Error> {
    let mut changes = Changes::of(subject.component());
    for name in ["RRULE", "EXDATE", uid::property()] {
        changes.remove(name);
    }
    exceptions::drop_overrides(subject, &mut changes);
    mark(&mut changes, Moved::Yes, subject.context.now);
    let text = changes.make(text)?;
    let object = Object::read(&text);
    let subject = Subject::of(&object, &subject.context)?;
    let after = match &subject.plan {
        Plan::Single(times) => single(&text, &subject, times, fields)?,
        _ => None,
    };
    Ok(after.unwrap_or(text))
}

/// The text after an update of a series, or after an event was made one.
fn series(
    text: &[u8],
    subject: &Subject<'_, '_>,
    times: &Times,
    old: Option<&Series>,
    fields: &Row,
) -> Result<Vec<u8>, Error> {
    let data = match fields.get("RecurrenceData").filter(|text| !text.trim().is_empty()) {
        Some(text) => Some(Data::read(text).map_err(|why| refused("RecurrenceData", why))?),
        None if old.is_none() => return Err(refused("RecurrenceData", "a series needs one")),
        None => None,
    };
    let first = start(text, subject, times, old, fields)?;
    let second = rule(&first, &subject.context, old, data)?;
    let moved = second != text && (times_differ(text, &second) || rules_differ(subject, &second));
    let third = match data.filter(|data| data.delete_exceptions) {
        Some(_) => exceptions::without_any(&second, &subject.context)?,
        None if moved => exceptions::without_orphans(&second, &subject.context)?,
        None => second,
    };
    finished(text, third, &subject.context, fields, if moved { Moved::Yes } else { Moved::No })
}

/// The text with all fields taken over but the rule.
fn start(
    text: &[u8],
    subject: &Subject<'_, '_>,
    times: &Times,
    old: Option<&Series>,
    fields: &Row,
) -> Result<Vec<u8>, Error> {
    let mut changes = Changes::of(subject.component());
    let before = told::event(changes.component(), &subject.context, times.span);
    common(&before, fields, &subject.context, &mut changes)?;
    let floating = subject.floating();
    let span = asked(fields, Some(times.span), true, floating)?.unwrap_or(times.span);
    let zone = match fields.get("XMLTZone").filter(|text| !text.trim().is_empty()) {
        Some(text) => Some(Rule::read(text).map_err(|why| refused("XMLTZone", why))?),
        None => None,
    };
    let another = zone.filter(|zone| {
        let own = old.map_or_else(|| own_rule(times, subject), |old| Some(old.zone));
        matches!(span, Span::Timed(..)) && !own.is_some_and(|own| own.means(zone))
    });
    match (another, span) {
        (Some(rule), Span::Timed(start, end)) => {
            let mut at_hand = vec![floating];
            if let Form::Zoned(own) = &times.start.form {
                at_hand.insert(0, own);
            }
            let meant = find(&rule, fields.get("TimeZone"), &at_hand, civil(start.div_euclid(DAY)).0);
            put(start, end, &meant, subject, &mut changes);
        }
        _ if span != times.span => times.put(span, floating, &mut changes),
        _ => {}
    }
    changes.make(text)
}

/// The rule of the zone that an event is told in.
fn own_rule(times: &Times, subject: &Subject<'_, '_>) -> Option<Rule> {
    let year = civil(times.start.local.div_euclid(DAY)).0;
    match &times.start.form {
        Form::Utc => Some(Rule::default()),
        Form::Zoned(zone) => Rule::of(zone, year),
        Form::Floating => Rule::of(subject.floating(), year),
        Form::Date => None,
    }
}

/// Makes the item start and end in a zone, which is defined beside it.
fn put(start: i64, end: i64, meant: &Meant, subject: &Subject<'_, '_>, changes: &mut Changes<'_, '_>) {
    let tzid = meant.tzid.as_deref();
    let there = |instant: i64| match tzid {
        Some(_) => kontor_ical::value::When::Local(meant.zone.to_local(instant)),
        None => kontor_ical::value::When::Utc(instant),
    };
    changes.set("DTSTART", 0, dated("DTSTART", there(start), tzid));
    changes.remove("DURATION");
    changes.set("DTEND", 0, dated("DTEND", there(end), tzid));
    define(meant, subject.object, changes);
}

/// Adds the definition of a zone that the object does not have yet.
fn define(meant: &Meant, object: &Object<'_>, changes: &mut Changes<'_, '_>) {
    let Some(tzid) = &meant.tzid else { return };
    let defined = object
        .calendar()
        .children_named("VTIMEZONE")
        .any(|zone| zone.property("TZID").is_some_and(|line| line.text().trim() == tzid));
    if !defined && !meant.definition.is_empty() {
        let at = Path::root().child("VCALENDAR", 0);
        changes.push(Edit::AddComponent { at, text: meant.definition.clone() });
    }
}

/// The text with the rule that the pattern means at the start that it has now.
fn rule(
    text: &[u8],
    context: &Context<'_>,
    old: Option<&Series>,
    data: Option<Data>,
) -> Result<Vec<u8>, Error> {
    let object = Object::read(text);
    let subject = Subject::of(&object, context)?;
    let times = subject.times(subject.component())?;
    let anchor = times.anchor();
    let recurrence = data.map(|data| data.recurrence).or(old.map(|old| old.recurrence));
    if let Some(first) = recurrence.and_then(|one| Days::first(one, &anchor, subject.floating()))
        && first != anchor.day()
    {
        let mut changes = Changes::of(subject.component());
        times.put(times.later(first - anchor.day(), subject.floating()), subject.floating(), &mut changes);
        return rule(&changes.make(text)?, context, old, data);
    }
    let new = data.map(|data| data.recurrence.to_rule(&anchor, subject.floating()));
    // The end of the old rule is told by the old start.
    let kept = old.map(|old| {
        let moved = old.anchor.local != anchor.local || old.anchor.form != anchor.form;
        (old.recurrence.to_rule(&anchor, subject.floating()), moved && old.recurrence.ends_in_time())
    });
    let wanted = match (new, kept) {
        (Some(new), Some((kept, false))) if new == kept => return Ok(text.to_vec()),
        (Some(new), _) => new,
        (None, Some((kept, true))) => kept,
        (None, _) => return Ok(text.to_vec()),
    };
    let mut changes = Changes::of(subject.component());
    changes.set_raw("RRULE", &wanted);
    changes.make(text)
}

/// Whether a text says another start or length of the item than before.
fn times_differ(one: &[u8], two: &[u8]) -> bool {
    let lines = |text: &[u8]| {
        let object = Object::read(text);
        let line = |name| object.property(name).map(|line| (line.head().to_vec(), line.value().into_owned()));
        ["DTSTART", "DTEND", "DURATION"].map(line)
    };
    lines(one) != lines(two)
}

fn rules_differ(subject: &Subject<'_, '_>, after: &[u8]) -> bool {
    let object = Object::read(after);
    let value = |line: Option<&kontor_contentline::Line<'_>>| line.map(|line| line.value().into_owned());
    value(subject.component().property("RRULE")) != value(object.property("RRULE"))
}

/// Marks the change, and keeps the GUID that the client sent.
fn finished(
    before: &[u8],
    text: Vec<u8>,
    context: &Context<'_>,
    fields: &Row,
    moved: Moved,
) -> Result<Vec<u8>, Error> {
    let object = Object::read(&text);
    let subject = Subject::of(&object, context)?;
    let mut changes = Changes::of(subject.component());
    if let (Plan::Series(series), Some(sent)) = (&subject.plan, fields.get("UID"))
        && let Some(property) = uid::kept(&subject, series, sent)
    {
        changes.set(uid::property(), 0, property);
    }
    if text != before || !changes.is_empty() {
        mark(&mut changes, moved, context.now);
    }
    if changes.is_empty() { Ok(text) } else { changes.make(&text) }
}

/// The text of a series that was made anew: the rule, and the GUID that the client sent.
pub(super) fn begun(text: &[u8], fields: &Row, context: &Context<'_>) -> Result<Vec<u8>, Error> {
    let object = Object::read(text);
    let subject = Subject::of(&object, context)?;
    match (&subject.plan, wanted(fields)?) {
        (Plan::Single(times), Some(Wanted::Series)) => series(text, &subject, times, None, fields),
        (Plan::Single(times), _) => {
            Ok(single(text, &subject, times, fields)?.unwrap_or_else(|| text.to_vec()))
        }
        _ => applied(text, &[]),
    }
}
