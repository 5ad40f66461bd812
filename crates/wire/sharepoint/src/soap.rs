//! The envelope: SOAP 1.1 and 1.2, and faults as SharePoint words them (MS-LISTSWS 2.2.4.1).

use crate::error::{Error, Result};
use crate::xml::{Element, Limits, Writer, parse};

/// Namespace of the operations of most services.
pub const NS: &str = "http://schemas.microsoft.com/sharepoint/soap/";
/// Namespace of the operations of UserGroup.asmx.
pub const NS_DIRECTORY: &str = "http://schemas.microsoft.com/sharepoint/soap/directory/";
const NS_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const NS_12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// Which SOAP a message speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// SOAP 1.1 (`text/xml`).
    #[default]
    V11,
    /// SOAP 1.2 (`application/soap+xml`).
    V12,
}

impl Version {
    /// Content-Type of messages.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::V11 => "text/xml; charset=utf-8",
            Self::V12 => "application/soap+xml; charset=utf-8",
        }
    }

    /// By the Content-Type of a request that cannot be read.
    #[must_use]
    pub fn of_media_type(text: &str) -> Self {
        if text.trim_start().to_ascii_lowercase().starts_with("application/soap+xml") {
            Self::V12
        } else {
            Self::V11
        }
    }

    const fn namespace(self) -> &'static str {
        match self {
            Self::V11 => NS_11,
            Self::V12 => NS_12,
        }
    }
}

/// A message: its version and the one element in its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Which SOAP.
    pub version: Version,
    /// The operation, its answer, or a fault.
    pub body: Element,
}

impl Envelope {
    /// Reads a message. Headers are skipped, unless one must be understood: none is.
    ///
    /// # Errors
    /// Malformed or too large.
    pub fn read(message: &[u8], limits: &Limits) -> Result<Self> {
        let mut root = parse(message, limits)?;
        let version = match &*root.namespace {
            NS_11 => Version::V11,
            NS_12 => Version::V12,
            _ => return Err(Error::malformed(root.line, "the root element is no SOAP envelope")),
        };
        if root.name != "Envelope" {
            return Err(Error::malformed(root.line, "the root element is no SOAP envelope"));
        }
        let headers = root.child("Header").map_or(&[][..], |header| &header.children);
        if headers.iter().any(|one| matches!(one.attribute("mustUnderstand"), Some("1" | "true"))) {
            return Err(Error::malformed(root.line, "a SOAP header that must be understood and is not"));
        }
        let at = root.children.iter().position(|child| child.name == "Body");
        let at = at.ok_or_else(|| Error::malformed(root.line, "no Body in the SOAP envelope"))?;
        let mut body = root.children.swap_remove(at);
        if body.children.len() != 1 {
            return Err(Error::malformed(body.line, "the SOAP body does not hold one element"));
        }
        let body = body.children.pop().ok_or_else(|| Error::malformed(0, "an empty SOAP body"))?;
        Ok(Self { version, body })
    }

    /// The fault in it, if it is one.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        if self.body.name != "Fault" {
            return None;
        }
        let detail = self.body.child("detail").or_else(|| self.body.child("Detail"));
        let string = detail.and_then(|detail| detail.value("errorstring")).unwrap_or_default();
        let code = detail.and_then(|detail| detail.value("errorcode")).and_then(parse_code);
        let client = match self.version {
            Version::V11 => self.body.value("faultcode"),
            Version::V12 => self.body.at(&["Code", "Value"]).map(|value| value.text.trim()),
        };
        let side = match client.map(|code| code.rsplit(':').next().unwrap_or(code)) {
            Some("Client" | "Sender") => Side::Client,
            _ => Side::Server,
        };
        Some(Fault { side, code, text: string.to_owned() })
    }
}

/// The head of a message, up to its body's content.
pub fn begin(out: &mut Writer, version: Version) {
    out.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    let xsi = ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    let xsd = ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema");
    out.open("soap:Envelope", &[("xmlns:soap", version.namespace()), xsi, xsd]);
    out.open("soap:Body", &[]);
}

/// The end of a message.
pub fn end(out: &mut Writer) {
    out.close("soap:Body");
    out.close("soap:Envelope");
}

/// A message whose body `content` writes.
pub fn message(version: Version, content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::new();
    begin(&mut out, version);
    content(&mut out);
    end(&mut out);
    out.take()
}

/// Whose mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The message was wrong.
    Client,
    /// The message was understood and cannot be followed.
    Server,
}

/// A refusal of a whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whose mistake.
    pub side: Side,
    /// SharePoint's number for it; not every fault has one.
    pub code: Option<u32>,
    /// For people.
    pub text: String,
}

impl Fault {
    /// No such list, or none that the asker may see.
    #[must_use]
    pub fn no_list() -> Self {
        let text = "List does not exist. The page you selected contains a list that does not exist. \
                    It may have been deleted by another user.";
        Self { side: Side::Server, code: Some(code::NO_LIST), text: text.to_owned() }
    }

    /// A message that is not what it should be.
    #[must_use]
    pub fn client(text: impl Into<String>) -> Self {
        Self { side: Side::Client, code: None, text: text.into() }
    }

    /// A refusal with a number.
    #[must_use]
    pub fn server(code: u32, text: impl Into<String>) -> Self {
        Self { side: Side::Server, code: Some(code), text: text.into() }
    }

    /// The whole message.
    #[must_use]
    pub fn message(&self, version: Version) -> Vec<u8> {
        message(version, |out| self.write(out, version))
    }

    fn write(&self, out: &mut Writer, version: Version) {
        const REASON: &str =
            "Exception of type 'Microsoft.SharePoint.SoapServer.SoapServerException' was thrown.";
        let reason = if self.side == Side::Client { self.text.as_str() } else { REASON };
        out.open("soap:Fault", &[]);
        let detail = match version {
            Version::V11 => {
                out.leaf("faultcode", if self.side == Side::Client { "soap:Client" } else { "soap:Server" });
                out.leaf("faultstring", reason);
                "detail"
            }
            Version::V12 => {
                out.open("soap:Code", &[]);
                out.leaf(
                    "soap:Value",
                    if self.side == Side::Client { "soap:Sender" } else { "soap:Receiver" },
                );
                out.close("soap:Code");
                out.open("soap:Reason", &[]);
                out.leaf_with("soap:Text", &[("xml:lang", "en")], reason);
                out.close("soap:Reason");
                "soap:Detail"
            }
        };
        out.open(detail, &[]);
        out.leaf_with("errorstring", &[("xmlns", NS)], &self.text);
        if let Some(code) = self.code {
            out.leaf_with("errorcode", &[("xmlns", NS)], &format_code(code));
        }
        out.close(detail);
        out.close("soap:Fault");
    }
}

/// SharePoint's numbers (MS-LISTSWS 3.1.4, MS-WSSFO2 2.2.3).
pub mod code {
    /// Done.
    pub const OK: u32 = 0;
    /// A parameter is missing, or none that can be.
    pub const BAD_PARAMETER: u32 = 0x8200_0001;
    /// The view does not exist.
    pub const NO_VIEW: u32 = 0x8200_0005;
    /// The list does not exist.
    pub const NO_LIST: u32 = 0x8200_0006;
    /// A value that cannot be taken, and failures without a number of their own.
    pub const GENERIC: u32 = 0x8102_0014;
    /// Somebody changed the row in between.
    pub const CONFLICT: u32 = 0x8102_0015;
    /// The row is gone.
    pub const NO_ITEM: u32 = 0x8102_0016;
    /// A field names somebody whom nobody knows.
    pub const NO_USER: u32 = 0x8102_0054;
    /// An attachment of that name is there already.
    pub const ATTACHMENT_EXISTS: u32 = 0x8102_0067;
    /// Access denied.
    pub const DENIED: u32 = 0x8007_0005;
    /// Not done, as an earlier row of the batch failed (`OnError="Return"`).
    pub const CANCELLED: u32 = 0x8007_04c7;
    /// More than the server takes.
    pub const TOO_LARGE: u32 = 0x8007_00df;
    /// Try again later.
    pub const BUSY: u32 = 0x8107_0211;
}

/// `0x82000006`.
#[must_use]
pub fn format_code(code: u32) -> String {
    format!("0x{code:08x}")
}

/// The other way.
#[must_use]
pub fn parse_code(text: &str) -> Option<u32> {
    let digits = text.trim();
    let digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"))?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_back() {
        for version in [Version::V11, Version::V12] {
            for fault in
                [Fault::no_list(), Fault::client("what <is> this"), Fault::server(code::DENIED, "no")]
            {
                let envelope = Envelope::read(&fault.message(version), &Limits::default()).unwrap();
                assert_eq!((envelope.version, envelope.fault()), (version, Some(fault)));
            }
        }
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        let check =
            |text: &str| assert!(Envelope::read(text.as_bytes(), &Limits::default()).is_err(), "{text}");
        check("<a/>");
        check("<Envelope/>");
        let around = |inside: &str| format!("<s:Envelope xmlns:s=\"{NS_11}\">{inside}</s:Envelope>");
        check(&around(""));
        check(&around("<s:Body/>"));
        check(&around("<s:Body><a/><b/></s:Body>"));
        check(&around("<s:Header><x s:mustUnderstand=\"1\"/></s:Header><s:Body><a/></s:Body>"));
        let good = around("<s:Header><x/></s:Header><s:Body><a/></s:Body>");
        assert_eq!(Envelope::read(good.as_bytes(), &Limits::default()).unwrap().body.name, "a");
    }
}
