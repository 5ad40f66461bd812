//! All patterns of Outlook in several zones, against a reading of MS-OUTSPS of another hand: `tests/oracle/patterns.py`.

use std::path::Path;
use std::process::Command;

use kontor_ical::timeline::{Kind, Range};
use kontor_ical::value::When;
use kontor_ical::zone::Zone;
use kontor_ical::{Budget, Object};
use kontor_wire_sharepoint::row::{Part, Row};
use kontor_wire_sharepoint::translate::calendar::{create, edit, rows};
use serde_json::Value;

use crate::{grammar, office};

fn cases() -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/patterns.py");
    let told = Command::new("python3").arg(script).output();
    let told = told.unwrap_or_else(|error| panic!("cannot run python3: {error}"));
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).unwrap()
}

fn fields(case: &Value) -> Row {
    let mut row = Row::new();
    for (name, value) in case["fields"].as_object().unwrap() {
        row.push(name.clone(), value.as_str().unwrap().to_owned());
    }
    row
}

#[test]
fn all_patterns_agree_with_the_oracle() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let context = office::context(&zone);
    let cases = cases();
    assert!(cases.len() > 800, "only {} cases", cases.len());
    for case in &cases {
        let sent = fields(case);
        let data = sent.get("RecurrenceData").unwrap();
        grammar::event(&sent).unwrap_or_else(|why| panic!("{data}: {why}"));
        let text = create(&sent, &context).unwrap_or_else(|why| panic!("{data}: {why}"));
        let object = Object::read(&text);
        let expect: Vec<i64> =
            case["starts"].as_array().unwrap().iter().map(|at| at.as_i64().unwrap()).collect();
        let range = Range { start: 0, end: case["until"].as_i64().unwrap() };
        let found = object.timeline().occurrences(Kind::Event, range, &zone, &mut Budget::new(10_000_000));
        let found: Vec<i64> = found.unwrap().iter().map(|one| one.start).collect();
        if let Some(at) = (0..expect.len().max(found.len())).find(|at| expect.get(*at) != found.get(*at)) {
            let told = |times: &[i64]| times.get(at).map(|at| When::Utc(*at).to_string());
            panic!(
                "{data}, {:?}: {at} is {:?}, not {:?}\n{}",
                sent.get("EventDate"),
                told(&found),
                told(&expect),
                String::from_utf8_lossy(&text)
            );
        }
        // Told back, it is the same series, and to send it again changes nothing.
        let told = rows(&text, &context).unwrap();
        let [(Part::Whole, told)] = told.as_slice() else { panic!("{data}: {} rows", told.len()) };
        for name in ["EventDate", "Duration", "XMLTZone", "fRecurrence", "EventType"] {
            assert_eq!(told.get(name), sent.get(name), "{name} of {data}");
        }
        let pattern = |data: &str| data.split_once("</repeat>").map(|(pattern, _)| pattern.to_owned());
        assert_eq!(told.get("RecurrenceData").and_then(pattern), pattern(data));
        assert_eq!(edit(&text, &Part::Whole, &sent, &context), Ok(None), "{data}");
    }
}
