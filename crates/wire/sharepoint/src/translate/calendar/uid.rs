//! The field UID of a series: a GUID that changes if, and only if, the recurrence does (MS-OUTSPS 3.2.4.2.2).
//!
//! It is made of the item's own UID and of what makes the recurrence, so that it needs no memory. Where a client brought
//! a GUID of its own, that is kept in a property beside a digest of the recurrence it was brought for.

use kontor_contentline::Property;

use super::plan::{Series, Subject};
use crate::guid::Guid;

/// Keeps a client's GUID: `X-KONTOR-LIST-UID;X-FOR=<digest>:{GUID}`.
const KEPT: &str = "X-KONTOR-LIST-UID";
/// Its parameter.
const FOR: &str = "X-FOR";

/// The GUID of a series.
pub(super) fn of(subject: &Subject<'_, '_>, series: &Series) -> String {
    let digest = digest(subject, series);
    let kept = subject
        .component()
        .property(KEPT)
        .filter(|line| line.param(FOR).is_some_and(|param| param.value() == format!("{digest:032x}")));
    match kept.and_then(|line| guid(&line.value_str())) {
        Some(guid) => guid,
        None => {
            let uid = subject.object.uid().unwrap_or_default();
            Guid(fnv(&format!("{uid}\n{digest:x}"))).to_string()
        }
    }
}

/// A property that keeps the GUID a client sent; `None` if it sent none, or the one that the series has anyway.
pub(super) fn kept(subject: &Subject<'_, '_>, series: &Series, sent: &str) -> Option<Property> {
    let sent = guid(sent)?;
    let digest = digest(subject, series);
    (sent != of(subject, series)).then(|| Property::raw(KEPT, sent).param(FOR, &format!("{digest:032x}")))
}

/// Name of the property.
pub(super) const fn property() -> &'static str {
    KEPT
}

/// A digest of what makes the recurrence.
fn digest(subject: &Subject<'_, '_>, series: &Series) -> u128 {
    let rule = series.recurrence.to_rule(&series.anchor, subject.floating());
    let times = &series.times;
    fnv(&format!(
        "{}\n{}\n{}\n{rule}",
        times.start.local,
        times.tzid.as_deref().unwrap_or_default(),
        times.span.length(),
    ))
}

/// FNV-1a with 128 bits: short, stable, and nobody gains from a collision but confusion in his own list.
fn fnv(text: &str) -> u128 {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013B;
    const BASIS: u128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D;
    text.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

/// A GUID in any spelling as lists write it (MS-OUTSPS 2.2.5.11).
fn guid(text: &str) -> Option<String> {
    text.parse::<Guid>().ok().map(|guid| guid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_have_one_spelling() {
        let guid = guid("0123abcd-89ab-cdef-0123-456789abcdef").unwrap();
        assert_eq!(guid, "{0123ABCD-89AB-CDEF-0123-456789ABCDEF}");
        assert_eq!(super::guid(&guid), Some(guid.clone()));
        assert_eq!(super::guid("none"), None);
        assert_eq!(Guid(fnv("")).to_string(), "{6C62272E-07BB-0142-62B8-21756295C58D}");
    }
}
