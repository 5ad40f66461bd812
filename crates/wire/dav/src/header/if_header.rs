//! The If header (RFC 4918 10.4): conditions on state tokens and entity tags.

use std::fmt;

use super::lock::is_uri;
use super::{EntityTag, malformed};
use crate::error::Result;

/// The whole header: it holds when one of its lists does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfHeader {
    /// Lists in order, none of them empty.
    pub lists: Vec<IfList>,
}

/// One list: it holds when all its conditions do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfList {
    /// The resource it speaks of, as written; `None` means that of the request.
    pub resource: Option<String>,
    /// Conditions, at least one.
    pub conditions: Vec<Condition>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Whether `Not` stands before it.
    pub negated: bool,
    /// What is asked.
    pub test: Test,
}

/// What a condition asks of its resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// That this state token (a lock, or a sync token) is current.
    Token(String),
    /// That the resource has this entity tag.
    Tag(EntityTag),
}

impl IfHeader {
    /// Most conditions in one header.
    pub const MOST: usize = 1000;

    /// Reads the header value. Lists are all tagged or all untagged.
    pub fn parse(value: &str) -> Result<Self> {
        let mut rest = value.trim_ascii();
        let tagged = rest.starts_with('<');
        let mut resource = None;
        let mut fresh = false;
        let mut lists = Vec::new();
        let mut count = 0;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('<') {
                if !tagged || fresh {
                    return Err(malformed("if header has a resource where a list should be"));
                }
                let (uri, after) =
                    after.split_once('>').ok_or_else(|| malformed("if header has < without >"))?;
                resource = Some(uri.to_owned());
                fresh = true;
                rest = after.trim_ascii_start();
                continue;
            }
            let (conditions, after) = parse_list(rest)?;
            count += conditions.len();
            if count > IfHeader::MOST {
                return Err(malformed("if header has too many conditions"));
            }
            lists.push(IfList { resource: resource.clone(), conditions });
            fresh = false;
            rest = after;
        }
        if lists.is_empty() || fresh {
            Err(malformed("if header has no list"))
        } else {
            Ok(IfHeader { lists })
        }
    }

    /// Whether the header holds. `holds` answers one test about a resource (`None`: that of the request).
    pub fn evaluate(&self, mut holds: impl FnMut(Option<&str>, &Test) -> bool) -> bool {
        self.lists
            .iter()
            .any(|list| list.conditions.iter().all(|c| holds(list.resource.as_deref(), &c.test) != c.negated))
    }

    /// Every token that was submitted, in whatever condition (RFC 4918 6.4, 10.4.1).
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.lists.iter().flat_map(|list| &list.conditions).filter_map(|condition| match &condition.test {
            Test::Token(token) => Some(token.as_str()),
            Test::Tag(_) => None,
        })
    }
}

/// `( conditions )` and what follows it.
fn parse_list(text: &str) -> Result<(Vec<Condition>, &str)> {
    let mut rest =
        text.strip_prefix('(').ok_or_else(|| malformed("if header has no ( where a list should be"))?;
    let mut conditions = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(')') {
            let empty = conditions.is_empty();
            return if empty {
                Err(malformed("if header has an empty list"))
            } else {
                Ok((conditions, after.trim_ascii_start()))
            };
        }
        let negated = rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("not"));
        if negated {
            rest = rest.get(3..).unwrap_or_default().trim_ascii_start();
        }
        let (test, after) = parse_test(rest)?;
        conditions.push(Condition { negated, test });
        rest = after;
        if conditions.len() > IfHeader::MOST {
            return Err(malformed("if header has too many conditions"));
        }
    }
}

/// `<token>` or `[tag]` and what follows it.
fn parse_test(text: &str) -> Result<(Test, &str)> {
    if let Some(after) = text.strip_prefix('<') {
        let (uri, after) = after.split_once('>').ok_or_else(|| malformed("if header has < without >"))?;
        if !is_uri(uri) {
            return Err(malformed("if header has a state token that is no URI"));
        }
        return Ok((Test::Token(uri.to_owned()), after));
    }
    let inside =
        text.strip_prefix('[').ok_or_else(|| malformed("if header has neither token nor entity tag"))?;
    let mut quoted = false;
    let end = inside.find(|c| {
        quoted ^= c == '"';
        c == ']' && !quoted
    });
    let (tag, after) = end
        .and_then(|end| inside.split_at_checked(end))
        .ok_or_else(|| malformed("if header has [ without ]"))?;
    Ok((Test::Tag(EntityTag::parse(tag)?), after.get(1..).unwrap_or_default()))
}

impl fmt::Display for IfHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = None;
        for list in &self.lists {
            if let Some(resource) = list.resource.as_deref().filter(|resource| last != Some(*resource)) {
                write!(f, "<{resource}> ")?;
                last = Some(resource);
            }
            f.write_str("(")?;
            for (n, condition) in list.conditions.iter().enumerate() {
                f.write_str(if n > 0 { " " } else { "" })?;
                f.write_str(if condition.negated { "Not " } else { "" })?;
                match &condition.test {
                    Test::Token(token) => write!(f, "<{token}>")?,
                    Test::Tag(tag) => write!(f, "[{tag}]")?,
                }
            }
            f.write_str(") ")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> IfHeader {
        let header = IfHeader::parse(value).unwrap();
        assert_eq!(IfHeader::parse(&header.to_string()).as_ref(), Ok(&header));
        header
    }

    fn holds(value: &str, true_here: &[&str]) -> bool {
        read(value).evaluate(|resource, test| {
            let subject = match test {
                Test::Token(token) => token.clone(),
                Test::Tag(tag) => tag.to_string(),
            };
            true_here.contains(&format!("{}{subject}", resource.unwrap_or_default()).as_str())
        })
    }

    #[test]
    fn lists_are_or_and_conditions_are_and() {
        assert!(holds("(<urn:a> [\"e\"]) (<urn:b>)", &["urn:b"]));
        assert!(!holds("(<urn:a> [\"e\"])", &["urn:a"]));
        assert!(holds("(<urn:a> [\"e]\"])", &["urn:a", "\"e]\""]));
        assert!(holds("(Not <urn:a>)", &[]) && !holds("(not<urn:a>)", &["urn:a"]));
        assert!(holds("</x>(<urn:a>)(<urn:b>) <http://h/y> ([W/\"e\"])", &["http://h/yW/\"e\""]));
        assert!(!holds("</x> (<urn:a>) </y> (<urn:b>)", &["/xurn:b", "/yurn:a"]));
        assert_eq!(
            read("(<urn:a> Not <DAV:no-lock>)").tokens().collect::<Vec<_>>(),
            ["urn:a", "DAV:no-lock"]
        );
    }

    /// The examples of RFC 4918 10.4.6 to 10.4.10.
    #[test]
    fn examples_of_the_specification() {
        let lock = "urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2";
        let two = format!("(<{lock}>\r\n [\"I am an ETag\"])\r\n ([\"I am another ETag\"])");
        assert!(holds(&two, &["\"I am another ETag\""]));
        assert!(holds(&two, &[lock, "\"I am an ETag\""]) && !holds(&two, &[lock]));
        let either = format!("(Not <{lock}> <urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092>)");
        assert!(holds(&either, &["urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092"]));
        assert!(!holds(&either, &[lock, "urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092"]));
        assert!(holds(&format!("(<{lock}>) (Not <DAV:no-lock>)"), &[]));
        let copy = format!("</resource1> (<{lock}> [W/\"A weak ETag\"]) ([\"strong ETag\"])");
        assert!(holds(&copy, &["/resource1\"strong ETag\""]));
        assert!(!holds("<http://www.example.com/specs/> ([\"4217\"])", &["\"4217\""]));
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for bad in [
            "",
            "()",
            "( )",
            "(",
            "(<urn:a>",
            "<x>",
            "<x> <y> (<urn:a>)",
            "(<urn:a>) <x> (<urn:b>)",
            "(<urn:a>) x",
            "(urn:a)",
            "(<a>)",
            "([\"e\")",
            "(Not)",
            "(Not Not <urn:a>)",
            "<x> (<urn:a>) <y>",
            "<x",
            "([])",
        ] {
            assert!(IfHeader::parse(bad).is_err(), "{bad}");
        }
        assert!(IfHeader::parse(&"(<urn:a>)".repeat(1001)).is_err());
    }
}
