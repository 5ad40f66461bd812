//! Checksums of bodies, by the headers of RFC 9530 and RFC 3230: compared when something is put, told to who asks.

use crate::call::Call;
use crate::error::Refusal;
use crate::reply::text;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use kontor_wire_dav::header::{Sha256, Syntax, read_digest, wants_digest, write_digest};
use sha2::Digest;

/// What the sender says of the body of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Promised {
    /// Content-Digest: of the bytes of this message.
    pub(crate) message: Option<Sha256>,
    /// Repr-Digest, or Digest as it was called before: of all that the resource holds after it.
    pub(crate) whole: Option<Sha256>,
}

impl Promised {
    /// As the headers say it. Algorithms besides SHA-256, and what cannot be read, are passed over (RFC 9530 2, 3).
    pub(crate) fn of(call: &Call<'_>) -> Self {
        let told = |name, syntax| call.headers(name).and_then(|value| read_digest(syntax, &value));
        Self {
            message: told("content-digest", Syntax::Fields),
            whole: told("repr-digest", Syntax::Fields).or_else(|| told("digest", Syntax::Instance)),
        }
    }

    /// The same of a request whose body is a description of a change: all say something of that (RFC 9530 3.1).
    pub(crate) fn of_change(call: &Call<'_>) -> Self {
        let Self { message, whole } = Self::of(call);
        Self { message: message.or(whole), whole: None }
    }

    /// Whether nothing is promised.
    pub(crate) fn is_empty(&self) -> bool {
        self.message.is_none() && self.whole.is_none()
    }

    /// Compares a body that is both the message and the whole.
    ///
    /// # Errors
    /// 400.
    pub(crate) fn hold_of(&self, body: &[u8]) -> Result<(), Refusal> {
        if self.is_empty() { Ok(()) } else { self.hold(&sum(body)) }
    }

    /// The same by its sum.
    ///
    /// # Errors
    /// 400.
    pub(crate) fn hold(&self, found: &Sha256) -> Result<(), Refusal> {
        holds(self.message, found, "Content-Digest")?;
        holds(self.whole, found, "Repr-Digest")
    }
}

/// Compares one promise.
///
/// # Errors
/// 400, with what was found.
pub(crate) fn holds(promised: Option<Sha256>, found: &Sha256, header: &str) -> Result<(), Refusal> {
    if promised.is_none_or(|promised| promised == *found) {
        return Ok(());
    }
    let found = write_digest(Syntax::Fields, found);
    let detail =
        format!("what came is not what {header} says, and nothing was changed; it is {found}; send it again");
    Err(Refusal::because(StatusCode::BAD_REQUEST, detail))
}

/// SHA-256 of some bytes.
pub(crate) fn sum(bytes: &[u8]) -> Sha256 {
    sha2::Sha256::digest(bytes).into()
}

/// Tells the sum of what is handed out, if it is asked for. With `entire` the answer is the whole of it.
pub(crate) fn tell(call: &Call<'_>, headers: &mut HeaderMap, entire: bool, sum: impl FnOnce() -> Sha256) {
    let wants = |name, syntax| call.headers(name).is_some_and(|value| wants_digest(syntax, &value));
    // The answer to HEAD has no content of which a sum could be told (RFC 9530 B.2).
    let content = entire && call.head.method == Method::GET && wants("want-content-digest", Syntax::Fields);
    let (whole, instance) =
        (wants("want-repr-digest", Syntax::Fields), wants("want-digest", Syntax::Instance));
    if !(content || whole || instance) {
        return;
    }
    let sum = sum();
    for (wanted, name, syntax) in [
        (content, "content-digest", Syntax::Fields),
        (whole, "repr-digest", Syntax::Fields),
        (instance, "digest", Syntax::Instance),
    ] {
        if wanted {
            text(headers, HeaderName::from_static(name), &write_digest(syntax, &sum));
        }
    }
}
