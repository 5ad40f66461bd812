//! Tides: what the numbers of an account's collections were is known for as long as the logs go back, whatever happened
//! since.

use super::office::Office;
use super::verbs::Dice;
use kontor_model::{AccountId, Actor, CollectionId, Origin, Timestamp, Version};
use kontor_store::{Done, Op, Store, Write};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was noted.
#[derive(Default)]
pub(super) struct Tides {
    all: Vec<Noted>,
    /// Trimmed up to here.
    trimmed: Option<Timestamp>,
}

struct Noted {
    account: AccountId,
    number: i64,
    at: Timestamp,
    versions: BTreeMap<CollectionId, Version>,
}

impl Tides {
    /// Notes one, as callers do: only what differs from what was noted last.
    pub(super) async fn note(
        &mut self,
        store: &Arc<dyn Store>,
        office: &Office,
        dice: &mut Dice,
        at: Timestamp,
    ) {
        let accounts: Vec<_> = office.accounts.keys().copied().collect();
        let Some(account) = accounts.get(dice.below(accounts.len())).copied() else { return };
        let shelf = store.shelf(account).await.unwrap().version;
        let known = store.tides(account, i64::MAX).await.unwrap().marks;
        let versions: BTreeMap<_, _> = known.iter().map(|mark| (mark.collection, mark.version)).collect();
        let told: BTreeMap<_, _> = store.versions(account).await.unwrap().into_iter().collect();
        assert_eq!(versions, told);
        let changed = known.iter().filter(|mark| mark.marked != Some(mark.version));
        let marks = changed.map(|mark| (mark.collection, mark.version)).collect();
        let ops = vec![Op::Tide { account, shelf, marks }];
        let write = Write { actor: Actor::System, origin: Origin::Job, at, guards: Vec::new(), ops };
        let done = store.write(write).await.unwrap().done;
        let [Done::Tide { number }] = done[..] else { panic!("a tide was answered with {done:?}") };
        self.all.push(Noted { account, number, at, versions });
    }

    /// Those from before are known no longer.
    pub(super) fn trim(&mut self, before: Timestamp) {
        self.trimmed = self.trimmed.max(Some(before));
    }

    /// What was noted last of a collection before a tide.
    fn last(&self, tide: &Noted, collection: CollectionId) -> Option<Version> {
        let before = self.all.iter().filter(|one| one.account == tide.account && one.number < tide.number);
        before.rev().find_map(|one| one.versions.get(&collection).copied())
    }

    pub(super) async fn are_known(&self, store: &Arc<dyn Store>, context: &str) {
        for noted in &self.all {
            let found = store.tides(noted.account, noted.number).await.unwrap();
            let number = found.tide.filter(|tide| tide.number == noted.number).map(|tide| tide.at);
            if self.trimmed.is_some_and(|before| noted.at < before) {
                assert_eq!(number, None, "{context}: a tide of before the trim");
                continue;
            }
            assert_eq!(number, Some(noted.at), "{context}");
            for mark in found.marks {
                let was = noted.versions.get(&mark.collection).copied();
                // One that was in the trash then has the number that was noted last.
                let before = || self.last(noted, mark.collection);
                assert_eq!(mark.marked, was.or_else(before), "{context}: {mark:?} at {}", noted.number);
                assert!(was.is_none_or(|was| was >= mark.floor), "{context}: its log tells what came since");
            }
        }
    }
}
