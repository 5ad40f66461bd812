//! MOVE (RFC 4918 9.9).

use super::carry::{Fate, carry};
use crate::call::Call;
use crate::error::Refusal;
use kontor_listen::Response;

/// Answers MOVE.
pub(crate) async fn answer(call: Call<'_>) -> Result<Response, Refusal> {
    carry(call, Fate::Goes).await
}
