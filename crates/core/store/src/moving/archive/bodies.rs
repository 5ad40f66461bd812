//! Large bodies in a backup: each begins with a frame that says whose it is, how large, and its hash; frames with its
//! bytes follow, in order.

use super::frame::{Reader, Sort, Writer, broken};
use crate::blob::{Address, BlobRef, BodySink, Coming, Hash, Source, Verdict};
use crate::moving::chunk::{push_number, take, take_number, unzigzag, zigzag};
use crate::moving::{Event, Laid};
use bytes::Bytes;
use kontor_model::{AccountId, Error, Result};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::io::{Read, Write};
use tokio::sync::mpsc::channel;

/// Bodies that are read ahead, so that a bucket is not waited for one after the other: two pieces of each.
const AHEAD: usize = 8;
/// Pieces that wait for whoever takes a body out of a backup.
const WAITING: usize = 4;
/// Bytes of the largest piece.
const PIECE: usize = 1 << 20;
/// Bodies that are not what they should be, after which no more are looked at.
const ENOUGH: usize = 50;

fn head(body: &BlobRef) -> Vec<u8> {
    let mut out = Vec::new();
    push_number(zigzag(body.account.0), &mut out);
    push_number(zigzag(body.address.id), &mut out);
    push_number(body.size, &mut out);
    out.extend_from_slice(&body.address.hash.0);
    out
}

fn of_head(bytes: &[u8]) -> Option<BlobRef> {
    let mut rest = bytes;
    let account = AccountId(unzigzag(take_number(&mut rest)?));
    let (id, size) = (unzigzag(take_number(&mut rest)?), take_number(&mut rest)?);
    let hash = Hash(take(&mut rest, 32)?.try_into().ok()?);
    rest.is_empty().then_some(BlobRef { account, address: Address { id, hash }, size, fresh: None })
}

/// Writes bodies into a backup.
pub(super) struct Packing<'a, W> {
    pub(super) writer: &'a mut Writer<W>,
    pub(super) tell: &'a mut dyn FnMut(Event),
    pub(super) laid: Laid,
    ahead: VecDeque<(BlobRef, Source)>,
    spoilt: Vec<(BlobRef, Verdict)>,
}

impl<'a, W: Write> Packing<'a, W> {
    pub(super) fn new(writer: &'a mut Writer<W>, tell: &'a mut dyn FnMut(Event)) -> Self {
        Self { writer, tell, laid: Laid::default(), ahead: VecDeque::new(), spoilt: Vec::new() }
    }

    /// Writes the one that was asked for first, if that is what was put.
    fn next(&mut self) -> Result<()> {
        let Some((body, mut source)) = self.ahead.pop_front() else { return Ok(()) };
        let (mut seen, mut hash) = (0, Sha256::new());
        while let Some(told) = source.blocking_recv() {
            let Some(bytes) = told? else {
                self.spoilt.push((body, Verdict::Missing));
                return Ok(());
            };
            if seen == 0 {
                self.writer.write(Sort::Body, &head(&body))?;
            }
            seen += bytes.len() as u64;
            hash.update(&bytes);
            if seen > body.size {
                break;
            }
            for piece in bytes.chunks(PIECE) {
                self.writer.write(Sort::Piece, piece)?;
            }
        }
        let found: [u8; 32] = hash.finalize().into();
        if seen != body.size || found != body.address.hash.0 {
            // The backup cannot be whole any more; what else there is to tell of is looked for.
            self.writer.write(Sort::Void, b"")?;
            self.spoilt.push((body, Verdict::Damaged));
            return Ok(());
        }
        self.laid.add(seen);
        (self.tell)(Event::Body { bytes: seen });
        Ok(())
    }
}

impl<W: Write> BodySink for Packing<'_, W> {
    fn take(&mut self, body: Coming) -> Result<()> {
        if self.spoilt.len() >= ENOUGH {
            return Ok(());
        }
        self.ahead.push_back((body.body, (body.from)()));
        if self.ahead.len() < AHEAD { Ok(()) } else { self.next() }
    }

    fn settle(&mut self) -> Result<Vec<(BlobRef, Verdict)>> {
        while !self.ahead.is_empty() {
            self.next()?;
        }
        Ok(std::mem::take(&mut self.spoilt))
    }
}

/// Bodies in the order of the store, as they come out of a backup.
#[derive(Default)]
pub(super) struct Unpacking {
    last: Option<(i64, i64)>,
    pub(super) laid: Laid,
    /// One of them was not what was put, so that no end may come.
    pub(super) void: bool,
}

impl Unpacking {
    /// Hands over the body whose first frame is in `frame`, and reads all of it.
    pub(super) fn one<R: Read>(
        &mut self,
        frame: &mut Vec<u8>,
        frames: &mut Reader<R>,
        into: &mut dyn BodySink,
    ) -> Result<()> {
        let body = of_head(frame).ok_or_else(|| broken("it does not say what body comes"))?;
        let at = Some((body.account.0, body.address.id));
        if at <= self.last {
            return Err(broken("its bodies are out of order"));
        }
        self.last = at;
        let (tell, told) = channel(WAITING);
        into.take(Coming { body: body.clone(), from: Box::new(move || told) })?;
        let (mut left, mut hash, mut heard) = (body.size, Sha256::new(), true);
        while left > 0 {
            match frames.next(frame)? {
                Some(Sort::Piece)
                    if !frame.is_empty() && frame.len() as u64 <= left && frame.len() <= PIECE => {}
                Some(Sort::Failure) => return Err(super::unpack::failed(frame)),
                Some(Sort::Void) => {
                    self.void = true;
                    return Ok(());
                }
                _ => return Err(broken("a body is cut off")),
            }
            left -= frame.len() as u64;
            hash.update(&frame);
            // Whoever has it already does not listen.
            heard = heard && tell.blocking_send(Ok(Some(Bytes::copy_from_slice(frame)))).is_ok();
        }
        let found: [u8; 32] = hash.finalize().into();
        if found != body.address.hash.0 {
            if frames.next(frame)? == Some(Sort::Void) {
                self.void = true;
                return Ok(());
            }
            return Err(broken("a body is not what was put"));
        }
        self.laid.add(body.size);
        Ok(())
    }
}

/// Wants no body: they are only compared with what they should be.
pub(super) struct Nobody;

impl BodySink for Nobody {
    fn take(&mut self, _body: Coming) -> Result<()> {
        Ok(())
    }

    fn settle(&mut self) -> Result<Vec<(BlobRef, Verdict)>> {
        Ok(Vec::new())
    }
}

/// Nothing can be told of it.
pub(super) fn twice() -> Error {
    Error::Internal("a backup can be read only once".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_body_comes_back() {
        let address = Address { id: -7, hash: Hash::of(b"x") };
        let body = BlobRef { account: AccountId(i64::MAX), address, size: 1 << 40, fresh: None };
        let bytes = head(&body);
        assert_eq!(of_head(&bytes), Some(body));
        for end in 0..bytes.len() {
            assert_eq!(of_head(&bytes[..end]), None, "{end}");
        }
        assert_eq!(of_head(&[bytes.as_slice(), b"x"].concat()), None);
    }
}
