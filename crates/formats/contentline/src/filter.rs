//! The part of a filter that iCalendar and vCard share: is a property or parameter there, and does its text match.
//!
//! A filter is a plain value: doors build it from what a client sent, `ical` and `vcard` ask it about their objects.

use crate::Line;
use crate::collation::Matcher;

/// A condition on one text (RFC 4791 9.7.5, RFC 6352 10.5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextMatch {
    /// What to look for, and how.
    pub matcher: Matcher,
    /// Whether it must *not* be found (`negate-condition="yes"`).
    pub negate: bool,
}

impl TextMatch {
    /// Whether the condition holds for `text`.
    pub fn holds(&self, text: &str) -> bool {
        self.matcher.matches(text) != self.negate
    }
}

/// A condition on the parameters of one property (RFC 4791 9.7.3, RFC 6352 10.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamFilter {
    /// Name of the parameter, any letter case.
    pub name: String,
    /// What is asked of it.
    pub test: ParamTest,
}

/// What is asked of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamTest {
    /// It is not there.
    Absent,
    /// It is there.
    Present,
    /// One of its values is such.
    Text(TextMatch),
}

impl ParamFilter {
    /// Whether the condition holds for `line`.
    pub fn holds(&self, line: &Line<'_>) -> bool {
        let mut named = line.params().filter(|param| param.is(&self.name));
        match &self.test {
            ParamTest::Absent => named.next().is_none(),
            ParamTest::Present => named.next().is_some(),
            ParamTest::Text(text) => {
                let mut any = false;
                for param in named {
                    for value in param.values() {
                        any = true;
                        if text.matcher.matches(&value) {
                            return !text.negate;
                        }
                    }
                }
                // A negated match asks for a parameter of which no value is such.
                any && text.negate
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;
    use crate::collation::{Collation, Position};

    fn check(line: &str, name: &str, test: ParamTest, expect: bool) {
        let text = Text::parse(line.as_bytes());
        let line = text.lines().next().unwrap();
        assert_eq!(ParamFilter { name: name.to_owned(), test }.holds(&line), expect);
    }

    fn text(needle: &str, negate: bool) -> ParamTest {
        let matcher = Matcher::new(Collation::AsciiCasemap, Position::Contains, needle);
        ParamTest::Text(TextMatch { matcher, negate })
    }

    #[test]
    fn parameters_are_asked() {
        let line = "ATTENDEE;PARTSTAT=NEEDS-ACTION;MEMBER=\"a\",\"b\":mailto:x@example.com\r\n";
        check(line, "partstat", ParamTest::Present, true);
        check(line, "ROLE", ParamTest::Absent, true);
        check(line, "PARTSTAT", text("needs", false), true);
        check(line, "PARTSTAT", text("accepted", false), false);
        check(line, "PARTSTAT", text("accepted", true), true);
        check(line, "MEMBER", text("b", false), true);
        check(line, "MEMBER", text("b", true), false);
        check(line, "ROLE", text("chair", true), false);
    }
}
