//! The client of the admin socket: one request of HTTP/1.1, no more than that needs.

use crate::Outcome;
use kontor_door_admin::{Answer, Command, Refusal};
use std::io::{self, ErrorKind, Read, Write};
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
    let reached = crate::socket::reachable(socket).and_then(|(_kept, path)| UnixStream::connect(path));
    let stream = match reached {
        Ok(stream) => stream,
        Err(error) if is_absent(error.kind()) => {
            return Ok(None);
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let text = format!("only root and the server's own user may use {}", socket.display());
            return Err(text.into());
        }
        Err(error) => return Err(format!("cannot reach {}: {error}", socket.display()).into()),
    };
    let text = serde_json::to_vec(command).map_err(|error| format!("cannot write the command: {error}"))?;
    let answer = converse(stream, &text).map_err(|error| format!("the server broke off: {error}"))?;
    Ok(Some(understand(&answer)?))
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
    fn answers_are_understood() {
        let done = understand(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n\"done\"").ok().unwrap();
        assert_eq!(done, Ok(Answer::Done));
        let refused = understand(b"HTTP/1.1 404 Not Found\r\n\r\n{\"error\":\"why\"}").ok().unwrap();
        assert_eq!(refused.unwrap_err().to_string(), "why");
        assert!(understand(b"HTTP/1.1 200 OK\r\n").is_err());
        assert!(understand(b"HTTP/1.1 200 OK\r\n\r\nnonsense").is_err());
    }
}
