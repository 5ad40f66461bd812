//! Fields of the list of people (MS-UPSDWS and MS-LISTSWS call it the user information list).

use super::FieldType::{Boolean, Note, Text};
use super::field::{ListField, inner, open};

pub(super) const FIELDS: &[ListField] = &[
    open("Name", "Account", Text),
    open("EMail", "Work e-mail", Text),
    open("FirstName", "First name", Text),
    open("LastName", "Last name", Text),
    open("UserName", "User name", Text),
    open("Notes", "About me", Note),
    inner("IsActive", "Is active", Boolean),
    inner("IsSiteAdmin", "Is Site Admin", Boolean),
    inner("Deleted", "Deleted", Boolean),
    inner("ImnName", "IMN Name", Text),
];
