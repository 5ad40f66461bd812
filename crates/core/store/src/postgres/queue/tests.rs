use super::*;
use crate::{Expect, Op, Receipt, Source, Write};
use kontor_model::{AccountId, Actor, CollectionId, ItemName, Origin, Timestamp};
use tokio::sync::oneshot::{self, Receiver};

fn pending(op: Op) -> (Pending, Receiver<Result<Receipt>>) {
    let (reply, answer) = oneshot::channel();
    let (actor, origin, at) = (Actor::System, Origin::Job, Timestamp::from_millis(1));
    (Pending::new(Write { actor, origin, at, guards: Vec::new(), ops: vec![op] }, reply), answer)
}

/// What is never taken along.
fn secret(id: i64) -> Op {
    Op::SetPassword { id: AccountId(id), digest: None }
}

fn remove(id: i64) -> Op {
    let name = ItemName::new("x").unwrap();
    let at = Source { account: AccountId(id), collection: CollectionId(1), name };
    Op::Remove { at, expect: Expect::Any }
}

fn queued(queue: &Queue, op: Op) -> Receiver<Result<Receipt>> {
    let (pending, answer) = pending(op);
    queue.write(pending).unwrap();
    answer
}

fn now<F: Future>(future: F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

fn take(queue: &Queue) -> Vec<Lot> {
    now(queue.take()).flatten().expect("something to take")
}

fn take_one(queue: &Queue) -> Lot {
    let mut lots = take(queue);
    assert_eq!(lots.len(), 1);
    lots.pop().unwrap()
}

fn keys(lots: &[Lot]) -> Vec<Key> {
    lots.iter().map(|lot| lot.key).collect()
}

#[test]
fn one_account_does_not_fill_the_queue() {
    let queue = Queue::new(8, 1 << 20, 4, 4);
    let _answers = [queued(&queue, secret(1)), queued(&queue, secret(1))];
    assert!(queue.write(pending(secret(1)).0).is_err(), "a quarter is there for one account");
    let _other = queued(&queue, secret(2));
}

#[test]
fn a_batch_that_is_held_goes_back_to_the_front() {
    let queue = Queue::new(64, 1 << 20, 4, 4);
    let _answers = [queued(&queue, secret(1)), queued(&queue, secret(1))];
    let lot = take_one(&queue);
    let key = lot.key;
    let _third = queued(&queue, secret(1));
    assert_eq!(lot.writes.len(), 2);
    assert!(queue.held(lot).is_some());
    assert!(now(queue.take()).is_none(), "it rests");
    queue.again(key);
    assert_eq!(take_one(&queue).writes.len(), 3);
    queue.served(&[key]);
    let state = queue.lock();
    assert!(state.lines.is_empty());
    assert_eq!((state.writes, state.bytes, state.trying, state.busy), (0, 0, 0, 0));
}

#[test]
fn lines_that_are_held_keep_few_takers() {
    let queue = Queue::new(64, 1 << 20, 8, 4);
    let _answers: Vec<_> = (0..5).map(|id| queued(&queue, secret(id))).collect();
    for _ in 0..5 {
        queue.held(take_one(&queue));
    }
    (0..5).for_each(|id| queue.again(Some(AccountId(id))));
    let first = [take(&queue), take(&queue)];
    assert!(now(queue.take()).is_none(), "two of eight takers are with such lines");
    let _other = queued(&queue, secret(9));
    assert_eq!(keys(&take(&queue)), [Some(AccountId(9))]);
    for lots in first {
        queue.served(&keys(&lots));
    }
    assert!(now(queue.take()).is_some());
}

#[test]
fn closing_lets_go_of_what_is_held() {
    let queue = Queue::new(64, 1 << 20, 4, 4);
    let mut answers: Vec<_> = (0..3).map(|id| queued(&queue, secret(id))).collect();
    for again in [false, true] {
        let lot = take_one(&queue);
        let key = lot.key;
        queue.held(lot);
        if again {
            queue.again(key);
        }
    }
    queue.close();
    assert!(queue.write(pending(secret(7)).0).is_err());
    assert!(answers.remove(0).try_recv().is_err(), "who rests is told");
    for _ in 0..2 {
        assert_eq!(queue.held(take_one(&queue)), None);
    }
    assert!(now(queue.take()).is_some_and(|end| end.is_none()));
}

#[test]
fn lines_are_shared_out_among_takers_that_are_free() {
    let queue = Queue::new(64, 1 << 20, 2, 4);
    let _answers: Vec<_> = (0..3).map(|id| queued(&queue, remove(id))).collect();
    let first = take(&queue);
    assert_eq!(first.len(), 2, "the other taker is free");
    let _more: Vec<_> = (3..9).map(|id| queued(&queue, remove(id))).collect();
    assert_eq!(take(&queue).len(), 4, "as many as may go along");
    queue.served(&keys(&first));
    assert_eq!(take(&queue).len(), 3);
}

#[test]
fn what_came_to_nothing_is_taken_alone() {
    let queue = Queue::new(64, 1 << 20, 1, 4);
    let _answers: Vec<_> = [1, 1, 2].map(|id| queued(&queue, remove(id))).into();
    let lots = take(&queue);
    assert_eq!(lots.iter().map(|lot| lot.writes.len()).collect::<Vec<_>>(), [2, 1]);
    let _third = queued(&queue, remove(1));
    queue.apart(lots);
    let first = take_one(&queue);
    assert_eq!((first.key, first.writes.len()), (Some(AccountId(1)), 3));
    queue.served(&[first.key]);
    let second = take_one(&queue);
    assert_eq!((second.key, second.writes.len()), (Some(AccountId(2)), 1));
    queue.served(&[second.key]);
    let _again = [queued(&queue, remove(1)), queued(&queue, remove(2))];
    assert_eq!(take(&queue).len(), 2, "that is forgotten");
    assert_eq!(queue.lock().busy, 1);
}

#[test]
fn what_needs_a_savepoint_goes_alone() {
    let queue = Queue::new(64, 1 << 20, 1, 4);
    let _answers = [remove(1), secret(2), remove(3), remove(4)].map(|op| queued(&queue, op));
    assert_eq!(take(&queue).len(), 1);
    assert_eq!(keys(&take(&queue)), [Some(AccountId(2))]);
    assert_eq!(take(&queue).len(), 2);
}
