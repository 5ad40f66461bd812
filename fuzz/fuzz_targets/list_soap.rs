//! Any bytes as a message of the list services: read or refused; what is read is written so that it reads the same.
#![no_main]

use kontor_wire_sharepoint::op::Request;
use kontor_wire_sharepoint::op::attachments::{AddAttachment, DeleteAttachment};
use kontor_wire_sharepoint::op::changes::{GetListItemChanges, GetListItemChangesSinceToken};
use kontor_wire_sharepoint::op::items::GetListItems;
use kontor_wire_sharepoint::op::listing::Listing;
use kontor_wire_sharepoint::op::update::{UpdateListItems, read_results};
use kontor_wire_sharepoint::soap::Envelope;
use kontor_wire_sharepoint::xml::Limits;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(envelope) = Envelope::read(data, &Limits::default()) else { return };
    same::<GetListItems>(&envelope);
    same::<GetListItemChanges>(&envelope);
    same::<GetListItemChangesSinceToken>(&envelope);
    same::<UpdateListItems>(&envelope);
    same::<AddAttachment>(&envelope);
    same::<DeleteAttachment>(&envelope);
    // Answers, as a client reads them.
    let _ = Listing::read(&envelope.body);
    let _ = read_results(&envelope.body);
    let _ = envelope.fault();
});

fn same<R: Request + std::fmt::Debug + PartialEq>(envelope: &Envelope) {
    let Ok(read) = R::read(&envelope.body) else { return };
    let written = read.message(envelope.version);
    let again = Envelope::read(&written, &Limits::default()).expect("what we write is well-formed");
    assert_eq!(R::read(&again.body).as_ref(), Ok(&read));
}
