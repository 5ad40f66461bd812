//! Preferences of a request (RFC 7240, RFC 8144), and saying which were followed.

use crate::call::Call;
use http::HeaderValue;
use kontor_listen::Response;
use kontor_wire_dav::header::Prefer;

/// The preferences of a request, Brief among them.
pub(crate) fn prefer_of(call: &Call<'_>) -> Prefer {
    call.headers("prefer")
        .map_or_else(Prefer::default, |value| Prefer::parse(&value))
        .or_brief(call.header("brief"))
}

/// Says which preferences were followed (RFC 7240 3).
pub(crate) fn applied(prefer: &Prefer, answer: &mut Response) {
    let done = Prefer { handling: None, returns: prefer.returns.filter(|_| prefer.minimal()), ..*prefer };
    if let Some(value) = done.to_value().and_then(|value| HeaderValue::try_from(value).ok()) {
        answer.headers_mut().insert("preference-applied", value);
        answer.headers_mut().append(http::header::VARY, HeaderValue::from_static("Prefer, Brief"));
    }
}
