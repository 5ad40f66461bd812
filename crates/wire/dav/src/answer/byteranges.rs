//! Several parts of a body in one answer: multipart/byteranges (RFC 9110 14.6).

use crate::header::Span;

/// What stands between the parts. The parts themselves are streamed by whoever has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Byteranges {
    /// Letters and digits that nobody guesses: what somebody uploaded cannot end a part.
    pub boundary: String,
    /// Media type of the whole.
    pub media_type: String,
    /// Size of the whole, in bytes.
    pub whole: u64,
}

impl Byteranges {
    /// The value of Content-Type.
    pub fn content_type(&self) -> String {
        format!("multipart/byteranges; boundary={}", self.boundary)
    }

    /// What stands before a part.
    pub fn head(&self, span: Span) -> String {
        // A media type was checked when it was stored; a line break in it would still make another header.
        let media_type: String = self.media_type.chars().filter(|c| !c.is_control()).collect();
        let range = span.content_range(self.whole);
        format!("\r\n--{}\r\nContent-Type: {media_type}\r\nContent-Range: {range}\r\n\r\n", self.boundary)
    }

    /// What stands behind the last part.
    pub fn end(&self) -> String {
        format!("\r\n--{}--\r\n", self.boundary)
    }

    /// Bytes of the whole answer: its Content-Length.
    pub fn size(&self, spans: &[Span]) -> u64 {
        let part = |span: &Span| (self.head(*span).len() as u64).saturating_add(span.size());
        spans.iter().map(part).fold(self.end().len() as u64, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_with_their_heads() {
        let all = b"hello, world";
        let parts = Byteranges {
            boundary: "b7".to_owned(),
            media_type: "text/plain\r\nX-Evil: 1".to_owned(),
            whole: all.len() as u64,
        };
        let spans = [Span { first: 0, last: 4 }, Span { first: 11, last: 11 }];
        let mut body = String::new();
        for span in spans {
            body.push_str(&parts.head(span));
            body.push_str(std::str::from_utf8(&all[span.first as usize..=span.last as usize]).unwrap());
        }
        body.push_str(&parts.end());
        let expect = concat!(
            "\r\n--b7\r\nContent-Type: text/plainX-Evil: 1\r\nContent-Range: bytes 0-4/12\r\n\r\nhello",
            "\r\n--b7\r\nContent-Type: text/plainX-Evil: 1\r\nContent-Range: bytes 11-11/12\r\n\r\nd",
            "\r\n--b7--\r\n"
        );
        assert_eq!(body, expect);
        assert_eq!(parts.size(&spans), expect.len() as u64);
        assert_eq!(parts.content_type(), "multipart/byteranges; boundary=b7");
    }
}
