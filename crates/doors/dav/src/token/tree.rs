//! Sync tokens of whole trees: a tide ([`Tree`](kontor_groupware::Tree)), and how far the telling came.

use super::{canonical, hex, unhexed};
use kontor_model::{CollectionId, ItemName, Version};
use std::fmt::Write;

/// What such a token starts with: another word than that of a single collection, for neither says what the other needs.
const TREE_PREFIX: &str = "urn:kontor:tree:";

/// A token of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TreeToken {
    /// The folder at the top.
    pub(crate) top: CollectionId,
    /// Who it was given to, as far as that matters.
    pub(crate) eyes: u32,
    /// The client knows the tree as it was at this tide, or is being told of it.
    pub(crate) tide: i64,
    /// How far it was told; `None` if to the end.
    pub(crate) told: Option<TreePosition>,
}

/// How far a tree was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TreePosition {
    /// The tide that the client knew before; `None` if it knew nothing.
    pub(crate) since: Option<i64>,
    /// How deep the folder lies whose turn it is.
    pub(crate) depth: usize,
    /// That folder.
    pub(crate) folder: CollectionId,
    /// How far that one was told.
    pub(crate) at: TreeStep,
}

/// How far one folder was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TreeStep {
    /// Not begun.
    Begin,
    /// Folders that went, up to this one.
    Gone(String),
    /// Changes up to this number.
    Since(Version),
    /// Members up to this name.
    After(Option<ItemName>),
}

impl TreeToken {
    /// The text: a URI.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{TREE_PREFIX}{:x}:{:x}:{}", self.top.0, self.eyes, self.tide);
        let Some(told) = &self.told else { return text };
        let since = told.since.map_or_else(|| "-".to_owned(), |since| since.to_string());
        // Writing to a string does not fail.
        let _ = write!(text, ":{since}:{}:{:x}:", told.depth, told.folder.0);
        let (word, name) = match &told.at {
            TreeStep::Begin => ('b', ""),
            TreeStep::Since(version) => {
                let _ = write!(text, "s{}", version.0);
                return text;
            }
            TreeStep::Gone(name) => ('g', name.as_str()),
            TreeStep::After(name) => ('n', name.as_ref().map_or("", ItemName::as_str)),
        };
        text.push(word);
        for byte in name.bytes() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// What a token says, if it was given out for the tree below this very folder.
    pub(crate) fn parse(top: CollectionId, text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix(TREE_PREFIX)?.split(':');
        (hex(parts.next()?)? == top.0).then_some(())?;
        let eyes = u32::try_from(hex(parts.next()?)?).ok()?;
        let tide = canonical(parts.next()?, 10)?;
        let Some(since) = parts.next() else { return Some(Self { top, eyes, tide, told: None }) };
        let since = if since == "-" { None } else { Some(canonical(since, 10)?) };
        let depth = usize::try_from(canonical(parts.next()?, 10)?).ok()?;
        let folder = CollectionId(hex(parts.next()?)?);
        let at = TreeStep::parse(parts.next()?)?;
        parts.next().is_none().then_some(())?;
        Some(Self { top, eyes, tide, told: Some(TreePosition { since, depth, folder, at }) })
    }
}

impl TreeStep {
    fn parse(text: &str) -> Option<Self> {
        let (word, rest) = text.split_at_checked(1)?;
        match word {
            "b" if rest.is_empty() => Some(Self::Begin),
            "g" => unhexed(rest).map(Self::Gone),
            "s" => canonical(rest, 10).map(|number| Self::Since(Version(number))),
            "n" if rest.is_empty() => Some(Self::After(None)),
            "n" => Some(Self::After(Some(ItemName::new(&unhexed(rest)?).ok()?))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOP: CollectionId = CollectionId(0xab);

    #[test]
    fn tokens_are_read_as_they_were_written() {
        let name = || ItemName::new("ä b/").or_else(|_| ItemName::new("ä b")).unwrap();
        let steps = [
            TreeStep::Begin,
            TreeStep::Gone(String::new()),
            TreeStep::Gone("a b/".to_owned()),
            TreeStep::Since(Version(7)),
            TreeStep::After(None),
            TreeStep::After(Some(name())),
        ];
        let told = steps.into_iter().flat_map(|at| {
            let of = |since| TreePosition { since, depth: 3, folder: CollectionId(i64::MAX), at: at.clone() };
            [Some(of(None)), Some(of(Some(12)))]
        });
        for told in told.chain([None]) {
            let token = TreeToken { top: TOP, eyes: u32::MAX, tide: 42, told };
            assert_eq!(TreeToken::parse(TOP, &token.text()), Some(token.clone()));
            assert_eq!(TreeToken::parse(CollectionId(1), &token.text()), None);
        }
    }

    #[test]
    fn foreign_tokens_are_refused() {
        for bad in [
            "",
            "urn:kontor:sync:ab:1",
            "urn:kontor:tree:ab:1",
            "urn:kontor:tree:ab:1:02",
            "urn:kontor:tree:AB:1:2",
            "urn:kontor:tree:ab:1:2:",
            "urn:kontor:tree:ab:1:2:-:0:ab",
            "urn:kontor:tree:ab:1:2:-:0:ab:",
            "urn:kontor:tree:ab:1:2:-:0:ab:b0",
            "urn:kontor:tree:ab:1:2:-:0:ab:x",
            "urn:kontor:tree:ab:1:2:-:0:ab:n2f",
            "urn:kontor:tree:ab:1:2:-:0:ab:ä",
            "urn:kontor:tree:ab:1:2:-:0:ab:s1:",
            "urn:kontor:tree:ab:100000000:2",
        ] {
            assert_eq!(TreeToken::parse(TOP, bad), None, "{bad}");
        }
    }
}
