//! DAV:error: which precondition or postcondition failed (RFC 4918 14.5, 16; RFC 3744 7.1.1).

use crate::error::{Error, Result};
use crate::name::{Name, dav};
use crate::xml::{self, Element, Limits, Writer};

/// A static, so that a reference to it can be handed out.
static NEED_PRIVILEGES: Name = dav::NEED_PRIVILEGES;

/// A failed condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Only its name.
    Bare(Name),
    /// With DAV:href elements: CALDAV:no-uid-conflict, DAV:lock-token-submitted and others.
    Hrefs(Name, Vec<String>),
    /// With elements by name, such as what CALDAV:supported-filter complains of.
    Names(Name, Vec<Name>),
    /// With text.
    Text(Name, String),
    /// DAV:need-privileges: resources, each with the privilege that was missing there.
    NeedPrivileges(Vec<(String, Name)>),
    /// One read from elsewhere that is none of these.
    Other(Element),
}

impl Condition {
    /// Its element name.
    pub fn name(&self) -> &Name {
        match self {
            Condition::Bare(name)
            | Condition::Hrefs(name, _)
            | Condition::Names(name, _)
            | Condition::Text(name, _) => name,
            Condition::NeedPrivileges(_) => &NEED_PRIVILEGES,
            Condition::Other(element) => &element.name,
        }
    }

    /// Writes the element, for the inside of DAV:error.
    pub fn write(&self, w: &mut Writer<'_>) {
        match self {
            Condition::Bare(name) => w.empty(name),
            Condition::Hrefs(name, hrefs) => {
                w.nest(name, |w| hrefs.iter().for_each(|href| w.leaf(&dav::HREF, href)));
            }
            Condition::Names(name, names) => w.nest(name, |w| names.iter().for_each(|name| w.empty(name))),
            Condition::Text(name, text) => w.leaf(name, text),
            Condition::NeedPrivileges(missing) => w.nest(&dav::NEED_PRIVILEGES, |w| {
                for (href, privilege) in missing {
                    w.nest(&dav::RESOURCE, |w| {
                        w.leaf(&dav::HREF, href);
                        w.nest(&dav::PRIVILEGE, |w| w.empty(privilege));
                    });
                }
            }),
            Condition::Other(element) => w.element(element),
        }
    }

    fn read(element: &Element) -> Self {
        let name = element.name.clone();
        let plain = element.attributes.is_empty();
        let children: Vec<&Element> = element.children().collect();
        if name == dav::NEED_PRIVILEGES {
            return Condition::NeedPrivileges(children.into_iter().filter_map(missing_privilege).collect());
        }
        if plain && element.nodes.is_empty() {
            return Condition::Bare(name);
        }
        if plain && children.is_empty() {
            return Condition::Text(name, element.text().into_owned());
        }
        if plain && children.iter().all(|child| child.name == dav::HREF) {
            return Condition::Hrefs(name, children.iter().map(|href| href.trimmed().into_owned()).collect());
        }
        if plain && children.iter().all(|child| child.nodes.is_empty() && child.attributes.is_empty()) {
            return Condition::Names(name, children.iter().map(|child| child.name.clone()).collect());
        }
        Condition::Other(element.clone())
    }
}

fn missing_privilege(resource: &Element) -> Option<(String, Name)> {
    let privilege = resource.child(&dav::PRIVILEGE)?.children().next()?;
    Some((resource.child(&dav::HREF)?.trimmed().into_owned(), privilege.name.clone()))
}

/// A DAV:error body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// Failed conditions.
    pub conditions: Vec<Condition>,
    /// What happened, for people.
    pub description: Option<String>,
}

impl ErrorBody {
    /// A body with one condition.
    pub fn of(condition: Condition, description: impl Into<String>) -> Self {
        ErrorBody { conditions: vec![condition], description: Some(description.into()) }
    }

    /// Writes the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.root(&dav::ERROR);
        self.conditions.iter().for_each(|condition| condition.write(&mut w));
        if let Some(text) = &self.description {
            w.leaf(&dav::RESPONSEDESCRIPTION, text);
        }
        w.close(&dav::ERROR);
    }

    /// Reads a body.
    pub fn parse(body: &[u8], limits: &Limits) -> Result<Self> {
        let root = xml::parse(body, limits)?;
        if root.name != dav::ERROR {
            return Err(root.malformed(format!("expected a DAV:error body, found {}", root.name)));
        }
        Ok(ErrorBody::from_element(&root))
    }

    /// Reads a DAV:error element.
    pub fn from_element(error: &Element) -> Self {
        let conditions = error.children().filter(|child| child.name != dav::RESPONSEDESCRIPTION);
        ErrorBody {
            conditions: conditions.map(Condition::read).collect(),
            description: error.child(&dav::RESPONSEDESCRIPTION).map(|text| text.text().into_owned()),
        }
    }
}

impl From<&Error> for ErrorBody {
    fn from(error: &Error) -> Self {
        ErrorBody {
            conditions: error.precondition().cloned().map(Condition::Bare).into_iter().collect(),
            description: Some(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::{caldav, carddav};

    #[test]
    fn bodies_go_there_and_back() {
        let body = ErrorBody {
            conditions: vec![
                Condition::Bare(caldav::VALID_CALENDAR_DATA),
                Condition::Hrefs(carddav::NO_UID_CONFLICT, vec!["/a%20b.vcf".to_owned()]),
                Condition::Names(caldav::SUPPORTED_FILTER, vec![caldav::PROP_FILTER]),
                Condition::Text(caldav::MAX_RESOURCE_SIZE, "10 & more".to_owned()),
                Condition::NeedPrivileges(vec![
                    ("/a/".to_owned(), dav::WRITE),
                    ("/b/".to_owned(), dav::BIND),
                ]),
            ],
            description: Some("line 3: <no> end".to_owned()),
        };
        let mut out = Vec::new();
        body.write(&mut out);
        assert_eq!(ErrorBody::parse(&out, &Limits::default()), Ok(body));
    }

    #[test]
    fn an_error_says_what_it_knows() {
        let error = Error::unsupported(Default::default(), dav::SUPPORTED_REPORT, "report x is not known");
        let body = ErrorBody::from(&error);
        assert_eq!(body.conditions, [Condition::Bare(dav::SUPPORTED_REPORT)]);
        assert_eq!(body.conditions[0].name(), &dav::SUPPORTED_REPORT);
    }
}
