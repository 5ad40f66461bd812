//! Jobs that only one of several nodes is to do.

use super::{database, node, runtime};
use crate::suite::leases::{Process, TERM};
use kontor_model::{SeededChance, SystemClock};
use kontor_store::{Lease, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[test]
fn when_the_node_that_has_it_dies_another_takes_over() {
    let url = database("leases");
    runtime().block_on(async {
        let mut all: Vec<Process> = (0..3_u64)
            .map(|n| Process::new(&node(&url), n, (i64::try_from(n).unwrap() - 1) * 300_000))
            .collect();
        for one in &mut all {
            one.lease.look().await.unwrap();
        }
        assert!(all[0].lease.is_held());
        drop(all.remove(0));
        let mut passed = Duration::ZERO;
        while !all.iter().any(|one| one.lease.is_held()) {
            for one in &mut all {
                one.clock.advance_millis(5_000);
                one.lease.look().await.unwrap();
            }
            passed += Duration::from_secs(5);
        }
        assert_eq!(passed, TERM);
        assert_eq!(all.iter().filter(|one| one.lease.is_held()).count(), 1);
    });
}

/// What nodes do that hold it.
#[derive(Default)]
struct Work {
    at_once: AtomicI64,
    most: AtomicI64,
    /// Moves with every piece of work.
    done: AtomicU64,
    /// Whose turn it was last.
    by: AtomicU64,
}

/// Takes one from the count, whatever way the job ends.
struct Busy<'a>(&'a Work);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn work(work: Arc<Work>, node: u64) {
    let now = work.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    let _busy = Busy(&work);
    work.most.fetch_max(now, Ordering::SeqCst);
    loop {
        work.by.store(node, Ordering::SeqCst);
        work.done.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn a_job_goes_from_node_to_node_and_is_never_done_twice_at_once() {
    let url = database("jobs");
    let shared = Arc::new(Work::default());
    runtime().block_on(async {
        let mut nodes: Vec<_> = (1..=3_u64)
            .map(|n| {
                let (store, shared): (Arc<dyn Store>, _) = (node(&url), shared.clone());
                let lease = Lease::new(store, Arc::new(SystemClock), &SeededChance::new(n), "job");
                let mut lease = lease.for_terms_of(Duration::from_secs(6));
                let held = tokio::spawn(async move {
                    lease.hold(|| work(shared.clone(), n), std::future::pending()).await
                });
                (n, held)
            })
            .collect();
        let mut before = 0;
        while let Some(holder) = next_holder(&shared, before).await {
            let at = nodes.iter().position(|(n, _)| *n == holder).expect("one that lives");
            // As if by kill -9: nothing is given back.
            nodes.remove(at).1.abort();
            before = holder;
            if nodes.is_empty() {
                break;
            }
        }
        assert_eq!(shared.most.load(Ordering::SeqCst), 1, "two at once");
    });
}

/// Whose turn it is after that of `before`.
async fn next_holder(work: &Work, before: u64) -> Option<u64> {
    let begun = Instant::now();
    loop {
        let by = work.by.load(Ordering::SeqCst);
        if by != before && work.at_once.load(Ordering::SeqCst) == 1 {
            return Some(by);
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "nobody takes over after {before}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// When the job is done, or the node ends in order, the next one need not wait.
#[test]
fn a_job_that_ends_is_handed_on_at_once() {
    let url = database("handed");
    runtime().block_on(async {
        let lease = |n| {
            let lease = Lease::new(node(&url), Arc::new(SystemClock), &SeededChance::new(n), "job");
            lease.for_terms_of(Duration::from_secs(3_000))
        };
        let (mut one, mut other) = (lease(1), lease(2));
        assert_eq!(one.hold(|| async { 7 }, std::future::pending()).await, Some(7));
        assert_eq!(other.hold(|| async { 8 }, std::future::pending()).await, Some(8));
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let held = one.hold(std::future::pending::<()>, async { drop(ended.await) });
        let third = node(&url);
        let ending = async {
            while third.lease("job").await.unwrap().is_none_or(|tenure| tenure.holder == 0) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            end.send(()).unwrap();
        };
        assert_eq!(tokio::join!(held, ending).0, None);
        assert_eq!(other.hold(|| async { 9 }, std::future::pending()).await, Some(9));
    });
}
