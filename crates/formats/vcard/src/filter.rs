//! Which cards a client asks for (RFC 6352 10.5), and a cheap first sieve on folded text.
//!
//! [`Filter::holds`] decides on the card itself. [`Sieve`] decides on the text that [`folded_text`] made of the card
//! when it was stored: what it lets through may still not hold, what it stops never would.

use kontor_contentline::collation::fold;
use kontor_contentline::filter::{ParamFilter, TextMatch};
use kontor_contentline::{Line, Text};
use memchr::memmem::Finder;

/// Whether one of several conditions is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// `anyof`
    Any,
    /// `allof`
    All,
}

impl Combine {
    fn of(self, mut conditions: impl Iterator<Item = bool>) -> bool {
        match self {
            Self::Any => conditions.any(|holds| holds),
            Self::All => conditions.all(|holds| holds),
        }
    }
}

/// A whole filter. Without any property in it, it holds for every card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// How the properties combine.
    pub combine: Combine,
    /// The conditions.
    pub props: Vec<PropFilter>,
}

/// A condition on a property (RFC 6352 10.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropFilter {
    /// Group that the property must have, any letter case; `None` for any or no group.
    pub group: Option<String>,
    /// Name, any letter case.
    pub name: String,
    /// What is asked of it.
    pub test: PropTest,
}

/// What is asked of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropTest {
    /// It is not there.
    Absent,
    /// It is there.
    Present,
    /// There is one of which this holds.
    Such {
        /// How the conditions combine.
        combine: Combine,
        /// Conditions on its text.
        texts: Vec<TextMatch>,
        /// Conditions on its parameters.
        params: Vec<ParamFilter>,
    },
}

impl Filter {
    /// Whether `card` (the bytes as stored) is one that was asked for.
    pub fn holds(&self, card: &[u8]) -> bool {
        if self.props.is_empty() {
            return true;
        }
        let lines: Vec<Line<'_>> = Text::parse(card).lines().filter(|line| !line.is_broken()).collect();
        self.combine.of(self.props.iter().map(|prop| prop.holds(&lines)))
    }

    /// The sieve for folded text.
    pub fn sieve(&self) -> Sieve {
        Sieve { combine: self.combine, props: self.props.iter().map(PropFilter::sieve).collect() }
    }
}

impl PropFilter {
    fn is(&self, line: &Line<'_>) -> bool {
        let group = match &self.group {
            None => true,
            Some(group) => line.group().is_some_and(|have| have.eq_ignore_ascii_case(group)),
        };
        group && line.is(&self.name)
    }

    fn holds(&self, lines: &[Line<'_>]) -> bool {
        let mut named = lines.iter().filter(|line| self.is(line));
        match &self.test {
            PropTest::Absent => named.next().is_none(),
            PropTest::Present => named.next().is_some(),
            PropTest::Such { texts, params, .. } if texts.is_empty() && params.is_empty() => {
                named.next().is_some()
            }
            PropTest::Such { combine, texts, params } => named.any(|line| {
                let text = line.text();
                let texts = texts.iter().map(|one| one.holds(&text));
                combine.of(texts.chain(params.iter().map(|one| one.holds(line))))
            }),
        }
    }

    /// `None` if folded text says nothing about it.
    fn sieve(&self) -> Option<(Combine, Vec<Finder<'static>>)> {
        let PropTest::Such { combine, texts, params } = &self.test else {
            return None;
        };
        if !is_searched(&self.name) {
            return None;
        }
        let needles = texts.iter().filter(|text| !text.negate).map(|text| text.matcher.folded_needle());
        let needles: Vec<_> = needles.map(|needle| Finder::new(&needle).into_owned()).collect();
        let says_nothing = match combine {
            Combine::Any => !params.is_empty() || texts.iter().any(|text| text.negate),
            Combine::All => needles.is_empty(),
        };
        (!says_nothing).then_some((*combine, needles))
    }
}

/// A necessary condition on folded text.
pub struct Sieve {
    combine: Combine,
    props: Vec<Option<(Combine, Vec<Finder<'static>>)>>,
}

impl Sieve {
    /// Whether the card of this folded text may be one that was asked for.
    pub fn passes(&self, folded: &[u8]) -> bool {
        if self.props.is_empty() {
            return true;
        }
        self.combine.of(self.props.iter().map(|prop| match prop {
            None => true,
            Some((_, needles)) if needles.is_empty() => true,
            Some((combine, needles)) => {
                combine.of(needles.iter().map(|needle| needle.find(folded).is_some()))
            }
        }))
    }
}

/// Properties that hold pictures, sounds and keys: nobody searches them by text, and they would be most of the text.
fn is_searched(name: &str) -> bool {
    !["PHOTO", "LOGO", "SOUND", "KEY"].iter().any(|skipped| name.eq_ignore_ascii_case(skipped))
}

/// The text of a card to look in, folded, a control character between properties.
pub fn folded_text(card: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(card.len());
    for line in Text::parse(card).lines() {
        let skipped = line.is_broken() || !is_searched(line.name());
        if skipped || ["BEGIN", "END", "VERSION"].iter().any(|name| line.is(name)) {
            continue;
        }
        out.extend_from_slice(fold(&line.text()).as_bytes());
        out.push(1);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_contentline::collation::{Collation, Matcher, Position};
    use kontor_contentline::filter::ParamTest;

    const CARD: &[u8] = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:Anna Bj\xc3\xb6rk\r\nitem1.EMAIL;TYPE=home:anna@example.com\r\nEMAIL;TYPE=work:a.bjork@office.example\r\nORG:Berg\\, Sons;Sales\r\nPHOTO;ENCODING=b:AAAA\r\nEND:VCARD\r\n";

    fn text(needle: &str, negate: bool) -> TextMatch {
        TextMatch { matcher: Matcher::new(Collation::UnicodeCasemap, Position::Contains, needle), negate }
    }

    fn such(texts: Vec<TextMatch>, params: Vec<ParamFilter>, combine: Combine) -> PropTest {
        PropTest::Such { combine, texts, params }
    }

    fn check(name: &str, test: PropTest, expect: bool) {
        let filter = Filter {
            combine: Combine::Any,
            props: vec![PropFilter { group: None, name: name.to_owned(), test }],
        };
        assert_eq!(filter.holds(CARD), expect, "{filter:?}");
        let passes = filter.sieve().passes(&folded_text(CARD));
        assert!(passes || !expect, "the sieve stops what holds: {filter:?}");
    }

    #[test]
    fn properties_are_asked() {
        let work = ParamFilter { name: "TYPE".to_owned(), test: ParamTest::Text(text("work", false)) };
        check("fn", such(vec![text("BJÖRK", false)], vec![], Combine::Any), true);
        check("FN", such(vec![text("nobody", false)], vec![], Combine::Any), false);
        check("FN", such(vec![text("nobody", true)], vec![], Combine::Any), true);
        check("NICKNAME", PropTest::Absent, true);
        check("NICKNAME", PropTest::Present, false);
        check("NICKNAME", such(vec![text("x", true)], vec![], Combine::Any), false);
        check("ORG", such(vec![text("berg, sons", false)], vec![], Combine::Any), true);
        check("EMAIL", such(vec![text("office", false)], vec![work.clone()], Combine::All), true);
        check("EMAIL", such(vec![text("anna@", false)], vec![work.clone()], Combine::All), false);
        check("EMAIL", such(vec![text("nothing", false)], vec![work], Combine::Any), true);
        check("PHOTO", such(vec![text("AAAA", false)], vec![], Combine::Any), true);
    }

    #[test]
    fn groups_and_combinations() {
        let prop = |group: Option<&str>, name: &str, needle: &str| PropFilter {
            group: group.map(str::to_owned),
            name: name.to_owned(),
            test: such(vec![text(needle, false)], vec![], Combine::Any),
        };
        let holds = |combine, props: Vec<PropFilter>| {
            let filter = Filter { combine, props };
            let holds = filter.holds(CARD);
            assert!(filter.sieve().passes(&folded_text(CARD)) || !holds);
            holds
        };
        assert!(holds(Combine::Any, vec![]));
        assert!(holds(Combine::All, vec![prop(Some("ITEM1"), "EMAIL", "anna"), prop(None, "FN", "anna")]));
        assert!(!holds(Combine::All, vec![prop(Some("item2"), "EMAIL", "anna"), prop(None, "FN", "anna")]));
        assert!(holds(Combine::Any, vec![prop(Some("item2"), "EMAIL", "anna"), prop(None, "FN", "anna")]));
    }

    #[test]
    fn the_sieve_stops_most() {
        let filter = Filter {
            combine: Combine::All,
            props: vec![PropFilter {
                group: None,
                name: "FN".to_owned(),
                test: such(vec![text("zzz", false)], vec![], Combine::Any),
            }],
        };
        assert!(!filter.sieve().passes(&folded_text(CARD)));
    }
}
