//! A client reads only fields that the definition of the list has.

use kontor_ical::zone::Zone;
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::row::{Error, Part, Row};
use kontor_wire_sharepoint::translate::{calendar, contacts, tasks};

use crate::office;

type Rows = Result<Vec<(Part, Row)>, Error>;

fn check(kind: ListKind, rows: Rows) {
    for (part, row) in rows.unwrap() {
        for field in row.fields.iter().filter(|field| field.property.is_none()) {
            assert!(kind.field(&field.name).is_some(), "{kind:?} {part:?}: {} is not declared", field.name);
        }
    }
}

#[test]
fn every_field_that_is_told_is_declared() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let context = office::context(&zone);
    let series = "BEGIN:VEVENT
        UID:s
        DTSTART;TZID=Europe/Berlin:20260302T100000
        RRULE:FREQ=WEEKLY
        EXDATE;TZID=Europe/Berlin:20260309T100000
        END:VEVENT
        BEGIN:VEVENT
        UID:s
        RECURRENCE-ID;TZID=Europe/Berlin:20260316T100000
        DTSTART;TZID=Europe/Berlin:20260316T110000
        END:VEVENT";
    check(ListKind::Calendar, calendar::rows(&office::calendar(series), &context));
    check(ListKind::Tasks, tasks::rows(&office::calendar("BEGIN:VTODO\nUID:t\nEND:VTODO"), &context));
    let kept = [
        "BillingInformation",
        "ComputerNetworkName",
        "CustomerID",
        "FTPSite",
        "GovernmentIDNumber",
        "Initials",
        "Location",
        "Mileage",
        "OrganizationalIDNumber",
        "ReferredBy",
        "UserField1",
        "UserField2",
        "UserField3",
        "UserField4",
    ];
    let fields: Vec<String> = kept.iter().map(|name| format!("{name}=x")).collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let card = contacts::create(&office::row(&fields), &context).unwrap();
    let rows = contacts::rows(&card, &context);
    assert!(kept.iter().all(|name| rows.as_ref().unwrap()[0].1.get(name) == Some("x")));
    check(ListKind::Contacts, rows);
}
