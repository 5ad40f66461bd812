//! An HTTP/1.1 client of one request a connection, without TLS: what a test needs to look at a server from outside.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Someone who asks one server, with or without credentials.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    authorization: Option<String>,
    patience: Duration,
}

/// How long an answer may take, if nothing else is said.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, values as they came, in order.
    pub headers: Vec<(String, String)>,
    /// The body, chunks joined.
    pub body: Vec<u8>,
}

impl Client {
    /// A client without credentials.
    pub fn new(address: SocketAddr) -> Client {
        Client { address, authorization: None, patience: PATIENCE }
    }

    /// The same client with Basic credentials.
    pub fn with_basic(&self, user: &str, password: &str) -> Client {
        Client { authorization: Some(basic(user, password)), ..self.clone() }
    }

    /// The same client, which waits no longer than that for each piece of an answer.
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Client {
        Client { patience, ..self.clone() }
    }

    /// Asks, and reads the whole answer; an error is one of the connection.
    pub fn try_ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(self.patience))?;
        stream.set_nodelay(true)?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        if let Some(value) = &self.authorization {
            head.push_str(&format!("Authorization: {value}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Answer::parse(&bytes)
            .ok_or_else(|| std::io::Error::other(format!("no HTTP answer to {method} {path}")))
    }

    /// Asks, and panics if the connection fails.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        match self.try_ask(method, path, headers, body) {
            Ok(answer) => answer,
            Err(e) => panic!("{method} {path}: {e}"),
        }
    }

    /// The body of GET as text, or `None` if it is not there (404).
    #[track_caller]
    pub fn get(&self, path: &str) -> Option<String> {
        let answer = self.ask("GET", path, &[], b"");
        match answer.status {
            404 => None,
            200 => Some(answer.text()),
            other => panic!("GET {path}: {other}\n{}", answer.text()),
        }
    }

    /// Stores an iCalendar or vCard text; panics unless the server says 201 or 204.
    #[track_caller]
    pub fn put(&self, path: &str, text: &str) {
        let kind = if path.ends_with(".vcf") { "text/vcard" } else { "text/calendar; charset=utf-8" };
        let answer = self.ask("PUT", path, &[("Content-Type", kind)], text.as_bytes());
        assert!(matches!(answer.status, 201 | 204), "PUT {path}: {} {}", answer.status, answer.text());
    }

    /// Removes something; panics unless the server says 2xx.
    #[track_caller]
    pub fn delete(&self, path: &str) {
        let answer = self.ask("DELETE", path, &[], b"");
        assert!(matches!(answer.status, 200..=299), "DELETE {path}: {} {}", answer.status, answer.text());
    }

    /// Last segments of the hrefs of a collection's members (PROPFIND Depth: 1), sorted.
    #[track_caller]
    pub fn members(&self, collection: &str) -> Vec<String> {
        let ask = b"<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";
        let answer =
            self.ask("PROPFIND", collection, &[("Depth", "1"), ("Content-Type", "application/xml")], ask);
        assert_eq!(answer.status, 207, "PROPFIND {collection}: {}", answer.text());
        let mut names: Vec<String> = elements(&answer.text(), "href")
            .into_iter()
            .filter(|href| href.trim_end_matches('/') != collection.trim_end_matches('/'))
            .map(|href| href.trim_end_matches('/').rsplit('/').next().unwrap().to_owned())
            .collect();
        names.sort();
        names
    }
}

/// Texts of the elements with this local name, whatever their prefix, in order. Enough for what tests look for.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in xml.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        let tag = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        if tag.rsplit(':').next() == Some(name) && !piece.starts_with('/') {
            found.push(text.to_owned());
        }
    }
    found
}

impl Answer {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn parse(bytes: &[u8]) -> Option<Answer> {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|l| l.split_once(':'))
            .map(|(n, v)| (n.to_ascii_lowercase(), v.trim().to_owned()))
            .collect();
        let rest = &bytes[end + 4..];
        let chunked =
            headers.iter().any(|(n, v)| n == "transfer-encoding" && v.eq_ignore_ascii_case("chunked"));
        let body = if chunked { join_chunks(rest)? } else { rest.to_vec() };
        Some(Answer { status, headers, body })
    }
}

fn join_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|w| w == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(line + 2..line + 2 + size)?);
        rest = rest.get(line + 2 + size + 2..)?;
    }
}

/// What `Authorization` says of them.
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0u32, |word, b| word << 8 | u32::from(*b)) << (8 * (3 - group.len()));
        for i in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * i) & 63) as usize] as char;
            text.push(if i <= group.len() { digit } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_spelt_in_base64() {
        for (plain, spelt) in
            [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("anna:pw~?", "YW5uYTpwd34/")]
        {
            assert_eq!(base64(plain.as_bytes()), spelt);
        }
    }

    #[test]
    fn chunked_answers_are_joined() {
        let answer = Answer::parse(
            b"HTTP/1.1 207 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        )
        .unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (207, "abcde"));
    }

    #[test]
    fn elements_are_found_whatever_their_prefix() {
        assert_eq!(
            elements("<D:href>/a</D:href><href x='1'>/b</href><hrefs>c</hrefs>", "href"),
            ["/a", "/b"]
        );
    }
}
