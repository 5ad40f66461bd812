//! Contacts: people outside the office, and a group of them.

use super::text::Lines;
use super::{Item, Person};

/// Slug, full name, family and given name, organisation and title, mail, phone.
struct Contact(&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const CONTACTS: [Contact; 5] = [
    Contact(
        "elena",
        "Elena Fuchs",
        "Fuchs;Elena;;Dr.;",
        "Fuchs & Partner",
        "elena.fuchs@example.com",
        "+49 30 5550101",
    ),
    Contact(
        "farid",
        "Farid Gul",
        "Gul;Farid;;;",
        "Stadtdruck GmbH",
        "farid@stadtdruck.example",
        "+49 40 5550102",
    ),
    Contact(
        "greta",
        "Greta Håkansson",
        "Håkansson;Greta;;;",
        "Nordljus AB",
        "greta@nordljus.example",
        "+46 8 5550103",
    ),
    Contact("hiro", "Hiro Ito", "Ito;Hiro;;;", "", "hiro.ito@example.net", "+81 3 5550104"),
    Contact("ines", "Inês Jardim", "Jardim;Inês;;;", "Oficina Azul", "ines@azul.example", "+351 21 5550105"),
];

/// Everything in the address book of one person.
pub(crate) fn contacts(person: &Person) -> Vec<Item> {
    CONTACTS.iter().map(|contact| card(person, contact)).chain([group(person)]).collect()
}

fn uid(person: &Person, slug: &str) -> String {
    format!("{slug}-{}@demo.kontor", person.name)
}

fn card(person: &Person, contact: &Contact) -> Item {
    let Contact(slug, full_name, name, organisation, email, phone) = contact;
    let lines = Lines::new()
        .all(&["BEGIN:VCARD", "VERSION:3.0"])
        .add(&format!("UID:{}", uid(person, slug)))
        .add(&format!("FN:{full_name}"))
        .add(&format!("N:{name}"));
    let lines = if organisation.is_empty() { lines } else { lines.add(&format!("ORG:{organisation}")) };
    lines
        .add(&format!("EMAIL;TYPE=INTERNET:{email}"))
        .add(&format!("TEL;TYPE=WORK,VOICE:{phone}"))
        .add("END:VCARD")
        .item(format!("{slug}.vcf"))
}

/// A group the way Apple's and other clients of version 3 keep it.
fn group(person: &Person) -> Item {
    let lines = Lines::new()
        .all(&["BEGIN:VCARD", "VERSION:3.0"])
        .add(&format!("UID:{}", uid(person, "suppliers")))
        .all(&["FN:Suppliers", "N:Suppliers;;;;", "X-ADDRESSBOOKSERVER-KIND:group"]);
    ["elena", "farid", "greta"]
        .iter()
        .fold(lines, |lines, slug| {
            lines.add(&format!("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{}", uid(person, slug)))
        })
        .add("END:VCARD")
        .item("suppliers.vcf".to_owned())
}
