//! How busy an engine is, for whoever watches over it.

/// Commits are counted by how many writes they took along: up to each of these.
pub const BATCH_BOUNDS: [usize; 6] = [1, 2, 4, 16, 64, 256];

/// See above. What counts, counts since the engine was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Writes that wait for a commit now.
    pub queued: usize,
    /// Bytes of bodies that they carry.
    pub queued_bytes: usize,
    /// Commits of writes: those of up to as many as each of [`BATCH_BOUNDS`] says, and more than before it.
    pub batches: [u64; BATCH_BOUNDS.len()],
    /// Writes in all of them.
    pub written: u64,
    /// Attempts to commit that came to nothing, by their cause.
    pub undone: Vec<(&'static str, u64)>,
    /// Connections.
    pub pools: Vec<Pool>,
}

/// Connections of one sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// What they are for, in one word.
    pub name: &'static str,
    /// As many as there may be.
    pub most: usize,
    /// As many as there are.
    pub open: usize,
    /// Those of them that nobody uses now.
    pub idle: usize,
    /// How many wait for one.
    pub waiting: usize,
}
