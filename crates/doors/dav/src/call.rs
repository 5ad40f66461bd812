//! One request on its way through the door.

use crate::Session;
use crate::error::{Refusal, Scope};
use crate::route::{Branch, Route};
use http::request::Parts;
use kontor_listen::{Peer, RequestBody, RequestId};
use kontor_model::Error;

/// One request of somebody who signed in.
pub(crate) struct Call<'a> {
    /// Who.
    pub(crate) session: Session,
    /// What the path names.
    pub(crate) route: Route<'a>,
    /// Method, URI and headers.
    pub(crate) head: &'a Parts,
    /// The body, not yet read.
    pub(crate) body: RequestBody,
    /// The other end.
    pub(crate) peer: &'a Peer,
    /// For the log.
    pub(crate) id: RequestId,
}

impl<'a> Call<'a> {
    /// A header as text; `None` if it is not there or not UTF-8 (some clients write paths without escapes).
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.head.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// All headers of that name as one list.
    pub(crate) fn headers(&self, name: &str) -> Option<String> {
        let mut values = self.head.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let first = values.next()?;
        Some(values.fold(first.to_owned(), |all, value| all + ", " + value))
    }

    /// The path as it was sent.
    pub(crate) fn path(&self) -> &'a str {
        self.head.uri.path()
    }

    /// The scope in which errors of this call are translated.
    pub(crate) fn scope(&self) -> Scope<'a> {
        let branch = self.route.branch().unwrap_or(Branch::Calendars);
        Scope { branch, href: self.path(), making: false }
    }

    /// Translates an error of the office.
    pub(crate) fn refuse(&self, error: Error) -> Refusal {
        Refusal::of(error, self.scope())
    }

    /// The body of an XML request.
    pub(crate) async fn xml(&mut self) -> Result<bytes::Bytes, Refusal> {
        let limit = self.session.settings().xml.max_bytes;
        Ok(self.body.read_all(limit).await?)
    }
}
