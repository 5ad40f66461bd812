//! A write that waits for a writer: whose it is, what it weighs, whether it can go along with those of others.

use crate::{Body, Content, Op, Receipt, Write};
use kontor_model::{AccountId, Result};
use std::time::Instant;
use tokio::sync::oneshot::Sender;

/// A write and who waits for it.
pub(in crate::postgres) struct Pending {
    pub(in crate::postgres) write: Write,
    pub(in crate::postgres) reply: Sender<Result<Receipt>>,
    pub(super) since: Instant,
    /// Of bodies.
    pub(super) bytes: usize,
}

impl Pending {
    pub(in crate::postgres) fn new(write: Write, reply: Sender<Result<Receipt>>) -> Self {
        let bytes = write.ops.iter().map(weight).sum();
        Self { write, reply, since: Instant::now(), bytes }
    }

    /// Whether nothing is sent for it before it is clear that it succeeds: it needs no savepoint, and others need not
    /// fear it.
    pub(super) fn decides_first(&self) -> bool {
        decides_first(&self.write)
    }
}

/// Bytes that an op carries.
fn weight(op: &Op) -> usize {
    let of_body =
        |body: &Body| body.content.here().len() + body.facets.timeline.len() + body.facets.folded.len();
    match op {
        Op::Put { body, .. } => of_body(body),
        Op::SetItemProperties { changes, .. } | Op::SetCollectionProperties { changes, .. } => {
            changes.iter().map(|(_, value)| value.as_ref().map_or(0, Vec::len)).sum()
        }
        _ => 0,
    }
}

/// Whose line: the first account that the write touches; `None` for what is about no account.
pub(in crate::postgres) type Key = Option<AccountId>;

pub(super) fn key(write: &Write) -> Key {
    write.ops.iter().find_map(|op| match op {
        Op::Put { at, .. } | Op::Remove { at, .. } | Op::SetItemProperties { at, .. } => Some(at.account),
        Op::TakeBack { at, .. } => Some(at.account),
        Op::Relocate { from, .. } | Op::Copy { from, .. } => Some(from.account),
        Op::CreateCollection(new) => Some(new.account),
        Op::SetCollectionProperties { account, .. }
        | Op::RenameCollection { account, .. }
        | Op::RemoveCollection { account, .. }
        | Op::RestoreCollection { account, .. }
        | Op::PurgeCollection { account, .. }
        | Op::PurgePast { account, .. }
        | Op::Unmoved { account, .. }
        | Op::SetGrants { account, .. }
        | Op::SetQuota { account, .. }
        | Op::SetLock { account, .. }
        | Op::DropLocks { account, .. }
        | Op::Number { account, .. }
        | Op::Tide { account, .. } => Some(*account),
        Op::CreatePrincipal(new) | Op::UpdatePrincipal(new) => Some(new.id),
        Op::RemovePrincipal { id, .. }
        | Op::SetPassword { id, .. }
        | Op::AddAppPassword { id, .. }
        | Op::RevokeAppPassword { id, .. }
        | Op::TouchAppPassword { id, .. } => Some(*id),
        Op::Blob(op) => op.account(),
        Op::CountFailure { .. }
        | Op::TakeBackFailure { .. }
        | Op::ForgetFailures { .. }
        | Op::InitSetting { .. }
        | Op::MoveLease { .. } => None,
    })
}

/// See [`Pending::decides_first`].
pub(in crate::postgres) fn decides_first(write: &Write) -> bool {
    match write.ops.as_slice() {
        [Op::Put { body, .. }] => matches!(body.content, Content::Here(_)),
        [Op::Remove { .. }] => true,
        _ => false,
    }
}
