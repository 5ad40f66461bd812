//! Properties as trees, and the DAV:hrefs in them: for reports that follow what properties point to.

use crate::Session;
use crate::property::Plan;
use crate::subject::Subject;
use kontor_model::{Error, Result};
use kontor_wire_dav::Limits;
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, dav};
use kontor_wire_dav::request::PropSet;
use kontor_wire_dav::xml::{Element, Node, parse};

/// The DAV:response about a subject, as PROPFIND would tell it.
pub(super) fn response(session: &Session, subject: &Subject<'_>, plan: &Plan) -> Result<Element> {
    let mut out = Multistatus::new();
    plan.respond(session, subject, None, &mut out);
    let fault = |why: String| Error::Internal(format!("read an answer of our own: {why}"));
    let root = parse(&out.finish(), &Limits::OWN).map_err(|error| fault(error.to_string()))?;
    let mut nodes = root.nodes.into_iter();
    let found = nodes.find_map(|node| match node {
        Node::Element(element) if element.name == dav::RESPONSE => Some(element),
        _ => None,
    });
    found.ok_or_else(|| fault("no response in it".to_owned()))
}

/// The hrefs in one property of a subject; none if it does not have the property.
pub(super) fn of_property(session: &Session, subject: &Subject<'_>, name: &Name) -> Result<Vec<String>> {
    let plan = Plan::new(&PropSet::Named(vec![name.clone()]), true);
    let response = response(session, subject, &plan)?;
    let mut found = Vec::new();
    for propstat in response.children().filter(|child| child.name == dav::PROPSTAT) {
        inside(propstat, &mut found);
    }
    Ok(found)
}

/// Adds the hrefs anywhere in an element.
pub(super) fn inside(element: &Element, found: &mut Vec<String>) {
    for child in element.children() {
        if child.name == dav::HREF {
            found.push(child.trimmed().into_owned());
        } else {
            inside(child, found);
        }
    }
}
