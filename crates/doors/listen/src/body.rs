//! The body of an answer: nothing, bytes at hand, or a stream.

use crate::stop::Stopping;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Pieces that wait between a door and the socket; a door that is faster than its client waits in `send`.
const WAITING_PIECES: usize = 4;
/// A longer piece is handed on in parts, so that a slow client does not make many of them wait.
const LONGEST_PIECE: usize = 256 * 1024;

/// Body of a [`Response`](crate::Response).
pub struct Body(pub(crate) Kind);

pub(crate) enum Kind {
    Empty,
    Full(Bytes),
    Stream(Stream),
}

pub(crate) struct Stream {
    pieces: mpsc::Receiver<Bytes>,
    cut: Arc<AtomicBool>,
    /// An event stream has no end of its own: it ends when the server does.
    pub(crate) endless: bool,
    /// What all pieces come to, if that is known.
    length: Option<u64>,
    stopping: Option<Stopping>,
}

/// The door's end of a streamed body. Dropping it ends the answer in order.
#[derive(Debug)]
pub struct BodySender {
    pieces: mpsc::Sender<Bytes>,
    cut: Arc<AtomicBool>,
}

/// Nobody reads the answer any more: the client left, or the server is ending. Stop making it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads the answer any more")
    }
}

impl std::error::Error for Gone {}

/// The answer was broken off half-way, and the client is told so by the way the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOff;

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer was broken off")
    }
}

impl std::error::Error for CutOff {}

impl Body {
    /// No body.
    pub fn empty() -> Self {
        Self(Kind::Empty)
    }

    /// Bytes at hand, sent with their length.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        if bytes.is_empty() { Self::empty() } else { Self(Kind::Full(bytes)) }
    }

    /// A body in pieces, made while it is sent. Pieces of 16 to 64 KiB travel well.
    pub fn stream() -> (BodySender, Self) {
        Self::piecewise(false)
    }

    /// A body in pieces that come to so many bytes, which the client is told; whoever sends fewer breaks it off.
    pub fn sized(length: u64) -> (BodySender, Self) {
        let (to, mut body) = Self::piecewise(false);
        if let Kind::Stream(stream) = &mut body.0 {
            stream.length = Some(length);
        }
        (to, body)
    }

    /// A body without an end, such as `text/event-stream`: never compressed, and ended in order as soon as the
    /// server begins to stop.
    pub fn events() -> (BodySender, Self) {
        Self::piecewise(true)
    }

    fn piecewise(endless: bool) -> (BodySender, Self) {
        let (to, pieces) = mpsc::channel(WAITING_PIECES);
        let cut = Arc::new(AtomicBool::new(false));
        let stream = Stream { pieces, cut: cut.clone(), endless, length: None, stopping: None };
        (BodySender { pieces: to, cut }, Self(Kind::Stream(stream)))
    }

    /// Length in bytes; `None` for a stream whose length nobody knows.
    pub fn length(&self) -> Option<u64> {
        match &self.0 {
            Kind::Empty => Some(0),
            Kind::Full(bytes) => Some(bytes.len() as u64),
            Kind::Stream(stream) => stream.length,
        }
    }

    /// Bytes of it that are in memory already; those of a stream come one by one.
    pub(crate) fn in_memory(&self) -> usize {
        match &self.0 {
            Kind::Full(bytes) => bytes.len(),
            Kind::Empty | Kind::Stream(_) => 0,
        }
    }

    /// Reads a whole body into memory, for tests of doors and for answers that are known to be small.
    ///
    /// # Errors
    /// [`CutOff`] if the door broke it off, or if it is longer than `limit` bytes.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, CutOff> {
        let mut all = Vec::new();
        while let Some(frame) =
            std::future::poll_fn(|cx| http_body::Body::poll_frame(Pin::new(&mut self), cx)).await
        {
            let piece = frame?.into_data().unwrap_or_default();
            if piece.len() > limit.saturating_sub(all.len()) {
                return Err(CutOff);
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.into())
    }

    pub(crate) fn is_endless(&self) -> bool {
        matches!(&self.0, Kind::Stream(stream) if stream.endless)
    }

    /// Lets an endless body end with the server.
    pub(crate) fn end_with(&mut self, stopping: impl FnOnce() -> Stopping) {
        if let Kind::Stream(stream) = &mut self.0
            && stream.endless
        {
            stream.stopping = Some(stopping());
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({:?})", self.length())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::full(bytes)
    }
}

impl BodySender {
    /// Hands on the next piece; waits while the client is slower than the door. An empty piece is nothing.
    ///
    /// # Errors
    /// [`Gone`] when nobody reads any more.
    pub async fn send(&self, piece: Bytes) -> Result<(), Gone> {
        if piece.is_empty() {
            return if self.pieces.is_closed() { Err(Gone) } else { Ok(()) };
        }
        let mut rest = piece;
        while rest.len() > LONGEST_PIECE {
            self.pieces.send(rest.split_to(LONGEST_PIECE)).await.map_err(|_| Gone)?;
        }
        self.pieces.send(rest).await.map_err(|_| Gone)
    }

    /// Returns when nobody reads any more.
    pub async fn gone(&self) {
        self.pieces.closed().await;
    }

    /// Breaks the answer off: the client must not take it for whole.
    pub fn cut_off(self) {
        self.cut.store(true, Ordering::Release);
    }
}

impl Drop for BodySender {
    fn drop(&mut self) {
        // A door that dies while it writes must not leave an answer that looks whole.
        if std::thread::panicking() {
            self.cut.store(true, Ordering::Release);
        }
    }
}

impl Stream {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, CutOff>>> {
        if let Some(stopping) = &mut self.stopping
            && Pin::new(stopping).poll(cx).is_ready()
        {
            self.pieces.close();
            return Poll::Ready(None);
        }
        self.pieces.poll_recv(cx).map(|piece| match piece {
            Some(bytes) => Some(Ok(bytes)),
            None if self.cut.swap(false, Ordering::AcqRel) => Some(Err(CutOff)),
            None => None,
        })
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        match &mut self.0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Full(bytes) => {
                if bytes.len() > LONGEST_PIECE {
                    return Poll::Ready(Some(Ok(Frame::data(bytes.split_to(LONGEST_PIECE)))));
                }
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Kind::Stream(stream) => stream.poll(cx).map(|piece| piece.map(|bytes| bytes.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Kind::Empty)
    }

    fn size_hint(&self) -> SizeHint {
        self.length().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
