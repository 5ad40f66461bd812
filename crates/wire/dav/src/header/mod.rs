//! Request headers that DAV and its kin define or lean on. Values come in as text, without the header's name.

mod digest;
mod entity_tag;
mod if_header;
mod lock;
mod media_type;
mod prefer;
mod range;
mod simple;

pub use digest::{Sha256, Syntax, read_digest, wants_digest, write_digest};
pub use entity_tag::{EntityTag, EntityTags};
pub use if_header::{Condition, IfHeader, IfList, Test};
pub use lock::{LockToken, Timeout};
pub use media_type::{MediaType, accepts};
pub use prefer::{Handling, Prefer, Return};
pub use range::{ContentRange, IfRange, Parts, RangeSpec, Ranges, Span, UpdateRange};
pub use simple::{Depth, Overwrite};

use crate::error::{At, Error};

fn malformed(reason: &'static str) -> Error {
    Error::malformed(At::default(), reason)
}

/// Splits a header list at `separator`, but not inside quotes; the pieces are trimmed, empty ones dropped.
fn split_list(value: &str, separator: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let (mut quoted, mut escaped) = (false, false);
    for (offset, c) in value.char_indices() {
        if escaped {
            escaped = false;
        } else if quoted && c == '\\' {
            escaped = true;
        } else if c == '"' {
            quoted = !quoted;
        } else if c == separator && !quoted {
            pieces.push(value.get(start..offset).unwrap_or_default());
            start = offset + c.len_utf8();
        }
    }
    pieces.push(value.get(start..).unwrap_or_default());
    pieces.iter().map(|piece| piece.trim_ascii()).filter(|piece| !piece.is_empty()).collect()
}

/// `name=value` or `name="value"`: the name in lower case, the value without quotes.
fn parameter(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.trim_ascii().to_ascii_lowercase(), unquote(value.trim_ascii()))
}

fn unquote(value: &str) -> String {
    match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        None => value.to_owned(),
        Some(inner) => {
            let mut out = String::with_capacity(inner.len());
            let mut chars = inner.chars();
            while let Some(c) = chars.next() {
                out.extend(if c == '\\' { chars.next() } else { Some(c) });
            }
            out
        }
    }
}
