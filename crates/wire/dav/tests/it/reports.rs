//! Reports that make no sense, and how that is said.

use kontor_wire_dav::report::Report;
use kontor_wire_dav::xml::Limits;

/// The body with the prefixes D, C and CR declared at its root.
fn declared(body: &str) -> String {
    let spaces = concat!(
        r#" xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav""#,
        r#" xmlns:x="urn:x""#
    );
    let end = body.find(['>', '/', ' ']).unwrap();
    format!("{}{spaces}{}", &body[..end], &body[end..])
}

fn refuse(body: &str, expect: &str) {
    let body = declared(body);
    let error = Report::parse(body.as_bytes(), &Limits::default()).expect_err(&body);
    let condition = error.precondition().map(|name| name.local().to_owned()).unwrap_or_default();
    let said = format!("{} {condition}: {error}", error.status());
    assert!(said.starts_with(expect), "{body}\nsaid   {said}\nwanted {expect}");
}

#[test]
fn unknown_reports() {
    refuse("<x:foo/>", "403 supported-report: report {urn:x}foo is not known");
    refuse("<D:propfind/>", "403 supported-report");
}

#[test]
fn calendar_filters() {
    let check = |filter: &str, expect: &str| {
        refuse(&format!("<C:calendar-query><C:filter>{filter}</C:filter></C:calendar-query>"), expect);
    };
    let event = |inside: &str, expect: &str| {
        let wrapped = format!(
            "<C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'>{inside}</C:comp-filter></C:comp-filter>"
        );
        check(&wrapped, expect);
    };
    refuse("<C:calendar-query/>", "403 valid-filter: calendar-query without filter");
    check("", "403 valid-filter: filter must hold one comp-filter");
    check("<C:comp-filter/>", "403 valid-filter: comp-filter without a name");
    check(
        "<C:comp-filter name='VEVENT'/>",
        "403 valid-filter: component VEVENT cannot stand in a calendar object",
    );
    check(
        "<C:comp-filter name='VCALENDAR'><x:y/></C:comp-filter>",
        "403 valid-filter: {urn:x}y cannot stand",
    );
    check(
        "<C:comp-filter name='VCALENDAR'><C:time-range start='20260101T000000Z'/></C:comp-filter>",
        "403 valid-filter: time-range cannot stand here",
    );
    event("<C:comp-filter name='VTODO'/>", "403 valid-filter: component VTODO cannot stand in VEVENT");
    event("<C:is-not-defined/><C:prop-filter name='X'/>", "403 valid-filter: is-not-defined beside");
    event("<C:time-range/>", "403 valid-filter: time-range with neither start nor end");
    event("<C:time-range start='20260101'/>", "403 valid-filter: start \"20260101\" is not a time in UTC");
    event("<C:time-range start='20260101T000000'/>", "403 valid-filter: start");
    event(
        "<C:time-range start='20260102T000000Z' end='20260101T000000Z'/>",
        "403 valid-filter: time range that ends before it begins (valid-filter) at line 1",
    );
    event(
        "<C:prop-filter name='summary'><C:time-range end='20260101T000000Z'/></C:prop-filter>",
        "403 valid-filter: SUMMARY holds no time",
    );
    event(
        "<C:prop-filter name='X'><C:text-match>a</C:text-match><C:text-match>b</C:text-match></C:prop-filter>",
        "403 valid-filter: prop-filter with more than one",
    );
    event(
        "<C:prop-filter name='X'><C:text-match collation='i;klingon'>a</C:text-match></C:prop-filter>",
        "403 supported-collation: collation \"i;klingon\" is not known",
    );
    event(
        "<C:prop-filter name='X'><C:text-match negate-condition='maybe'>a</C:text-match></C:prop-filter>",
        "403 valid-filter: negate-condition",
    );
    event(
        "<C:prop-filter name='X'><C:param-filter name='Y'><C:is-not-defined/><C:text-match/></C:param-filter></C:prop-filter>",
        "403 valid-filter: param-filter with more than one",
    );
    event(
        "<C:prop-filter name='X'><C:param-filter/></C:prop-filter>",
        "403 valid-filter: param-filter without a name",
    );
}

#[test]
fn calendar_data() {
    let check = |data: &str, expect: &str| {
        refuse(
            &format!(
                "<C:calendar-multiget><D:prop><C:calendar-data>{data}</C:calendar-data></D:prop><D:href>/</D:href></C:calendar-multiget>"
            ),
            expect,
        );
    };
    check("<C:expand start='20260101T000000Z'/>", "400 : expand needs both start and end");
    check("<C:limit-freebusy-set end='x'/>", "400 : end \"x\" is not a time");
    let (expand, limit) = (
        "<C:expand start='20260101T000000Z' end='20260102T000000Z'/>",
        "<C:limit-recurrence-set start='20260101T000000Z' end='20260102T000000Z'/>",
    );
    check(&format!("{expand}{limit}"), "400 : limit-recurrence-set beside another of its kind");
    check("<C:comp/>", "400 : comp without a name");
    check("<C:comp name='A'><C:allprop/><C:prop name='B'/></C:comp>", "400 : comp asks for all and for some");
    check("<C:comp name='A'><C:prop name='B' novalue='1'/></C:comp>", "400 : novalue");
}

#[test]
fn address_books() {
    let check = |inside: &str, expect: &str| {
        refuse(&format!("<CR:addressbook-query>{inside}</CR:addressbook-query>"), expect);
    };
    check("", "400 : no filter element");
    check("<CR:filter test='some'/>", "400 : test \"some\"");
    check(
        "<CR:filter><C:prop-filter name='FN'/></CR:filter>",
        "403 supported-filter: {urn:ietf:params:xml:ns:caldav}prop-filter",
    );
    check("<CR:filter><CR:prop-filter/></CR:filter>", "400 : prop-filter without a name");
    let text = |attributes: &str| {
        format!(
            "<CR:filter><CR:prop-filter name='FN'><CR:text-match {attributes}/></CR:prop-filter></CR:filter>"
        )
    };
    check(&text("collation='i;x'"), "403 supported-collation");
    check(&text("match-type='like'"), "400 : match-type \"like\" is not known");
    for limit in ["", "0", "-1", "99999999999", "many"] {
        let body = format!("<CR:filter/><CR:limit><CR:nresults>{limit}</CR:nresults></CR:limit>");
        check(&body, "400 : nresults is not a positive number");
    }
    check("<CR:filter/><CR:limit/>", "400 : no nresults element");
}

#[test]
fn the_others() {
    refuse("<C:calendar-multiget><D:prop/></C:calendar-multiget>", "400 : multiget without href");
    refuse("<C:free-busy-query/>", "400 : no time-range element");
    refuse("<C:free-busy-query><C:time-range/></C:free-busy-query>", "400 : time-range with neither");
    refuse("<D:sync-collection><D:sync-level>2</D:sync-level></D:sync-collection>", "400 : sync-level");
    refuse("<D:sync-collection><D:prop/><D:allprop/></D:sync-collection>", "400 : more than one of");
    refuse("<D:expand-property><D:property/></D:expand-property>", "400 : property without a proper name");
    refuse(
        "<D:expand-property><D:property name='a b'/></D:expand-property>",
        "400 : property without a proper name",
    );
    refuse("<D:principal-match/>", "400 : principal-match needs either");
    refuse("<D:principal-property-search/>", "400 : principal-property-search without");
    refuse(
        "<D:principal-property-search><D:property-search><D:prop/><D:match/></D:property-search></D:principal-property-search>",
        "400 : property-search without a property",
    );
}

#[test]
fn defaults_of_older_clients() {
    let body = declared("<D:sync-collection><D:prop/></D:sync-collection>");
    let Report::SyncCollection(read) = Report::parse(body.as_bytes(), &Limits::default()).unwrap() else {
        panic!("not a sync-collection")
    };
    assert_eq!((read.token, read.limit), (None, None));
    assert_eq!(read.level, kontor_wire_dav::report::SyncLevel::One);
}

#[test]
fn a_component_that_asks_for_nothing_known_is_whole() {
    let body = declared(concat!(
        "<C:calendar-multiget><D:prop><C:calendar-data><C:comp name='VCALENDAR'><x:y/></C:comp></C:calendar-data></D:prop>",
        "<D:href>/</D:href></C:calendar-multiget>"
    ));
    let Report::CalendarMultiget(read) = Report::parse(body.as_bytes(), &Limits::default()).unwrap() else {
        panic!("not a multiget")
    };
    let comp = read.wanted.calendar_data.and_then(|data| data.comp).unwrap();
    assert_eq!((comp.props, comp.comps), (None, None));
}
