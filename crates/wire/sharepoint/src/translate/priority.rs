//! Importance: PRIORITY in nine steps, and in three.

use kontor_contentline::Component;

use super::change::Changes;
use crate::row::Error;

/// Outlook's own property.
const CDO_IMPORTANCE: &str = "X-MICROSOFT-CDO-IMPORTANCE";

/// PRIORITY (RFC 5545 3.8.1.9) as Priority (MS-OUTSPS 2.2.5.10).
pub(crate) fn of(component: Component<'_, '_>) -> &'static str {
    match component
        .property("PRIORITY")
        .map(|line| line.value_str().trim().to_owned())
        .and_then(|text| text.parse::<u8>().ok())
    {
        Some(1..=4) => "1",
        Some(6..=9) => "-1",
        _ => "0",
    }
}

/// Takes over Priority, as the words of MS-OXCICAL 2.1.3.1.1.20.17 have it.
pub(crate) fn take(priority: &str, changes: &mut Changes<'_, '_>) -> Result<(), Error> {
    let (number, importance) = match priority {
        "1" => ("1", "2"),
        "-1" => ("9", "0"),
        "0" | "" => ("", "1"),
        _ => {
            return Err(Error::Value {
                field: "Priority".into(),
                reason: "it is none of -1, 0 and 1".into(),
            });
        }
    };
    changes.set_raw("PRIORITY", number);
    if changes.component().property(CDO_IMPORTANCE).is_some() {
        changes.set_raw(CDO_IMPORTANCE, importance);
    }
    Ok(())
}
