//! A part of a file on its way in: PUT with Content-Range (RFC 9110 14.5), as Apache takes it, and the PATCH of sabre/dav.
//!
//! The new body is laid down from the old one and the part, piece by piece, so that both may be of any size, and is put
//! when it is whole, if the old one is still there by then. What breaks off changes nothing.

use crate::call::Call;
use crate::checksum::{self, Promised};
use crate::error::Refusal;
use crate::method::put;
use crate::{precondition, upload};
use bytes::Bytes;
use http::StatusCode;
use kontor_groupware::{Content, Expect, OpenBody, Place, PutUpload, Upload};
use kontor_listen::Response;
use kontor_model::{Error, ItemMeta, ItemName};
use kontor_wire_dav::header::{ContentRange, UpdateRange};
use sha2::{Digest, Sha256};
use std::ops::Range;

/// What fills the gap before a part that begins behind the end.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// Where a part goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// As PUT says it: a file that is not there comes to be, and what lies behind the size of the whole goes.
    Put(ContentRange),
    /// As PATCH says it: the file is there.
    Patch(UpdateRange),
}

impl Target {
    /// The first byte of the part in a file of `old` bytes.
    fn first(self, old: u64) -> u64 {
        match self {
            Self::Put(range) => range.span.first,
            Self::Patch(UpdateRange::Append) => old,
            Self::Patch(UpdateRange::From(first, _)) => first,
            Self::Patch(UpdateRange::Last(count)) => old.saturating_sub(count),
        }
    }

    /// The bytes of the part, where that is said.
    fn size(self) -> Option<u64> {
        match self {
            Self::Put(range) => Some(range.span.size()),
            Self::Patch(UpdateRange::From(first, Some(last))) => {
                Some(last.saturating_sub(first).saturating_add(1))
            }
            Self::Patch(_) => None,
        }
    }

    /// Where the old file ends that is kept behind the part.
    fn end(self, old: u64) -> u64 {
        match self {
            Self::Put(ContentRange { whole: Some(whole), .. }) => old.min(whole),
            Self::Put(_) | Self::Patch(_) => old,
        }
    }
}

/// Writes the body of the request as a part of a file.
pub(crate) async fn write(
    call: &mut Call<'_>,
    place: &Place,
    name: &ItemName,
    target: Target,
) -> Result<Response, Refusal> {
    let asked = precondition::for_item(call, place, name).await?;
    let old = opened(call, place, name).await?;
    let meta = old.as_ref().map(OpenBody::meta);
    let expect = bound(asked, meta).ok_or_else(|| call.refuse(Error::Stale { have: None }))?;
    let media_type = match (meta, target) {
        (Some(meta), _) => meta.media_type.clone(),
        (None, Target::Put(_)) => {
            call.header("content-type").unwrap_or(put::usual(call.scope().branch)).to_owned()
        }
        (None, Target::Patch(_)) => return Err(Refusal::not_found()),
    };
    let announced = call.body.announced();
    if announced.is_some_and(|length| target.size().is_some_and(|size| size != length)) {
        return Err(unfit());
    }
    let first = target.first(meta.map_or(0, |meta| meta.size));
    within(call, first.saturating_add(announced.unwrap_or(0)))?;
    let writer = call.session.office().upload(&call.session.asker, place, name, expect).await;
    let writer = writer.map_err(|error| call.refuse(error))?;
    writer.need(first.saturating_add(announced.unwrap_or(0))).map_err(|error| call.refuse(error))?;
    let content = laid(call, writer, old, target).await?;
    let upload = PutUpload { media_type: &media_type, content, expect, part: true };
    let written = call.session.office().put_upload(&call.session.asker, place, name, upload).await;
    match written {
        Ok(written) => Ok(put::done(call, place, &written, None, &media_type)),
        // They made no condition that this would break: it is worth another try.
        Err(Error::Stale { .. }) if !matches!(asked, Expect::Exactly(..) | Expect::Absent) => {
            Err(call.refuse(Error::Busy { retry_after: 1 }))
        }
        Err(error) => Err(call.refuse(error)),
    }
}

/// The file as it is; `None` if there is none.
async fn opened(call: &Call<'_>, place: &Place, name: &ItemName) -> Result<Option<OpenBody>, Refusal> {
    match call.session.office().open_item(&call.session.asker, place, name).await {
        Ok(open) => Ok(Some(open)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(call.refuse(error)),
    }
}

/// The condition, bound to what the part is laid into; `None` if that does not fulfil it.
fn bound(asked: Expect, old: Option<&ItemMeta>) -> Option<Expect> {
    match (asked, old) {
        (Expect::Any | Expect::Absent, None) => Some(Expect::Absent),
        (Expect::Any | Expect::Present, Some(old)) => Some(Expect::Exactly(old.id, old.revision)),
        (Expect::Exactly(id, revision), Some(old)) if (id, revision) == (old.id, old.revision) => Some(asked),
        (Expect::Absent | Expect::Exactly(..), Some(_)) | (Expect::Present | Expect::Exactly(..), None) => {
            None
        }
    }
}

/// Lays down the old file with the part in it.
async fn laid(
    call: &mut Call<'_>,
    mut writer: Upload,
    old: Option<OpenBody>,
    target: Target,
) -> Result<Content, Refusal> {
    let old_size = old.as_ref().map_or(0, |open| open.meta().size);
    let first = target.first(old_size);
    if let Some(old) = &old {
        keep(call, &mut writer, old, 0..first).await?;
    }
    while writer.size() < first {
        let gap = usize::try_from(first - writer.size()).unwrap_or(usize::MAX).min(ZEROS.len());
        add(call, &mut writer, ZEROS.get(..gap).unwrap_or(&ZEROS)).await?;
    }
    let promised = match target {
        Target::Put(_) => Promised::of(call),
        Target::Patch(_) => Promised::of_change(call),
    };
    let mut message = promised.message.map(|_| Sha256::new());
    while let Some(piece) = call.body.piece().await {
        let piece: Bytes = piece.map_err(Refusal::of_body)?;
        within(call, writer.size().saturating_add(piece.len() as u64))?;
        if let Some(message) = &mut message {
            message.update(&piece);
        }
        add(call, &mut writer, &piece).await?;
    }
    if let Some(message) = message {
        checksum::holds(promised.message, &message.finalize().into(), "Content-Digest")?;
    }
    let (end, rest) = (writer.size(), target.end(old_size));
    if target.size().is_some_and(|size| size != end.saturating_sub(first)) {
        return Err(unfit());
    }
    if let Some(old) = old.filter(|_| end < rest) {
        within(call, rest)?;
        keep(call, &mut writer, &old, end..rest).await?;
    }
    if promised.whole.is_some() {
        let found = writer.sha256().await.map_err(|error| call.refuse(error))?;
        checksum::holds(promised.whole, &found, "Repr-Digest")?;
    }
    writer.finish().await.map_err(|error| call.refuse(error))
}

/// Takes over bytes of the old file, as far as it has them.
async fn keep(
    call: &Call<'_>,
    writer: &mut Upload,
    old: &OpenBody,
    bytes: Range<u64>,
) -> Result<(), Refusal> {
    let mut reader = old.read(bytes);
    while let Some(piece) = reader.next().await {
        let piece = piece.map_err(|error| call.refuse(error))?;
        add(call, writer, &piece).await?;
    }
    Ok(())
}

async fn add(call: &Call<'_>, writer: &mut Upload, bytes: &[u8]) -> Result<(), Refusal> {
    writer.append(bytes).await.map_err(|error| call.refuse(error))
}

fn within(call: &Call<'_>, size: u64) -> Result<(), Refusal> {
    let max = call.session.office().limits().max_file_size;
    if size > max { Err(upload::too_large(max)) } else { Ok(()) }
}

/// 416, as sabre/dav answers it.
fn unfit() -> Refusal {
    let detail = "the body is not as long as the range says; send exactly the bytes of the range";
    Refusal::because(StatusCode::RANGE_NOT_SATISFIABLE, detail)
}
