//! The body of a file on its way in: as it comes, however large it is.

use crate::call::Call;
use crate::checksum::Promised;
use crate::error::Refusal;
use crate::route::Branch;
use bytes::Bytes;
use kontor_groupware::{Content, Expect, INLINE_BYTES, Place};
use kontor_listen::BodyError;
use kontor_model::{Error, ItemName};

/// A body that was received, to be put more than once if need be.
#[derive(Clone)]
pub(crate) enum Sent {
    /// It is in memory.
    Here(Bytes),
    /// It was laid down.
    Laid(Content),
}

/// Receives the body of a file. Nothing is left of one that breaks off.
pub(crate) async fn receive(
    call: &mut Call<'_>,
    place: &Place,
    name: &ItemName,
    expect: Expect,
) -> Result<Sent, Refusal> {
    let max = call.session.office().limits().max_file_size;
    let announced = call.body.announced();
    // Quirk(expected-length): the Finder sends in chunks, and tells the length in a header of its own.
    let told = announced.or_else(|| call.header("x-expected-entity-length")?.parse().ok());
    if told.is_some_and(|length| length > max) {
        return Err(too_large(max));
    }
    let promised = Promised::of(call);
    if announced.is_some_and(|length| length <= INLINE_BYTES as u64) {
        let all = call.body.read_all(INLINE_BYTES).await.map_err(Refusal::of_body)?;
        promised.hold_of(&all)?;
        return Ok(Sent::Here(all));
    }
    let writer = call.session.office().upload(&call.session.asker, place, name, expect).await;
    let mut writer = match writer {
        Ok(writer) => writer,
        // A store without a place for large bodies takes what items may be.
        Err(Error::Unsupported { .. }) => {
            let most = call.session.office().limits().max_item_size;
            let all = call.body.read_all(most).await.map_err(|error| match error {
                BodyError::TooLarge => too_large(most as u64),
                error => Refusal::of_body(error),
            })?;
            promised.hold_of(&all)?;
            return Ok(Sent::Here(all));
        }
        Err(error) => return Err(call.refuse(error)),
    };
    writer.need(told.unwrap_or(0)).map_err(|error| call.refuse(error))?;
    while let Some(piece) = call.body.piece().await {
        let piece = piece.map_err(Refusal::of_body)?;
        if writer.size().saturating_add(piece.len() as u64) > max {
            return Err(too_large(max));
        }
        writer.append(&piece).await.map_err(|error| call.refuse(error))?;
    }
    if !promised.is_empty() {
        promised.hold(&writer.sha256().await.map_err(|error| call.refuse(error))?)?;
    }
    writer.finish().await.map(Sent::Laid).map_err(|error| call.refuse(error))
}

/// 413.
pub(crate) fn too_large(max: u64) -> Refusal {
    Refusal::too_large(Branch::Files, format!("beyond the limit max_file_size = {max}"))
}
