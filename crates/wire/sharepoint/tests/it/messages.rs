//! Requests in the words of their specifications: read, written, and read as the same.

use kontor_wire_sharepoint::op::Request;
use kontor_wire_sharepoint::op::attachments::AddAttachment;
use kontor_wire_sharepoint::op::changes::GetListItemChangesSinceToken;
use kontor_wire_sharepoint::op::update::{Command, OnError, UpdateListItems};
use kontor_wire_sharepoint::soap::{Envelope, Version};
use kontor_wire_sharepoint::xml::Limits;
use std::fmt::Debug;

fn golden<R: Request + Debug + PartialEq>(name: &str, version: Version) -> R {
    let path = format!("{}/tests/golden/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    let envelope = Envelope::read(&std::fs::read(path).unwrap(), &Limits::default()).unwrap();
    assert_eq!((envelope.version, envelope.body.name.as_str()), (version, R::NAME));
    let read = R::read(&envelope.body).unwrap();
    let again = Envelope::read(&read.message(version), &Limits::default()).unwrap();
    assert_eq!(R::read(&again.body).unwrap(), read);
    read
}

#[test]
fn what_changed() {
    let request: GetListItemChangesSinceToken = golden("changes", Version::V11);
    assert_eq!(request.list, "{0123ABCD-89AB-CDEF-0123-456789ABCDEF}");
    assert_eq!(
        request.token.as_deref(),
        Some("1;3;0123abcd-89ab-cdef-0123-456789abcdef;639000000000000000;42")
    );
    let ask = request.ask;
    assert_eq!((ask.limit, ask.utc, ask.properties), (Some(100), true, true));
    assert_eq!(ask.fields, ["Title", "EventDate", "MetaInfo"]);
    assert_eq!(ask.position.as_deref(), Some("Paged=TRUE&p_Version=7&p_After=61"));
    assert!(ask.query.condition.is_some() && ask.query.order[0].descending);
}

#[test]
fn a_batch() {
    let request: UpdateListItems = golden("update", Version::V11);
    assert_eq!((request.on_error, request.utc), (OnError::Continue, true));
    let [new, update, delete] = request.methods.as_slice() else { panic!("{request:?}") };
    assert_eq!((new.command, new.fields.get("Title")), (Command::New, Some("Planning & more")));
    assert_eq!(new.fields.bag("ReplicationID"), Some("{89ABCDEF-0123-4567-89AB-CDEF01234567}"));
    assert_eq!(new.fields.bag("BusyStatus"), Some("2"));
    assert_eq!((update.command, update.number()), (Command::Update, Some(7)));
    assert!(update.fields.get("RecurrenceData").unwrap().starts_with("<recurrence><rule>"));
    assert_eq!((delete.command, delete.number()), (Command::Delete, Some(8)));
}

#[test]
fn an_attachment() {
    let request: AddAttachment = golden("attachment", Version::V12);
    assert_eq!((request.item.as_str(), request.bytes.len()), ("4", 8));
}
