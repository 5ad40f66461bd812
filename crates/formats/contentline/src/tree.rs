//! The nesting of `BEGIN` and `END`.

use crate::component::{Component, Path};
use crate::line::{BOM, Line};
use crate::problem::{Problem, Reason};
use crate::text::{Ending, Text};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How deep components may nest; deeper ones are read as plain lines and reported.
pub const MAX_DEPTH: usize = 32;
/// How many lines (blank ones not counted) a tree holds; the rest of the text is reported and left out of the tree.
pub const MAX_LINES: usize = 500_000;
/// How many problems a tree reports.
pub const MAX_PROBLEMS: usize = 100;

/// The components of a text. Reading never fails: what is wrong is in [`Tree::problems`].
#[derive(Debug, Clone)]
pub struct Tree<'a> {
    text: Text<'a>,
    lines: Vec<Line<'a>>,
    nodes: Vec<Node<'a>>,
    problems: Vec<Problem>,
}

#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) nth: u32,
    pub(crate) parent: Option<u32>,
    pub(crate) first_child: Option<u32>,
    pub(crate) last_child: Option<u32>,
    pub(crate) next: Option<u32>,
    /// Lines: `start` is BEGIN (or 0 in the root), the body ends before `body_end`, the component before `after`.
    pub(crate) start: u32,
    pub(crate) body_start: u32,
    pub(crate) body_end: u32,
    pub(crate) after: u32,
    /// Marks ([`crate::line::mark`]) of the names of its own lines, so that most names that are not there are told at once.
    pub(crate) marks: u64,
}

impl<'a> Tree<'a> {
    /// Reads the bytes.
    pub fn parse(bytes: &'a [u8]) -> Self {
        let text = Text::parse(bytes);
        let mut builder = Builder::new(text);
        for line in text.lines() {
            if builder.tree.lines.len() >= MAX_LINES {
                builder.problem(line.number(), Reason::TooManyLines);
                break;
            }
            if !line.is_blank() {
                builder.line(line);
            }
        }
        builder.finish()
    }

    /// The bytes as they came.
    pub fn bytes(&self) -> &'a [u8] {
        self.text.bytes()
    }

    /// The line end that new lines take.
    pub fn ending(&self) -> Ending {
        self.text.ending()
    }

    /// What is wrong, in the order found; at most [`MAX_PROBLEMS`].
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// All lines but blank ones, in order.
    pub fn lines(&self) -> &[Line<'a>] {
        &self.lines
    }

    /// The text itself as a component without a name; its children are the outermost components.
    pub fn root(&self) -> Component<'_, 'a> {
        Component::new(self, 0)
    }

    /// The component at this address.
    pub fn find(&self, path: &Path) -> Option<Component<'_, 'a>> {
        path.0.iter().try_fold(self.root(), |at, step| at.children_named(&step.name).nth(step.nth))
    }

    /// Where the text starts: behind a byte order mark.
    pub(crate) fn content_start(&self) -> usize {
        if self.bytes().starts_with(BOM) { BOM.len() } else { 0 }
    }

    /// Where a line can be put before all others: behind a byte order mark, and behind a first line that starts with a
    /// blank and would become its continuation.
    pub(crate) fn first_insert_at(&self) -> usize {
        let start = self.content_start();
        match self.bytes().get(start) {
            Some(b' ' | b'\t') => self.text.lines().next().map_or(start, |line| line.span().end),
            _ => start,
        }
    }

    pub(crate) fn node(&self, id: u32) -> Option<&Node<'a>> {
        self.nodes.get(id as usize)
    }
}

struct Builder<'a> {
    tree: Tree<'a>,
    open: Vec<u32>,
    /// Components opened beyond the depth limit.
    over: usize,
    counts: BTreeMap<(u32, String), u32>,
}

impl<'a> Builder<'a> {
    fn new(text: Text<'a>) -> Self {
        let root = Node {
            name: Cow::Borrowed(""),
            nth: 0,
            parent: None,
            first_child: None,
            last_child: None,
            next: None,
            start: 0,
            body_start: 0,
            body_end: 0,
            after: 0,
            marks: 0,
        };
        // Most texts are small; room for their lines is made at once.
        let lines = Vec::with_capacity((text.bytes().len() / 24).min(48));
        let tree = Tree { text, lines, nodes: vec![root], problems: Vec::new() };
        Builder { tree, open: vec![0], over: 0, counts: BTreeMap::new() }
    }

    fn problem(&mut self, line: u32, reason: Reason) {
        if self.tree.problems.len() < MAX_PROBLEMS {
            self.tree.problems.push(Problem { line, reason });
        }
    }

    fn line(&mut self, line: Line<'a>) {
        let number = line.number();
        if let Some(flaw) = line.flaw() {
            self.problem(number, Reason::Flaw(flaw));
        }
        let begins = line.is("BEGIN");
        let ends = line.is("END");
        let name = if begins || ends { component_name(&line) } else { Cow::Borrowed("") };
        let mark = line.mark();
        if let Some(node) = self.open.last().and_then(|id| self.tree.nodes.get_mut(*id as usize)) {
            node.marks |= mark;
        }
        self.tree.lines.push(line);
        if begins && self.open.len() > MAX_DEPTH {
            self.over += 1;
            self.problem(number, Reason::TooDeep);
        } else if begins {
            self.open_component(name);
        } else if ends && self.over > 0 {
            self.over -= 1;
        } else if ends {
            self.close_component(&name, number);
        }
    }

    fn open_component(&mut self, name: Cow<'a, str>) {
        let id = index(self.tree.nodes.len());
        let start = index(self.tree.lines.len().saturating_sub(1));
        let parent = self.open.last().copied().unwrap_or(0);
        let count = self.counts.entry((parent, name.to_ascii_uppercase())).or_default();
        let nth = *count;
        *count += 1;
        let mut elder = None;
        if let Some(node) = self.tree.nodes.get_mut(parent as usize) {
            node.first_child.get_or_insert(id);
            elder = node.last_child.replace(id);
        }
        if let Some(node) = elder.and_then(|elder| self.tree.nodes.get_mut(elder as usize)) {
            node.next = Some(id);
        }
        self.tree.nodes.push(Node {
            name,
            nth,
            parent: Some(parent),
            first_child: None,
            last_child: None,
            next: None,
            start,
            body_start: start + 1,
            body_end: start + 1,
            after: start + 1,
            marks: 0,
        });
        self.open.push(id);
    }

    /// Closes the innermost open component of this name, and what is open inside it.
    fn close_component(&mut self, name: &str, number: u32) {
        let named =
            |id: &u32| *id > 0 && self.tree.node(*id).is_some_and(|n| n.name.eq_ignore_ascii_case(name));
        let Some(at) = self.open.iter().rposition(named) else {
            return self.problem(number, Reason::StrayEnd);
        };
        let end = index(self.tree.lines.len().saturating_sub(1));
        self.close_unclosed(at + 1, end);
        self.close(end, end + 1);
    }

    /// Closes all but the outermost `keep` open components before line index `end`.
    fn close_unclosed(&mut self, keep: usize, end: u32) {
        while self.open.len() > keep {
            let begin = self.open.last().and_then(|id| self.tree.node(*id)).map_or(0, |node| node.start);
            let number = self.tree.lines.get(begin as usize).map_or(0, Line::number);
            self.problem(number, Reason::Unclosed);
            self.close(end, end);
        }
    }

    fn close(&mut self, body_end: u32, after: u32) {
        if let Some(node) = self.open.pop().and_then(|id| self.tree.nodes.get_mut(id as usize)) {
            node.body_end = body_end;
            node.after = after;
        }
    }

    fn finish(mut self) -> Tree<'a> {
        let end = index(self.tree.lines.len());
        self.close_unclosed(1, end);
        self.close(end, end);
        self.tree
    }
}

/// Line and node counts are bounded by [`MAX_LINES`].
fn index(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn component_name<'a>(line: &Line<'a>) -> Cow<'a, str> {
    match line.value_str() {
        Cow::Borrowed(name) => Cow::Borrowed(name.trim_ascii()),
        Cow::Owned(name) => Cow::Owned(name.trim_ascii().to_owned()),
    }
}
