//! From the filters of the wire to those that the formats evaluate.

use kontor_contentline::collation::{Collation, Matcher, Position};
use kontor_contentline::filter::{ParamFilter, ParamTest, TextMatch};
use kontor_ical::filter as ical;
use kontor_ical::timeline::Range;
use kontor_vcard::filter as vcard;
use kontor_wire_dav::report as wire;

/// A filter on calendar objects.
pub(super) fn calendar(filter: &wire::CompFilter) -> ical::Filter {
    ical::Filter { calendar: comp(filter) }
}

/// A filter on cards.
pub(super) fn contacts(filter: &wire::AddressFilter) -> vcard::Filter {
    vcard::Filter { combine: combine(filter.test), props: filter.props.iter().map(card_prop).collect() }
}

/// How many conditions a filter has.
pub(super) fn conditions(filter: &wire::CompFilter) -> usize {
    let wire::CompRule::Matches { props, comps, .. } = &filter.rule else { return 1 };
    let of_prop = |prop: &wire::PropFilter| match &prop.rule {
        wire::PropRule::NotDefined => 1,
        wire::PropRule::Matches { params, .. } => 1 + params.len(),
    };
    1 + props.iter().map(of_prop).sum::<usize>() + comps.iter().map(conditions).sum::<usize>()
}

/// How many conditions a filter on cards has.
pub(super) fn card_conditions(filter: &wire::AddressFilter) -> usize {
    let of_prop = |prop: &wire::CardPropFilter| match &prop.rule {
        wire::CardPropRule::NotDefined => 1,
        wire::CardPropRule::Matches { texts, params, .. } => 1 + texts.len() + params.len(),
    };
    filter.props.iter().map(of_prop).sum()
}

/// A span of the wire; what is left out is open.
pub(super) fn range(range: &wire::TimeRange) -> Range {
    Range { start: range.start.map_or(i64::MIN, |at| at.0), end: range.end.map_or(i64::MAX, |at| at.0) }
}

fn comp(filter: &wire::CompFilter) -> ical::CompFilter {
    let test = match &filter.rule {
        wire::CompRule::NotDefined => ical::CompTest::Absent,
        wire::CompRule::Matches { time_range, props, comps } => ical::CompTest::Such {
            range: time_range.as_ref().map(range),
            props: props.iter().map(prop).collect(),
            comps: comps.iter().map(comp).collect(),
        },
    };
    ical::CompFilter { name: filter.name.clone(), test }
}

fn prop(filter: &wire::PropFilter) -> ical::PropFilter {
    let test = match &filter.rule {
        wire::PropRule::NotDefined => ical::PropTest::Absent,
        wire::PropRule::Matches { time_range, text, params } => ical::PropTest::Such {
            range: time_range.as_ref().map(range),
            text: text.as_ref().map(text_match),
            params: params.iter().map(param).collect(),
        },
    };
    ical::PropFilter { name: filter.name.clone(), test }
}

/// RFC 6352 10.5.1: a name may carry its group, as in `item1.EMAIL`.
fn card_prop(filter: &wire::CardPropFilter) -> vcard::PropFilter {
    let test = match &filter.rule {
        wire::CardPropRule::NotDefined => vcard::PropTest::Absent,
        wire::CardPropRule::Matches { texts, params, .. } if texts.is_empty() && params.is_empty() => {
            vcard::PropTest::Present
        }
        wire::CardPropRule::Matches { test, texts, params } => vcard::PropTest::Such {
            combine: combine(*test),
            texts: texts.iter().map(text_match).collect(),
            params: params.iter().map(param).collect(),
        },
    };
    let (group, name) = match filter.name.split_once('.') {
        Some((group, name)) => (Some(group.to_owned()), name.to_owned()),
        None => (None, filter.name.clone()),
    };
    vcard::PropFilter { group, name, test }
}

fn param(filter: &wire::ParamFilter) -> ParamFilter {
    let test = match &filter.rule {
        wire::ParamRule::NotDefined => ParamTest::Absent,
        wire::ParamRule::Defined => ParamTest::Present,
        wire::ParamRule::Text(text) => ParamTest::Text(text_match(text)),
    };
    ParamFilter { name: filter.name.clone(), test }
}

fn text_match(text: &wire::TextMatch) -> TextMatch {
    let collation = match text.collation {
        wire::Collation::AsciiCasemap => Collation::AsciiCasemap,
        wire::Collation::Octet => Collation::Octet,
        wire::Collation::UnicodeCasemap => Collation::UnicodeCasemap,
    };
    TextMatch { matcher: Matcher::new(collation, position(text.match_type), &text.text), negate: text.negate }
}

/// Where the text must lie.
pub(super) fn position(how: wire::MatchType) -> Position {
    match how {
        wire::MatchType::Equals => Position::Equals,
        wire::MatchType::Contains => Position::Contains,
        wire::MatchType::StartsWith => Position::StartsWith,
        wire::MatchType::EndsWith => Position::EndsWith,
    }
}

fn combine(test: wire::Test) -> vcard::Combine {
    match test {
        wire::Test::AnyOf => vcard::Combine::Any,
        wire::Test::AllOf => vcard::Combine::All,
    }
}
