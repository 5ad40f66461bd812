//! Changing properties: what a client may set, in which form it is kept (RFC 4918 9.2, RFC 5689 3, RFC 4791 5.3.1).

use super::{dead_key, find};
use crate::subject::{Bits, on};
use kontor_model::{Components, PropertyKey};
use kontor_wire_dav::answer::{Condition, ErrorBody, Multistatus, Propstat};
use kontor_wire_dav::name::{Name, caldav, dav};
use kontor_wire_dav::request::Update;
use kontor_wire_dav::xml::Element;

/// How a property may be changed by a client.
pub(crate) enum Change {
    /// Not at all.
    Protected,
    /// It is kept under a key of the house.
    Kept {
        /// The key.
        key: &'static str,
        /// Takes the value out of the element.
        read: Read,
    },
}

/// Takes a property's value out of its element.
pub(crate) type Read = fn(&Element) -> Result<Vec<u8>, Fault>;

/// Why one property cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// 403 if it never can be, 409 if another value would do.
    pub(crate) status: u16,
    /// The condition, if it has a name.
    pub(crate) condition: Option<Name>,
    /// For a person.
    pub(crate) detail: &'static str,
}

impl Fault {
    /// A property that no client may change.
    pub(crate) const fn protected() -> Self {
        let condition = Some(dav::CANNOT_MODIFY_PROTECTED_PROPERTY);
        Self { status: 403, condition, detail: "this property cannot be changed" }
    }

    /// A value that does not do.
    pub(crate) const fn value(detail: &'static str) -> Self {
        Self { status: 409, condition: None, detail }
    }
}

/// All instructions of one request, weighed: either all can be carried out or none will be.
pub(crate) struct Draft {
    /// What to write, in document order, the last word on each property only.
    pub(crate) changes: Vec<(PropertyKey, Option<Vec<u8>>)>,
    /// Each property once, with what is wrong about it.
    verdicts: Vec<(Name, Option<Fault>)>,
}

impl Draft {
    /// Weighs instructions for a subject of this sort. Properties larger than `max` bytes are refused.
    pub(crate) fn of(updates: &[Update], sort: Bits, max: usize) -> Self {
        let mut draft = Self { changes: Vec::new(), verdicts: Vec::new() };
        for update in updates {
            let verdict = weigh(update, sort, max);
            let name = update.name().clone();
            let fault = match verdict {
                Ok((key, value)) => {
                    draft.changes.retain(|(known, _)| *known != key);
                    draft.changes.push((key, value));
                    None
                }
                Err(fault) => Some(fault),
            };
            match draft.verdicts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = known.take().or(fault),
                None => draft.verdicts.push((name, fault)),
            }
        }
        draft
    }

    /// Refuses one more property.
    pub(crate) fn refuse(&mut self, name: Name, fault: Fault) {
        self.verdicts.push((name, Some(fault)));
    }

    /// Takes note of a property that is seen to elsewhere.
    pub(crate) fn accept(&mut self, name: Name) {
        self.verdicts.push((name, None));
    }

    /// Whether something cannot be done, so that nothing may be.
    pub(crate) fn is_refused(&self) -> bool {
        self.verdicts.iter().any(|(_, fault)| fault.is_some())
    }

    /// The same as [`Draft::tell`], for the answer to MKCOL.
    pub(crate) fn propstats(&self) -> Vec<Propstat> {
        let good = self.verdicts.iter().filter(|(_, fault)| fault.is_none());
        let good: Vec<Element> = good.map(|(name, _)| Element::new(name.clone())).collect();
        let status = if self.is_refused() { 424 } else { 200 };
        let mut all = Vec::new();
        if !good.is_empty() {
            all.push(Propstat { status, props: good, error: None, description: None });
        }
        for (name, fault) in &self.verdicts {
            let Some(fault) = fault else { continue };
            let condition = fault.condition.clone().map(Condition::Bare);
            let error = condition.map(|one| ErrorBody { conditions: vec![one], description: None });
            let description = Some(fault.detail.to_owned());
            all.push(Propstat {
                status: fault.status,
                props: vec![Element::new(name.clone())],
                error,
                description,
            });
        }
        all
    }

    /// Writes the propstats into a response that is open: 200 for all, or the faults and 424 for the rest.
    pub(crate) fn tell(&self, out: &mut Multistatus) {
        let good = self.verdicts.iter().filter(|(_, fault)| fault.is_none()).map(|(name, _)| name);
        out.failed(if self.is_refused() { 424 } else { 200 }, good);
        for (name, fault) in &self.verdicts {
            let Some(fault) = fault else { continue };
            out.failed(fault.status, [name]);
            if let Some(condition) = &fault.condition {
                out.error(|w| w.empty(condition));
            }
        }
        if let Some((_, Some(fault))) = self.verdicts.iter().find(|(_, fault)| fault.is_some()) {
            out.description(fault.detail);
        }
    }
}

/// What one instruction comes to.
fn weigh(update: &Update, sort: Bits, max: usize) -> Result<(PropertyKey, Option<Vec<u8>>), Fault> {
    let (key, read) = match find(update.name()) {
        Some(live) if live.on & sort != 0 && sort & on::COLLECTION != 0 => match live.change {
            Change::Protected => return Err(Fault::protected()),
            Change::Kept { key, read } => (PropertyKey::new(key), Some(read)),
        },
        Some(live) if live.on & sort != 0 || matches!(live.change, Change::Protected) => {
            return Err(Fault::protected());
        }
        _ if is_reserved(update.name()) => return Err(Fault::protected()),
        _ if sort & (on::COLLECTION | on::ITEM) == 0 => {
            let detail = "properties are kept on collections and items only";
            return Err(Fault { status: 403, condition: None, detail });
        }
        _ => (dead_key(update.name()), None),
    };
    let value = match (update, read) {
        (Update::Remove(_), _) => return Ok((key, None)),
        (Update::Set(element), Some(read)) => read(element)?,
        (Update::Set(element), None) => element.to_xml().into_bytes(),
    };
    if value.len() > max || key.0.len() > 1024 {
        let detail = "the property is larger than max_property_size allows";
        return Err(Fault { status: 403, condition: None, detail });
    }
    Ok((key, Some(value)))
}

/// Properties that exist by specification but not here, and must not come to mean something by being set.
fn is_reserved(name: &Name) -> bool {
    let reserved = [
        dav::LOCKDISCOVERY,
        dav::SUPPORTEDLOCK,
        dav::GROUP,
        dav::QUOTA_AVAILABLE_BYTES,
        dav::QUOTA_USED_BYTES,
        dav::SUPPORTED_METHOD_SET,
        dav::SUPPORTED_LIVE_PROPERTY_SET,
        dav::PARENT_SET,
        caldav::CALENDAR_DATA,
        caldav::SCHEDULE_TAG,
        caldav::SCHEDULE_INBOX_URL,
        caldav::SCHEDULE_OUTBOX_URL,
        kontor_wire_dav::name::carddav::ADDRESS_DATA,
    ];
    reserved.contains(name)
}

/// Plain text.
pub(crate) fn text(element: &Element) -> Result<Vec<u8>, Fault> {
    if element.children().next().is_some() {
        return Err(Fault::value("text was expected, not elements"));
    }
    Ok(element.text().as_bytes().to_vec())
}

/// `#RGB`, `#RRGGBB` or `#RRGGBBAA`, kept as it was sent.
pub(crate) fn color(element: &Element) -> Result<Vec<u8>, Fault> {
    let value = element.trimmed();
    let digits = value.strip_prefix('#').unwrap_or_default();
    let fits = matches!(digits.len(), 3 | 6 | 8) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    // Some clients send a colour's name; it is theirs to understand.
    let named = !value.is_empty() && value.len() <= 32 && value.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits || named {
        return Ok(value.as_bytes().to_vec());
    }
    Err(Fault::value("a colour is written as #RRGGBB or #RRGGBBAA"))
}

/// A whole number.
pub(crate) fn number(element: &Element) -> Result<Vec<u8>, Fault> {
    let value = element.trimmed();
    value.parse::<i64>().map_err(|_| Fault::value("a whole number was expected"))?;
    Ok(value.as_bytes().to_vec())
}

/// CALDAV:schedule-calendar-transp (RFC 6638 9.1).
pub(crate) fn transparency(element: &Element) -> Result<Vec<u8>, Fault> {
    if element.child(&caldav::TRANSPARENT).is_some() {
        Ok(b"transparent".to_vec())
    } else if element.child(&caldav::OPAQUE).is_some() {
        Ok(b"opaque".to_vec())
    } else {
        Err(Fault::value("opaque or transparent was expected"))
    }
}

/// The names of component types, with their bits.
pub(crate) const COMPONENTS: [(&str, Components); 5] = [
    ("VEVENT", Components::EVENT),
    ("VTODO", Components::TASK),
    ("VJOURNAL", Components::JOURNAL),
    ("VFREEBUSY", Components::FREE_BUSY),
    ("VAVAILABILITY", Components::AVAILABILITY),
];

/// CALDAV:supported-calendar-component-set of a calendar that is being made (RFC 4791 5.2.3).
pub(crate) fn components(element: &Element) -> Result<Components, Fault> {
    let mut set = Components::NONE;
    for name in element
        .children()
        .filter(|child| child.name == caldav::COMP)
        .filter_map(|comp| comp.attribute("name"))
    {
        if let Some((_, bit)) = COMPONENTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            set = set.with(*bit);
        }
    }
    if set == Components::NONE {
        let condition = Some(caldav::SUPPORTED_CALENDAR_COMPONENT);
        return Err(Fault { status: 403, condition, detail: "none of these component types is supported" });
    }
    Ok(set)
}
