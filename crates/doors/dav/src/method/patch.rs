//! PATCH (RFC 5789) of files, in the one form that clients of WebDAV use: a range of bytes is written
//! (https://sabre.io/dav/http-patch/).

use crate::call::Call;
use crate::error::Refusal;
use crate::part::{self, Target};
use crate::route::Route;
use http::{HeaderName, HeaderValue, StatusCode};
use kontor_listen::Response;
use kontor_model::ItemName;
use kontor_wire_dav::header::UpdateRange;

/// The media type of a part.
const PART: &str = "application/x-sabredav-partialupdate";

/// Tells which patches are taken (RFC 5789 3.1).
pub(crate) fn accept_patch() -> (HeaderName, HeaderValue) {
    (HeaderName::from_static("accept-patch"), HeaderValue::from_static(PART))
}

/// Answers PATCH.
pub(crate) async fn answer(mut call: Call<'_>) -> Result<Response, Refusal> {
    let Route::Item(branch, owner, folder, name) = &call.route else { return Err(Refusal::not_found()) };
    let name = ItemName::new(name).map_err(|error| call.refuse(error))?;
    let bare = call.header("content-type").and_then(|value| value.split(';').next()).unwrap_or_default();
    if !bare.trim_ascii().eq_ignore_ascii_case(PART) {
        let detail = format!("send the part as {PART}");
        let mut answer = Refusal::because(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail).answer();
        answer.headers_mut().extend([accept_patch()]);
        return Ok(answer);
    }
    super::put::refuse_coded(&call)?;
    let Some(range) = call.header("x-update-range") else {
        let detail = "say in the header x-update-range where the part goes: append, or bytes=FIRST-LAST";
        return Err(Refusal::because(StatusCode::BAD_REQUEST, detail));
    };
    let range = UpdateRange::parse(range)?;
    let place = call.session.place(*branch, owner, folder).await.map_err(|error| call.refuse(error))?;
    part::write(&mut call, &place, &name, Target::Patch(range)).await
}
