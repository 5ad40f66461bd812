//! One calendar through two doors: two vdirsyncers and two list clients make, edit and delete events at random, and a
//! model of the rules says what must be there after each step.
//!
//! Rules. A list client whose row was changed since it saw it is refused, with the row as it is (the server's stays). A
//! folder whose event was changed on both sides takes the server's. Of a change and a deletion, the change stays.
//! List clients write titles and folders write places, so each keeps what the other wrote.

mod folder;
mod lists;

use std::collections::BTreeMap;

use kontor_testkit::Server;

use crate::office::ANNA;
use folder::Folder;
use lists::ListClient;

const STEPS: usize = 1_000;

/// What an event says, as far as the clients write it. Titles begin with the event's number and a bar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) title: String,
    pub(crate) place: String,
}

/// What the server must hold, by the number of the event.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) events: BTreeMap<usize, Said>,
    /// How often somebody was told that somebody else was first.
    pub(crate) conflicts: usize,
}

/// Numbers that only look random: the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }

    fn pick(&mut self, from: impl Iterator<Item = usize>) -> Option<usize> {
        let from: Vec<usize> = from.collect();
        let at = self.below(from.len());
        from.get(at).copied()
    }
}

/// The number that a title begins with.
pub(crate) fn number(title: &str) -> usize {
    title.split_once('|').and_then(|(number, _)| number.parse().ok()).unwrap_or_else(|| panic!("{title:?}"))
}

#[test]
fn four_clients_of_two_doors_end_alike() {
    let server = Server::start(&[ANNA]);
    let mut folders = [Folder::new(&server), Folder::new(&server)];
    let mut clients = [ListClient::new(&server), ListClient::new(&server)];
    let (mut model, mut dice) = (Model::default(), Dice(2026));
    for step in 0..STEPS {
        let who = dice.below(4);
        let token = format!("step {step}");
        match (who, dice.below(40)) {
            (0 | 1, 0) => folders[who].sync(&mut model),
            (0 | 1, 1..14) => folders[who].create(step, &token),
            (0 | 1, 14..32) => {
                if let Some(event) = dice.pick(folders[who].events()) {
                    folders[who].edit(event, &token);
                }
            }
            (0 | 1, _) => {
                if let Some(event) = dice.pick(folders[who].events()) {
                    folders[who].delete(event);
                }
            }
            (_, 0..10) => clients[who - 2].sync(),
            (_, 10..20) => clients[who - 2].create(step, &token, &mut model),
            (_, 20..33) => {
                if let Some(event) = dice.pick(clients[who - 2].events()) {
                    clients[who - 2].edit(event, &token, &mut model);
                }
            }
            (_, _) => {
                if let Some(event) = dice.pick(clients[who - 2].events()) {
                    clients[who - 2].delete(event, &mut model);
                }
            }
        }
    }
    // The second round brings to each what the others had still to say in the first.
    for _ in 0..2 {
        folders.iter_mut().for_each(|folder| folder.sync(&mut model));
    }
    clients.iter_mut().for_each(ListClient::sync);
    let expect = model.events;
    assert!(
        expect.len() > 100 && model.conflicts > 10,
        "{} events, {} conflicts",
        expect.len(),
        model.conflicts
    );
    for (nth, folder) in folders.iter().enumerate() {
        assert_eq!(folder.said(), expect, "folder {nth}");
    }
    for (nth, client) in clients.iter().enumerate() {
        assert_eq!(client.said(), expect, "list client {nth}");
    }
}
