//! Locks as they are told: DAV:activelock inside DAV:lockdiscovery, and DAV:supportedlock (RFC 4918 14.1, 15.8, 15.10).

use crate::error::Result;
use crate::header::{Depth, LockToken, Timeout};
use crate::name::{Name, dav};
use crate::xml::{self, Element, Limits, Writer};

/// Whether others may hold a lock on the same resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockScope {
    /// Nobody else.
    Exclusive,
    /// Others too, if theirs are shared.
    Shared,
}

impl LockScope {
    /// The element that stands for it.
    pub fn name(self) -> Name {
        match self {
            Self::Exclusive => dav::EXCLUSIVE,
            Self::Shared => dav::SHARED,
        }
    }

    /// Reads the inside of DAV:lockscope.
    pub(crate) fn from_element(element: &Element) -> Result<Self> {
        match (element.child(&dav::EXCLUSIVE), element.child(&dav::SHARED)) {
            (Some(_), None) => Ok(Self::Exclusive),
            (None, Some(_)) => Ok(Self::Shared),
            _ => Err(element.malformed("the scope of a lock is exclusive or shared")),
        }
    }
}

/// What the client said about who holds a lock: DAV:owner, kept as it came (RFC 4918 14.17).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner(String);

impl Owner {
    /// The element with all that is in it, as self-contained XML.
    pub fn xml(&self) -> &str {
        &self.0
    }

    /// From XML that [`Owner::xml`] gave; `None` if it is none.
    pub fn from_xml(text: &str) -> Option<Self> {
        let element = xml::parse(text.as_bytes(), &Limits::default()).ok()?;
        (element.name == dav::OWNER).then(|| Self::from_element(&element))
    }

    pub(crate) fn from_element(element: &Element) -> Self {
        Self(element.to_xml())
    }

    /// What a person can read of it: its text, and that of its children.
    pub fn text(&self) -> String {
        let element = xml::parse(self.0.as_bytes(), &Limits::default());
        element.map(|element| all_text(&element)).unwrap_or_default()
    }
}

fn all_text(element: &Element) -> String {
    let own = element.trimmed().into_owned();
    let words = std::iter::once(own).chain(element.children().map(all_text));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// One lock that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveLock {
    /// Alone or with others.
    pub scope: LockScope,
    /// [`Depth::Zero`] or [`Depth::Infinity`].
    pub depth: Depth,
    /// What the client said about who holds it.
    pub owner: Option<Owner>,
    /// What is left of its time.
    pub timeout: Timeout,
    /// Its token; left out for who does not need to know.
    pub token: Option<LockToken>,
    /// The URL that was locked.
    pub root: String,
}

impl ActiveLock {
    /// Writes DAV:activelock.
    pub fn write(&self, w: &mut Writer<'_>) {
        w.nest(&dav::ACTIVELOCK, |w| {
            w.nest(&dav::LOCKSCOPE, |w| w.empty(&self.scope.name()));
            w.nest(&dav::LOCKTYPE, |w| w.empty(&dav::WRITE));
            w.leaf(&dav::DEPTH, self.depth.as_str());
            if let Some(owner) = &self.owner {
                w.raw(owner.xml().as_bytes());
            }
            w.leaf(&dav::TIMEOUT, &self.timeout.to_string());
            if let Some(token) = &self.token {
                w.nest(&dav::LOCKTOKEN, |w| w.leaf(&dav::HREF, &token.0));
            }
            w.nest(&dav::LOCKROOT, |w| w.leaf(&dav::HREF, &self.root));
        });
    }

    /// Reads DAV:activelock.
    ///
    /// # Errors
    /// `Malformed` where scope, depth, timeout or root are missing or not what they should be.
    pub fn from_element(element: &Element) -> Result<Self> {
        let href = |name: &Name| -> Result<Option<String>> {
            let Some(inside) = element.child(name) else { return Ok(None) };
            Ok(Some(inside.required(&dav::HREF)?.trimmed().into_owned()))
        };
        Ok(Self {
            scope: LockScope::from_element(element.required(&dav::LOCKSCOPE)?)?,
            depth: Depth::parse(&element.required(&dav::DEPTH)?.trimmed())?,
            owner: element.child(&dav::OWNER).map(Owner::from_element),
            timeout: Timeout::parse(&element.required(&dav::TIMEOUT)?.trimmed())?,
            token: href(&dav::LOCKTOKEN)?.map(LockToken),
            root: href(&dav::LOCKROOT)?.ok_or_else(|| element.malformed("lock without a root"))?,
        })
    }
}

/// Writes the inside of DAV:supportedlock: write locks of both scopes.
pub fn write_supported_locks(w: &mut Writer<'_>) {
    for scope in [LockScope::Exclusive, LockScope::Shared] {
        w.nest(&dav::LOCKENTRY, |w| {
            w.nest(&dav::LOCKSCOPE, |w| w.empty(&scope.name()));
            w.nest(&dav::LOCKTYPE, |w| w.empty(&dav::WRITE));
        });
    }
}

/// The other way.
///
/// # Errors
/// `Malformed` for an entry without a scope.
pub fn read_supported_locks(property: &Element) -> Result<Vec<LockScope>> {
    let entries = property.children().filter(|child| child.name == dav::LOCKENTRY);
    entries.map(|entry| LockScope::from_element(entry.required(&dav::LOCKSCOPE)?)).collect()
}

/// The body that answers LOCK: DAV:prop with DAV:lockdiscovery (RFC 4918 9.10.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockAnswer {
    /// The locks in force, the new one among them.
    pub locks: Vec<ActiveLock>,
}

impl LockAnswer {
    /// Writes the body.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.root(&dav::PROP);
        w.nest(&dav::LOCKDISCOVERY, |w| self.locks.iter().for_each(|lock| lock.write(w)));
        w.close(&dav::PROP);
    }

    /// Reads a body.
    ///
    /// # Errors
    /// `Malformed` for what is no answer to LOCK.
    pub fn parse(body: &[u8], limits: &Limits) -> Result<Self> {
        let root = xml::parse(body, limits)?;
        if root.name != dav::PROP {
            return Err(root.malformed(format!("expected a prop body, found {}", root.name)));
        }
        let locks = root.required(&dav::LOCKDISCOVERY)?.children();
        let locks = locks.filter(|child| child.name == dav::ACTIVELOCK);
        Ok(Self { locks: locks.map(ActiveLock::from_element).collect::<Result<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_goes_there_and_back() {
        let owner = Owner::from_xml(
            "<D:owner xmlns:D='DAV:'><D:href>mailto:a@x</D:href> at <b xmlns='u'>home</b></D:owner>",
        );
        let exclusive = ActiveLock {
            scope: LockScope::Exclusive,
            depth: Depth::Infinity,
            owner: owner.clone(),
            timeout: Timeout::Seconds(600),
            token: Some(LockToken("urn:uuid:1".to_owned())),
            root: "/dav/files/anna/a%20b/".to_owned(),
        };
        let shared = ActiveLock {
            scope: LockScope::Shared,
            depth: Depth::Zero,
            owner: None,
            timeout: Timeout::Infinite,
            token: None,
            ..exclusive.clone()
        };
        let answer = LockAnswer { locks: vec![exclusive, shared] };
        let mut out = Vec::new();
        answer.write(&mut out);
        assert_eq!(LockAnswer::parse(&out, &Limits::OWN), Ok(answer));
        assert_eq!(owner.unwrap().text(), "at mailto:a@x home");
        assert_eq!(Owner::from_xml("<owner/>"), None);
    }

    #[test]
    fn both_scopes_are_offered() {
        let mut out = Vec::new();
        let mut w = Writer::new(&mut out);
        w.root(&dav::SUPPORTEDLOCK);
        write_supported_locks(&mut w);
        w.close(&dav::SUPPORTEDLOCK);
        let root = xml::parse(&out, &Limits::default()).unwrap();
        assert_eq!(read_supported_locks(&root), Ok(vec![LockScope::Exclusive, LockScope::Shared]));
    }
}
