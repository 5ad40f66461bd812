//! Whatever can be said is understood as it was said.

use kontor_wire_dav::name::{Name, caldav, carddav, dav};
use kontor_wire_dav::report::*;
use kontor_wire_dav::request::{PropSet, Propfind};
use kontor_wire_dav::xml::Limits;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

fn name() -> impl Strategy<Value = Name> {
    let known = prop::sample::select(vec![
        dav::GETETAG,
        dav::OWNER,
        carddav::ADDRESSBOOK_HOME_SET,
        caldav::CALENDAR_DESCRIPTION,
    ]);
    let any =
        ("[a-z:/&<\" ]{0,8}", "[a-z_][a-z0-9.-]{0,5}").prop_map(|(ns, local)| Name::new(ns.trim(), &local));
    prop_oneof![known, any]
}

/// Text that XML can hold.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,12}", "[\r\n\t <>&'\"a\\]]{0,8}"]
        .prop_map(|text| text.chars().filter(|c| kontor_wire_dav::xml::is_xml_char(*c)).collect())
}

fn upper() -> impl Strategy<Value = String> {
    "[A-Z][A-Z-]{0,6}|\"&<Ä"
}

fn names() -> impl Strategy<Value = Vec<Name>> {
    vec(name(), 0..4).prop_map(|mut names| {
        names.sort();
        names.dedup();
        names
    })
}

fn prop_set() -> impl Strategy<Value = PropSet> {
    prop_oneof![
        names().prop_map(|include| PropSet::All { include }),
        Just(PropSet::Names),
        names().prop_map(PropSet::Named),
    ]
}

const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;

fn closed() -> impl Strategy<Value = TimeRange> {
    (FIRST..LAST, 1..100_000_i64).prop_map(|(start, span)| TimeRange {
        start: Some(Utc(start)),
        end: Some(Utc((start + span).min(LAST))),
    })
}

fn time_range() -> impl Strategy<Value = TimeRange> {
    prop_oneof![
        closed(),
        (FIRST..LAST).prop_map(|start| TimeRange { start: Some(Utc(start)), end: None }),
        (FIRST..LAST).prop_map(|end| TimeRange { start: None, end: Some(Utc(end)) }),
    ]
}

fn media() -> impl Strategy<Value = DataType> {
    (of("text/[a-z]{1,5}"), of("[0-9.]{1,3}"))
        .prop_map(|(content_type, version)| DataType { content_type, version })
}

fn pick() -> impl Strategy<Value = PropPick> {
    (upper(), any::<bool>()).prop_map(|(name, novalue)| PropPick { name, novalue })
}

fn comp() -> impl Strategy<Value = Comp> {
    let leaf = (upper(), of(vec(pick(), 1..3)));
    let leaf = leaf.prop_map(|(name, props)| Comp { name, props, comps: None });
    leaf.prop_recursive(3, 8, 3, |inner| {
        (upper(), of(vec(pick(), 0..3)), of(vec(inner, 1..3))).prop_map(|(name, props, comps)| Comp {
            name,
            props,
            comps,
        })
    })
}

fn calendar_data() -> impl Strategy<Value = CalendarData> {
    let expansion =
        prop_oneof![closed().prop_map(Expansion::Expand), closed().prop_map(Expansion::LimitRecurrenceSet)];
    (media(), of(comp()), of(expansion), of(closed())).prop_map(|(media, comp, expansion, limit_freebusy)| {
        CalendarData { media, comp, expansion, limit_freebusy }
    })
}

fn address_data() -> impl Strategy<Value = AddressData> {
    let prop = (upper(), any::<bool>()).prop_map(|(name, novalue)| CardProp { name, novalue });
    (media(), of(vec(prop, 1..3))).prop_map(|(media, props)| AddressData { media, props })
}

fn wanted() -> impl Strategy<Value = Wanted> {
    (prop_set(), of(calendar_data()), of(address_data())).prop_map(
        |(mut props, calendar_data, address_data)| {
            let add = |names: &mut Vec<Name>| {
                names.extend(calendar_data.as_ref().map(|_| caldav::CALENDAR_DATA));
                names.extend(address_data.as_ref().map(|_| carddav::ADDRESS_DATA));
            };
            match &mut props {
                PropSet::All { include } => add(include),
                PropSet::Named(names) => add(names),
                PropSet::Names => return Wanted { props, calendar_data: None, address_data: None },
            }
            Wanted { props, calendar_data, address_data }
        },
    )
}

fn text_match() -> impl Strategy<Value = TextMatch> {
    let collation = prop::sample::select(Collation::ALL.to_vec());
    let kinds = vec![MatchType::Equals, MatchType::Contains, MatchType::StartsWith, MatchType::EndsWith];
    (text(), collation, prop::sample::select(kinds), any::<bool>())
        .prop_map(|(text, collation, match_type, negate)| TextMatch { text, collation, match_type, negate })
}

fn param_filter() -> impl Strategy<Value = ParamFilter> {
    let rule = prop_oneof![
        Just(ParamRule::NotDefined),
        Just(ParamRule::Defined),
        text_match().prop_map(ParamRule::Text)
    ];
    (upper(), rule).prop_map(|(name, rule)| ParamFilter { name, rule })
}

fn prop_filter() -> impl Strategy<Value = PropFilter> {
    let condition = prop_oneof![
        Just((None, None)),
        time_range().prop_map(|range| (Some(range), None)),
        text_match().prop_map(|text| (None, Some(text))),
    ];
    let matches = (condition, vec(param_filter(), 0..3))
        .prop_map(|((time_range, text), params)| PropRule::Matches { time_range, text, params });
    ("X-[A-Z]{1,4}", prop_oneof![Just(PropRule::NotDefined), matches])
        .prop_map(|(name, rule)| PropFilter { name, rule })
}

fn comp_filter() -> impl Strategy<Value = CompFilter> {
    let alarm = (of(time_range()), vec(prop_filter(), 0..2)).prop_map(|(time_range, props)| CompFilter {
        name: "VALARM".to_owned(),
        rule: CompRule::Matches { time_range, props, comps: vec![] },
    });
    let inner = (of(time_range()), vec(prop_filter(), 0..3), vec(alarm, 0..2))
        .prop_map(|(time_range, props, comps)| CompRule::Matches { time_range, props, comps });
    let inner = prop_oneof![Just(CompRule::NotDefined), inner];
    let event = ("VEVENT|VTODO", inner).prop_map(|(name, rule)| CompFilter { name, rule });
    (vec(prop_filter(), 0..2), vec(event, 0..3)).prop_map(|(props, comps)| CompFilter {
        name: "VCALENDAR".to_owned(),
        rule: CompRule::Matches { time_range: None, props, comps },
    })
}

fn address_filter() -> impl Strategy<Value = AddressFilter> {
    let matches = (test(), vec(text_match(), 0..3), vec(param_filter(), 0..3))
        .prop_map(|(test, texts, params)| CardPropRule::Matches { test, texts, params });
    let rule = prop_oneof![Just(CardPropRule::NotDefined), matches];
    let filter = (upper(), rule).prop_map(|(name, rule)| CardPropFilter { name, rule });
    (test(), vec(filter, 0..4)).prop_map(|(test, props)| AddressFilter { test, props })
}

fn test() -> impl Strategy<Value = Test> {
    prop::sample::select(vec![Test::AnyOf, Test::AllOf])
}

fn expand() -> impl Strategy<Value = PropertyRequest> {
    let leaf = name().prop_map(|name| PropertyRequest { name, nested: vec![] });
    leaf.prop_recursive(3, 8, 3, |inner| {
        (name(), vec(inner, 0..3)).prop_map(|(name, nested)| PropertyRequest { name, nested })
    })
}

fn calendar_report() -> impl Strategy<Value = Report> {
    let timezone =
        of(prop_oneof![text().prop_map(Timezone::Object), "[A-Z][a-z]{1,5}/[A-Z]".prop_map(Timezone::Id)]);
    let query = (wanted(), comp_filter(), timezone);
    prop_oneof![
        query.prop_map(|(wanted, filter, timezone)| {
            Report::CalendarQuery(CalendarQuery { wanted, filter, timezone })
        }),
        (wanted(), vec("/[a-z%&]{0,9}", 1..4))
            .prop_map(|(wanted, hrefs)| Report::CalendarMultiget(Multiget { wanted, hrefs })),
        time_range().prop_map(|time_range| Report::FreeBusyQuery(FreeBusyQuery { time_range })),
    ]
}

fn other_report() -> impl Strategy<Value = Report> {
    let level = prop::sample::select(vec![SyncLevel::One, SyncLevel::Infinite]);
    let sync = (of("[a-z:&]{1,9}"), level, of(1..u32::MAX), wanted());
    let search = (vec(name(), 1..2), text(), any::<bool>()).prop_map(|(props, text, whole)| {
        let match_type = if whole { MatchType::Equals } else { MatchType::Contains };
        PropertySearch { props, text, match_type }
    });
    let search = (test(), vec(search, 1..3), any::<bool>(), wanted());
    let which = prop_oneof![Just(Which::Itself), name().prop_map(Which::Property)];
    prop_oneof![
        (wanted(), address_filter(), of(1..u32::MAX)).prop_map(|(wanted, filter, limit)| {
            Report::AddressbookQuery(AddressbookQuery { wanted, filter, limit })
        }),
        (wanted(), vec("/[a-z%&]{0,9}", 1..4))
            .prop_map(|(wanted, hrefs)| Report::AddressbookMultiget(Multiget { wanted, hrefs })),
        sync.prop_map(|(token, level, limit, wanted)| {
            Report::SyncCollection(SyncCollection { token, level, limit, wanted })
        }),
        vec(expand(), 0..3).prop_map(|properties| Report::ExpandProperty(ExpandProperty { properties })),
        search.prop_map(|(test, searches, everywhere, wanted)| {
            Report::PrincipalPropertySearch(PrincipalPropertySearch { test, searches, everywhere, wanted })
        }),
        (which, wanted())
            .prop_map(|(which, wanted)| Report::PrincipalMatch(PrincipalMatch { which, wanted })),
        wanted().prop_map(|wanted| Report::VersionTree(VersionTree { wanted })),
        wanted().prop_map(|wanted| Report::AclPrincipalPropSet(AclPrincipalPropSet { wanted })),
        Just(Report::PrincipalSearchPropertySet),
    ]
}

fn check(report: &Report) {
    let mut out = Vec::new();
    report.write(&mut out);
    let read = Report::parse(&out, &Limits::default());
    assert_eq!(read.as_ref(), Ok(report), "{}", String::from_utf8_lossy(&out));
}

proptest! {
    #[test]
    fn reports_of_calendars(report in calendar_report()) {
        check(&report);
    }

    #[test]
    fn other_reports(report in other_report()) {
        check(&report);
    }

    #[test]
    fn propfinds(props in prop_set()) {
        let propfind = Propfind { props };
        let mut out = Vec::new();
        propfind.write(&mut out);
        prop_assert_eq!(Propfind::parse(&out, &Limits::default()), Ok(propfind));
    }
}
