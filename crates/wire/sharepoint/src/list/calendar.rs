//! Fields of a list of events (MS-OUTSPS 3.2.4.2.2).

use super::FieldType::{
    AllDay, Boolean, DateTime, Guid, Html, Integer, Note, OpenChoice, Project, Recurrence, Text, Users,
};
use super::field::{ListField, hidden, inner, open};

pub(super) const FIELDS: &[ListField] = &[
    open("Location", "Location", Text),
    open("EventDate", "Start Time", DateTime),
    open("EndDate", "End Time", DateTime),
    open("Description", "Description", Html),
    open("fAllDayEvent", "All Day Event", AllDay),
    open("fRecurrence", "Recurrence", Recurrence),
    open(
        "Category",
        "Category",
        OpenChoice(&[
            "Meeting",
            "Work hours",
            "Business",
            "Holiday",
            "Get-together",
            "Gifts",
            "Birthday",
            "Anniversary",
        ]),
    ),
    open("Categories", "Categories", Text),
    open("ParticipantsPicker", "Attendees", Users),
    hidden("WorkspaceLink", "Workspace", Project),
    hidden("EventType", "Event Type", Integer),
    hidden("UID", "UID", Guid),
    hidden("RecurrenceID", "Recurrence ID", DateTime),
    hidden("EventCanceled", "Event Canceled", Boolean),
    hidden("Duration", "Duration", Integer),
    hidden("RecurrenceData", "RecurrenceData", Note),
    hidden("TimeZone", "TimeZone", Integer),
    hidden("XMLTZone", "XMLTZone", Note),
    hidden("MasterSeriesItemID", "MasterSeriesItemID", Integer),
    inner("Workspace", "WorkspaceUrl", Text),
];
