//! DAV:expand-property (RFC 3253 3.8): what properties point to is told in their place, as deep as the request says.
//!
//! It tells of the resource alone, whatever Depth says. Clients walk with it from a principal to homes and delegates.

use super::hrefs;
use crate::Session;
use crate::call::Call;
use crate::error::Refusal;
use crate::prefer::prefer_of;
use crate::property::Plan;
use crate::route::Route;
use crate::stream::multistatus_of;
use crate::subject::sort_of;
use http::StatusCode;
use kontor_listen::{Body, Response};
use kontor_model::Error;
use kontor_wire_dav::href::Href;
use kontor_wire_dav::name::dav;
use kontor_wire_dav::report::{ExpandProperty, PropertyRequest};
use kontor_wire_dav::request::PropSet;
use kontor_wire_dav::xml::{Element, Node, Writer};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

/// Answers it.
pub(super) async fn answer(call: Call<'_>, asked: ExpandProperty) -> Result<Response, Refusal> {
    // Each level of the request multiplies the resources told of.
    let most = call.session.settings().max_principals;
    let mut walk = Walk { session: &call.session, minimal: prefer_of(&call).minimal(), left: most };
    let found = walk.tell(&call.route, &asked.properties).await.map_err(|error| match error {
        Fault::TooMany => {
            let detail = format!("the properties lead to more than max_principals = {most} resources");
            Refusal::condition(StatusCode::FORBIDDEN, dav::NUMBER_OF_MATCHES_WITHIN_LIMITS, detail)
        }
        Fault::Office(error) => call.refuse(error),
    })?;
    let response = found.ok_or_else(Refusal::not_found)?;
    let mut out = Vec::with_capacity(4096);
    let mut w = Writer::new(&mut out);
    w.root(&dav::MULTISTATUS);
    w.element(&response);
    w.close(&dav::MULTISTATUS);
    Ok(multistatus_of(Body::full(out)))
}

/// Why it cannot be told.
enum Fault {
    TooMany,
    Office(Error),
}

/// A resource being told, with those below it.
type Telling<'w> = Pin<Box<dyn Future<Output = Result<Option<Element>, Fault>> + Send + 'w>>;

struct Walk<'a> {
    session: &'a Session,
    minimal: bool,
    /// Resources that may still be told of.
    left: usize,
}

impl Walk<'_> {
    /// The DAV:response about what lies at `route`; `None` if nothing does that the asker may see.
    fn tell<'w>(&'w mut self, route: &'w Route<'_>, asked: &'w [PropertyRequest]) -> Telling<'w> {
        Box::pin(async move {
            self.left = self.left.checked_sub(1).ok_or(Fault::TooMany)?;
            let mut names = Vec::with_capacity(asked.len());
            for one in asked {
                if !names.contains(&one.name) {
                    names.push(one.name.clone());
                }
            }
            let plan = Plan::new(&PropSet::Named(names), self.minimal);
            let found = match self.session.locate(route, plan.needs(sort_of(route))).await {
                Ok(found) => found,
                Err(Error::NotFound | Error::Forbidden { .. }) => return Ok(None),
                Err(error) => return Err(Fault::Office(error)),
            };
            let told = hrefs::response(self.session, &found.subject(), &plan);
            let mut response = told.map_err(Fault::Office)?;
            for property in properties(&mut response) {
                let nested = asked.iter().filter(|one| one.name == property.name && !one.nested.is_empty());
                if let Some(request) = nested.into_iter().next() {
                    self.follow(property, &request.nested).await?;
                }
            }
            Ok(Some(response))
        })
    }

    /// Puts what the hrefs of a property point to in their place. What is not an address of this server (a mailto, say)
    /// stays as it is.
    async fn follow(&mut self, property: &mut Element, asked: &[PropertyRequest]) -> Result<(), Fault> {
        let mut hrefs = Vec::new();
        hrefs::inside(property, &mut hrefs);
        let mut told: HashMap<String, Element> = HashMap::new();
        for href in hrefs {
            let Some(path) = Href::parse(&href).ok().filter(|one| one.authority.is_none()) else { continue };
            if told.contains_key(&href) {
                continue;
            }
            let path = path.path.encode();
            let found = match Route::parse(&path) {
                Some(route) => {
                    let route = self.session.resolved(route).await.map_err(Fault::Office)?;
                    self.tell(&route, asked).await?
                }
                None => None,
            };
            let response = found.unwrap_or_else(|| missing(&href));
            told.insert(href, response);
        }
        replace(property, &told);
        Ok(())
    }
}

/// The properties in a DAV:response.
fn properties(response: &mut Element) -> impl Iterator<Item = &mut Element> {
    elements(response)
        .filter(|child| child.name == dav::PROPSTAT)
        .flat_map(elements)
        .filter(|child| child.name == dav::PROP)
        .flat_map(elements)
}

fn elements(element: &mut Element) -> impl Iterator<Item = &mut Element> {
    element.nodes.iter_mut().filter_map(|node| match node {
        Node::Element(child) => Some(child),
        Node::Text(_) => None,
    })
}

fn missing(href: &str) -> Element {
    Element::new(dav::RESPONSE)
        .with_child(Element::new(dav::HREF).with_text(href))
        .with_child(Element::new(dav::STATUS).with_text("HTTP/1.1 404 Not Found"))
}

fn replace(element: &mut Element, told: &HashMap<String, Element>) {
    for child in elements(element) {
        if child.name != dav::HREF {
            replace(child, told);
        } else if let Some(response) = told.get(child.trimmed().as_ref()) {
            *child = response.clone();
        }
    }
}
