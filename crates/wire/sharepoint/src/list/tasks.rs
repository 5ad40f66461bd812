//! Fields of a list of tasks (MS-OUTSPS 3.2.4.2.8).

use super::FieldType::{Choice, DateOnly, Html, Percent, Tasks, Text, User};
use super::field::{ListField, hidden, open};

/// What Outlook calls the states of a task (MS-OXOTASK 2.2.2.2.2).
const STATUS: &[(&str, &str)] = &[
    ("Not Started", "0"),
    ("In Progress", "1"),
    ("Completed", "2"),
    ("Deferred", "4"),
    ("Waiting on someone else", "3"),
];
/// What Outlook calls the importance of a task (MS-OXCMSG 2.2.1.11).
const PRIORITY: &[(&str, &str)] = &[("(1) High", "1"), ("(2) Normal", "0"), ("(3) Low", "-1")];

pub(super) const FIELDS: &[ListField] = &[
    open("Priority", "Priority", Choice(PRIORITY)),
    open("Status", "Task Status", Choice(STATUS)),
    open("PercentComplete", "% Complete", Percent),
    open("AssignedTo", "Assigned To", User),
    open("Body", "Description", Html),
    open("StartDate", "Start Date", DateOnly),
    open("DueDate", "Due Date", DateOnly),
    open("Predecessors", "Predecessors", Tasks),
    open("Categories", "Categories", Text),
    hidden("RelatedLinks", "Related", Text),
];
