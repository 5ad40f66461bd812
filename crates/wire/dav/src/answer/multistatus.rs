//! The 207 body, written as it grows (RFC 4918 13, RFC 6578 3).

use crate::name::{Name, dav};
use crate::xml::Writer;

/// Writes DAV:multistatus into a buffer, without trees. Calls come in the order of the document; what must be closed
/// before the next thing is closed by it, so that the result is well-formed whatever the order of calls.
///
/// ```
/// use kontor_wire_dav::{answer::Multistatus, name::dav};
/// let mut answer = Multistatus::new();
/// answer.response("/dav/calendars/ann/default/");
/// answer.propstat(200);
/// answer.text(&dav::DISPLAYNAME, "Work & play");
/// answer.missing([&dav::OWNER]);
/// let body: Vec<u8> = answer.finish();
/// ```
///
/// To stream, [`Multistatus::take`] what is there whenever it is large enough.
#[derive(Debug)]
pub struct Multistatus {
    out: Vec<u8>,
    state: State,
    extent: Extent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// A body.
    Whole,
    /// Responses to be put inside something else.
    Fragment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between responses.
    Root,
    /// In a response that has neither propstat nor status yet.
    Fresh,
    /// In a response that has one.
    Response,
    /// In a response; the next property opens a propstat of this status. The flag: the response is still fresh.
    Pending(u16, bool),
    /// In DAV:prop of a propstat of this status.
    Prop(u16),
}

impl Default for Multistatus {
    fn default() -> Self {
        Multistatus::new()
    }
}

impl Multistatus {
    /// Begins the body.
    pub fn new() -> Self {
        Multistatus::with_capacity(4096)
    }

    /// Begins the body in a buffer of that many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        let mut out = Vec::with_capacity(bytes);
        Writer::new(&mut out).root(&dav::MULTISTATUS);
        Multistatus { out, state: State::Root, extent: Extent::Whole }
    }

    /// Begins responses without the element around them: DAV:expand-property puts such inside a property, by
    /// [`Multistatus::value`] and [`Writer::raw`].
    pub fn fragment() -> Self {
        Multistatus { out: Vec::new(), state: State::Root, extent: Extent::Fragment }
    }

    /// Begins a response. `href` is a path already percent-encoded.
    pub fn response(&mut self, href: &str) {
        self.end_response();
        self.out.extend_from_slice(b"<D:response><D:href>");
        Writer::new(&mut self.out).text(href);
        self.out.extend_from_slice(b"</D:href>");
        self.state = State::Fresh;
    }

    /// A whole response that has a status and no properties: a deleted member of a sync-collection, a multiget miss.
    pub fn status(&mut self, href: &str, status: u16) {
        self.response(href);
        self.write_status(status);
        self.state = State::Response;
    }

    /// A whole response with status and DAV:error, such as 507 with DAV:number-of-matches-within-limits.
    pub fn failure(&mut self, href: &str, status: u16, condition: &Name) {
        self.status(href, status);
        self.error(|w| w.empty(condition));
    }

    /// The response that says that the answer is not whole (RFC 6578 3.6, RFC 6352 8.6.2): 507 on the request URI.
    pub fn truncated(&mut self, href: &str) {
        self.failure(href, 507, &dav::NUMBER_OF_MATCHES_WITHIN_LIMITS);
    }

    /// Properties from here on have this status. A propstat that gets no property is not written.
    pub fn propstat(&mut self, status: u16) {
        match self.state {
            State::Root => {}
            State::Fresh | State::Pending(_, true) => self.state = State::Pending(status, true),
            State::Response | State::Pending(_, false) => self.state = State::Pending(status, false),
            State::Prop(_) => {
                self.end_propstat();
                self.state = State::Pending(status, false);
            }
        }
    }

    /// A property with text.
    pub fn text(&mut self, name: &Name, text: &str) {
        self.begin_prop();
        Writer::new(&mut self.out).leaf(name, text);
    }

    /// A property with text that ought to be UTF-8, such as calendar data.
    pub fn text_bytes(&mut self, name: &Name, text: &[u8]) {
        self.value(name, |w| w.text_bytes(text));
    }

    /// A property without value.
    pub fn empty(&mut self, name: &Name) {
        self.begin_prop();
        Writer::new(&mut self.out).empty(name);
    }

    /// A property whose content `content` writes.
    pub fn value(&mut self, name: &Name, content: impl FnOnce(&mut Writer<'_>)) {
        self.begin_prop();
        Writer::new(&mut self.out).nest(name, content);
    }

    /// One or more whole property elements, ready-made: dead properties with their own declarations, or elements
    /// written before with our prefixes.
    pub fn raw(&mut self, xml: &[u8]) {
        self.begin_prop();
        self.out.extend_from_slice(xml);
    }

    /// Properties that are not there, as a propstat with 404. Nothing when there are none.
    pub fn missing<'n>(&mut self, names: impl IntoIterator<Item = &'n Name>) {
        self.failed(404, names);
    }

    /// Names without values under one status.
    pub fn failed<'n>(&mut self, status: u16, names: impl IntoIterator<Item = &'n Name>) {
        self.propstat(status);
        for name in names {
            self.empty(name);
        }
    }

    /// DAV:error in the propstat or response that is open; it must be the last of it but for a description.
    pub fn error(&mut self, content: impl FnOnce(&mut Writer<'_>)) {
        match self.state {
            State::Root => return,
            State::Prop(status) => {
                self.out.extend_from_slice(b"</D:prop>");
                self.write_status(status);
                Writer::new(&mut self.out).nest(&dav::ERROR, content);
                self.out.extend_from_slice(b"</D:propstat>");
            }
            _ => Writer::new(&mut self.out).nest(&dav::ERROR, content),
        }
        self.state = State::Response;
    }

    /// DAV:responsedescription, for people, of the response that is open, or of the whole when none is.
    pub fn description(&mut self, text: &str) {
        self.end_propstat();
        if self.state == State::Root {
            self.end_response();
        }
        Writer::new(&mut self.out).leaf(&dav::RESPONSEDESCRIPTION, text);
    }

    /// Closes the response that is open.
    pub fn end_response(&mut self) {
        self.end_propstat();
        match self.state {
            State::Root => return,
            // RFC 4918 14.24 wants at least one propstat or a status
            State::Fresh | State::Pending(_, true) => {
                self.out.extend_from_slice(b"<D:propstat><D:prop/>");
                self.write_status(200);
                self.out.extend_from_slice(b"</D:propstat>");
            }
            _ => {}
        }
        self.out.extend_from_slice(b"</D:response>");
        self.state = State::Root;
    }

    /// DAV:sync-token of the whole (RFC 6578 6.4).
    pub fn sync_token(&mut self, token: &str) {
        self.end_response();
        Writer::new(&mut self.out).leaf(&dav::SYNC_TOKEN, token);
    }

    /// Bytes that wait to be taken.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing waits to be taken.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// What was written since the last time, for streaming; may be called anywhere.
    pub fn take(&mut self) -> Vec<u8> {
        let capacity = self.out.capacity();
        std::mem::replace(&mut self.out, Vec::with_capacity(capacity))
    }

    /// Ends the body and gives what was not taken.
    pub fn finish(mut self) -> Vec<u8> {
        self.end_response();
        if self.extent == Extent::Whole {
            Writer::new(&mut self.out).close(&dav::MULTISTATUS);
        }
        self.out
    }

    fn begin_prop(&mut self) {
        let status = match self.state {
            State::Prop(_) => return,
            State::Pending(status, _) => status,
            State::Root | State::Fresh | State::Response => 200,
        };
        if self.state == State::Root {
            self.response("");
        }
        self.out.extend_from_slice(b"<D:propstat><D:prop>");
        self.state = State::Prop(status);
    }

    fn end_propstat(&mut self) {
        if let State::Prop(status) = self.state {
            self.out.extend_from_slice(b"</D:prop>");
            self.write_status(status);
            self.out.extend_from_slice(b"</D:propstat>");
            self.state = State::Response;
        }
    }

    fn write_status(&mut self, status: u16) {
        self.out.extend_from_slice(b"<D:status>");
        super::status::write_line(&mut self.out, status);
        self.out.extend_from_slice(b"</D:status>");
    }
}
