//! Many connections at once.

use super::http::{Answer, Client};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Requests answered, and how long it took.
pub(super) struct Measured {
    pub(super) count: usize,
    pub(super) seconds: f64,
}

impl Measured {
    /// Answers a second.
    pub(super) fn rate(&self) -> f64 {
        self.count as f64 / self.seconds
    }
}

/// Sends requests over all `clients` at once for `length`; `make` gets the connection's number and its request's.
pub(super) fn hammer(
    clients: Vec<Client>,
    length: Duration,
    make: &(dyn Fn(usize, usize) -> Vec<u8> + Sync),
    good: &[u16],
) -> Result<Measured, String> {
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let counts = std::thread::scope(|scope| {
        let workers: Vec<_> = clients
            .into_iter()
            .enumerate()
            .map(|(number, mut client)| {
                let stop = &stop;
                scope.spawn(move || -> Result<usize, String> {
                    let mut count = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let answer = client.send(&make(number, count))?;
                        expect_status(&answer, good)?;
                        count += 1;
                    }
                    Ok(count)
                })
            })
            .collect();
        std::thread::sleep(length);
        stop.store(true, Ordering::Relaxed);
        workers
            .into_iter()
            .map(|worker| worker.join().map_err(|_| "a client panicked".to_owned())?)
            .collect::<Vec<_>>()
    });
    let mut count = 0;
    for one in counts {
        count += one?;
    }
    Ok(Measured { count, seconds: begun.elapsed().as_secs_f64() })
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
