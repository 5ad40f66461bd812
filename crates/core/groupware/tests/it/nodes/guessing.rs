//! Several nodes give no more guesses than one.

use super::{Hearing, MINUTES, Node, database};
use crate::bed::policy;
use kontor_groupware::Denied;
use std::sync::Arc;

async fn three(url: &str, skews: [i64; 3]) -> [Node; 3] {
    let node = |at: usize| Node::with(url, Hearing::Deaf, skews[at], policy());
    [node(0).await, node(1).await, node(2).await]
}

fn pass_s(nodes: &[Node], seconds: i64) {
    nodes.iter().for_each(|node| node.clock.advance_millis(seconds * 1000));
}

/// The waits are those that one node would tell, whoever is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_any_node_count_for_all() {
    let nodes = three(&database(), [0, 0, 0]).await;
    nodes[0].user("anna").await;
    for n in 0..11_usize {
        let refused = nodes[n % 3].sign_in("anna", &format!("guess {n}")).await.map(drop);
        assert_eq!(refused, Err(Denied::Wrong), "{n}");
        pass_s(&nodes, 26);
    }
    let late = Err(Denied::TooMany { retry_after_s: 1800 - 11 * 26 });
    for node in &nodes {
        assert_eq!(node.sign_in("anna", "anna").await.map(drop), late);
    }
    pass_s(&nodes, 1800);
    assert!(nodes[1].sign_in("anna", "anna").await.is_ok());
    // Which forgives on all of them.
    for (n, node) in nodes.iter().enumerate() {
        let refused = node.sign_in("anna", &format!("later {n}")).await.map(drop);
        assert_eq!(refused, Err(Denied::Wrong), "{n}");
    }
    assert!(nodes[2].sign_in("anna", "anna").await.is_ok());
}

/// All at once: before the first is counted the others are on their way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_burst_over_all_nodes_finds_no_more_than_one_would_let_through() {
    for round in 0..4 {
        let nodes = Arc::new(three(&database(), [0, 0, 0]).await);
        nodes[0].user("anna").await;
        let tries: Vec<_> = (0..120)
            .map(|n| {
                let nodes = nodes.clone();
                tokio::spawn(async move { nodes[n % 3].sign_in("anna", &format!("guess {n}")).await })
            })
            .collect();
        let mut checked = 0;
        for one in tries {
            match one.await.unwrap() {
                Err(Denied::Wrong) => checked += 1,
                Err(Denied::TooMany { .. }) => {}
                other => panic!("{:?}", other.map(drop)),
            }
        }
        assert!((1..=4).contains(&checked), "round {round}: {checked} were checked");
    }
}

/// People who know their password, on many devices and nodes at once, are not taken for guessers.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_burst_of_the_right_password_is_let_in() {
    let nodes = Arc::new(three(&database(), [0, 0, 0]).await);
    nodes[0].user("anna").await;
    let tries: Vec<_> = (0..60)
        .map(|n| {
            let nodes = nodes.clone();
            tokio::spawn(async move { nodes[n % 3].sign_in("anna", "anna").await })
        })
        .collect();
    for one in tries {
        assert!(one.await.unwrap().is_ok());
    }
    // And nothing of it is left: three wrong ones are free.
    for (n, node) in nodes.iter().enumerate() {
        assert_eq!(node.sign_in("anna", &format!("guess {n}")).await.map(drop), Err(Denied::Wrong));
    }
    assert!(nodes[0].sign_in("anna", "anna").await.is_ok());
}

/// Clocks that are ten minutes apart: nobody waits longer for it, and guessers get no more than a few guesses more in
/// half an hour.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_that_differ_make_nobody_wait_longer_nor_let_guessers_through() {
    let nodes = three(&database(), [0, 5 * MINUTES, -5 * MINUTES]).await;
    nodes[0].user("anna").await;
    for n in 0..4_usize {
        // Counted by the node whose clock is ahead, asked of the others.
        let refused = nodes[1].sign_in("anna", &format!("guess {n}")).await.map(drop);
        assert_eq!(refused, Err(Denied::Wrong), "{n}");
    }
    assert_eq!(nodes[1].sign_in("anna", "anna").await.map(drop), Err(Denied::TooMany { retry_after_s: 2 }));
    pass_s(&nodes, 2);
    for node in &nodes {
        assert!(node.sign_in("anna", "anna").await.is_ok());
    }
    let (mut checked, mut passed_s) = (0, 0);
    while passed_s < 4 * 3_600 {
        let mut least = u32::MAX;
        for node in &nodes {
            match node.sign_in("anna", &format!("siege {checked}")).await {
                Err(Denied::TooMany { retry_after_s }) => least = least.min(retry_after_s),
                Err(Denied::Wrong) => checked += 1,
                other => panic!("{:?}", other.map(drop)),
            }
        }
        let wait = i64::from(if least == u32::MAX { 1 } else { least });
        passed_s += wait;
        pass_s(&nodes, wait);
        // One node lets 11 through in half an hour; ten minutes more or less change that by so much.
        assert!(checked <= (passed_s / 1_200 + 2) * 12, "{checked} guesses in {passed_s} s");
    }
}

/// An office behind one address, all of it at once, as after a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_of_right_passwords_from_one_address_is_let_in() {
    let nodes = Arc::new(three(&database(), [0, 0, 0]).await);
    let names: Vec<String> = (0..64).map(|n| format!("one{n}")).collect();
    for name in &names {
        nodes[0].user(name).await;
    }
    let tries: Vec<_> = (0..)
        .zip(names)
        .map(|(n, name): (usize, String)| {
            let nodes = nodes.clone();
            tokio::spawn(async move { nodes[n % 3].sign_in(&name, &name).await.map(drop) })
        })
        .collect();
    for one in tries {
        assert_eq!(one.await.unwrap(), Ok(()));
    }
}

/// Who tries one password on many accounts meets the wall of the subnet, whichever node is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spray_over_accounts_is_counted_for_the_subnet() {
    let nodes = three(&database(), [0, 0, 0]).await;
    let mut told = Vec::new();
    for n in 0..40_usize {
        told.push(nodes[n % 3].sign_in(&format!("nobody{n}"), &format!("guess {n}")).await.map(drop));
    }
    let wrong = told.iter().take_while(|one| **one == Err(Denied::Wrong)).count();
    assert!((12..=20).contains(&wrong), "{wrong}");
    assert!(told[wrong..].iter().all(|one| matches!(one, Err(Denied::TooMany { .. }))));
}
