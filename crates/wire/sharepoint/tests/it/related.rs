//! Tasks that wait for others.

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::row::{Context, Error, Part};
use kontor_wire_sharepoint::translate::tasks::{create, edit, identity, predecessors, rows};

use crate::office::{self, Others, calendar, lines_without, row};

const LINES: &str = "BEGIN:VTODO
    UID:roof@x
    DTSTAMP:20260101T000000Z
    SUMMARY:Roof
    RELATED-TO;RELTYPE=PARENT:second@x
    RELATED-TO;RELTYPE=DEPENDS-ON;X-WHO=\"a:b\":second@x
    RELATED-TO:third@x
    related-to;reltype=depends-on;VALUE=UID:third@x
    RELATED-TO;RELTYPE=DEPENDS-ON:elsewhere@x
    RELATED-TO;RELTYPE=DEPENDS-ON;VALUE=URI:https://x.example/second@x
    RELATED-TO;RELTYPE=FINISHTOSTART;GAP=PT1H:other@x
    RELATED-TO;RELTYPE=SIBLING:other@x
    END:VTODO";

/// Tasks that are related to others in every way.
pub(crate) fn texts() -> Vec<Vec<u8>> {
    let folded = LINES.replace("RELATED-TO:third@x", "RELATED-TO;RELTYPE=DEPENDS\n -ON:oth\n er@x");
    let folded = folded
        .lines()
        .map(|line| if line.starts_with(' ') && !line.starts_with("    ") { line } else { line.trim() });
    let folded: String = folded.map(|line| format!("{line}\r\n")).collect();
    let folded = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{folded}END:VCALENDAR\r\n");
    vec![calendar(LINES), folded.into_bytes()]
}

/// The relations of a text that Predecessors does not tell, and those to tasks that are not in the list.
pub(crate) fn others(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text).replace("\r\n ", "");
    let lines = text.lines().filter(|line| line.to_uppercase().starts_with("RELATED-TO"));
    let is_ours = |line: &str| {
        let line = line.to_lowercase();
        let listed = ["other@x", "second@x", "third@x"].iter().any(|uid| line.ends_with(&format!(":{uid}")));
        line.contains("reltype=depends-on") && !line.contains("value=uri") && listed
    };
    lines.filter(|line| !is_ours(line)).map(str::to_owned).collect()
}

fn context(zone: &Zone) -> Context<'_> {
    Context { tasks: &Others, ..office::context(zone) }
}

#[test]
fn predecessors_are_told_by_number() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    for (text, expect) in texts().iter().zip(["2;#Paint;#3;#Wait; #2", "2;#Paint;#1;#1;#3;#Wait; #2"]) {
        let told = rows(text, &context(&zone)).unwrap();
        assert_eq!(told[0].1.get("Predecessors"), Some(expect));
        assert_eq!(identity(text), Some(("roof@x".to_owned(), "Roof".to_owned())));
    }
    assert_eq!(predecessors(&texts()[0]), ["second@x", "third@x", "elsewhere@x"]);
    assert!(predecessors(&calendar("BEGIN:VTODO\nUID:t\nEND:VTODO")).is_empty());
}

#[test]
fn an_edit_touches_the_lines_of_its_tasks_only() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let (context, text) = (context(&zone), calendar(LINES));
    let check = |sent: &str, gone: &[&str], come: &[&str]| {
        let field = format!("Predecessors={sent}");
        let after = edit(&text, &Part::Whole, &row(&[&field]), &context).unwrap().unwrap();
        let without_stamps = |mut lines: Vec<String>| {
            lines.retain(|line| !line.starts_with("DTSTAMP"));
            lines
        };
        assert_eq!(without_stamps(lines_without(&text, &after)), gone, "{sent}");
        assert_eq!(without_stamps(lines_without(&after, &text)), come, "{sent}");
        assert_eq!(others(&text), others(&after), "{sent}");
    };
    let second = "RELATED-TO;RELTYPE=DEPENDS-ON;X-WHO=\"a:b\":second@x";
    let third = "related-to;reltype=depends-on;VALUE=UID:third@x";
    let first = "RELATED-TO;RELTYPE=DEPENDS-ON:other@x";
    check("", &[second, third], &[]);
    check("3;#anything", &[second], &[]);
    check("2;#Paint;#3;#Wait; #2;#1;#", &[], &[first]);
    check("1", &[second, third], &[first]);
    let sent = |value: &str| edit(&text, &Part::Whole, &row(&[&format!("Predecessors={value}")]), &context);
    assert_eq!(sent("3;#x;#2;#y;#3;#again"), Ok(None));
    for wrong in ["9;#Nobody", "Paint", "2;#Paint;#Wait"] {
        assert!(matches!(sent(wrong), Err(Error::Value { .. })), "{wrong}");
    }
}

#[test]
fn a_task_does_not_wait_for_itself() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let context = Context { uid: "second@x", ..context(&zone) };
    let made = create(&row(&["Title=New", "Predecessors=3;#Wait"]), &context).unwrap();
    assert!(String::from_utf8_lossy(&made).contains("RELATED-TO;RELTYPE=DEPENDS-ON:third@x\r\n"));
    let own = create(&row(&["Title=New", "Predecessors=2;#Paint"]), &context);
    assert!(matches!(own, Err(Error::Value { .. })), "{own:?}");
}
