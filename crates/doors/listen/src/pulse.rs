//! What one connection is doing and since when, so that a single lazy clock can tell slow clients from busy ones.
//!
//! The socket side notes bytes that come and writes that stall, the request side notes beginnings and ends; the
//! connection's clock wakes now and then and asks for the [`Verdict`]. Nothing here sets or resets a timer.

use crate::Limits;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::Instant;

/// The state of one connection.
#[derive(Debug)]
pub(crate) struct Pulse {
    born: Instant,
    /// Whether anything came at all.
    spoken: AtomicBool,
    /// Requests whose answer is not fully handed over.
    in_flight: AtomicU32,
    /// Whether a request's head has begun to come.
    head_begun: AtomicBool,
    /// Since when it waits or reads a head, in ms since `born`.
    since: AtomicU64,
    /// Since when the client takes nothing, in ms since `born` plus one; 0 if it does not stall.
    stalled: AtomicU64,
    /// HTTP/2: bytes between requests are housekeeping, not the head of a request; and a client that does not take its
    /// answer does so by not asking for more, which stalls no write.
    framed: AtomicBool,
    /// HTTP/2: answers with an end that are being sent.
    sending: AtomicU32,
    /// HTTP/2: when something was last sent, in ms since `born`.
    moved: AtomicU64,
    /// HTTP/1: whether the request that is being answered has a body, of which a part may still be on its way.
    awaiting_body: AtomicBool,
    /// The last request's body was refused, and the client may still be sending it.
    hearing_out: AtomicBool,
}

/// What the clock of a connection should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Look again then.
    LookAgain(Instant),
    /// Close: this is what the client failed to do.
    Close(Reason),
}

/// Why a connection was closed by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Idle for too long; nothing is wrong.
    Idle,
    /// Header fields came too slowly.
    SlowHead,
    /// The client does not take its answer.
    SlowReader,
}

/// The clock looks at least this often at a connection that works.
const LONGEST_LOOK: Duration = Duration::from_secs(10);
/// How long a client is heard out that still sends a body which was refused.
const HEARING_OUT: Duration = Duration::from_secs(5);

impl Pulse {
    pub(crate) fn new() -> Self {
        Self {
            born: Instant::now(),
            spoken: AtomicBool::new(false),
            in_flight: AtomicU32::new(0),
            // A fresh connection owes us a head.
            head_begun: AtomicBool::new(true),
            since: AtomicU64::new(0),
            stalled: AtomicU64::new(0),
            framed: AtomicBool::new(false),
            sending: AtomicU32::new(0),
            moved: AtomicU64::new(0),
            awaiting_body: AtomicBool::new(false),
            hearing_out: AtomicBool::new(false),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether the client has said anything yet.
    pub(crate) fn has_spoken(&self) -> bool {
        self.spoken.load(Relaxed)
    }

    pub(crate) fn bytes_came(&self) {
        self.spoken.store(true, Relaxed);
        if self.in_flight.load(Relaxed) == 0 && !self.head_begun.load(Relaxed) && !self.framed.load(Relaxed) {
            self.since.store(self.now(), Relaxed);
            self.head_begun.store(true, Relaxed);
        }
    }

    /// HTTP/1: a request with or without a body begins to be answered.
    pub(crate) fn awaits_body(&self, awaits: bool) {
        self.awaiting_body.store(awaits, Relaxed);
    }

    /// Whether what is not there yet may be the rest of a body.
    pub(crate) fn is_awaiting_body(&self) -> bool {
        self.awaiting_body.load(Relaxed)
    }

    pub(crate) fn write_stalled(&self) {
        if self.stalled.load(Relaxed) == 0 {
            self.stalled.store(self.now() + 1, Relaxed);
        }
    }

    pub(crate) fn write_went(&self) {
        if self.stalled.load(Relaxed) != 0 {
            self.stalled.store(0, Relaxed);
        }
        if self.framed.load(Relaxed) {
            self.moved.store(self.now(), Relaxed);
        }
    }

    /// HTTP/2: an answer with an end begins to be sent.
    pub(crate) fn sending_begins(&self) {
        self.moved.store(self.now(), Relaxed);
        self.sending.fetch_add(1, Relaxed);
    }

    /// HTTP/2: it is sent, or given up.
    pub(crate) fn sending_ends(&self) {
        self.sending.fetch_sub(1, Relaxed);
    }

    pub(crate) fn request_begins(&self, framed: bool) {
        self.in_flight.fetch_add(1, Relaxed);
        if framed {
            self.framed.store(true, Relaxed);
        }
    }

    pub(crate) fn request_ends(&self) {
        self.since.store(self.now(), Relaxed);
        self.head_begun.store(false, Relaxed);
        self.in_flight.fetch_sub(1, Relaxed);
    }

    /// The body of the request in flight is not wanted: when it is answered, the rest is heard out for a while.
    pub(crate) fn hear_out(&self) {
        self.hearing_out.store(true, Relaxed);
    }

    /// Whether a client that was answered may still be sending.
    pub(crate) fn hears_out(&self) -> bool {
        self.hearing_out.load(Relaxed)
    }

    /// How things stand now.
    pub(crate) fn verdict(&self, limits: &Limits) -> Verdict {
        let now = self.now();
        let stalled = self.stalled.load(Relaxed);
        let (since, allowed, reason) = if stalled != 0 {
            (stalled - 1, limits.write_timeout, Reason::SlowReader)
        } else if self.sending.load(Relaxed) > 0 {
            (self.moved.load(Relaxed), limits.write_timeout, Reason::SlowReader)
        } else if self.in_flight.load(Relaxed) > 0 {
            return self.look_again(now, limits.header_timeout.min(limits.write_timeout));
        } else if self.hears_out() {
            (self.since.load(Relaxed), HEARING_OUT.min(limits.idle_timeout), Reason::Idle)
        } else if self.head_begun.load(Relaxed) {
            (self.since.load(Relaxed), limits.header_timeout, Reason::SlowHead)
        } else {
            // An answer that was handed over in one piece may still be on its way (HTTP/2).
            (self.since.load(Relaxed).max(self.moved.load(Relaxed)), limits.idle_timeout, Reason::Idle)
        };
        let left = allowed.saturating_sub(Duration::from_millis(now.saturating_sub(since)));
        if left.is_zero() { Verdict::Close(reason) } else { self.look_again(now, left) }
    }

    fn look_again(&self, now: u64, after: Duration) -> Verdict {
        Verdict::LookAgain(self.born + Duration::from_millis(now + 1) + after.min(LONGEST_LOOK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pass(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    fn closes(pulse: &Pulse) -> Option<Reason> {
        match pulse.verdict(&Limits::default()) {
            Verdict::Close(reason) => Some(reason),
            Verdict::LookAgain(_) => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_never_ends() {
        let pulse = Pulse::new();
        pass(14).await;
        pulse.bytes_came();
        assert_eq!(closes(&pulse), None);
        pass(2).await;
        assert_eq!(closes(&pulse), Some(Reason::SlowHead));
    }

    #[tokio::test(start_paused = true)]
    async fn idle_between_requests_then_a_slow_head() {
        let pulse = Pulse::new();
        pulse.request_begins(false);
        pass(500).await;
        assert_eq!(closes(&pulse), None, "a busy connection is left alone");
        pulse.request_ends();
        pass(70).await;
        assert_eq!(closes(&pulse), None);
        pulse.bytes_came();
        pass(14).await;
        pulse.bytes_came();
        assert_eq!(closes(&pulse), None);
        pass(2).await;
        assert_eq!(closes(&pulse), Some(Reason::SlowHead));
    }

    #[tokio::test(start_paused = true)]
    async fn idle_for_too_long() {
        let pulse = Pulse::new();
        pulse.request_begins(true);
        pulse.request_ends();
        pass(60).await;
        pulse.bytes_came();
        pass(16).await;
        assert_eq!(closes(&pulse), Some(Reason::Idle));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_asks_for_more() {
        let pulse = Pulse::new();
        pulse.request_begins(true);
        pass(500).await;
        assert_eq!(closes(&pulse), None, "the door takes its time");
        pulse.sending_begins();
        pass(59).await;
        pulse.write_went();
        pass(59).await;
        assert_eq!(closes(&pulse), None);
        pass(2).await;
        assert_eq!(closes(&pulse), Some(Reason::SlowReader));
        pulse.sending_ends();
        pulse.request_ends();
        pass(74).await;
        pulse.write_went();
        pass(74).await;
        assert_eq!(closes(&pulse), None, "handed over, but still on its way");
        pass(2).await;
        assert_eq!(closes(&pulse), Some(Reason::Idle));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing() {
        let pulse = Pulse::new();
        pulse.request_begins(false);
        pulse.write_stalled();
        pass(59).await;
        assert_eq!(closes(&pulse), None);
        pulse.write_went();
        pulse.write_stalled();
        pass(61).await;
        assert_eq!(closes(&pulse), Some(Reason::SlowReader));
    }
}
