//! Many connections at once.

use super::http::{Answer, Client};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Requests answered, and how long it took.
pub(super) struct Measured {
    pub(super) count: usize,
    pub(super) seconds: f64,
    /// How long each took, milliseconds, the quickest first.
    times: Vec<f64>,
}

impl Measured {
    /// Answers a second.
    pub(super) fn rate(&self) -> f64 {
        self.count as f64 / self.seconds
    }

    /// What `share` of the requests took at most, milliseconds.
    pub(super) fn within(&self, share: f64) -> f64 {
        let at = (self.times.len() as f64 * share) as usize;
        self.times.get(at.min(self.times.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// Sends requests over all `clients` at once for `length`; `make` gets the connection's number and its request's.
pub(super) fn hammer(
    clients: Vec<Client>,
    length: Duration,
    make: &(dyn Fn(usize, usize) -> Vec<u8> + Sync),
    good: &[u16],
) -> Result<Measured, String> {
    paced(clients, length, Duration::ZERO, make, good)
}

/// The same, each connection resting for `rest` after each answer.
pub(super) fn paced(
    clients: Vec<Client>,
    length: Duration,
    rest: Duration,
    make: &(dyn Fn(usize, usize) -> Vec<u8> + Sync),
    good: &[u16],
) -> Result<Measured, String> {
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let one = |number: usize, mut client: Client| -> Result<Vec<f64>, String> {
        let mut times = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let request = make(number, times.len());
            let sent = Instant::now();
            expect_status(&client.send(&request)?, good)?;
            times.push(sent.elapsed().as_secs_f64() * 1000.0);
            if !rest.is_zero() {
                std::thread::sleep(rest);
            }
        }
        Ok(times)
    };
    let all = std::thread::scope(|scope| {
        let one = &one;
        let workers: Vec<_> = clients
            .into_iter()
            .enumerate()
            .map(|(number, client)| scope.spawn(move || one(number, client)))
            .collect();
        std::thread::sleep(length);
        stop.store(true, Ordering::Relaxed);
        workers
            .into_iter()
            .map(|worker| worker.join().map_err(|_| "a client panicked".to_owned())?)
            .collect::<Result<Vec<_>, _>>()
    });
    let mut times = all?.concat();
    times.sort_unstable_by(f64::total_cmp);
    Ok(Measured { count: times.len(), seconds: begun.elapsed().as_secs_f64(), times })
}

/// Sends `count` requests over all `clients`.
pub(super) fn hammer_count(
    clients: Vec<Client>,
    count: usize,
    make: &(dyn Fn(usize) -> Vec<u8> + Sync),
) -> Result<(), String> {
    let next = AtomicUsize::new(0);
    let results: Vec<Result<(), String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = clients
            .into_iter()
            .map(|mut client| {
                let next = &next;
                scope.spawn(move || {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= count {
                            return Ok(());
                        }
                        expect_status(&client.send(&make(n))?, &[200, 201, 204])?;
                    }
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().map_err(|_| "a client panicked".to_owned())?).collect()
    });
    results.into_iter().collect()
}

/// An answer that is not one of these is an error, with the beginning of what it says.
pub(super) fn expect_status(answer: &Answer, good: &[u16]) -> Result<(), String> {
    if good.contains(&answer.status) {
        return Ok(());
    }
    let body: String = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
    Err(format!("answered {}: {body}", answer.status))
}
