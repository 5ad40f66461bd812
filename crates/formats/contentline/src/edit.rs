//! Edits: small changes to a text that leave every other line byte-identical.

use crate::component::{Component, Path};
use crate::line::{BOM, Line};
use crate::tree::Tree;
use crate::write::{Property, push_param, write_line};
use std::collections::BTreeMap;
use std::fmt;

/// Which of the properties of one name in a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nth {
    /// That one, counted from 0.
    One(usize),
    /// All of them.
    All,
}

/// One change. Addresses mean the text before any edit of the same [`apply`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Writes `property` in place of the `nth` (from 0) `name` of the component; adds it if there are fewer.
    Set {
        /// The component.
        at: Path,
        /// Property name, case ignored.
        name: String,
        /// Which of that name, from 0.
        nth: usize,
        /// What stands there afterwards.
        property: Property,
    },
    /// Adds a property behind those of the component.
    Add {
        /// The component.
        at: Path,
        /// The new property.
        property: Property,
    },
    /// Removes properties; none there is no error.
    Remove {
        /// The component.
        at: Path,
        /// Property name, case ignored.
        name: String,
        /// Which of that name.
        nth: Nth,
    },
    /// Gives a parameter these values in place of what it has; adds it if it is not there.
    SetParam {
        /// The component.
        at: Path,
        /// Property name, case ignored.
        name: String,
        /// Which of that name.
        nth: Nth,
        /// Parameter name, case ignored.
        param: String,
        /// Its values; quotes and `^` escapes are added.
        values: Vec<String>,
    },
    /// Removes every parameter of this name; none there is no error.
    RemoveParam {
        /// The component.
        at: Path,
        /// Property name, case ignored.
        name: String,
        /// Which of that name.
        nth: Nth,
        /// Parameter name, case ignored.
        param: String,
    },
    /// Adds a component (its whole text, `BEGIN` to `END`) inside another, behind those of its own name.
    AddComponent {
        /// The component around it; [`Path::root`] for the text itself.
        at: Path,
        /// The lines; their line ends are changed to those of the text.
        text: Vec<u8>,
    },
    /// Removes a component with all that is in it.
    RemoveComponent {
        /// The component.
        at: Path,
    },
}

/// Why edits could not be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditErrorKind {
    /// No component at the address.
    NoComponent,
    /// No such property for a parameter to be changed.
    NoProperty,
    /// The text to add is not one whole component.
    NotAComponent,
    /// The root cannot be removed.
    Root,
}

/// An edit that could not be applied; the text is as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EditError {
    /// What is wrong.
    pub kind: EditErrorKind,
    /// Which of the edits, from 0.
    pub edit: usize,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.kind {
            EditErrorKind::NoComponent => "no component at its address",
            EditErrorKind::NoProperty => "no property at its address",
            EditErrorKind::NotAComponent => "what it adds is not one component",
            EditErrorKind::Root => "the whole text cannot be removed",
        };
        write!(f, "cannot apply edit {}: {why}", self.edit)
    }
}

impl std::error::Error for EditError {}

/// Applies the edits, all or none. Of two edits to one property the later one sees what the earlier one wrote; what is
/// inside a removed component goes with it.
pub fn apply(bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EditError> {
    Tree::parse(bytes).apply(edits)
}

impl<'a> Tree<'a> {
    /// [`apply`] on a text that is already parsed.
    pub fn apply(&self, edits: &[Edit]) -> Result<Vec<u8>, EditError> {
        let mut patch = Patch { tree: self, pieces: BTreeMap::new(), inserts: BTreeMap::new() };
        for (nth, edit) in edits.iter().enumerate() {
            patch.edit(edit).map_err(|kind| EditError { kind, edit: nth })?;
        }
        Ok(patch.write())
    }
}

/// What stands in place of a span of the original.
struct Piece {
    end: usize,
    bytes: Vec<u8>,
}

struct Patch<'t, 'a> {
    tree: &'t Tree<'a>,
    /// By start offset.
    pieces: BTreeMap<usize, Piece>,
    /// Whole new lines, by offset.
    inserts: BTreeMap<usize, Vec<u8>>,
}

impl<'t, 'a> Patch<'t, 'a> {
    fn edit(&mut self, edit: &Edit) -> Result<(), EditErrorKind> {
        match edit {
            Edit::Set { at, name, nth, property } => {
                let component = self.component(at)?;
                match component.properties_named(name).nth(*nth) {
                    Some(line) => {
                        let mut bytes = Vec::new();
                        property.write(self.tree.ending(), &mut bytes);
                        self.replace(line, bytes);
                    }
                    None => self.add(component, property),
                }
            }
            Edit::Add { at, property } => self.add(self.component(at)?, property),
            Edit::Remove { at, name, nth } => {
                let lines = select(self.component(at)?, name, *nth);
                lines.for_each(|line| self.replace(line, Vec::new()));
            }
            Edit::SetParam { at, name, nth, param, values } => {
                self.change_params(self.component(at)?, name, *nth, |head| {
                    set_param(head, param, Some(values))
                })?;
            }
            Edit::RemoveParam { at, name, nth, param } => {
                self.change_params(self.component(at)?, name, *nth, |head| set_param(head, param, None))?;
            }
            Edit::AddComponent { at, text } => self.add_component(self.component(at)?, text)?,
            Edit::RemoveComponent { at } => {
                if at.0.is_empty() {
                    return Err(EditErrorKind::Root);
                }
                let span = self.component(at)?.span();
                self.pieces.insert(
                    span.start.max(self.tree.content_start()),
                    Piece { end: span.end, bytes: Vec::new() },
                );
            }
        }
        Ok(())
    }

    fn component(&self, at: &Path) -> Result<Component<'t, 'a>, EditErrorKind> {
        self.tree.find(at).ok_or(EditErrorKind::NoComponent)
    }

    fn add(&mut self, component: Component<'t, 'a>, property: &Property) {
        let lines = self.inserts.entry(component.insert_property_at()).or_default();
        property.write(self.tree.ending(), lines);
    }

    fn add_component(&mut self, parent: Component<'t, 'a>, text: &[u8]) -> Result<(), EditErrorKind> {
        let tree = Tree::parse(text);
        let mut children = tree.root().children();
        let (Some(child), None) = (children.next(), children.next()) else {
            return Err(EditErrorKind::NotAComponent);
        };
        if !tree.problems().is_empty() || tree.root().properties().next().is_some() {
            return Err(EditErrorKind::NotAComponent);
        }
        let lines = self.inserts.entry(parent.insert_component_at(child.name())).or_default();
        let same_ending = tree.ending() == self.tree.ending();
        child.lines().iter().for_each(|line| relay(line, same_ending, self.tree, lines));
        Ok(())
    }

    /// Puts `bytes` (a whole line or nothing) in place of the line; a last line without a line end stays so.
    fn replace(&mut self, line: &Line<'a>, mut bytes: Vec<u8>) {
        let span = line.content_span();
        if line.ending().is_empty() && !bytes.is_empty() {
            bytes.truncate(bytes.len().saturating_sub(self.tree.ending().bytes().len()));
        }
        self.pieces.insert(span.start, Piece { end: span.end, bytes });
    }

    fn change_params(
        &mut self,
        component: Component<'t, 'a>,
        name: &str,
        nth: Nth,
        change: impl Fn(&Line<'_>) -> Vec<u8>,
    ) -> Result<(), EditErrorKind> {
        let mut found = false;
        for line in select(component, name, nth) {
            found = true;
            let written = self.pieces.get(&line.content_span().start).map(|piece| piece.bytes.clone());
            let bytes = match &written {
                Some(bytes) if bytes.is_empty() => continue,
                Some(bytes) => {
                    crate::Text::parse(bytes).lines().next().map(|line| self.with_head(&line, change(&line)))
                }
                None => Some(self.with_head(line, change(line))),
            };
            self.replace(line, bytes.unwrap_or_default());
        }
        if found { Ok(()) } else { Err(EditErrorKind::NoProperty) }
    }

    /// The line with another head. A value with soft breaks keeps its own; any other is folded afresh.
    fn with_head(&self, line: &Line<'_>, head: Vec<u8>) -> Vec<u8> {
        let mut out = Vec::with_capacity(line.raw().len() + 32);
        if line.has_soft_breaks() {
            out.extend_from_slice(&head);
            out.push(b':');
            out.extend_from_slice(line.raw_value());
            out.extend_from_slice(self.tree.ending().bytes());
        } else {
            write_line(&head, &line.value(), self.tree.ending(), &mut out);
        }
        out
    }

    fn write(self) -> Vec<u8> {
        let source = self.tree.bytes();
        let grown: usize = self.inserts.values().map(Vec::len).sum();
        let mut out = Vec::with_capacity(source.len() + grown + 64);
        let mut at = 0;
        let mut inserts = self.inserts.into_iter().peekable();
        let mut pieces = self.pieces.into_iter().peekable();
        loop {
            let insert = inserts.peek().map_or(usize::MAX, |(offset, _)| *offset);
            let piece = pieces.peek().map_or(usize::MAX, |(offset, _)| *offset);
            let next = insert.min(piece).min(source.len());
            out.extend_from_slice(source.get(at..next).unwrap_or_default());
            at = at.max(next);
            if insert <= piece {
                let Some((offset, lines)) = inserts.next() else { break };
                // An insert strictly inside a removed span goes with the span.
                if offset >= at {
                    end_line(&mut out, self.tree, offset);
                    out.extend_from_slice(&lines);
                }
            } else if let Some((start, piece)) = pieces.next()
                && start >= at
            {
                end_line(&mut out, self.tree, start);
                out.extend_from_slice(&piece.bytes);
                at = piece.end;
            }
        }
        out.extend_from_slice(source.get(at..).unwrap_or_default());
        out
    }
}

/// Ends the line before `offset` for good, so that another can follow: gives it the line end it lacks, and an empty
/// continuation if a soft break at its end would swallow what follows.
fn end_line(out: &mut Vec<u8>, tree: &Tree<'_>, offset: usize) {
    let ending = tree.ending().bytes();
    if !out.is_empty() && out.last() != ending.last() && out != BOM {
        out.extend_from_slice(ending);
    }
    let before = tree.lines().partition_point(|line| line.span().end < offset);
    if tree.lines().get(before).is_some_and(|line| line.span().end == offset && line.dangles()) {
        out.extend_from_slice(ending);
    }
}

fn select<'t, 'a, 'n>(
    component: Component<'t, 'a>,
    name: &'n str,
    nth: Nth,
) -> impl Iterator<Item = &'t Line<'a>> + use<'t, 'a, 'n> {
    let (skip, take) = match nth {
        Nth::One(nth) => (nth, 1),
        Nth::All => (0, usize::MAX),
    };
    component.properties_named(name).skip(skip).take(take)
}

/// The head of the line with the parameter set (first place kept, others of the name dropped) or removed.
fn set_param(line: &Line<'_>, name: &str, values: Option<&Vec<String>>) -> Vec<u8> {
    let head = line.head();
    let params_len: usize = line.params().map(|param| param.written_len()).sum();
    let mut out = head.get(..head.len().saturating_sub(params_len)).unwrap_or_default().to_vec();
    let mut pending = values;
    for param in line.params() {
        if !param.is(name) || param.is_bare() {
            param.write(&mut out);
        } else if let Some(values) = pending.take() {
            push_param(name, values.iter().map(String::as_str), &mut out);
        }
    }
    if let Some(values) = pending {
        push_param(name, values.iter().map(String::as_str), &mut out);
    }
    out
}

/// Copies a line of another text into this one: as it is if the line ends agree, folded afresh if not.
fn relay(line: &Line<'_>, same_ending: bool, into: &Tree<'_>, out: &mut Vec<u8>) {
    if same_ending && line.ending() == into.ending().bytes() {
        out.extend_from_slice(line.raw());
        return;
    }
    // A bare CR is data in a text with LFs, but would end the line in a text without.
    let mut value = line.value().into_owned();
    value.retain(|b| !matches!(b, b'\r' | b'\n'));
    write_line(line.head(), &value, into.ending(), out);
}
