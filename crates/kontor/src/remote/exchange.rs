//! One request with a body of any size, and its answer, over the admin socket: for files.

use super::{Chunked, LARGEST, Stream, head_of, reach};
use crate::Outcome;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Bytes at a time.
const PIECE: usize = 1 << 16;

/// A request.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    /// Percent-encoded.
    pub(crate) target: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
}

/// What is sent, and how much that is, if known.
pub(crate) type Sent<'a> = (&'a mut dyn Read, Option<u64>);

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    /// Ends in an error unless it is whole.
    pub(crate) body: Stream,
}

impl Reply {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Bytes of the body, if that is known before.
    pub(crate) fn size(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// A small body.
    pub(crate) fn text(self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        self.body.take(LARGEST).read_to_end(&mut text)?;
        Ok(text)
    }
}

/// Asks the server that listens there; `None` if there is none.
///
/// # Errors
/// The server is there but cannot be talked with; what is to be sent cannot be read.
pub(crate) fn exchange(
    socket: &Path,
    request: &Request<'_>,
    body: Option<Sent<'_>>,
) -> Outcome<Option<Reply>> {
    let Some(mut stream) = reach(socket)? else { return Ok(None) };
    let bodiless = request.method == "HEAD";
    // A server that refuses may answer before it has taken everything: then its answer says more than our error.
    let sent = send(&mut stream, request, body);
    let mut from = BufReader::with_capacity(PIECE, stream);
    let mut head = String::new();
    while head.is_empty() || head.starts_with("HTTP/1.1 1") {
        head = match (head_of(&mut from), &sent) {
            (Ok(head), _) => head,
            (Err(_), Err(error)) => return Err(format!("nothing could be sent: {error}").into()),
            (Err(error), Ok(())) => return Err(format!("the server broke off: {error}").into()),
        };
    }
    let status = head.get(9..12).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| "the server's answer is not understood".to_owned())?;
    let mut reply = Reply { status, head, body: Box::new(io::empty()) };
    let chunked =
        reply.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    if chunked {
        reply.body = Box::new(Chunked { from, left: 0, ended: false });
    } else if let Some(size) = reply.size().filter(|_| !bodiless) {
        reply.body = Box::new(Sized { from, left: size });
    }
    Ok(Some(reply))
}

fn send(stream: &mut UnixStream, request: &Request<'_>, body: Option<Sent<'_>>) -> io::Result<()> {
    let mut head =
        format!("{} {} HTTP/1.1\r\nHost: kontor\r\nConnection: close\r\n", request.method, request.target);
    for (name, value) in request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match &body {
        Some((_, Some(size))) => head.push_str(&format!("Content-Length: {size}\r\n")),
        Some((_, None)) => head.push_str("Transfer-Encoding: chunked\r\n"),
        None => {}
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    let Some((body, size)) = body else { return Ok(()) };
    let mut piece = vec![0; PIECE];
    let mut left = size.unwrap_or(u64::MAX);
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let read = body.read(piece.get_mut(..most).unwrap_or_default())?;
        if read == 0 {
            break;
        }
        left -= read as u64;
        if size.is_none() {
            stream.write_all(format!("{read:x}\r\n").as_bytes())?;
        }
        stream.write_all(piece.get(..read).unwrap_or_default())?;
        if size.is_none() {
            stream.write_all(b"\r\n")?;
        }
    }
    match size {
        None => stream.write_all(b"0\r\n\r\n"),
        Some(_) if left > 0 => Err(io::Error::other("the file became shorter while it was sent")),
        Some(_) => Ok(()),
    }
}

/// A body whose size is known.
struct Sized<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for Sized<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.from.read(into.get_mut(..most).unwrap_or_default())?;
        if read == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server went away"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_whole_or_an_error() {
        let read = |text: &str, left| {
            let mut out = String::new();
            Sized { from: io::Cursor::new(text.as_bytes().to_vec()), left }
                .read_to_string(&mut out)
                .map(|_| out)
        };
        assert_eq!(read("abcdef", 3).unwrap(), "abc");
        assert!(read("ab", 3).is_err());
    }
}
