//! Any bytes as a card: every question has an answer, and conversion settles.
#![no_main]

use kontor_vcard::{Card, Select, Version, convert, filter, select, validate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    filter::folded_text(data);
    let valid = validate(data, 1 << 20).is_ok();
    if let Some(card) = Card::read(data) {
        questions(&card);
    }
    let wanted = [Select { name: "item1.TEL", novalue: false }, Select { name: "PHOTO", novalue: true }];
    let less = select(data, &wanted);
    assert!(!valid || validate(&less, 1 << 20).is_ok());
    for to in [Version::V3, Version::V4] {
        let other = convert(data, to);
        assert_eq!(convert(&other, to), other);
        if valid {
            let card = validate(&other, usize::MAX).expect("a converted card is still a card");
            assert_eq!(card.version(), Some(to));
            assert_eq!(card.uid(), Card::read(data).and_then(|card| card.uid()));
        }
    }
});

fn questions(card: &Card<'_>) {
    for prop in card.props() {
        let _ = (prop.text(), prop.parts(), prop.items(), prop.types(), prop.preference(), prop.is_binary());
        let _ = (card.label(&prop), prop.params().count());
    }
    let _ = (card.version(), card.uid(), card.full_name(), card.name(), card.kind(), card.members().count());
}
