//! A generated conversation over three nodes whose clocks are minutes apart: every answer is the one that a single node
//! would have given. What that is, a model says, and a single embedded server that hears the same.

mod model;
mod speaker;

use std::thread::scope;

use kontor_testkit::{Client, Postgres, Server, User};
use speaker::Speaker;

use super::clocks::apart;
use crate::office::ANNA;

const PEOPLE: [User; 3] = [
    ANNA,
    User { name: "ben", password: "another good one" },
    User { name: "cara", password: "and a third that is good" },
];
const STEPS: usize = 300;

/// All of them talk at once, each about their own things; what was asked and answered, person by person.
fn converse(nodes: &[Server], seed: u64) -> Vec<Vec<String>> {
    scope(|threads| {
        let talks = PEOPLE.map(|person| {
            let nodes: Vec<Client> = nodes.iter().map(|node| node.client_of(person)).collect();
            threads.spawn(move || Speaker::new(person.name, nodes, seed).talk(STEPS))
        });
        talks.into_iter().map(|talk| talk.join().unwrap()).collect()
    })
}

fn compare(name: &str, seed: u64) {
    let mut single = Server::embedded();
    PEOPLE.iter().for_each(|person| single.create(*person));
    single.restart();
    let database = Postgres::start(name);
    let three = apart(&database.create("kontor"), "", &PEOPLE);
    let (expect, found) = (converse(&[single], seed), converse(&three, seed));
    for (expect, found) in expect.iter().zip(&found) {
        for (at, (expect, found)) in expect.iter().zip(found).enumerate() {
            assert_eq!(expect, found, "seed {seed}, step {at}");
        }
    }
}

#[test]
fn three_nodes_answer_as_one_first() {
    compare("talk1", 0x9e37_79b9);
}

#[test]
fn three_nodes_answer_as_one_second() {
    compare("talk2", 0x2545_f491);
}
