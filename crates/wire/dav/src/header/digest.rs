//! Checksums of bodies: Repr-Digest, Content-Digest and what asks for them (RFC 9530), and Digest and Want-Digest, which
//! came before (RFC 3230). Of the algorithms SHA-256 alone is spoken: the store keeps it of every file.

use super::{parameter, split_list};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A SHA-256.
pub type Sha256 = [u8; 32];

/// Which of the two families of headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Repr-Digest and Content-Digest: `sha-256=:BASE64:`.
    Fields,
    /// Digest: `SHA-256=BASE64`.
    Instance,
}

/// The header value that tells a SHA-256.
pub fn write_digest(syntax: Syntax, sum: &Sha256) -> String {
    match syntax {
        Syntax::Fields => format!("sha-256=:{}:", STANDARD.encode(sum)),
        Syntax::Instance => format!("SHA-256={}", STANDARD.encode(sum)),
    }
}

/// The SHA-256 that a header value tells; `None` if there is none, or none that can be read.
pub fn read_digest(syntax: Syntax, value: &str) -> Option<Sha256> {
    split_list(value, ',').into_iter().find_map(|piece| {
        let (name, sum) = piece.split_once('=')?;
        if !name.trim_ascii().eq_ignore_ascii_case("sha-256") {
            return None;
        }
        let sum = sum.trim_ascii();
        let sum = match syntax {
            Syntax::Fields => sum.strip_prefix(':')?.split_once(':')?.0,
            Syntax::Instance => sum,
        };
        STANDARD.decode(sum).ok()?.try_into().ok()
    })
}

/// Whether Want-Repr-Digest, Want-Content-Digest (weights from 0 to 10) or Want-Digest (`q`) asks for a SHA-256.
pub fn wants_digest(syntax: Syntax, value: &str) -> bool {
    split_list(value, ',').into_iter().any(|piece| {
        let (name, weight) = match syntax {
            Syntax::Fields => parameter(piece),
            Syntax::Instance => {
                let (name, quality) = piece.split_once(';').unwrap_or((piece, "q=1"));
                (name.trim_ascii().to_ascii_lowercase(), parameter(quality).1)
            }
        };
        name == "sha-256" && weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: Sha256 = [7; 32];

    #[test]
    fn sums_go_there_and_back() {
        for syntax in [Syntax::Fields, Syntax::Instance] {
            assert_eq!(read_digest(syntax, &write_digest(syntax, &SUM)), Some(SUM));
        }
        let many = format!("md5=:AAAA:, {};x=1", write_digest(Syntax::Fields, &SUM));
        assert_eq!(read_digest(Syntax::Fields, &many), Some(SUM));
        for bad in
            ["", "sha-256", "sha-256=", "sha-256=::", "sha-256=:AAAA:", "sha-512=:AAAA:", "sha-256=AAAA"]
        {
            assert_eq!(read_digest(Syntax::Fields, bad), None, "{bad}");
        }
    }

    #[test]
    fn who_asks_for_one() {
        let check = |syntax, value, expect| assert_eq!(wants_digest(syntax, value), expect, "{value}");
        check(Syntax::Fields, "sha-512=3, sha-256=10", true);
        check(Syntax::Fields, "sha-256=0", false);
        check(Syntax::Fields, "md5=1", false);
        check(Syntax::Instance, "SHA-256", true);
        check(Syntax::Instance, "md5;q=0.3, sha-256;q=1", true);
        check(Syntax::Instance, "sha-256;q=0", false);
    }
}
