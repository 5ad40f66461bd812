//! Leases: one holder at a time, whatever the clocks say; none for ever.

use super::on_every_engine;
use super::world::World;
use kontor_model::{Clock, FixedClock, SeededChance, Timestamp};
use kontor_store::{Lease, Store};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const TERM: Duration = Duration::from_secs(30);
const MINUTES: i64 = 60_000;

/// A process with a clock of its own, which shows `skew_ms` too much.
pub(crate) struct Process {
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) lease: Lease,
}

impl Process {
    pub(crate) fn new(store: &Arc<dyn Store>, seed: u64, skew_ms: i64) -> Self {
        let clock = Arc::new(FixedClock::at(Timestamp::from_millis(1_800_000_000_000 + skew_ms)));
        let lease = Lease::new(store.clone(), clock.clone(), &SeededChance::new(seed), "job");
        Self { clock, lease: lease.for_terms_of(TERM) }
    }

    async fn looks(&mut self) -> bool {
        self.lease.look().await.unwrap()
    }
}

fn three(world: &World) -> [Process; 3] {
    [0, 5 * MINUTES, -5 * MINUTES]
        .map(|skew| Process::new(&world.store, u64::try_from(skew + MINUTES * 9).unwrap(), skew))
}

fn pass(all: &[Process], ms: i64) {
    all.iter().for_each(|one| one.clock.advance_millis(ms));
}

#[test]
fn one_has_it_and_the_others_wait_for_its_end() {
    on_every_engine(async |world| {
        let mut all = three(&world);
        assert!(all[0].looks().await && all[0].lease.is_held());
        for _ in 0..20 {
            pass(&all, 5_000);
            assert!(!all[1].looks().await && !all[2].looks().await);
            assert!(all[0].looks().await && all[0].lease.is_held());
        }
        // Its last beat was seen 5 s after it was made.
        pass(&all, 5_000);
        assert!(!all[1].looks().await && !all[2].looks().await);
        pass(&all, 29_999);
        assert!(!all[0].lease.is_held(), "it knows by itself");
        assert!(!all[1].looks().await);
        pass(&all, 1);
        assert!(all[1].looks().await && all[1].lease.is_held());
        assert!(!all[2].looks().await, "who comes second sees a new beat");
        assert!(!all[0].looks().await, "and who had it comes last");
    });
}

#[test]
fn whoever_lets_go_is_followed_at_once() {
    on_every_engine(async |world| {
        let mut all = three(&world);
        assert!(all[2].looks().await && !all[0].looks().await);
        all[2].lease.release().await.unwrap();
        assert!(!all[2].lease.is_held());
        assert!(all[0].looks().await);
        all[2].lease.release().await.unwrap();
        assert!(all[0].looks().await && !all[1].looks().await, "what one does not have one cannot give");
    });
}

#[test]
fn of_many_that_want_it_at_once_one_wins() {
    on_every_engine(async |world| {
        let mut all: Vec<Process> = (0..20).map(|n| Process::new(&world.store, n, 0)).collect();
        for _ in 0..5 {
            let looks = all.iter_mut().map(|one| one.lease.look());
            let mut won = 0;
            for look in futures(looks).await {
                won += usize::from(look.unwrap());
            }
            assert_eq!(won, 1);
            let holder = all.iter_mut().find(|one| one.lease.is_held()).unwrap();
            holder.lease.release().await.unwrap();
        }
    });
}

/// Runs them together.
async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut all: Vec<_> = all.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        for (one, done) in all.iter_mut().filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(value) = one.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        if all.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    all.into_iter().map(|(_, done)| done.unwrap()).collect()
}

/// Clocks that are minutes apart, are set back and forth, and do not run at the same pace; processes that stop for a
/// while, or die. Never two at once, and never nobody for long.
#[test]
fn no_clock_makes_two_holders_nor_none() {
    on_every_engine(async |world| {
        for seed in 0..6 {
            siege(&world, seed).await;
        }
    });
}

async fn siege(world: &World, seed: u64) {
    let mut dice = Dice(seed);
    let mut all = three(world);
    let paces = [0, 1, 2].map(|_| 850 + dice.below(300));
    let mut asleep = [0_i64; 3];
    let mut nobody_ms = 0;
    for step in 0..400 {
        let ms = 500 + dice.below(4_000);
        for (one, pace) in all.iter().zip(paces) {
            one.clock.advance_millis(ms * pace / 1_000);
        }
        match dice.below(40) {
            0 => asleep[usize::try_from(dice.below(3)).unwrap()] = dice.below(180_000),
            1 => all[usize::try_from(dice.below(3)).unwrap()]
                .clock
                .set_by_millis((dice.below(11) - 5) * MINUTES),
            // It dies, and another one is started in its place.
            2 => {
                let which = usize::try_from(dice.below(3)).unwrap();
                all[which] =
                    Process::new(&world.store, 100 + seed * 1_000 + step, dice.below(11) - 5 * MINUTES);
            }
            _ => {}
        }
        for (at, one) in all.iter_mut().enumerate() {
            asleep[at] = (asleep[at] - ms).max(0);
            if asleep[at] == 0 {
                one.lease.look().await.unwrap();
            }
        }
        let holders = all.iter().filter(|one| one.lease.is_held()).count();
        assert!(holders <= 1, "seed {seed}, step {step}: {holders} at once");
        let all_sleep = asleep.iter().all(|ms| *ms > 0);
        nobody_ms = if holders == 1 || all_sleep { 0 } else { nobody_ms + ms };
        assert!(nobody_ms < 150_000, "seed {seed}, step {step}: nobody for {nobody_ms} ms");
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

#[test]
fn a_steady_clock_goes_on_when_the_time_of_day_is_set_back() {
    let clock = FixedClock::at(Timestamp::from_secs(1_000));
    clock.set_by_millis(-5_000);
    clock.advance_millis(10);
    assert_eq!((clock.now().millis(), clock.steady()), (995_010, Duration::from_millis(10)));
}
