//! Events and tasks of the week that begins at `monday`.

use super::text::{Lines, ZONE, date};
use super::{Item, PEOPLE, Person};
use jiff::civil::Date;

/// When: days after Monday, and the time of day as HHMM, in the office's zone.
struct At(i32, &'static str);

/// One event, or with further lines a series.
struct Event {
    slug: &'static str,
    title: &'static str,
    at: At,
    /// RFC 5545 3.3.6.
    lasts: &'static str,
    more: Vec<String>,
    /// A changed occurrence: its own time, the new time, what it says.
    moved: Option<(At, At, &'static str)>,
}

/// Everything in the calendar of one person.
pub(crate) fn events(person: &Person, monday: Date) -> Vec<Item> {
    let mut items = vec![
        series(person, monday, team_meeting(monday)),
        series(person, monday, stand_up(monday)),
        series(person, monday, lunch(person)),
        series(person, monday, one_on_one(person)),
        days(person, monday, "offsite", "Office retreat", 14, 3, &["LOCATION:Lake house", "TRANSP:OPAQUE"]),
        days(
            person,
            monday,
            "founding-day",
            "Founding day of the office",
            -30,
            1,
            &["RRULE:FREQ=YEARLY", "TRANSP:TRANSPARENT"],
        ),
    ];
    items.extend(own(person, monday));
    items
}

fn team_meeting(monday: Date) -> Event {
    let mut more = vec![
        format!("RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL={}T225959Z", date(monday, 180)),
        format!("EXDATE;TZID=Europe/Berlin:{}T100000", date(monday, 14)),
        "LOCATION:Large meeting room".to_owned(),
        "DESCRIPTION:Round of news\\, then the open points.\\nNotes are in the shared folder.".to_owned(),
        "CATEGORIES:Team".to_owned(),
        "ORGANIZER;CN=Anna Berg:mailto:anna@example.org".to_owned(),
    ];
    more.extend(PEOPLE.iter().map(|one| {
        format!("ATTENDEE;CN={};PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:{}", one.full_name, one.email)
    }));
    let moved = Some((At(7, "1000"), At(8, "1430"), "Team meeting (moved to Tuesday)"));
    Event { slug: "team-meeting", title: "Team meeting", at: At(-28, "1000"), lasts: "PT1H", more, moved }
}

fn stand_up(monday: Date) -> Event {
    let more = vec![
        "RRULE:FREQ=WEEKLY;BYDAY=TU,WE,TH,FR".to_owned(),
        format!("EXDATE;TZID=Europe/Berlin:{0}T091500,{1}T091500", date(monday, 2), date(monday, 9)),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        "DESCRIPTION:Stand-up in five minutes".to_owned(),
        "TRIGGER:-PT5M".to_owned(),
        "END:VALARM".to_owned(),
    ];
    Event { slug: "stand-up", title: "Stand-up", at: At(-20, "0915"), lasts: "PT15M", more, moved: None }
}

fn lunch(person: &Person) -> Event {
    let title = if person.name == "anna" { "Lunch with the builders" } else { "Lunch" };
    let more = vec!["RRULE:FREQ=WEEKLY;COUNT=20".to_owned(), "TRANSP:TRANSPARENT".to_owned()];
    Event { slug: "lunch", title, at: At(2, "1230"), lasts: "PT45M", more, moved: None }
}

fn one_on_one(person: &Person) -> Event {
    let more = vec![
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;COUNT=12".to_owned(),
        "CLASS:CONFIDENTIAL".to_owned(),
        "STATUS:TENTATIVE".to_owned(),
    ];
    let title = if person.name == "anna" { "One on one with Ben" } else { "One on one with Anna" };
    let moved = Some((At(17, "1500"), At(17, "1630"), "One on one (later today)"));
    Event { slug: "one-on-one", title, at: At(3, "1500"), lasts: "PT30M", more, moved }
}

fn own(person: &Person, monday: Date) -> Vec<Item> {
    let single = |slug, title, at, lasts, more: &[&str]| {
        let more = more.iter().map(|line| (*line).to_owned()).collect();
        series(person, monday, Event { slug, title, at, lasts, more, moved: None })
    };
    match person.name {
        "anna" => vec![
            single(
                "budget",
                "Budget for next year",
                At(1, "1300"),
                "PT2H",
                &["CATEGORIES:Finance", "PRIORITY:1"],
            ),
            single(
                "dentist",
                "Dentist",
                At(3, "0800"),
                "PT1H",
                &["CLASS:PRIVATE", "LOCATION:Bahnhofstr. 12"],
            ),
        ],
        "ben" => vec![
            single(
                "release",
                "Release 2.0",
                At(4, "1400"),
                "PT3H",
                &["CATEGORIES:Work", "URL:https://example.org/2.0"],
            ),
            days(person, monday, "holiday", "Holiday in Lisbon", 21, 7, &["CATEGORIES:Holiday"]),
        ],
        "clara" => vec![
            single(
                "interview",
                "Interview: second round",
                At(2, "1500"),
                "PT1H30M",
                &["LOCATION:Small meeting room"],
            ),
            days(person, monday, "course", "Course: négociation", 8, 2, &["DESCRIPTION:Salle B, 2e étage"]),
        ],
        _ => vec![
            single(
                "call",
                "Call with Oslo",
                At(1, "1600"),
                "PT30M",
                &["LOCATION:https://meet.example.org/oslo"],
            ),
            single("train", "Train to Hamburg", At(4, "1720"), "PT2H10M", &["TRANSP:OPAQUE"]),
        ],
    }
}

fn begin(kind: &[&str]) -> Lines {
    Lines::new().all(&["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kontor//demo//EN"]).all(kind)
}

fn uid(person: &Person, slug: &str) -> String {
    format!("{slug}-{}@demo.kontor", person.name)
}

fn stamp(monday: Date) -> String {
    format!("DTSTAMP:{}T070000Z", date(monday, 0))
}

fn local(name: &str, monday: Date, at: &At) -> String {
    format!("{name};TZID=Europe/Berlin:{}T{}00", date(monday, at.0), at.1)
}

fn series(person: &Person, monday: Date, event: Event) -> Item {
    let uid = format!("UID:{}", uid(person, event.slug));
    let head = |lines: Lines, at: &At, title: &str| {
        lines
            .all(&["BEGIN:VEVENT", &uid, &stamp(monday)])
            .add(&local("DTSTART", monday, at))
            .add(&format!("DURATION:{}", event.lasts))
            .add(&format!("SUMMARY:{title}"))
    };
    let mut lines = head(begin(ZONE), &event.at, event.title);
    for line in &event.more {
        lines = lines.add(line);
    }
    lines = lines.add("END:VEVENT");
    if let Some((was, is, title)) = &event.moved {
        lines = head(lines, is, title).add(&local("RECURRENCE-ID", monday, was)).add("END:VEVENT");
    }
    lines.add("END:VCALENDAR").item(format!("{}.ics", event.slug))
}

/// Whole days, beginning so many days after Monday.
fn days(
    person: &Person,
    monday: Date,
    slug: &str,
    title: &str,
    first: i32,
    count: i32,
    more: &[&str],
) -> Item {
    begin(&["BEGIN:VEVENT"])
        .add(&format!("UID:{}", uid(person, slug)))
        .add(&stamp(monday))
        .add(&format!("DTSTART;VALUE=DATE:{}", date(monday, first)))
        .add(&format!("DTEND;VALUE=DATE:{}", date(monday, first + count)))
        .add(&format!("SUMMARY:{title}"))
        .all(more)
        .all(&["END:VEVENT", "END:VCALENDAR"])
        .item(format!("{slug}.ics"))
}

/// Everything in the task list of one person.
pub(crate) fn tasks(person: &Person, monday: Date) -> Vec<Item> {
    let due = |days: i32| format!("DUE;VALUE=DATE:{}", date(monday, days));
    let done = format!("COMPLETED:{}T160000Z", date(monday, -1));
    vec![
        task(person, monday, "hours", "Hand in hours", &[&due(4), "PRIORITY:5", "STATUS:NEEDS-ACTION"]),
        task(
            person,
            monday,
            "plan",
            "Plan the retreat",
            &[&due(9), "STATUS:IN-PROCESS", "PERCENT-COMPLETE:40"],
        ),
        task(
            person,
            monday,
            "plants",
            "Water the plants",
            &[&due(2), &format!("DTSTART;VALUE=DATE:{}", date(monday, 2)), "RRULE:FREQ=WEEKLY"],
        ),
        task(
            person,
            monday,
            "invoice",
            "Send the invoice",
            &["STATUS:COMPLETED", "PERCENT-COMPLETE:100", &done],
        ),
        task(person, monday, "idea", "Write down the idea from the train", &["CATEGORIES:Some day"]),
    ]
}

fn task(person: &Person, monday: Date, slug: &str, title: &str, more: &[&str]) -> Item {
    begin(&["BEGIN:VTODO"])
        .add(&format!("UID:{}", uid(person, slug)))
        .add(&stamp(monday))
        .add(&format!("SUMMARY:{title}"))
        .all(more)
        .all(&["END:VTODO", "END:VCALENDAR"])
        .item(format!("{slug}.ics"))
}
