//! Content lines: the text layer under iCalendar and vCard.
