//! The body of LOCK (RFC 4918 9.10, 14.11).

use crate::answer::{LockScope, Owner};
use crate::error::Result;
use crate::name::dav;
use crate::xml::{self, Element, Limits, Writer};

/// Longest DAV:owner kept, in bytes of XML: a name and an address fit well.
const LONGEST_OWNER: usize = 4096;

/// A new lock, as a client asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockInfo {
    /// Alone or together with others.
    pub scope: LockScope,
    /// What the client says about who holds it.
    pub owner: Option<Owner>,
}

impl LockInfo {
    /// Reads a body; `None` when it is empty, which asks to refresh a lock that is there (RFC 4918 9.10.2).
    ///
    /// # Errors
    /// `Malformed` for anything but one write lock of one scope; `TooLarge` for an owner of more than 4 KiB.
    pub fn parse(body: &[u8], limits: &Limits) -> Result<Option<Self>> {
        if xml::is_blank(body) {
            return Ok(None);
        }
        let root = xml::parse(body, limits)?;
        if root.name != dav::LOCKINFO {
            return Err(root.malformed(format!("expected a lockinfo body, found {}", root.name)));
        }
        let kind = root.required(&dav::LOCKTYPE)?;
        if kind.child(&dav::WRITE).is_none() {
            return Err(kind.malformed("there are no locks but write locks"));
        }
        let scope = LockScope::from_element(root.required(&dav::LOCKSCOPE)?)?;
        let owner = root.child(&dav::OWNER).map(owner).transpose()?;
        Ok(Some(Self { scope, owner }))
    }

    /// Writes the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.root(&dav::LOCKINFO);
        w.nest(&dav::LOCKSCOPE, |w| w.empty(&self.scope.name()));
        w.nest(&dav::LOCKTYPE, |w| w.empty(&dav::WRITE));
        if let Some(owner) = &self.owner {
            w.raw(owner.xml().as_bytes());
        }
        w.close(&dav::LOCKINFO);
    }
}

fn owner(element: &Element) -> Result<Owner> {
    let owner = Owner::from_element(element);
    if owner.xml().len() > LONGEST_OWNER {
        return Err(crate::Error::too_large(element.at, "bytes of a lock's owner", LONGEST_OWNER));
    }
    Ok(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Option<LockInfo>> {
        LockInfo::parse(body.as_bytes(), &Limits::default())
    }

    #[test]
    fn what_clients_send() {
        let word = r#"<?xml version="1.0" encoding="utf-8" ?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>
            <D:locktype><D:write/></D:locktype><D:owner><D:href>OFFICE\anna</D:href></D:owner></D:lockinfo>"#;
        let read = parse(word).unwrap().unwrap();
        assert_eq!(read.scope, LockScope::Exclusive);
        assert_eq!(read.owner.as_ref().map(|owner| owner.text()).as_deref(), Some("OFFICE\\anna"));
        let mut out = Vec::new();
        read.write(&mut out);
        assert_eq!(LockInfo::parse(&out, &Limits::default()), Ok(Some(read)));
        let shared =
            "<lockinfo xmlns='DAV:'><locktype><write/></locktype><lockscope><shared/></lockscope></lockinfo>";
        assert_eq!(parse(shared), Ok(Some(LockInfo { scope: LockScope::Shared, owner: None })));
        assert_eq!(parse(" \r\n"), Ok(None));
    }

    #[test]
    fn what_is_refused() {
        let long = "x".repeat(5000);
        for bad in [
            "<lockinfo xmlns='DAV:'/>".to_owned(),
            "<lockinfo xmlns='DAV:'><lockscope><shared/></lockscope></lockinfo>".to_owned(),
            "<lockinfo xmlns='DAV:'><lockscope><both/></lockscope><locktype><write/></locktype></lockinfo>".to_owned(),
            "<lockinfo xmlns='DAV:'><lockscope><shared/><exclusive/></lockscope><locktype><write/></locktype></lockinfo>"
                .to_owned(),
            "<lockinfo xmlns='DAV:'><lockscope><shared/></lockscope><locktype><read/></locktype></lockinfo>".to_owned(),
            "<propfind xmlns='DAV:'/>".to_owned(),
            format!(
                "<lockinfo xmlns='DAV:'><lockscope><shared/></lockscope><locktype><write/></locktype><owner>{long}</owner></lockinfo>"
            ),
        ] {
            assert!(parse(&bad).is_err(), "{bad}");
        }
    }
}
