//! Numbers for the metrics page: counted here, rendered by whoever shows them.

use http::{Method, StatusCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Methods counted apart; anything else is `other`.
pub const METHODS: [&str; 19] = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "MKCOL",
    "MKCALENDAR",
    "MOVE",
    "COPY",
    "ACL",
    "LOCK",
    "UNLOCK",
    "TRACE",
    "other",
];

/// Upper bounds of the duration buckets, in microseconds; one more bucket holds the rest.
pub const BUCKETS_US: [u64; 13] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

const CLASSES: usize = 5;

/// Counters of one server.
pub struct Meter {
    doors: Vec<Arc<DoorMeter>>,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) accepted: AtomicU64,
    pub(crate) refused_total: AtomicU64,
    pub(crate) refused_address: AtomicU64,
    pub(crate) handshakes_failed: AtomicU64,
    pub(crate) closed_slow: AtomicU64,
    pub(crate) panics: AtomicU64,
    pub(crate) open: AtomicU64,
    pub(crate) in_flight: AtomicU64,
}

/// Bytes over the wire, before encryption.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    received: AtomicU64,
    sent: AtomicU64,
}

impl Traffic {
    pub(crate) fn received(&self, count: usize) {
        self.received.fetch_add(count as u64, Relaxed);
    }

    pub(crate) fn sent(&self, count: usize) {
        self.sent.fetch_add(count as u64, Relaxed);
    }
}

/// Counters of one door.
pub(crate) struct DoorMeter {
    requests: [[AtomicU64; CLASSES]; METHODS.len()],
    buckets: [AtomicU64; BUCKETS_US.len() + 1],
    total_us: AtomicU64,
    pub(crate) name: &'static str,
}

impl DoorMeter {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, requests: Default::default(), buckets: Default::default(), total_us: AtomicU64::new(0) }
    }

    /// Counts one request; `taken` is the time until the answer's head was ready.
    pub(crate) fn count(&self, method: &Method, status: StatusCode, taken: Duration) {
        let row = METHODS.iter().position(|name| *name == method.as_str()).unwrap_or(METHODS.len() - 1);
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.requests.get(row).and_then(|classes| classes.get(class)) {
            counter.fetch_add(1, Relaxed);
        }
        let taken = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS_US.iter().position(|bound| taken <= *bound).unwrap_or(BUCKETS_US.len());
        if let Some(counter) = self.buckets.get(bucket) {
            counter.fetch_add(1, Relaxed);
        }
        self.total_us.fetch_add(taken, Relaxed);
    }

    fn numbers(&self) -> DoorNumbers {
        let requests = METHODS
            .iter()
            .zip(&self.requests)
            .flat_map(|(method, classes)| {
                let classes = classes.iter().zip(1_u8..).map(|(count, class)| (class, count.load(Relaxed)));
                classes.filter(|(_, count)| *count > 0).map(|(class, count)| (*method, class, count))
            })
            .collect();
        DoorNumbers {
            door: self.name,
            requests,
            buckets: self.buckets.iter().map(|bucket| bucket.load(Relaxed)).collect(),
            total_us: self.total_us.load(Relaxed),
        }
    }
}

/// What a [`Meter`] shows at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// One for each door.
    pub doors: Vec<DoorNumbers>,
    /// Connections open now.
    pub connections_open: u64,
    /// Connections taken since the start.
    pub connections_accepted: u64,
    /// Connections refused because there were too many.
    pub connections_refused: u64,
    /// Connections refused because there were too many from one address.
    pub connections_refused_by_address: u64,
    /// TLS handshakes that failed or took too long.
    pub handshakes_failed: u64,
    /// Connections cut because the client was too slow.
    pub connections_cut_slow: u64,
    /// Requests that ended in a panic.
    pub panics: u64,
    /// Requests whose answer is not complete.
    pub requests_in_flight: u64,
    /// Bytes from clients.
    pub bytes_received: u64,
    /// Bytes to clients.
    pub bytes_sent: u64,
}

/// The numbers of one door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorNumbers {
    /// Its name.
    pub door: &'static str,
    /// Method, hundred of the status (1 to 5), count; zeros are left out.
    pub requests: Vec<(&'static str, u8, u64)>,
    /// Requests by time to the answer's head: one count for each of [`BUCKETS_US`] and one for the rest.
    pub buckets: Vec<u64>,
    /// Sum of those times, in microseconds.
    pub total_us: u64,
}

impl Meter {
    pub(crate) fn new(doors: Vec<Arc<DoorMeter>>) -> Self {
        Self {
            doors,
            traffic: Arc::default(),
            accepted: AtomicU64::new(0),
            refused_total: AtomicU64::new(0),
            refused_address: AtomicU64::new(0),
            handshakes_failed: AtomicU64::new(0),
            closed_slow: AtomicU64::new(0),
            panics: AtomicU64::new(0),
            open: AtomicU64::new(0),
            in_flight: AtomicU64::new(0),
        }
    }

    /// Reads all counters.
    pub fn numbers(&self) -> Numbers {
        Numbers {
            doors: self.doors.iter().map(|door| door.numbers()).collect(),
            connections_open: self.open.load(Relaxed),
            connections_accepted: self.accepted.load(Relaxed),
            connections_refused: self.refused_total.load(Relaxed),
            connections_refused_by_address: self.refused_address.load(Relaxed),
            handshakes_failed: self.handshakes_failed.load(Relaxed),
            connections_cut_slow: self.closed_slow.load(Relaxed),
            panics: self.panics.load(Relaxed),
            requests_in_flight: self.in_flight.load(Relaxed),
            bytes_received: self.traffic.received.load(Relaxed),
            bytes_sent: self.traffic.sent.load(Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_method_class_and_bucket() {
        let door = DoorMeter::new("dav");
        door.count(&Method::GET, StatusCode::OK, Duration::from_micros(250));
        door.count(&Method::GET, StatusCode::NOT_FOUND, Duration::from_micros(251));
        door.count(&Method::from_bytes(b"BREW").unwrap(), StatusCode::IM_A_TEAPOT, Duration::from_secs(60));
        let numbers = door.numbers();
        assert_eq!(numbers.requests, [("GET", 2, 1), ("GET", 4, 1), ("other", 4, 1)]);
        assert_eq!(numbers.buckets.iter().sum::<u64>(), 3);
        assert_eq!((numbers.buckets[0], numbers.buckets[1], numbers.buckets[13]), (1, 1, 1));
        assert_eq!(numbers.total_us, 60_000_501);
    }
}
