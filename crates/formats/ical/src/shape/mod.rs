//! Calendar text in the shape somebody asked for: parts of it, occurrences instead of a series, many objects as one.
//!
//! What is not rewritten is copied byte for byte.

mod combine;
mod expand;
mod free_busy;
mod limit;
mod select;

pub use combine::Combiner;
pub(crate) use expand::dated;
pub use expand::expand;
pub use free_busy::FreeBusy;
pub use limit::{limit_freebusy_set, limit_recurrence_set, without_known_zones};
pub use select::{PropChoice, Selection, select};

use kontor_contentline::Component;

/// Who wrote a text that is ours.
pub(crate) const PRODID: &str = "-//Kontor//Kontor//EN";

/// The text without some of its components, all other bytes as they are.
fn without<'t, 'a: 't>(bytes: &[u8], dropped: impl Iterator<Item = Component<'t, 'a>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for component in dropped {
        let span = component.span();
        out.extend_from_slice(bytes.get(from..span.start).unwrap_or_default());
        from = span.end;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    out
}
