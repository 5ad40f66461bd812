//! MKCALENDAR (RFC 4791 5.3.1).

use super::mkcol::make;
use crate::call::Call;
use crate::error::Refusal;
use kontor_listen::Response;
use kontor_wire_dav::request::Make;

/// Answers MKCALENDAR.
pub(crate) async fn answer(call: Call<'_>) -> Result<Response, Refusal> {
    make(call, Make::Calendar).await
}
