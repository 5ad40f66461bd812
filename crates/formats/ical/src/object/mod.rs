//! A calendar object resource (RFC 4791 4.1): one UID, one kind of component, its text and its meaning.

mod refusal;
mod validate;

use std::borrow::Cow;
use std::sync::OnceLock;

use kontor_contentline::{Component, Line, Tree};

pub use refusal::{Invalid, Precondition, Reason};
pub use validate::{Limits, validate};

use crate::budget::Budget;
use crate::fault::Problem;
use crate::timeline::{Kind, Timeline};

/// A calendar object: the tree of its lines and its compiled meaning in time.
///
/// Reading never fails, so that what is stored can always be looked at; [`validate`] is what a new text goes through.
/// The meaning is made when somebody first asks for it: who only reads lines does not pay for it.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    tree: Tree<'a>,
    meaning: OnceLock<(Timeline, Vec<Problem>)>,
}

impl<'a> Object<'a> {
    /// Reads a text as far as it can be read.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Self {
        Self { tree: Tree::parse(bytes), meaning: OnceLock::new() }
    }

    fn compile(tree: Tree<'a>, budget: &mut Budget) -> Self {
        let meaning = meaning(&tree, budget);
        Self { tree, meaning: meaning.into() }
    }

    fn meaning(&self) -> &(Timeline, Vec<Problem>) {
        self.meaning.get_or_init(|| meaning(&self.tree, &mut Budget::default()))
    }

    /// The lines and components.
    #[must_use]
    pub fn tree(&self) -> &Tree<'a> {
        &self.tree
    }

    /// The VCALENDAR; the whole text if there is none.
    #[must_use]
    pub fn calendar(&self) -> Component<'_, 'a> {
        let root = self.tree.root();
        root.child("VCALENDAR").unwrap_or(root)
    }

    /// What it means in time.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.meaning().0
    }

    /// The timeline alone, to be kept.
    #[must_use]
    pub fn into_timeline(self) -> Timeline {
        let Self { tree, meaning: made } = self;
        made.into_inner().unwrap_or_else(|| meaning(&tree, &mut Budget::default())).0
    }

    /// What is wrong with its dates, durations, rules and zones; reading went on without them.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.meaning().1
    }

    /// The components that carry its content: events, tasks, journal entries or free-busy information.
    pub fn components(&self) -> impl Iterator<Item = Component<'_, 'a>> {
        self.calendar().children().filter(|component| Kind::of(component.name()).is_some())
    }

    /// What kind of components it has.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.components().next().and_then(|component| Kind::of(component.name()))
    }

    /// The component that describes the series or the single event: the first without RECURRENCE-ID, else the first.
    #[must_use]
    pub fn master(&self) -> Option<Component<'_, 'a>> {
        let mut components = self.components();
        let first = components.next();
        let is_master = |component: &Component<'_, 'a>| component.property("RECURRENCE-ID").is_none();
        first.filter(is_master).or_else(|| components.find(is_master)).or(first)
    }

    /// The UID, unescaped.
    #[must_use]
    pub fn uid(&self) -> Option<String> {
        self.text("UID").map(|uid| uid.trim().to_owned()).filter(|uid| !uid.is_empty())
    }

    /// A property of the master.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Line<'a>> {
        self.master()?.property(name)
    }

    /// The value of a text property of the master, unescaped: SUMMARY, LOCATION, CLASS, STATUS ...
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.property(name).map(Line::text)
    }

    /// The organizer's calendar address, such as `mailto:ann@example.com`.
    #[must_use]
    pub fn organizer(&self) -> Option<Cow<'a, str>> {
        self.property("ORGANIZER").map(Line::value_str)
    }

    /// The ATTENDEE lines of all components; the same person occurs once for each component.
    pub fn attendees(&self) -> impl Iterator<Item = &Line<'a>> {
        self.components().flat_map(|component| component.properties_named("ATTENDEE"))
    }
}
/// What a text means in time, and what is wrong with it.
fn meaning(tree: &Tree<'_>, budget: &mut Budget) -> (Timeline, Vec<Problem>) {
    match tree.root().child("VCALENDAR") {
        Some(calendar) => Timeline::compile(calendar, budget),
        None => Default::default(),
    }
}
