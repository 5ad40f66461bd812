//! The client of the admin socket: one request of HTTP/1.1, no more than that needs.

mod exchange;

pub(crate) use exchange::{Reply, Request, Sent, exchange};

use crate::Outcome;
use kontor_door_admin::{Answer, Command, Refusal};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long a server may take for a command.
const PATIENCE: Duration = Duration::from_secs(60);
/// Largest answer, in bytes: a list of a hundred thousand accounts.
const LARGEST: u64 = 64 << 20;

/// Asks the server that listens on `socket`; `None` if there is none.
///
/// # Errors
/// The server is there but cannot be talked with.
pub(crate) fn ask(socket: &Path, command: &Command) -> Outcome<Option<Result<Answer, Refusal>>> {
    let Some(stream) = reach(socket)? else { return Ok(None) };
    let text = serde_json::to_vec(command).map_err(|error| format!("cannot write the command: {error}"))?;
    let answer = converse(stream, &text).map_err(|error| format!("the server broke off: {error}"))?;
    Ok(Some(understand(&answer)?))
}

/// Connects to the server that listens there; `None` if there is none.
fn reach(socket: &Path) -> Outcome<Option<UnixStream>> {
    let reached = crate::socket::reachable(socket).and_then(|(_kept, path)| UnixStream::connect(path));
    match reached {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if is_absent(error.kind()) => Ok(None),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let text = format!("only root and the server's own user may use {}", socket.display());
            Err(text.into())
        }
        Err(error) => Err(format!("cannot reach {}: {error}", socket.display()).into()),
    }
}

/// Whether a server listens there.
///
/// # Errors
/// As [`ask`].
pub(crate) fn is_there(socket: &Path) -> Outcome<bool> {
    reach(socket).map(|stream| stream.is_some())
}

/// A stream that a server pours out.
pub(crate) type Stream = Box<dyn Read + Send>;

/// Asks the server that listens on `socket` for everything; `None` if there is none. What is read from it ends in an
/// error unless it is whole.
///
/// # Errors
/// As [`ask`].
pub(crate) fn backup(socket: &Path) -> Outcome<Option<Result<Stream, Refusal>>> {
    stream(socket, "/backup")
}

/// The same for all rows of one moment, without large bodies.
pub(crate) fn rows(socket: &Path) -> Outcome<Option<Result<Stream, Refusal>>> {
    stream(socket, "/rows")
}

/// The same for a look at what rows do not tell.
pub(crate) fn survey(socket: &Path) -> Outcome<Option<Result<Stream, Refusal>>> {
    stream(socket, "/survey")
}

fn stream(socket: &Path, path: &str) -> Outcome<Option<Result<Stream, Refusal>>> {
    let Some(mut stream) = reach(socket)? else { return Ok(None) };
    let broken = |error: io::Error| format!("the server broke off: {error}");
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: kontor\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).map_err(broken)?;
    let mut from = BufReader::with_capacity(1 << 16, stream);
    let head = head_of(&mut from).map_err(broken)?;
    if !head.starts_with("HTTP/1.1 200") {
        let mut body = Vec::new();
        from.take(LARGEST).read_to_end(&mut body).map_err(broken)?;
        let refusal = serde_json::from_slice(&body);
        return Ok(Some(Err(
            refusal.map_err(|error| format!("the server's answer is not understood: {error}"))?
        )));
    }
    if !head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        return Err("the server's answer is not understood: it is no stream".to_owned().into());
    }
    Ok(Some(Ok(Box::new(Chunked { from, left: 0, ended: false }))))
}

/// The head of an answer, line by line.
fn head_of(from: &mut impl BufRead) -> io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if head.len() > 64 << 10 || from.read_line(&mut head)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

/// A body in pieces (RFC 9112 7.1).
struct Chunked<R> {
    from: R,
    /// Bytes of the piece that are still to come.
    left: u64,
    ended: bool,
}

impl<R: BufRead> Chunked<R> {
    /// The size of the next piece.
    fn next(&mut self) -> io::Result<u64> {
        let mut line = String::new();
        self.from.by_ref().take(100).read_line(&mut line)?;
        if line.trim().is_empty() {
            // The end of the piece before.
            line.clear();
            self.from.by_ref().take(100).read_line(&mut line)?;
        }
        let size = line.split(';').next().unwrap_or_default().trim();
        u64::from_str_radix(size, 16)
            .map_err(|_| io::Error::new(ErrorKind::UnexpectedEof, "the stream was cut off"))
    }
}

impl<R: BufRead> Read for Chunked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.ended {
            self.left = self.next()?;
            self.ended = self.left == 0;
        }
        if self.ended || into.is_empty() {
            return Ok(0);
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        let read = self.from.read(into.get_mut(..most).unwrap_or_default())?;
        if read == 0 {
            return Err(io::Error::new(ErrorKind::UnexpectedEof, "the server went away"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::ConnectionRefused)
}

fn converse(mut stream: UnixStream, command: &[u8]) -> io::Result<Vec<u8>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let head = format!(
        "POST /command HTTP/1.1\r\nHost: kontor\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        command.len()
    );
    // A server that refuses may answer before it has taken everything: then its answer says more than our error.
    let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(command));
    let mut answer = Vec::new();
    let read = stream.take(LARGEST).read_to_end(&mut answer);
    if answer.is_empty() {
        sent?;
        read?;
    }
    Ok(answer)
}

fn understand(answer: &[u8]) -> Outcome<Result<Answer, Refusal>> {
    let border = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = match border.and_then(|at| answer.split_at_checked(at)) {
        Some((head, rest)) => (head, rest.get(4..).unwrap_or_default()),
        None => return Err("the server broke off: no whole answer came".to_owned().into()),
    };
    let strange = |error: serde_json::Error| format!("the server's answer is not understood: {error}");
    if head.starts_with(b"HTTP/1.1 200") {
        Ok(Ok(serde_json::from_slice(body).map_err(strange)?))
    } else {
        Ok(Err(serde_json::from_slice(body).map_err(strange)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_whole_or_an_error() {
        let read = |text: &str| {
            let mut out = String::new();
            let stream = io::Cursor::new(text.as_bytes().to_vec());
            Chunked { from: stream, left: 0, ended: false }.read_to_string(&mut out).map(|_| out)
        };
        assert_eq!(read("3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n").unwrap(), "abc0123456789");
        for cut in ["", "3\r\nab", "3\r\nabc\r\n", "3\r\nabc\r\n0", "x\r\n"] {
            assert_eq!(read(cut).is_err(), cut != "3\r\nabc\r\n0", "{cut:?}");
        }
    }

    #[test]
    fn answers_are_understood() {
        let done = understand(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n\"done\"").ok().unwrap();
        assert_eq!(done, Ok(Answer::Done));
        let refused = understand(b"HTTP/1.1 404 Not Found\r\n\r\n{\"error\":\"why\"}").ok().unwrap();
        assert_eq!(refused.unwrap_err().to_string(), "why");
        assert!(understand(b"HTTP/1.1 200 OK\r\n").is_err());
        assert!(understand(b"HTTP/1.1 200 OK\r\n\r\nnonsense").is_err());
    }
}
