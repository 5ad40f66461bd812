//! What a person's calendars hold, and what a server has to answer about them (RFC 4918, RFC 4791 5.3.2, RFC 6578).

use std::collections::BTreeMap;

/// An event as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) uid: String,
    pub(super) text: String,
    pub(super) tag: String,
}

/// A calendar. Made anew under the same name it is another one.
#[derive(Clone, Debug, Default)]
pub(super) struct Calendar {
    pub(super) generation: usize,
    pub(super) events: BTreeMap<String, Event>,
}

/// What a sync token stands for.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) calendar: &'static str,
    pub(super) generation: usize,
    pub(super) token: String,
    /// Entity tags by name, as they were.
    pub(super) tags: BTreeMap<String, String>,
}

/// What must hold for a change to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    None,
    Absent,
    Tag(String),
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) calendars: BTreeMap<&'static str, Calendar>,
    pub(super) seen: Vec<Seen>,
    /// The text that each entity tag stood for.
    texts: BTreeMap<String, String>,
    made: usize,
}

impl Condition {
    fn holds(&self, there: Option<&Event>) -> bool {
        match self {
            Self::None => true,
            Self::Absent => there.is_none(),
            Self::Tag(tag) => there.is_some_and(|event| event.tag == *tag),
        }
    }
}

impl Model {
    pub(super) fn event(&self, calendar: &str, name: &str) -> Option<&Event> {
        self.calendars.get(calendar)?.events.get(name)
    }

    /// Whether an event of another name has that UID.
    fn taken(&self, calendar: &str, uid: &str, but: &[&str]) -> bool {
        let Some(calendar) = self.calendars.get(calendar) else { return false };
        calendar.events.iter().any(|(name, event)| event.uid == uid && !but.contains(&name.as_str()))
    }

    pub(super) fn put(&self, calendar: &str, name: &str, uid: &str, condition: &Condition) -> u16 {
        let there = self.event(calendar, name);
        match there {
            _ if !self.calendars.contains_key(calendar) => 409,
            there if !condition.holds(there) => 412,
            _ if self.taken(calendar, uid, &[name]) => 409,
            None => 201,
            Some(_) => 204,
        }
    }

    pub(super) fn remove(&self, calendar: &str, name: &str, condition: &Condition) -> u16 {
        match self.event(calendar, name) {
            None => 404,
            there if !condition.holds(there) => 412,
            Some(_) => 204,
        }
    }

    pub(super) fn relocate(&self, from: (&str, &str), to: (&str, &str), overwrite: bool) -> u16 {
        let Some(event) = self.event(from.0, from.1) else { return 404 };
        let there = self.event(to.0, to.1);
        let moved = if from.0 == to.0 { from.1 } else { to.1 };
        match there {
            _ if !self.calendars.contains_key(to.0) => 409,
            Some(_) if !overwrite => 412,
            // It would get another UID.
            Some(there) if there.uid != event.uid => 403,
            _ if self.taken(to.0, &event.uid, &[to.1, moved]) => 409,
            None => 201,
            Some(_) => 204,
        }
    }

    /// An event is there from now on. A text that was there under this tag before is the same text.
    pub(super) fn set(&mut self, calendar: &'static str, name: &str, event: Event) {
        assert!(!event.tag.is_empty(), "{calendar}/{name} has no entity tag");
        let known = self.texts.entry(event.tag.clone()).or_insert_with(|| event.text.clone());
        assert_eq!(*known, event.text, "the tag {} of another text", event.tag);
        if let Some(calendar) = self.calendars.get_mut(calendar) {
            calendar.events.insert(name.to_owned(), event);
        }
    }

    pub(super) fn unset(&mut self, calendar: &str, name: &str) -> Option<Event> {
        self.calendars.get_mut(calendar)?.events.remove(name)
    }

    pub(super) fn make(&mut self, calendar: &'static str) {
        self.made += 1;
        let made = Calendar { generation: self.made, ..Calendar::default() };
        self.calendars.insert(calendar, made);
    }

    /// Entity tags by name.
    pub(super) fn tags(&self, calendar: &str) -> BTreeMap<String, String> {
        let events = self.calendars.get(calendar).map(|calendar| &calendar.events);
        let events = events.into_iter().flatten();
        events.map(|(name, event)| (name.clone(), event.tag.clone())).collect()
    }
}
