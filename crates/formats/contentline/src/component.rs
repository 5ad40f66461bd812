//! Components and their addresses.

use crate::line::{BOM, Line, mark};
use crate::text::Ending;
use crate::tree::{Node, Tree};
use crate::write::fold;
use std::fmt;
use std::ops::Range;

/// One step of a [`Path`]: the `nth` (from 0) child of this name, case ignored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// Component name.
    pub name: String,
    /// Which of the children of that name, from 0.
    pub nth: usize,
}

/// The address of a component: the steps from the text itself, whose path is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The text itself.
    pub fn root() -> Self {
        Path::default()
    }

    /// The `nth` (from 0) component of this name inside.
    pub fn child(mut self, name: &str, nth: usize) -> Self {
        self.0.push(Step { name: name.to_owned(), nth });
        self
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| write!(f, "/{}[{}]", step.name, step.nth))
    }
}

/// A component of a [`Tree`]: a cheap handle.
#[derive(Debug, Clone, Copy)]
pub struct Component<'t, 'a> {
    tree: &'t Tree<'a>,
    id: u32,
}

impl PartialEq for Component<'_, '_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}

impl<'t, 'a> Component<'t, 'a> {
    pub(crate) fn new(tree: &'t Tree<'a>, id: u32) -> Self {
        Component { tree, id }
    }

    fn node(&self) -> Option<&'t Node<'a>> {
        self.tree.node(self.id)
    }

    /// The tree it belongs to.
    pub fn tree(&self) -> &'t Tree<'a> {
        self.tree
    }

    /// The name as written, blanks around it taken off; empty for the root.
    pub fn name(&self) -> &'t str {
        self.node().map_or("", |node| &node.name)
    }

    /// Whether it has this name; names have no case.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// The component around it; `None` for the root.
    pub fn parent(&self) -> Option<Component<'t, 'a>> {
        Some(Component { tree: self.tree, id: self.node()?.parent? })
    }

    /// Its address.
    pub fn path(&self) -> Path {
        let mut steps = Vec::new();
        let mut at = *self;
        while let Some(parent) = at.parent() {
            let nth = at.node().map_or(0, |node| node.nth as usize);
            steps.push(Step { name: at.name().to_owned(), nth });
            at = parent;
        }
        steps.reverse();
        Path(steps)
    }

    /// The components directly inside, in order.
    pub fn children(&self) -> Children<'t, 'a> {
        Children { tree: self.tree, next: self.node().and_then(|node| node.first_child) }
    }

    /// The components of this name directly inside.
    pub fn children_named<'n>(
        &self,
        name: &'n str,
    ) -> impl Iterator<Item = Component<'t, 'a>> + use<'t, 'a, 'n> {
        self.children().filter(move |child| child.is(name))
    }

    /// The first component of this name directly inside.
    pub fn child(&self, name: &str) -> Option<Component<'t, 'a>> {
        self.children().find(|child| child.is(name))
    }

    /// The properties directly inside, in order; opaque lines and stray `BEGIN`/`END` lines are left out.
    pub fn properties(&self) -> Properties<'t, 'a> {
        let (at, end) = self.node().map_or((0, 0), |node| (node.body_start, node.body_end));
        Properties { tree: self.tree, at, end, child: self.node().and_then(|node| node.first_child) }
    }

    /// The properties of this name directly inside.
    pub fn properties_named<'n>(
        &self,
        name: &'n str,
    ) -> impl Iterator<Item = &'t Line<'a>> + use<'t, 'a, 'n> {
        let mut properties = self.properties();
        if !self.may_have(name) {
            properties.at = properties.end;
        }
        properties.filter(move |line| line.is(name))
    }

    /// The first property of this name directly inside.
    pub fn property(&self, name: &str) -> Option<&'t Line<'a>> {
        if self.may_have(name) { self.properties().find(|line| line.is(name)) } else { None }
    }

    /// Whether a line of this name may be among its own.
    fn may_have(&self, name: &str) -> bool {
        self.node().is_some_and(|node| node.marks & mark(name.as_bytes()) != 0)
    }

    /// All its lines, `BEGIN`, `END` and those of inner components included.
    pub fn lines(&self) -> &'t [Line<'a>] {
        let (start, after) = self.node().map_or((0, 0), |node| (node.start as usize, node.after as usize));
        self.tree.lines().get(start..after).unwrap_or_default()
    }

    /// 1-based number of its first physical line.
    pub fn number(&self) -> u32 {
        self.lines().first().map_or(1, Line::number)
    }

    /// Where it stands in the text, `BEGIN` and `END` lines included; for the root the whole text.
    pub fn span(&self) -> Range<usize> {
        if self.id == 0 {
            return 0..self.tree.bytes().len();
        }
        match self.lines() {
            [first, .., last] => first.span().start..last.span().end,
            [only] => only.span(),
            [] => 0..0,
        }
    }

    /// Its bytes as they came.
    pub fn raw(&self) -> &'a [u8] {
        self.tree.bytes().get(self.span()).unwrap_or_default()
    }

    /// Appends the component to a text whose lines end in LF or CRLF: as it is written, without a byte order mark, with the
    /// end of its last line if that is missing. Only where its lines end in CR alone, which counts as an end nowhere but in a text without LF, are
    /// they written anew, with CRLF.
    pub fn copy_into(&self, out: &mut Vec<u8>) {
        if self.tree.ending() == Ending::Cr {
            for line in self.lines().iter().filter(|line| !line.is_blank()) {
                fold(&[line.head(), b":", &line.value()].concat(), Ending::CrLf, out);
            }
            return;
        }
        let raw = self.raw();
        out.extend_from_slice(raw.strip_prefix(BOM).unwrap_or(raw));
        if !out.ends_with(b"\n") {
            out.extend_from_slice(b"\r\n");
        }
    }

    /// Where a new property goes: after the last line before the first inner component or the end.
    pub(crate) fn insert_property_at(&self) -> usize {
        let first = self.children().next();
        self.offset_before(match first.and_then(|child| child.node()) {
            Some(child) => child.start,
            None => self.node().map_or(0, |node| node.body_end),
        })
    }

    /// Where a new inner component goes: after the last one of the same name, else after all that is inside.
    pub(crate) fn insert_component_at(&self, name: &str) -> usize {
        match self.children_named(name).last() {
            Some(sibling) => sibling.span().end,
            None => self.offset_before(self.node().map_or(0, |node| node.body_end)),
        }
    }

    /// The end of the line before line index `at`, so that blank lines stay behind what is inserted.
    fn offset_before(&self, at: u32) -> usize {
        let before = (at as usize).checked_sub(1).and_then(|before| self.tree.lines().get(before));
        before.map_or_else(|| self.tree.first_insert_at(), |line| line.span().end)
    }
}

/// Iterator over the components directly inside one.
#[derive(Debug, Clone)]
pub struct Children<'t, 'a> {
    tree: &'t Tree<'a>,
    next: Option<u32>,
}

impl<'t, 'a> Iterator for Children<'t, 'a> {
    type Item = Component<'t, 'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.next?;
        self.next = self.tree.node(id)?.next;
        Some(Component { tree: self.tree, id })
    }
}

/// Iterator over the properties directly inside a component.
#[derive(Debug, Clone)]
pub struct Properties<'t, 'a> {
    tree: &'t Tree<'a>,
    at: u32,
    end: u32,
    child: Option<u32>,
}

impl<'t, 'a> Iterator for Properties<'t, 'a> {
    type Item = &'t Line<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.end {
            if let Some(child) =
                self.child.and_then(|id| self.tree.node(id)).filter(|node| node.start == self.at)
            {
                self.at = child.after;
                self.child = child.next;
                continue;
            }
            let line = self.tree.lines().get(self.at as usize)?;
            self.at += 1;
            if !line.is_broken() && !line.is("BEGIN") && !line.is("END") {
                return Some(line);
            }
        }
        None
    }
}
