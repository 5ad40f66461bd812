//! An HTTP/1.1 client that costs little: one blocking connection, requests as ready-made bytes.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer: status and body.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// One connection with its `Authorization` header.
pub(super) struct Client {
    address: SocketAddr,
    stream: TcpStream,
    authorization: String,
    buffer: Vec<u8>,
}

impl Client {
    /// Connects; `authorization` is the whole header line with its end, or empty.
    pub(super) fn connect(address: SocketAddr, authorization: &str) -> Result<Self, String> {
        let stream = open(address)?;
        Ok(Self {
            address,
            stream,
            authorization: authorization.to_owned(),
            buffer: Vec::with_capacity(1 << 16),
        })
    }

    /// The bytes of a request.
    pub(super) fn request(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let headers = format!("{headers}Content-Length: {}\r\n", body.len());
        let mut out = self.head(method, path, &headers).into_bytes();
        out.extend_from_slice(body);
        out
    }

    fn head(&self, method: &str, path: &str, headers: &str) -> String {
        format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n{}{headers}\r\n", self.address, self.authorization)
    }

    /// Sends a request and reads its answer.
    pub(super) fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Result<Answer, String> {
        let bytes = self.request(method, path, headers, body);
        self.send(&bytes)
    }

    /// Sends ready-made bytes and reads the answer; connects anew if the server closed the connection meanwhile.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<Answer, String> {
        self.buffer.clear();
        let sent = self.stream.write_all(bytes).is_ok() && self.more()?;
        if !sent {
            self.stream = open(self.address)?;
            self.buffer.clear();
            self.stream.write_all(bytes).map_err(|e| format!("sending: {e}"))?;
            if !self.more()? {
                return Err("the server closed the connection".to_owned());
            }
        }
        self.answer()
    }

    /// Puts a body of so many bytes that is `piece` over and over, and is never in memory as a whole.
    pub(super) fn put_coming(
        &mut self,
        path: &str,
        headers: &str,
        size: u64,
        piece: &[u8],
    ) -> Result<Answer, String> {
        let headers = format!("{headers}Content-Length: {size}\r\n");
        let head = self.head("PUT", path, &headers);
        let sending = |e| format!("sending: {e}");
        self.buffer.clear();
        self.stream.write_all(head.as_bytes()).map_err(sending)?;
        let mut left = size;
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(piece.len()).min(piece.len());
            self.stream.write_all(piece.get(..now).unwrap_or_default()).map_err(sending)?;
            left -= now as u64;
        }
        self.answer()
    }

    /// Gets a body that has to be this one. It is compared as it comes: to keep it would cost more than to send it.
    pub(super) fn get_same(&mut self, path: &str, expected: &[u8]) -> Result<(), String> {
        let head = self.head("GET", path, "");
        self.buffer.clear();
        self.stream.write_all(head.as_bytes()).map_err(|e| format!("sending: {e}"))?;
        let end = self.line_end(0, b"\r\n\r\n")?;
        let told = self.text(0, end);
        let length = header(&told, "content-length").and_then(|length| length.parse::<usize>().ok());
        if told.get(9..12) != Some("200") || length != Some(expected.len()) {
            return Err(format!("another file came back: {told}"));
        }
        let other = || "another file came back".to_owned();
        let first = self.buffer.get(end + 4..).unwrap_or_default();
        let mut left = expected.strip_prefix(first).ok_or_else(other)?;
        let mut chunk = vec![0; 256 << 10];
        while !left.is_empty() {
            let most = left.len().min(chunk.len());
            let read = self.stream.read(chunk.get_mut(..most).unwrap_or_default());
            let read = read.map_err(|e| format!("reading an answer: {e}"))?;
            let came = chunk.get(..read).filter(|came| !came.is_empty()).ok_or("a file came back in part")?;
            left = left.strip_prefix(came).ok_or_else(other)?;
        }
        Ok(())
    }

    /// Gets a body without keeping it; how many bytes came. The connection ends with it.
    pub(super) fn get_away(mut self, path: &str) -> Result<u64, String> {
        let head = self.head("GET", path, "Connection: close\r\n");
        self.stream.write_all(head.as_bytes()).map_err(|e| format!("sending: {e}"))?;
        std::io::copy(&mut self.stream, &mut std::io::sink()).map_err(|e| format!("reading: {e}"))
    }

    fn more(&mut self) -> Result<bool, String> {
        let mut chunk = [0_u8; 65_536];
        match self.stream.read(&mut chunk) {
            Ok(0) => Ok(false),
            Ok(n) => {
                self.buffer.extend_from_slice(chunk.get(..n).unwrap_or_default());
                Ok(true)
            }
            Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => Ok(false),
            Err(e) => Err(format!("reading an answer: {e}")),
        }
    }

    fn need(&mut self, length: usize) -> Result<(), String> {
        while self.buffer.len() < length {
            if !self.more()? {
                return Err("the server closed the connection in the middle of an answer".to_owned());
            }
        }
        Ok(())
    }

    fn line_end(&mut self, from: usize, mark: &[u8]) -> Result<usize, String> {
        let mut at = from;
        loop {
            let found =
                self.buffer.get(at..).and_then(|rest| rest.windows(mark.len()).position(|w| w == mark));
            if let Some(found) = found {
                return Ok(at + found);
            }
            at = self.buffer.len().saturating_sub(mark.len()).max(from);
            let length = self.buffer.len() + 1;
            self.need(length)?;
        }
    }

    fn text(&self, from: usize, to: usize) -> String {
        String::from_utf8_lossy(self.buffer.get(from..to).unwrap_or_default()).into_owned()
    }

    fn answer(&mut self) -> Result<Answer, String> {
        let end = self.line_end(0, b"\r\n\r\n")?;
        let head = self.text(0, end);
        let status =
            head.get(9..12).and_then(|s| s.parse().ok()).ok_or_else(|| format!("not an answer: {head}"))?;
        let start = end + 4;
        let body = if let Some(length) = header(&head, "content-length").and_then(|v| v.parse::<usize>().ok())
        {
            self.need(start + length)?;
            self.buffer.get(start..start + length).unwrap_or_default().to_vec()
        } else if header(&head, "transfer-encoding").is_some() {
            self.chunks(start)?
        } else if status == 204 || status == 304 {
            Vec::new()
        } else {
            while self.more()? {}
            self.buffer.get(start..).unwrap_or_default().to_vec()
        };
        if header(&head, "connection").is_some_and(|v| v.eq_ignore_ascii_case("close"))
            || head.starts_with("HTTP/1.0")
        {
            self.stream = open(self.address)?;
        }
        Ok(Answer { status, body })
    }

    fn chunks(&mut self, mut at: usize) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        loop {
            let end = self.line_end(at, b"\r\n")?;
            let size = self.text(at, end);
            let size = usize::from_str_radix(size.trim(), 16).map_err(|_| format!("chunk size {size:?}"))?;
            self.need(end + 2 + size + 2)?;
            if size == 0 {
                return Ok(body);
            }
            body.extend_from_slice(self.buffer.get(end + 2..end + 2 + size).unwrap_or_default());
            at = end + 2 + size + 2;
        }
    }
}

fn open(address: SocketAddr) -> Result<TcpStream, String> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))
        .map_err(|e| format!("connecting: {e}"))?;
    stream.set_nodelay(true).map_err(|e| format!("connecting: {e}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(900))).map_err(|e| format!("connecting: {e}"))?;
    Ok(stream)
}

/// A header's value, by its lower-case name.
fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
