//! The body of a request: read up to a limit that the door names, at no less than a minimum pace.

use crate::reserve::{Held, Reserve};
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// Memory set aside on the word of a Content-Length alone.
const TRUSTED_LENGTH: usize = 64 * 1024;
/// So much of a body that no door wanted is read off the wire, so that the connection can serve the next request.
const LEFTOVER: u64 = 64 * 1024;

/// A request's body, not yet read.
pub struct RequestBody {
    source: Source,
    pace: Pace,
    received: u64,
    started: Option<Instant>,
    /// Set when the body is dropped with a rest on the wire that nobody reads.
    abandoned: Option<Arc<AtomicBool>>,
    /// The rest is not worth reading: the client waits for `100 Continue`, or what came was refused.
    unwanted: bool,
    /// Its part of the memory for large bodies, for as long as the request lasts.
    held: Option<Held>,
}

enum Source {
    Wire(Incoming),
    Memory(Bytes),
}

/// How slowly a body may come: a time of grace, and from then on at least so many bytes a second on average.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) grace: Duration,
    pub(crate) bytes_per_second: u32,
}

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// Larger than the door allows (413). Nothing more of it is read.
    TooLarge,
    /// The client sends it slower than the minimum pace (408).
    TooSlow,
    /// The client broke off, or what it sends is not well-formed (400).
    Broken,
    /// So many large bodies are in memory that there is no room for this one now (503).
    NoRoom,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the request body is too large",
            Self::TooSlow => "the request body came too slowly",
            Self::Broken => "the request body broke off",
            Self::NoRoom => "too many large requests at once; try again",
        })
    }
}

impl std::error::Error for BodyError {}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").field("received", &self.received).finish_non_exhaustive()
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        let pace = Pace { grace: Duration::from_secs(1), bytes_per_second: 1 };
        Self {
            source: Source::Memory(bytes),
            pace,
            received: 0,
            started: None,
            abandoned: None,
            unwanted: false,
            held: None,
        }
    }
}

impl RequestBody {
    /// No body, for tests of doors.
    pub fn empty() -> Self {
        Self::from(Bytes::new())
    }

    /// A body off the wire; `waits` if the client sends it only after `100 Continue`.
    pub(crate) fn from_wire(incoming: Incoming, pace: Pace, waits: bool, reserve: &Arc<Reserve>) -> Self {
        let abandoned = (!incoming.is_end_stream()).then(Arc::default);
        let held = (!incoming.is_end_stream()).then(|| reserve.nothing());
        let source = Source::Wire(incoming);
        Self { source, pace, received: 0, started: None, abandoned, unwanted: waits, held }
    }

    /// Becomes true when the body was dropped and its rest stays on the wire: the connection must end then, and the
    /// answer must say so (RFC 9112 9.3, 9.6). `None` if there is no body.
    pub(crate) fn abandoned(&self) -> Option<Arc<AtomicBool>> {
        self.abandoned.clone()
    }

    /// How many bytes the client says are still to come; `None` if it did not say.
    pub fn announced(&self) -> Option<u64> {
        match &self.source {
            Source::Wire(incoming) => incoming.size_hint().exact(),
            Source::Memory(bytes) => Some(bytes.len() as u64),
        }
    }

    /// Whether all of it can still be read: nobody has begun to.
    pub fn is_untouched(&self) -> bool {
        self.started.is_none()
    }

    /// Reads the whole rest of the body, at most `limit` bytes.
    ///
    /// An announced length above the limit is refused before a byte is read, so a client that waits for
    /// `100 Continue` never sends it. A body in one piece is not copied.
    ///
    /// # Errors
    /// [`BodyError`]; the body cannot be read further after that.
    pub async fn read_all(&mut self, limit: usize) -> Result<Bytes, BodyError> {
        let all = self.read_within(limit).await;
        self.unwanted |= all.is_err();
        all
    }

    async fn read_within(&mut self, limit: usize) -> Result<Bytes, BodyError> {
        if self.announced().is_some_and(|length| length > limit as u64) {
            return Err(BodyError::TooLarge);
        }
        let Some(first) = self.next().await else { return Ok(Bytes::new()) };
        let first = first?;
        let Some(second) = self.next().await else { return within(first, limit) };
        let mut all = BytesMut::with_capacity(self.roughly(first.len(), limit));
        all.extend_from_slice(&first);
        let mut piece = Some(second);
        while let Some(bytes) = piece {
            let bytes = bytes?;
            if bytes.len() > limit.saturating_sub(all.len()) {
                return Err(BodyError::TooLarge);
            }
            if self.held.as_mut().is_some_and(|held| !held.grow_to(all.len() + bytes.len())) {
                return Err(BodyError::NoRoom);
            }
            all.extend_from_slice(&bytes);
            piece = self.next().await;
        }
        within(all.freeze(), limit)
    }

    fn roughly(&self, first: usize, limit: usize) -> usize {
        let rest = self.announced().and_then(|rest| usize::try_from(rest).ok()).unwrap_or(first);
        first.saturating_add(rest).min(limit).min(TRUSTED_LENGTH.max(first.saturating_mul(2)))
    }

    /// The next piece, never empty; `None` at the end. For bodies that are handed on as they come: who reads them this
    /// way says how much is too much.
    ///
    /// # Errors
    /// [`BodyError`]; the body cannot be read further after that.
    pub async fn piece(&mut self) -> Option<Result<Bytes, BodyError>> {
        let piece = self.next().await;
        self.unwanted |= matches!(piece, Some(Err(_)));
        piece
    }

    /// The next piece, never empty; `None` at the end.
    async fn next(&mut self) -> Option<Result<Bytes, BodyError>> {
        let incoming = match &mut self.source {
            Source::Wire(incoming) => incoming,
            Source::Memory(bytes) => {
                self.started.get_or_insert_with(Instant::now);
                let bytes = std::mem::take(bytes);
                return (!bytes.is_empty()).then_some(Ok(bytes));
            }
        };
        if incoming.is_end_stream() {
            return None;
        }
        let started = *self.started.get_or_insert_with(Instant::now);
        loop {
            let earned = Duration::from_millis(
                self.received.saturating_mul(1000) / u64::from(self.pace.bytes_per_second.max(1)),
            );
            let deadline = started + self.pace.grace + earned;
            // Polls the body first: bytes that are there already set no timer.
            match timeout_at(deadline, incoming.frame()).await {
                Err(_) => return Some(Err(BodyError::TooSlow)),
                Ok(None) => return None,
                Ok(Some(Err(_))) => return Some(Err(BodyError::Broken)),
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => {
                        self.received = self.received.saturating_add(data.len() as u64);
                        return Some(Ok(data));
                    }
                    // Empty pieces and trailers carry nothing for us.
                    Ok(_) | Err(_) => {}
                },
            }
        }
    }
}

impl Drop for RequestBody {
    /// A door may answer without reading the body, as with every 401. Clients go on with the next request on the same
    /// connection, so a short rest is read and thrown away; a long one ends the connection.
    fn drop(&mut self) {
        let Some(abandoned) = self.abandoned.take() else { return };
        let long = self.announced().is_some_and(|length| length > LEFTOVER);
        let Source::Wire(incoming) = std::mem::replace(&mut self.source, Source::Memory(Bytes::new())) else {
            return;
        };
        if incoming.is_end_stream() {
            return;
        }
        let runtime = tokio::runtime::Handle::try_current().ok();
        match runtime.filter(|_| !long && !self.unwanted) {
            Some(runtime) => drop(runtime.spawn(timeout(self.pace.grace, swallow(incoming)))),
            None => abandoned.store(true, Relaxed),
        }
    }
}

/// Reads what is left of a body and forgets it, up to [`LEFTOVER`].
async fn swallow(mut incoming: Incoming) {
    let mut left = LEFTOVER;
    while let Some(Ok(frame)) = incoming.frame().await {
        let length = frame.data_ref().map_or(0, |data| data.len() as u64);
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

fn within(bytes: Bytes, limit: usize) -> Result<Bytes, BodyError> {
    if bytes.len() > limit { Err(BodyError::TooLarge) } else { Ok(bytes) }
}
