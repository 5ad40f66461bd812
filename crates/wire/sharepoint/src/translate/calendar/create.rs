//! Events that a client makes.

use kontor_contentline::{Ending, Property, Writer};
use kontor_ical::value::When;

use super::take;
use super::times::{Span, asked, dated, refused, truth};
use crate::row::{Context, Error, Row};
use crate::translate::moment::{DAY, civil};
use crate::translate::zone::{Meant, Rule, find};

/// Who wrote it.
const PRODID: &str = "-//Kontor//Outlook list sync//EN";

/// Canonical text of an event that a client made. Times are told in the zone of the series (XMLTZone) or, of a single
/// event, in that of the list.
///
/// # Errors
/// [`Error::Value`] for what no event can say.
pub fn create(fields: &Row, context: &Context<'_>) -> Result<Vec<u8>, Error> {
    let fields = &*fields.legible();
    let recurs =
        fields.get("EventType").map(str::trim) == Some("1") || fields.get("fRecurrence").is_some_and(truth);
    let span = asked(fields, None, recurs, context.zone)?;
    let span = span.ok_or_else(|| refused("EventDate", "an event needs a start"))?;
    let mut out = Writer::new(Ending::CrLf);
    out.begin("VCALENDAR").property(&Property::raw("VERSION", "2.0"));
    out.property(&Property::raw("PRODID", PRODID));
    let (start, end) = match span {
        Span::Days(first, count) => {
            (dated("DTSTART", When::Date(first), None), dated("DTEND", When::Date(first + count), None))
        }
        Span::Timed(start, end) => {
            let meant = zone(fields, recurs, start, context)?;
            out.lines(&meant.definition);
            let tzid = meant.tzid.as_deref();
            let there = |instant: i64| match tzid {
                Some(_) => When::Local(meant.zone.to_local(instant)),
                None => When::Utc(instant),
            };
            (dated("DTSTART", there(start), tzid), dated("DTEND", there(end), tzid))
        }
    };
    let now = When::Utc(context.now).to_string();
    out.begin("VEVENT").property(&Property::text("UID", context.uid));
    out.property(&Property::raw("DTSTAMP", &now)).property(&Property::raw("CREATED", &now));
    out.property(&Property::raw("LAST-MODIFIED", &now)).property(&start).property(&end);
    out.end("VEVENT").end("VCALENDAR");
    take::begun(&out.finish(), fields, context)
}

/// The zone that an event is told in.
fn zone(fields: &Row, recurs: bool, start: i64, context: &Context<'_>) -> Result<Meant, Error> {
    let year = civil(start.div_euclid(DAY)).0;
    let sent = fields.get("XMLTZone").filter(|text| recurs && !text.trim().is_empty());
    let rule = match sent {
        Some(text) => Some(Rule::read(text).map_err(|why| refused("XMLTZone", why))?),
        None => Rule::of(context.zone, year),
    };
    let named = sent.is_none().then(|| Meant::named(context.zone)).flatten();
    Ok(match (named, rule) {
        (Some(named), _) => named,
        (None, Some(rule)) => find(&rule, fields.get("TimeZone"), &[context.zone], year),
        (None, None) => find(&Rule::default(), None, &[], year),
    })
}
