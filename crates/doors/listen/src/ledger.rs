//! Who holds how many connections, and whether more may come.

use crate::address::household;
use crate::{Limits, Meter};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Counts open connections, in all and by address.
pub(crate) struct Ledger {
    open: Mutex<Open>,
    meter: Arc<Meter>,
    pub(crate) emptied: Notify,
}

#[derive(Default)]
struct Open {
    total: usize,
    /// Sockets that still take connections.
    listening: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    Everywhere,
    ForThisAddress,
}

/// One open connection; gives its place back when dropped.
pub(crate) struct Admission {
    ledger: Arc<Ledger>,
    counted_as: Option<IpAddr>,
}

impl Ledger {
    pub(crate) fn new(meter: Arc<Meter>) -> Arc<Self> {
        Arc::new(Self { open: Mutex::default(), meter, emptied: Notify::new() })
    }

    /// Takes a place; `by_address` is `None` for those who are not limited by address.
    pub(crate) fn admit(
        self: &Arc<Self>,
        by_address: Option<IpAddr>,
        limits: &Limits,
    ) -> Result<Admission, Full> {
        let counted_as = by_address.map(household);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.total >= limits.connections {
            self.meter.refused_total.fetch_add(1, Relaxed);
            return Err(Full::Everywhere);
        }
        if let Some(address) = counted_as {
            let held = open.by_address.entry(address).or_default();
            if *held >= limits.connections_per_address {
                self.meter.refused_address.fetch_add(1, Relaxed);
                return Err(Full::ForThisAddress);
            }
            *held += 1;
        }
        open.total += 1;
        self.meter.accepted.fetch_add(1, Relaxed);
        self.meter.open.store(open.total as u64, Relaxed);
        Ok(Admission { ledger: self.clone(), counted_as })
    }

    /// A socket takes connections from now on, until what this gives is dropped.
    pub(crate) fn listen(self: &Arc<Self>) -> Listening {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).listening += 1;
        Listening(self.clone())
    }

    /// Whether there is no connection, and none can come.
    pub(crate) fn is_over(&self) -> bool {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).is_over()
    }

    pub(crate) fn total(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).total
    }
}

impl Open {
    fn is_over(&self) -> bool {
        self.total == 0 && self.listening == 0
    }
}

/// A socket that takes connections.
pub(crate) struct Listening(Arc<Ledger>);

impl Drop for Listening {
    fn drop(&mut self) {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.listening = open.listening.saturating_sub(1);
        if open.is_over() {
            self.0.emptied.notify_waiters();
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut open = self.ledger.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total = open.total.saturating_sub(1);
        self.ledger.meter.open.store(open.total as u64, Relaxed);
        if let Some(address) = self.counted_as
            && let Some(held) = open.by_address.get_mut(&address)
        {
            *held = held.saturating_sub(1);
            if *held == 0 {
                open.by_address.remove(&address);
            }
        }
        if open.is_over() {
            self.ledger.emptied.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back() {
        let limits = Limits { connections: 3, connections_per_address: 2, ..Limits::default() };
        let ledger = Ledger::new(Arc::new(Meter::new(Vec::new())));
        let (a, b): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let first = ledger.admit(Some(a), &limits).ok().unwrap();
        let _second = ledger.admit(Some(a), &limits).ok().unwrap();
        assert_eq!(ledger.admit(Some(a), &limits).err(), Some(Full::ForThisAddress));
        let _third = ledger.admit(Some(b), &limits).ok().unwrap();
        assert_eq!(ledger.admit(None, &limits).err(), Some(Full::Everywhere));
        drop(first);
        assert_eq!(ledger.total(), 2);
        assert!(ledger.admit(Some(a), &limits).is_ok());
    }
}
