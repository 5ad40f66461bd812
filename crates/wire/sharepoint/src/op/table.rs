//! Which operations there are.

use crate::soap::{NS, NS_DIRECTORY};

/// One service: one address, one description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Lists.asmx
    Lists,
    /// Views.asmx
    Views,
    /// Sites.asmx
    Sites,
    /// Webs.asmx
    Webs,
    /// UserGroup.asmx
    UserGroup,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Lists, Self::Views, Self::Sites, Self::Webs, Self::UserGroup];

    /// As in its address, without `.asmx`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lists => "Lists",
            Self::Views => "Views",
            Self::Sites => "Sites",
            Self::Webs => "Webs",
            Self::UserGroup => "UserGroup",
        }
    }

    /// By the last segment of a path, in any letter case.
    #[must_use]
    pub fn of_file(file: &str) -> Option<Self> {
        let (name, ending) = file.rsplit_once('.')?;
        let known = |one: &Self| one.name().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(known).filter(|_| ending.eq_ignore_ascii_case("asmx"))
    }

    /// Namespace of its operations.
    #[must_use]
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::UserGroup => NS_DIRECTORY,
            _ => NS,
        }
    }
}

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// Text, a number, or a truth value.
    Text(&'static str),
    /// XML inside.
    Xml(&'static str),
    /// Base64.
    Bytes(&'static str),
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// XML in a result element.
    Xml,
    /// Text in a result element.
    Text,
    /// An empty answer.
    Nothing,
    /// Several elements, of which only their names are described.
    Parts,
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Where.
    pub service: Service,
    /// Name of the element in a request.
    pub name: &'static str,
    /// In the order of the schema.
    pub parameters: &'static [Parameter],
    /// Of the answer.
    pub shape: Shape,
}

/// The operation of that name, in a service.
#[must_use]
pub fn operation(service: Service, name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|one| one.service == service && one.name == name)
}

const LIST: Parameter = Parameter::Text("listName");
const ITEM: Parameter = Parameter::Text("listItemID");
const VIEW: Parameter = Parameter::Text("viewName");
const QUERY: Parameter = Parameter::Xml("query");
const FIELDS: Parameter = Parameter::Xml("viewFields");
const LIMIT: Parameter = Parameter::Text("rowLimit");
const OPTIONS: Parameter = Parameter::Xml("queryOptions");
const CONTAINS: Parameter = Parameter::Xml("contains");

const fn of(
    service: Service,
    name: &'static str,
    parameters: &'static [Parameter],
    shape: Shape,
) -> Operation {
    Operation { service, name, parameters, shape }
}

/// Every operation (MS-LISTSWS 3.1.4, MS-SITESS, MS-WEBSS, MS-USERGSP, MS-VIEWSS).
pub const OPERATIONS: &[Operation] = &[
    of(Service::Lists, "GetListCollection", &[], Shape::Xml),
    of(Service::Lists, "GetList", &[LIST], Shape::Xml),
    of(Service::Lists, "GetListAndView", &[LIST, VIEW], Shape::Xml),
    of(
        Service::Lists,
        "GetListItems",
        &[LIST, VIEW, QUERY, FIELDS, LIMIT, OPTIONS, Parameter::Text("webID")],
        Shape::Xml,
    ),
    of(Service::Lists, "GetListItemChanges", &[LIST, FIELDS, Parameter::Text("since"), CONTAINS], Shape::Xml),
    of(
        Service::Lists,
        "GetListItemChangesSinceToken",
        &[LIST, VIEW, QUERY, FIELDS, LIMIT, OPTIONS, Parameter::Text("changeToken"), CONTAINS],
        Shape::Xml,
    ),
    of(Service::Lists, "UpdateListItems", &[LIST, Parameter::Xml("updates")], Shape::Xml),
    of(Service::Lists, "GetAttachmentCollection", &[LIST, ITEM], Shape::Xml),
    of(
        Service::Lists,
        "AddAttachment",
        &[LIST, ITEM, Parameter::Text("fileName"), Parameter::Bytes("attachment")],
        Shape::Text,
    ),
    of(Service::Lists, "DeleteAttachment", &[LIST, ITEM, Parameter::Text("url")], Shape::Nothing),
    of(Service::Views, "GetViewCollection", &[LIST], Shape::Xml),
    of(Service::Views, "GetView", &[LIST, VIEW], Shape::Xml),
    of(Service::Sites, "GetSite", &[Parameter::Text("SiteUrl")], Shape::Text),
    of(Service::Webs, "GetWeb", &[Parameter::Text("webUrl")], Shape::Xml),
    of(Service::Webs, "GetWebCollection", &[], Shape::Xml),
    of(Service::Webs, "WebUrlFromPageUrl", &[Parameter::Text("pageUrl")], Shape::Text),
    of(Service::UserGroup, "GetCurrentUserInfo", &[], Shape::Xml),
    of(Service::UserGroup, "GetUserInfo", &[Parameter::Text("userLoginName")], Shape::Xml),
    of(Service::UserGroup, "GetUserCollectionFromSite", &[], Shape::Xml),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_in_any_letter_case() {
        assert_eq!(Service::of_file("lists.ASMX"), Some(Service::Lists));
        assert_eq!(Service::of_file("usergroup.asmx"), Some(Service::UserGroup));
        assert_eq!(Service::of_file("lists.aspx"), None);
        assert_eq!(Service::of_file("lists"), None);
        assert!(
            operation(Service::Lists, "GetList").is_some() && operation(Service::Views, "GetList").is_none()
        );
    }
}
