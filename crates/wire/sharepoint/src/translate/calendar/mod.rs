//! Events as rows of a calendar list, and back (MS-OUTSPS 3.2.4.2.2 and 3.2.4.2.3).
//!
//! An item is one of three things to Outlook:
//! - a single event: one row;
//! - a series that one of Outlook's patterns describes: a row for the series, one for each changed occurrence
//!   (`EventType` 4) and one for each that is taken out (`EventType` 3). The server adds `MasterSeriesItemID` to these;
//! - anything else that repeats (two rules, single dates more, by the hour, THISANDFUTURE, occurrences longer than a
//!   day, clocks that follow the moon): one row for each occurrence, a [`Part::Changed`] with `EventType` 0, within a window
//!   around now ([`expand`]). There is no row for the whole. Such a row can be changed and removed like any other; that
//!   makes an override of its occurrence.
//!
//! What a client sends is compared with what the row says now, field by field, and only what differs is written.

mod create;
mod exceptions;
mod expand;
mod plan;
mod series;
mod status;
mod take;
mod times;
mod told;
mod uid;

use kontor_ical::Object;

use crate::row::{Context, Error, Part, Row};
use plan::{Plan, Subject};

pub use create::create;
pub use exceptions::{Removed, except, remove_part};

/// An item as rows, the item itself first.
///
/// # Errors
/// [`Error::Unreadable`], if it is no event.
pub fn rows(text: &[u8], context: &Context<'_>) -> Result<Vec<(Part, Row)>, Error> {
    let object = Object::read(text);
    let subject = Subject::of(&object, context)?;
    match &subject.plan {
        Plan::Single(times) => {
            let mut row = told::event(subject.component(), context, times.span);
            told::single(&mut row);
            Ok(std::iter::once((Part::Whole, row)).chain(subject.strays()?).collect())
        }
        Plan::Series(series) => {
            let master = std::iter::once((Part::Whole, told::series(&subject, series)));
            Ok(master.chain(exceptions::rows(&subject, series)?).chain(subject.strays()?).collect())
        }
        Plan::Each => expand::rows(&subject),
        Plan::Strays => subject.strays(),
    }
}

/// The text after an update of a part; `None` if it says all that already.
///
/// # Errors
/// [`Error::Value`] for what no event can say, [`Error::NoPart`], [`Error::ReadOnly`].
pub fn edit(text: &[u8], part: &Part, fields: &Row, context: &Context<'_>) -> Result<Option<Vec<u8>>, Error> {
    let (object, fields) = (Object::read(text), &*fields.legible());
    let subject = Subject::of(&object, context)?;
    match part {
        Part::Whole => take::whole(text, &subject, fields),
        Part::Changed(occurrence) => exceptions::change(text, &subject, *occurrence, fields),
        Part::Deleted(occurrence) => exceptions::restore(text, &subject, *occurrence, fields),
    }
}
