//! GetCurrentUserInfo, GetUserInfo and GetUserCollectionFromSite (MS-USERGSP 3.1.4).

use super::{Request, text};
use crate::error::Result;
use crate::row::Person;
use crate::soap::NS_DIRECTORY;
use crate::xml::{Element, Writer};

/// Asks who somebody is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetUserInfo {
    /// Name for logging in.
    pub login: String,
}

impl Request for GetUserInfo {
    const NAME: &'static str = "GetUserInfo";
    const NAMESPACE: &'static str = NS_DIRECTORY;

    fn read(element: &Element) -> Result<Self> {
        Ok(Self { login: text(element, "userLoginName") })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("userLoginName", &self.login);
    }
}

/// One `<User>`.
pub fn user(out: &mut Writer, person: &Person) {
    let id = person.id.to_string();
    out.empty(
        "User",
        &[
            ("ID", id.as_str()),
            ("Sid", ""),
            ("Name", &person.name),
            ("LoginName", &person.login),
            ("Email", &person.mail),
            ("Notes", ""),
            ("IsSiteAdmin", "False"),
            ("IsDomainGroup", "False"),
        ],
    );
}
