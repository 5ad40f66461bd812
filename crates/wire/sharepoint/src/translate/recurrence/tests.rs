use kontor_ical::stamp::Form;
use kontor_ical::zone::Zone;

use super::xml::Data;
use super::*;
use crate::translate::moment::{DAY, Moment};

fn anchor(start: &str) -> Anchor {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let local = Moment::read(start).unwrap().local;
    match start.len() {
        10 => Anchor { form: Form::Date, local: local.div_euclid(DAY) * DAY },
        _ => Anchor { form: Form::Zoned(zone), local },
    }
}

fn xml(pattern: &str, end: &str) -> String {
    format!(
        "<recurrence><rule><firstDayOfWeek>mo</firstDayOfWeek><repeat>{pattern}</repeat>{end}</rule></recurrence>"
    )
}

const EVER: &str = "<repeatForever>FALSE</repeatForever>";

#[test]
fn every_pattern_of_outlook_has_its_rule() {
    let check = |start: &str, pattern: &str, rule: &str| {
        let (anchor, text) = (anchor(start), xml(pattern, EVER));
        let data = Data::read(&text).unwrap_or_else(|why| panic!("{pattern}: {why}"));
        assert_eq!(data.recurrence.to_rule(&anchor, &Zone::utc()), rule, "{pattern}");
        let back = Recurrence::of_rule(rule, &anchor).unwrap_or_else(|| panic!("{rule}"));
        assert_eq!(back.to_xml(&Zone::utc()), text, "{rule}");
    };
    check("2026-01-15T10:00", "<daily dayFrequency=\"1\" />", "FREQ=DAILY");
    check("2026-01-15T10:00", "<daily dayFrequency=\"3\" />", "FREQ=DAILY;INTERVAL=3");
    check("2026-01-15T10:00", "<daily weekday=\"TRUE\" />", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR");
    check(
        "2026-01-15T10:00",
        "<weekly tu=\"TRUE\" th=\"TRUE\" weekFrequency=\"2\" />",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
    );
    check("2026-01-15T10:00", "<monthly monthFrequency=\"1\" day=\"15\" />", "FREQ=MONTHLY;BYMONTHDAY=15");
    check("2026-01-31T10:00", "<monthly monthFrequency=\"1\" day=\"31\" />", "FREQ=MONTHLY;BYMONTHDAY=-1");
    check(
        "2026-01-30T10:00",
        "<monthly monthFrequency=\"2\" day=\"30\" />",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=28,29,30;BYSETPOS=-1",
    );
    check(
        "2026-01-29T10:00",
        "<monthly monthFrequency=\"1\" day=\"29\" />",
        "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1",
    );
    check(
        "2026-01-13T10:00",
        "<monthlyByDay tu=\"TRUE\" weekdayOfMonth=\"second\" monthFrequency=\"1\" />",
        "FREQ=MONTHLY;BYDAY=2TU",
    );
    check(
        "2026-01-30T10:00",
        "<monthlyByDay weekday=\"TRUE\" weekdayOfMonth=\"last\" monthFrequency=\"1\" />",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    );
    check(
        "2026-01-03T10:00",
        "<monthlyByDay weekend_day=\"TRUE\" weekdayOfMonth=\"first\" monthFrequency=\"3\" />",
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=SA,SU;BYSETPOS=1",
    );
    check(
        "2026-01-04T10:00",
        "<monthlyByDay day=\"TRUE\" weekdayOfMonth=\"fourth\" monthFrequency=\"1\" />",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=4",
    );
    check(
        "2026-02-28",
        "<yearly yearFrequency=\"1\" month=\"2\" day=\"29\" />",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
    );
    check(
        "2026-12-24",
        "<yearly yearFrequency=\"2\" month=\"12\" day=\"24\" />",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=12;BYMONTHDAY=24",
    );
    check(
        "2026-11-26",
        "<yearlyByDay yearFrequency=\"1\" th=\"TRUE\" weekdayOfMonth=\"fourth\" month=\"11\" />",
        "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
    );
}

#[test]
fn rules_in_other_words_have_the_same_pattern() {
    let check = |start: &str, rule: &str, canonical: &str| {
        let anchor = anchor(start);
        let read = Recurrence::of_rule(rule, &anchor).unwrap_or_else(|| panic!("{rule}"));
        assert_eq!(read.to_rule(&anchor, &Zone::utc()), canonical, "{rule}");
    };
    check("2026-01-15T10:00", "freq=weekly", "FREQ=WEEKLY;BYDAY=TH");
    check("2026-01-15T10:00", "FREQ=DAILY;BYDAY=TH,FR;WKST=SU", "FREQ=WEEKLY;BYDAY=TH,FR;WKST=SU");
    check("2026-01-15T10:30", "FREQ=DAILY;BYHOUR=10;BYMINUTE=30;BYSECOND=0", "FREQ=DAILY");
    check("2026-01-15", "FREQ=DAILY;BYHOUR=9,10", "FREQ=DAILY");
    check("2026-01-15T10:00", "FREQ=MONTHLY;COUNT=4", "FREQ=MONTHLY;BYMONTHDAY=15;COUNT=4");
    check("2026-01-15T10:00", "FREQ=YEARLY", "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=15");
    check("2026-01-15T10:00", "FREQ=MONTHLY;BYDAY=TH;BYSETPOS=3", "FREQ=MONTHLY;BYDAY=3TH");
    check("2026-04-30T10:00", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=-1", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=30");
    check("2026-01-15T10:00", "FREQ=DAILY;UNTIL=20260120T090000Z", "FREQ=DAILY;UNTIL=20260120T090000Z");
    check("2026-01-15T10:00", "FREQ=DAILY;UNTIL=20260120T085959Z", "FREQ=DAILY;UNTIL=20260119T090000Z");
    check("2026-01-15T10:00", "FREQ=DAILY;UNTIL=20260120", "FREQ=DAILY;UNTIL=20260120T090000Z");
    check("2026-01-15", "FREQ=DAILY;UNTIL=20260120T100000Z", "FREQ=DAILY;UNTIL=20260120");
}

#[test]
fn what_no_pattern_means_has_none() {
    for rule in [
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=9,10",
        "FREQ=DAILY;BYMONTH=1",
        "FREQ=DAILY;INTERVAL=2;BYDAY=TH",
        "FREQ=DAILY;COUNT=3;UNTIL=20270101",
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=WEEKLY;BYMONTH=1",
        "FREQ=MONTHLY;BYDAY=1TH,3TH",
        "FREQ=MONTHLY;BYDAY=5TH",
        "FREQ=MONTHLY;BYDAY=TH",
        "FREQ=MONTHLY;BYDAY=-2TH",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=MONTHLY;BYMONTHDAY=15;BYDAY=TH",
        "FREQ=MONTHLY;BYMONTHDAY=16",
        "FREQ=YEARLY;BYDAY=20TH",
        "FREQ=YEARLY;BYWEEKNO=3",
        "FREQ=YEARLY;BYYEARDAY=15",
        "FREQ=YEARLY;BYMONTHDAY=15",
        "FREQ=YEARLY;BYMONTH=1,2;BYMONTHDAY=15",
        "RSCALE=HEBREW;FREQ=YEARLY",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;INTERVAL=0",
        "INTERVAL=2",
        "",
    ] {
        assert_eq!(Recurrence::of_rule(rule, &anchor("2026-01-15T10:00")), None, "{rule}");
    }
    for (start, rule) in [
        ("2026-01-31T10:00", "FREQ=MONTHLY"),
        ("2026-01-29T10:00", "FREQ=MONTHLY;BYMONTHDAY=29"),
        ("2026-01-28T10:00", "FREQ=MONTHLY;BYMONTHDAY=28,29"),
        ("2024-02-29T10:00", "FREQ=YEARLY"),
        ("2024-02-29T10:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
    ] {
        assert_eq!(Recurrence::of_rule(rule, &anchor(start)), None, "{rule}");
    }
}

#[test]
fn window_ends_come_in_three_spellings() {
    let until = |start: &str, window: &str| {
        let data = Data::read(&xml("<daily />", &format!("<windowEnd>{window}</windowEnd>"))).unwrap();
        data.recurrence.to_rule(&anchor(start), &Zone::utc())
    };
    // The start of the last occurrence, its midnight in Berlin, its bare date.
    for window in ["2026-06-30T08:00:00Z", "2026-06-29T22:00:00Z", "2026-06-30T00:00:00Z"] {
        assert_eq!(until("2026-06-01T10:00", window), "FREQ=DAILY;UNTIL=20260630T080000Z", "{window}");
    }
    assert_eq!(until("2026-06-01", "2026-06-30T00:00:00Z"), "FREQ=DAILY;UNTIL=20260630");
    let new_york = Anchor { form: Form::Zoned(Zone::named("America/New_York").unwrap()), local: 9 * 3_600 };
    let read = |window: &str| {
        let data = Data::read(&xml("<daily />", &format!("<windowEnd>{window}</windowEnd>"))).unwrap();
        data.recurrence.to_rule(&new_york, &Zone::utc())
    };
    for window in ["2026-06-30T13:00:00Z", "2026-06-30T04:00:00Z", "2026-06-30T00:00:00Z"] {
        assert_eq!(read(window), "FREQ=DAILY;UNTIL=20260630T130000Z", "{window}");
    }
}

#[test]
fn broken_data_is_refused() {
    let good = xml("<daily dayFrequency='1'/>", EVER);
    assert!(!Data::read(&good).unwrap().delete_exceptions);
    assert!(
        Data::read(&(good.clone() + "<deleteExceptions>true</deleteExceptions>")).unwrap().delete_exceptions
    );
    assert!(Data::read(&good.replace("firstDayOfWeek", "other")).is_ok());
    for (pattern, end) in [
        ("", EVER),
        ("<daily/><daily/>", EVER),
        ("<hourly/>", EVER),
        ("<daily dayFrequency='0'/>", EVER),
        ("<daily dayFrequency='-1'/>", EVER),
        ("<daily dayFrequency='99999999999'/>", EVER),
        ("<daily weekday='perhaps'/>", EVER),
        ("<weekly weekFrequency='1'/>", EVER),
        ("<monthly day='32'/>", EVER),
        ("<yearly month='13'/>", EVER),
        ("<monthlyByDay weekdayOfMonth='first'/>", EVER),
        ("<monthlyByDay mo='TRUE' weekdayOfMonth='fifth'/>", EVER),
        ("<daily/>", ""),
        ("<daily/>", "<repeatInstances>0</repeatInstances>"),
        ("<daily/>", "<repeatInstances>many</repeatInstances>"),
        ("<daily/>", "<windowEnd>soon</windowEnd>"),
    ] {
        assert!(Data::read(&xml(pattern, end)).is_err(), "{pattern}{end}");
    }
    for text in
        ["", "Every 2 week(s) on: Friday", "<recurrence/>", "<recurrence><rule/></recurrence>", "<rule/>"]
    {
        assert!(Data::read(text).is_err(), "{text}");
    }
}
