//! Traps that were stepped into once.

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::row::Part;
use kontor_wire_sharepoint::translate::calendar::{Removed, create, edit, remove_part, rows};
use kontor_wire_sharepoint::translate::contacts;

use crate::office::{calendar, context, row};

fn description(body: &str) -> String {
    let zone = Zone::utc();
    let event = format!("BEGIN:VEVENT\nUID:b\nDTSTART:20260601T100000Z\n{body}\nEND:VEVENT");
    let told = rows(&calendar(&event), &context(&zone)).unwrap();
    told[0].1.get("Description").unwrap().to_owned()
}

#[test]
fn html_of_yesterday_is_not_told() {
    let html = "X-ALT-DESC;FMTTYPE=text/html:<p>See <a href=\"https://a.example/\">the <b>plan</b></a>\\, please</p>";
    let styled = "<p>See <a href=\"https://a.example/\">the <b>plan</b></a>, please</p>";
    assert_eq!(description(html), styled);
    assert_eq!(
        description(&format!("DESCRIPTION:See the plan <https://a.example/>\\, please\n{html}")),
        styled
    );
    assert_eq!(
        description(&format!("DESCRIPTION:see the plan, please!\n{html}")),
        "<div>see the plan, please!</div>"
    );
    assert_eq!(
        description(&format!("DESCRIPTION:Cancelled. See the plan, please\n{html}")),
        "<div>Cancelled. See the plan, please</div>"
    );
}

#[test]
fn a_series_starts_on_a_day_of_its_pattern() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let context = context(&zone);
    let fields = |repeat: &str| {
        row(&[
            "Title=S",
            "EventType=1",
            "fRecurrence=1",
            "EventDate=2026-06-03T08:00:00Z",
            "EndDate=2026-09-03T09:00:00Z",
            "Duration=3600",
            &format!(
                "RecurrenceData=<recurrence><rule><firstDayOfWeek>mo</firstDayOfWeek><repeat>{repeat}</repeat><repeatInstances>3</repeatInstances></rule></recurrence>"
            ),
        ])
    };
    // A Wednesday.
    for (repeat, first) in [
        ("<weekly we=\"TRUE\" weekFrequency=\"1\" />", "20260603T100000"),
        ("<weekly tu=\"TRUE\" weekFrequency=\"1\" />", "20260609T100000"),
        ("<weekly tu=\"TRUE\" fr=\"TRUE\" weekFrequency=\"2\" />", "20260605T100000"),
        ("<weekly tu=\"TRUE\" weekFrequency=\"2\" />", "20260616T100000"),
        ("<monthly monthFrequency=\"1\" day=\"1\" />", "20260701T100000"),
        (
            "<yearlyByDay yearFrequency=\"1\" th=\"TRUE\" weekdayOfMonth=\"last\" month=\"2\" />",
            "20270225T100000",
        ),
    ] {
        let sent = fields(repeat);
        let text = String::from_utf8(create(&sent, &context).unwrap()).unwrap();
        assert!(text.contains(&format!("DTSTART;TZID=Europe/Berlin:{first}\r\n")), "{repeat}: {text}");
        let told = rows(text.as_bytes(), &context).unwrap();
        assert_eq!(
            (told.len(), told[0].0, told[0].1.get("EventType")),
            (1, Part::Whole, Some("1")),
            "{repeat}"
        );
        assert!(told[0].1.get("RecurrenceData").unwrap().contains("<repeatInstances>3<"));
        assert_eq!(edit(text.as_bytes(), &Part::Whole, &sent, &context), Ok(None), "{repeat}");
    }
}

#[test]
fn occurrences_that_are_not_shown_outlive_those_that_are() {
    let zone = Zone::utc();
    let context = context(&zone);
    // Every fifth year, in the hours 9 and 17: only 2026 is in the window.
    let event = "BEGIN:VEVENT\nUID:far\nDTSTART:20260601T090000Z\nRRULE:FREQ=YEARLY;INTERVAL=5;BYHOUR=9,17\nEND:VEVENT";
    let mut text = calendar(event);
    for left in [1, 0] {
        let told = rows(&text, &context).unwrap();
        assert_eq!(told.len(), left + 1);
        let Removed::Text(after) = remove_part(&text, &told[0].0, &context).unwrap() else {
            panic!("2031 is gone")
        };
        text = after;
        assert_eq!(rows(&text, &context).unwrap().len(), left);
    }
    // Of a series that ends, the last one takes the item along.
    let event = "BEGIN:VEVENT\nUID:near\nDTSTART:20260601T090000Z\nRRULE:FREQ=DAILY;COUNT=1;BYHOUR=9\nRDATE:20260602T100000Z\nEND:VEVENT";
    let text = calendar(event);
    let told = rows(&text, &context).unwrap();
    assert_eq!(told.len(), 2);
    let Removed::Text(text) = remove_part(&text, &told[0].0, &context).unwrap() else {
        panic!("one is left")
    };
    assert_eq!(remove_part(&text, &told[1].0, &context), Ok(Removed::Item));
}

#[test]
fn a_second_address_without_a_first_is_there_once() {
    let zone = Zone::utc();
    let context = context(&zone);
    let sent = row(&["Title=A", "Email2=a@x.example", "Business2Number=1"]);
    let text = contacts::create(&sent, &context).unwrap();
    assert_eq!(contacts::edit(&text, &Part::Whole, &sent, &context), Ok(None));
    let all = row(&["Email=", "Email2=a@x.example", "Email3=", "WorkPhone=", "Business2Number=1"]);
    assert_eq!(contacts::edit(&text, &Part::Whole, &all, &context), Ok(None));
    let gone = row(&["Email=", "Email2="]);
    let after = contacts::edit(&text, &Part::Whole, &gone, &context).unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&after).contains("EMAIL"));
}
