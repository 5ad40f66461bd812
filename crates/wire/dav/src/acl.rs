//! Access control lists: the body of the ACL method and the value of DAV:acl (RFC 3744 5.5, 8.1).

use crate::error::{Error, Result};
use crate::name::{Name, dav, ns};
use crate::xml::{self, Element, Limits, Writer};

/// Whom an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The principal at this address, as written.
    Href(String),
    /// Everyone, with or without a name.
    All,
    /// Everyone who has logged in.
    Authenticated,
    /// Everyone who has not.
    Unauthenticated,
    /// The principal that this property names, such as DAV:owner.
    Property(Name),
    /// The principal that the resource is.
    Itself,
}

/// Whether an entry gives or refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// DAV:grant
    Grant,
    /// DAV:deny
    Deny,
}

/// Whether an entry means its principal, or everyone else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sense {
    /// Those it names.
    #[default]
    Plain,
    /// All but those (DAV:invert).
    Inverted,
}

/// Whether an entry can be changed by the ACL method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guard {
    /// It can.
    #[default]
    Open,
    /// It cannot (DAV:protected).
    Protected,
}

/// An access control entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ace {
    /// Whom it is about.
    pub who: Who,
    /// Whether that is turned round.
    pub sense: Sense,
    /// Whether it gives or refuses.
    pub effect: Effect,
    /// What it gives or refuses: privilege names, at least one.
    pub privileges: Vec<Name>,
    /// Whether it is fixed.
    pub guard: Guard,
    /// The resource that it comes from, when not from this one.
    pub inherited: Option<String>,
}

/// A list of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acl {
    /// In document order.
    pub aces: Vec<Ace>,
}

impl Acl {
    /// Reads the body of an ACL request. Fails with DAV:recognized-principal for a principal of a kind that RFC 3744
    /// does not know.
    pub fn parse(body: &[u8], limits: &Limits) -> Result<Self> {
        Acl::from_element(&xml::parse(body, limits)?)
    }

    /// Reads DAV:acl, as a body or as a property.
    pub fn from_element(root: &Element) -> Result<Self> {
        if root.name != dav::ACL {
            return Err(root.malformed(format!("expected a DAV:acl element, found {}", root.name)));
        }
        let aces = root.children().filter(|child| child.name == dav::ACE).map(Ace::from_element);
        Ok(Acl { aces: aces.collect::<Result<_>>()? })
    }

    /// Writes a body.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.root(&dav::ACL);
        self.write_content(&mut w);
        w.close(&dav::ACL);
    }

    /// Writes the entries, for the inside of DAV:acl.
    pub fn write_content(&self, w: &mut Writer<'_>) {
        self.aces.iter().for_each(|ace| ace.write(w));
    }
}

impl Ace {
    fn from_element(ace: &Element) -> Result<Self> {
        let (principal, sense) = match ace.child(&dav::INVERT) {
            Some(invert) => (invert.required(&dav::PRINCIPAL)?, Sense::Inverted),
            None => (ace.required(&dav::PRINCIPAL)?, Sense::Plain),
        };
        let (effect, list) = match (ace.child(&dav::GRANT), ace.child(&dav::DENY)) {
            (Some(list), None) => (Effect::Grant, list),
            (None, Some(list)) => (Effect::Deny, list),
            _ => return Err(ace.malformed("ace must have either grant or deny")),
        };
        let privileges: Vec<Name> = list
            .children()
            .filter(|child| child.name == dav::PRIVILEGE)
            .flat_map(|privilege| privilege.children().map(|name| name.name.clone()))
            .collect();
        if privileges.is_empty() {
            return Err(list.malformed("ace without a privilege"));
        }
        let guard = if ace.child(&dav::PROTECTED).is_some() { Guard::Protected } else { Guard::Open };
        let inherited = ace.child(&dav::INHERITED).map(href).transpose()?;
        Ok(Ace { who: Who::from_element(principal)?, sense, effect, privileges, guard, inherited })
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.nest(&dav::ACE, |w| {
            match self.sense {
                Sense::Plain => self.who.write(w),
                Sense::Inverted => w.nest(&dav::INVERT, |w| self.who.write(w)),
            }
            let effect = if self.effect == Effect::Grant { dav::GRANT } else { dav::DENY };
            w.nest(&effect, |w| {
                self.privileges.iter().for_each(|name| w.nest(&dav::PRIVILEGE, |w| w.empty(name)));
            });
            if self.guard == Guard::Protected {
                w.empty(&dav::PROTECTED);
            }
            if let Some(href) = &self.inherited {
                w.nest(&dav::INHERITED, |w| w.leaf(&dav::HREF, href));
            }
        });
    }
}

impl Who {
    fn from_element(principal: &Element) -> Result<Self> {
        let child =
            principal.children().next().ok_or_else(|| principal.malformed("principal without content"))?;
        Ok(match child.name.parts() {
            (ns::DAV, "href") => Who::Href(child.trimmed().into_owned()),
            (ns::DAV, "all") => Who::All,
            (ns::DAV, "authenticated") => Who::Authenticated,
            (ns::DAV, "unauthenticated") => Who::Unauthenticated,
            (ns::DAV, "self") => Who::Itself,
            (ns::DAV, "property") => {
                let name =
                    child.children().next().ok_or_else(|| child.malformed("property without a name"))?;
                Who::Property(name.name.clone())
            }
            _ => {
                let reason = format!("principal of an unknown kind, {}", child.name);
                return Err(Error::unsupported(child.at, dav::RECOGNIZED_PRINCIPAL, reason));
            }
        })
    }

    /// Writes DAV:principal.
    pub fn write(&self, w: &mut Writer<'_>) {
        w.nest(&dav::PRINCIPAL, |w| match self {
            Who::Href(href) => w.leaf(&dav::HREF, href),
            Who::All => w.empty(&dav::ALL),
            Who::Authenticated => w.empty(&dav::AUTHENTICATED),
            Who::Unauthenticated => w.empty(&dav::UNAUTHENTICATED),
            Who::Property(name) => w.nest(&dav::PROPERTY, |w| w.empty(name)),
            Who::Itself => w.empty(&dav::SELF),
        });
    }
}

fn href(parent: &Element) -> Result<String> {
    Ok(parent.required(&dav::HREF)?.trimmed().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_there_and_back() {
        let body = r#"<D:acl xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
          <D:ace><D:principal><D:href>/p/ann/</D:href></D:principal>
            <D:grant><D:privilege><D:read/></D:privilege><D:privilege><C:read-free-busy/></D:privilege></D:grant></D:ace>
          <D:ace><D:invert><D:principal><D:property><D:owner/></D:property></D:principal></D:invert>
            <D:deny><D:privilege><D:write/></D:privilege></D:deny><D:protected/>
            <D:inherited><D:href>/up/</D:href></D:inherited></D:ace></D:acl>"#;
        let acl = Acl::parse(body.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(acl.aces[0].who, Who::Href("/p/ann/".to_owned()));
        assert_eq!(acl.aces[0].privileges, [dav::READ, crate::name::caldav::READ_FREE_BUSY]);
        assert_eq!(acl.aces[1].sense, Sense::Inverted);
        assert_eq!(acl.aces[1].inherited.as_deref(), Some("/up/"));
        let mut out = Vec::new();
        acl.write(&mut out);
        assert_eq!(Acl::parse(&out, &Limits::default()), Ok(acl));
    }

    #[test]
    fn every_kind_of_principal() {
        for who in
            [Who::All, Who::Authenticated, Who::Unauthenticated, Who::Itself, Who::Property(dav::OWNER)]
        {
            let ace = Ace {
                who,
                sense: Sense::Plain,
                effect: Effect::Grant,
                privileges: vec![dav::ALL],
                guard: Guard::Open,
                inherited: None,
            };
            let acl = Acl { aces: vec![ace] };
            let mut out = Vec::new();
            acl.write(&mut out);
            assert_eq!(Acl::parse(&out, &Limits::default()), Ok(acl));
        }
    }

    #[test]
    fn faults_are_named() {
        let check = |inside: &str, expect: &str| {
            let body = format!("<acl xmlns='DAV:'><ace>{inside}</ace></acl>");
            let error = Acl::parse(body.as_bytes(), &Limits::default()).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
        };
        check("<grant/>", "no principal");
        check("<principal><all/></principal>", "either grant or deny");
        check("<principal><all/></principal><grant/>", "without a privilege");
        check(
            "<principal><martian/></principal><grant><privilege><read/></privilege></grant>",
            "recognized-principal",
        );
    }
}
