//! The bytes of a connection, plain, encrypted or local, watched by its [`Pulse`] and counted.

use crate::meter::Traffic;
use crate::pulse::Pulse;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::server::TlsStream;

/// The three sorts of connection. One type for all, so that HTTP is compiled once.
#[derive(Debug)]
pub(crate) enum Wire {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
    Local(UnixStream),
}

/// A wire under watch.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) wire: Wire,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) farewell: Farewell,
}

/// How far the end of a connection has come.
#[derive(Debug, Default)]
pub(crate) struct Farewell {
    /// We have said that nothing more comes from us.
    said: bool,
    /// Bytes that the client sent since, and that were thrown away.
    thrown_away: usize,
}

/// Bytes that are thrown away at most while a client still sends what nobody wants.
const PATIENCE: usize = 32 << 20;

macro_rules! on_wire {
    ($self:expr, $stream:ident => $call:expr) => {
        match &mut $self.wire {
            Wire::Plain(inner) => {
                let $stream = Pin::new(inner);
                $call
            }
            Wire::Encrypted(inner) => {
                let $stream = Pin::new(inner.as_mut());
                $call
            }
            Wire::Local(inner) => {
                let $stream = Pin::new(inner);
                $call
            }
        }
    };
}

impl Watched {
    /// Acknowledges at once what came. Many clients send head and body apart and hold the body back until the head is
    /// acknowledged (Nagle's algorithm); the system would take 40 ms over that, hoping to send it along with an answer
    /// that cannot be made without the body.
    fn acknowledge(&self) {
        let _lost = match &self.wire {
            Wire::Plain(inner) => quick(inner),
            Wire::Encrypted(inner) => quick(inner.get_ref().0),
            Wire::Local(_) => Ok(()),
        };
    }

    fn wrote(&self, result: &Poll<io::Result<usize>>) {
        match result {
            Poll::Pending => self.pulse.write_stalled(),
            Poll::Ready(Ok(count)) => {
                self.pulse.write_went();
                self.traffic.sent(*count);
            }
            Poll::Ready(Err(_)) => {}
        }
    }
}

#[cfg(target_os = "linux")]
fn quick(stream: &TcpStream) -> io::Result<()> {
    stream.set_quickack(true)
}

#[cfg(not(target_os = "linux"))]
fn quick(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = on_wire!(self, stream => stream.poll_read(cx, buffer));
        if result.is_pending() && self.pulse.is_awaiting_body() {
            self.acknowledge();
        }
        let count = buffer.filled().len().saturating_sub(before);
        if count > 0 {
            self.pulse.bytes_came();
            self.traffic.received(count);
        }
        result
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = on_wire!(self, stream => stream.poll_write(cx, bytes));
        self.wrote(&result);
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = on_wire!(self, stream => stream.poll_write_vectored(cx, pieces));
        self.wrote(&result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        match &self.wire {
            Wire::Plain(inner) => inner.is_write_vectored(),
            Wire::Encrypted(inner) => inner.is_write_vectored(),
            Wire::Local(inner) => inner.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_wire!(self, stream => stream.poll_flush(cx))
    }

    /// Ends our side; and if the client still sends a body that was refused, hears it out. To close at once would
    /// reset the connection, and the client would lose the answer that says why (RFC 9112 9.6).
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.farewell.said {
            ready!(on_wire!(self, stream => stream.poll_shutdown(cx)))?;
            self.farewell.said = true;
        }
        let mut scratch = [0; 16 * 1024];
        while self.pulse.hears_out() && self.farewell.thrown_away < PATIENCE {
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(on_wire!(self, stream => stream.poll_read(cx, &mut buffer))) {
                Ok(()) if !buffer.filled().is_empty() => self.farewell.thrown_away += buffer.filled().len(),
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
