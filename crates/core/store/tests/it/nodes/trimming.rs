//! Nodes whose clocks are minutes apart write the log and trim it: who goes on from a number either learns all that
//! happened since, or is told to start afresh.

use super::{database, node, runtime};
use crate::suite::world::{ANNA, WORK, World, body, source};
use kontor_model::{Actor, Error, Origin, Timestamp, Version};
use kontor_store::{Expect, Op, Select, Store, Write};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How wrong the clocks are, in seconds.
const SKEWS: [i64; 3] = [0, 300, -300];
/// How long the log is kept: not much longer than clocks differ, so that it matters.
const KEPT_S: i64 = 1_500;
const STEPS: usize = 400;

/// Versions by name.
type Members = BTreeMap<String, i64>;

/// A client that was told everything up to a number, at that time.
struct Client {
    since: Version,
    members: Members,
}

struct Scene {
    nodes: Vec<Arc<dyn Store>>,
    world: World,
    /// The right time, in seconds.
    now: i64,
    /// When each change was made, by its number.
    made: BTreeMap<i64, i64>,
    members: Members,
    clients: Vec<Client>,
    dice: u64,
}

impl Scene {
    fn throw(&mut self, sides: usize) -> usize {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        usize::try_from(self.dice >> 16).unwrap() % sides
    }

    fn any_node(&mut self) -> (Arc<dyn Store>, i64) {
        let at = self.throw(self.nodes.len());
        (Arc::clone(&self.nodes[at]), SKEWS[at])
    }

    /// A change by any node, dated by its clock.
    async fn change(&mut self) {
        let (node, skew) = self.any_node();
        let name = format!("{}", self.throw(12));
        let op = if self.members.contains_key(&name) && self.throw(2) == 0 {
            self.members.remove(&name);
            Op::Remove { at: source(WORK, &name), expect: Expect::Any }
        } else {
            self.members.insert(name.clone(), 0);
            self.world.put_op(source(WORK, &name), Expect::Any, body("x", Some(&name)))
        };
        let (actor, at) = (Actor::Account(ANNA), Timestamp::from_secs(self.now + skew));
        let write = Write { actor, origin: Origin::Dav, at, guards: Vec::new(), ops: vec![op] };
        node.write(write).await.unwrap();
        let version = node.version(ANNA, WORK).await.unwrap().0;
        self.made.insert(version, self.now);
        if let Some(told) = self.members.get_mut(&name) {
            *told = version;
        }
    }

    /// A node that thinks that it is time drops what it thinks is old.
    async fn trim(&mut self) {
        let (node, skew) = self.any_node();
        while node.trim(Timestamp::from_secs(self.now + skew - KEPT_S)).await.unwrap().more {}
    }

    /// Somebody comes back and asks each node.
    async fn sync(&mut self) {
        let at = self.throw(self.clients.len());
        let (since, members) = (self.clients[at].since, self.clients[at].members.clone());
        let mut found = Vec::new();
        for node in self.nodes.clone() {
            found.push(learn(&*node, since, members.clone()).await);
        }
        assert!(found.iter().all(|one| *one == found[0]), "nodes differ: {found:?}");
        match &found[0] {
            Some(learnt) => assert_eq!(*learnt, self.members, "since {since:?}"),
            None => {
                let missed = self.made.range(since.0 + 1..).next();
                let (_, at) = missed.expect("who missed nothing is not refused");
                // Written by a clock that is behind, dropped by one that is ahead.
                assert!(self.now - at >= KEPT_S - 600, "refused although the log is kept for that long");
            }
        }
        self.clients.push(Client {
            since: self.nodes[0].version(ANNA, WORK).await.unwrap(),
            members: self.members.clone(),
        });
    }
}

/// What somebody knows who knew `members` and asks what happened since; `None` if he is to start afresh.
async fn learn(node: &dyn Store, since: Version, mut members: Members) -> Option<Members> {
    let mut from = since;
    loop {
        let part = match node.changes(ANNA, WORK, from, 5, Select::Meta).await {
            Err(Error::GoneVersion) => return None,
            part => part.unwrap(),
        };
        for item in part.changed {
            members.insert(item.meta.name.as_str().to_owned(), item.meta.version.0);
        }
        for (name, _) in part.removed {
            members.remove(name.as_str());
        }
        from = part.upto;
        if !part.more {
            return Some(members);
        }
    }
}

#[test]
fn trimming_by_clocks_that_differ_hides_nothing() {
    let url = database("trimming");
    runtime().block_on(async {
        let world = World::new(node(&url)).await;
        let nodes = vec![Arc::clone(&world.store), node(&url), node(&url)];
        let mut scene = Scene {
            nodes,
            world,
            now: 100_000,
            made: BTreeMap::new(),
            members: Members::new(),
            clients: Vec::new(),
            dice: 0x9e37_79b9_7f4a_7c15,
        };
        scene.change().await;
        scene.clients.push(Client { since: Version(1), members: scene.members.clone() });
        for _ in 0..STEPS {
            scene.now += i64::try_from(scene.throw(90)).unwrap();
            match scene.throw(8) {
                0..=3 => scene.change().await,
                4 => scene.trim().await,
                _ => scene.sync().await,
            }
        }
        let oldest = learn(&*scene.nodes[0], Version(1), Members::new()).await;
        assert_eq!(oldest, None, "nothing was ever dropped");
    });
}
