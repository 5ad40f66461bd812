//! COPY (RFC 4918 9.8).

use super::carry::{Fate, carry};
use crate::call::Call;
use crate::error::Refusal;
use kontor_listen::Response;

/// Answers COPY.
pub(crate) async fn answer(call: Call<'_>) -> Result<Response, Refusal> {
    carry(call, Fate::Stays).await
}
