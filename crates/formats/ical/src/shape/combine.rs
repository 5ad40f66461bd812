//! Many objects as one calendar: what GET on a collection answers.

use std::collections::BTreeSet;

use kontor_contentline::{Component, Ending, Property, Tree};

use super::PRODID;

/// Puts the components of many objects into one VCALENDAR; each time zone occurs once, as its first object has it.
///
/// The text can be taken piece by piece with [`Combiner::take`], so that a big collection is never whole in memory.
#[derive(Debug)]
pub struct Combiner {
    out: Vec<u8>,
    zones: BTreeSet<String>,
}

impl Combiner {
    /// A calendar with properties of its own, such as NAME and X-WR-CALNAME, behind VERSION and PRODID.
    #[must_use]
    pub fn new(properties: &[Property]) -> Self {
        let mut out = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_vec();
        Property::raw("PRODID", PRODID).write(Ending::CrLf, &mut out);
        properties.iter().for_each(|property| property.write(Ending::CrLf, &mut out));
        Self { out, zones: BTreeSet::new() }
    }

    /// Adds the components of an object.
    pub fn push(&mut self, bytes: &[u8]) {
        let tree = Tree::parse(bytes);
        for component in tree.root().children_named("VCALENDAR").flat_map(|calendar| calendar.children()) {
            if !component.is("VTIMEZONE") || self.is_new(component) {
                component.copy_into(&mut self.out);
            }
        }
    }

    fn is_new(&mut self, zone: Component<'_, '_>) -> bool {
        let tzid = zone.property("TZID").map(|line| line.text().into_owned());
        self.zones.insert(tzid.unwrap_or_default())
    }

    /// What has come together since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The end of the text.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(b"END:VCALENDAR\r\n");
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_occurs_once_and_components_stay_as_they_are() {
        let one = "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:A\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:1\nX;y=z:ü\nEND:VEVENT\nEND:VCALENDAR";
        let two = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:A\r\nX:2\r\nEND:VTIMEZONE\r\nBEGIN:VTODO\r\nUID:2\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";
        let mut combiner = Combiner::new(&[Property::text("X-WR-CALNAME", "a, b")]);
        combiner.push(one.as_bytes());
        let mut text = combiner.take();
        combiner.push(two.as_bytes());
        text.extend(combiner.finish());
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//Kontor//EN\r\nX-WR-CALNAME:a\\, b\r\n\
             BEGIN:VTIMEZONE\nTZID:A\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:1\nX;y=z:ü\nEND:VEVENT\n\
             BEGIN:VTODO\r\nUID:2\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
        );
    }
}
