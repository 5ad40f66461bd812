//! Status lines inside XML: `HTTP/1.1 404 Not Found`.

/// The reason phrase of the codes that DAV answers use.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        207 => "Multi-Status",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        423 => "Locked",
        424 => "Failed Dependency",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        507 => "Insufficient Storage",
        _ => "Status",
    }
}

/// Appends the line. A code of more or fewer than three digits becomes 500.
pub(super) fn write_line(out: &mut Vec<u8>, status: u16) {
    let status = if (100..=999).contains(&status) { status } else { 500 };
    out.extend_from_slice(b"HTTP/1.1 ");
    for place in [100, 10, 1] {
        out.extend(u8::try_from(status / place % 10).map(|digit| b'0' + digit));
    }
    out.push(b' ');
    out.extend_from_slice(reason(status).as_bytes());
}

/// The code of a status line; `None` when it is no such line.
pub(super) fn parse_line(line: &str) -> Option<u16> {
    let mut words = line.split_ascii_whitespace();
    words.next().filter(|version| version.starts_with("HTTP/"))?;
    let code = words.next().filter(|code| code.len() == 3)?;
    code.parse().ok().filter(|code| (100..=999).contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_there_and_back() {
        for status in [200, 404, 507, 299] {
            let mut out = Vec::new();
            write_line(&mut out, status);
            assert_eq!(parse_line(std::str::from_utf8(&out).unwrap()), Some(status));
        }
        for bad in ["", "200 OK", "HTTP/1.1", "HTTP/1.1 2000 OK", "HTTP/1.1 +20 OK", "HTTP/1.1 099 x"] {
            assert_eq!(parse_line(bad), None, "{bad}");
        }
    }
}
