//! What a door is, and what it is handed.

use crate::meter::DoorMeter;
use crate::{Body, RequestBody};
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;

/// The answer to one request, being made.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

/// An answer.
///
/// A door that knows who asked puts a [`LoggedUser`] into its extensions, for the access log.
pub type Response = http::Response<Body>;

/// Something that answers requests below a path prefix.
pub trait Door: Send + Sync + 'static {
    /// Answers one request. The future is dropped when the client goes away; a panic in it becomes status 500.
    fn handle(&self, request: Request) -> Answering<'_>;
}

/// One request as a door sees it.
#[derive(Debug)]
pub struct Request {
    /// Method, URI, version, header fields.
    pub head: http::request::Parts,
    /// The body, not yet read.
    pub body: RequestBody,
    /// Who asks, as far as the connection tells.
    pub peer: Peer,
    /// Names this request in the logs.
    pub id: RequestId,
}

/// The other end of a connection, after trusted proxies have been looked through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Address of the client; loopback on a unix socket.
    pub address: IpAddr,
    /// Whether the client's side of the way is encrypted.
    pub secure: bool,
    /// The host (with port, if any) the client asked for, if it is a plausible one.
    pub host: Option<String>,
    /// On a unix socket: the user id of the process at the other end.
    pub uid: Option<u32>,
}

impl Peer {
    /// A peer on this machine, for tests of doors.
    pub fn loopback() -> Self {
        Self { address: IpAddr::V4(Ipv4Addr::LOCALHOST), secure: false, host: None, uid: None }
    }
}

/// Names a request in the logs and in error answers: unique while the server runs, and very likely beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub u64);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Put into the extensions of a [`Response`] by a door that knows who asked.
#[derive(Clone, Debug)]
pub struct LoggedUser(pub String);

/// Which door answers which paths: the longest prefix wins, at segment borders; among the same prefixes one for named
/// methods before one for all.
#[derive(Default)]
pub struct Routes {
    entries: Vec<Route>,
}

pub(crate) struct Route {
    prefix: String,
    methods: &'static [&'static str],
    pub(crate) door: Arc<dyn Door>,
    pub(crate) meter: Arc<DoorMeter>,
}

impl Routes {
    /// No routes; every request is answered 404.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends `prefix` (`/dav`; `/` takes the rest) and everything below it to `door`, counted under `name`.
    #[must_use]
    pub fn with(self, prefix: &str, name: &'static str, door: Arc<dyn Door>) -> Self {
        self.with_methods(prefix, &[], name, door)
    }

    /// As [`Routes::with`], for requests with one of these methods only; none named means all.
    #[must_use]
    pub fn with_methods(
        mut self,
        prefix: &str,
        methods: &'static [&'static str],
        name: &'static str,
        door: Arc<dyn Door>,
    ) -> Self {
        let known =
            self.entries.iter().find(|entry| entry.meter.name == name).map(|entry| entry.meter.clone());
        let meter = known.unwrap_or_else(|| Arc::new(DoorMeter::new(name)));
        let prefix = prefix.trim_end_matches('/').to_owned();
        self.entries.push(Route { prefix, methods, door, meter });
        self.entries.sort_by_key(|entry| (std::cmp::Reverse(entry.prefix.len()), entry.methods.is_empty()));
        self
    }

    pub(crate) fn find(&self, method: &str, path: &str) -> Option<&Route> {
        self.entries.iter().find(|entry| {
            let below = path.strip_prefix(entry.prefix.as_str());
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                && (entry.methods.is_empty() || entry.methods.contains(&method))
        })
    }

    pub(crate) fn meters(&self) -> Vec<Arc<DoorMeter>> {
        let mut meters: Vec<Arc<DoorMeter>> = Vec::new();
        for entry in &self.entries {
            if !meters.iter().any(|known| known.name == entry.meter.name) {
                meters.push(entry.meter.clone());
            }
        }
        meters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;
    impl Door for Nothing {
        fn handle(&self, _request: Request) -> Answering<'_> {
            Box::pin(async { Response::new(Body::empty()) })
        }
    }

    fn check(method: &str, path: &str, expect: Option<&str>) {
        let door: Arc<dyn Door> = Arc::new(Nothing);
        let routes = Routes::new()
            .with("/", "web", door.clone())
            .with_methods("/", &["PROPFIND"], "dav", door.clone())
            .with("/dav", "dav", door.clone())
            .with("/.well-known/caldav", "dav", door);
        assert_eq!(routes.find(method, path).map(|route| route.meter.name), expect, "{method} {path}");
        assert_eq!(routes.meters().len(), 2);
    }

    #[test]
    fn the_longest_prefix_wins_at_segment_borders() {
        check("GET", "/", Some("web"));
        check("PROPFIND", "/", Some("dav"));
        check("GET", "/dav", Some("dav"));
        check("GET", "/dav/", Some("dav"));
        check("GET", "/dav/x/y", Some("dav"));
        check("GET", "/davx", Some("web"));
        check("GET", "/.well-known/caldav", Some("dav"));
        check("GET", "/.well-known/other", Some("web"));
        check("GET", "*", None);
    }
}
