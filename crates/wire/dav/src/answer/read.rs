//! Reads DAV:multistatus, for tests and for talking to other servers.

use super::condition::ErrorBody;
use super::status::parse_line;
use crate::error::Result;
use crate::name::{Name, dav};
use crate::xml::{self, Element, Limits, Node};

/// A 207 body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MultistatusBody {
    /// In document order.
    pub responses: Vec<Response>,
    /// DAV:sync-token (RFC 6578 6.4).
    pub sync_token: Option<String>,
    /// For people.
    pub description: Option<String>,
}

/// What became of one resource, or of several with the same fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// As written; at least one.
    pub hrefs: Vec<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// DAV:error of the response.
    pub error: Option<ErrorBody>,
    /// For people.
    pub description: Option<String>,
}

/// A status for the whole, or for properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Of the resource.
    Status(u16),
    /// Of its properties.
    Properties(Vec<Propstat>),
}

/// Properties with the same fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Propstat {
    /// HTTP status.
    pub status: u16,
    /// Properties, whole.
    pub props: Vec<Element>,
    /// DAV:error of these.
    pub error: Option<ErrorBody>,
    /// For people.
    pub description: Option<String>,
}

impl MultistatusBody {
    /// Reads a body; [`Limits::ANSWER`] fits large ones.
    pub fn parse(body: &[u8], limits: &Limits) -> Result<Self> {
        let root = xml::parse(body, limits)?;
        if root.name != dav::MULTISTATUS {
            return Err(root.malformed(format!("expected a DAV:multistatus body, found {}", root.name)));
        }
        let mut read = MultistatusBody {
            responses: Vec::new(),
            sync_token: root.child(&dav::SYNC_TOKEN).map(|token| token.trimmed().into_owned()),
            description: description(&root),
        };
        for node in root.nodes {
            match node {
                Node::Element(child) if child.name == dav::RESPONSE => {
                    read.responses.push(Response::read(&child)?);
                }
                _ => {}
            }
        }
        Ok(read)
    }

    /// The response about a resource.
    pub fn response(&self, href: &str) -> Option<&Response> {
        self.responses.iter().find(|response| response.hrefs.iter().any(|known| known == href))
    }
}

impl Response {
    /// Reads DAV:response, also where DAV:expand-property put it inside a property.
    pub fn read(element: &Element) -> Result<Self> {
        let hrefs: Vec<String> = super::property::read_hrefs(element);
        if hrefs.is_empty() {
            return Err(element.malformed("response without href"));
        }
        let outcome = match element.child(&dav::STATUS) {
            Some(line) => Outcome::Status(status(line)?),
            None => {
                let propstats = element.children().filter(|child| child.name == dav::PROPSTAT);
                Outcome::Properties(propstats.map(Propstat::read).collect::<Result<_>>()?)
            }
        };
        let error = element.child(&dav::ERROR).map(ErrorBody::from_element);
        Ok(Response { hrefs, outcome, error, description: description(element) })
    }

    /// The first href.
    pub fn href(&self) -> &str {
        self.hrefs.first().map(String::as_str).unwrap_or_default()
    }

    /// The status of the whole, if it has one.
    pub fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Status(status) => Some(status),
            Outcome::Properties(_) => None,
        }
    }

    /// A property that is there (its status is 2xx).
    pub fn property(&self, name: &Name) -> Option<&Element> {
        let found = |propstat: &&Propstat| (200..300).contains(&propstat.status);
        let props = self.propstats().iter().filter(found).flat_map(|propstat| &propstat.props);
        props.into_iter().find(|prop| prop.name == *name)
    }

    /// The status of a property, whatever it is.
    pub fn property_status(&self, name: &Name) -> Option<u16> {
        let has = |propstat: &&Propstat| propstat.props.iter().any(|prop| prop.name == *name);
        self.propstats().iter().find(has).map(|propstat| propstat.status)
    }

    /// Groups of properties; none when the response has a status instead.
    pub fn propstats(&self) -> &[Propstat] {
        match &self.outcome {
            Outcome::Status(_) => &[],
            Outcome::Properties(propstats) => propstats,
        }
    }
}

impl Propstat {
    /// Properties without values.
    pub fn of(status: u16, names: Vec<Name>) -> Self {
        Propstat {
            status,
            props: names.into_iter().map(Element::new).collect(),
            error: None,
            description: None,
        }
    }

    pub(super) fn read(element: &Element) -> Result<Self> {
        Ok(Propstat {
            status: status(element.required(&dav::STATUS)?)?,
            props: element.required(&dav::PROP)?.children().cloned().collect(),
            error: element.child(&dav::ERROR).map(ErrorBody::from_element),
            description: description(element),
        })
    }
}

fn status(line: &Element) -> Result<u16> {
    parse_line(&line.trimmed()).ok_or_else(|| line.malformed("status is not an HTTP status line"))
}

fn description(parent: &Element) -> Option<String> {
    parent.child(&dav::RESPONSEDESCRIPTION).map(|text| text.text().into_owned())
}
