//! How much work one question may cost.

/// A bound on work, so that no recurrence rule can hold a processor: one step is about one period of a rule looked at
/// or one instance produced (5 to 50 ns).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    left: u64,
    spent: bool,
}

impl Budget {
    /// A budget of so many steps. 100,000 is plenty for one object and takes a few milliseconds at the worst.
    #[must_use]
    pub const fn new(steps: u64) -> Self {
        Self { left: steps, spent: false }
    }

    /// Whether something had to stop early. The answer that came with it is then a cautious one; each function says
    /// which.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.spent
    }

    /// Steps that are left.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }

    /// Takes some steps; false, for good, once they are not there.
    pub(crate) fn take(&mut self, steps: u64) -> bool {
        match self.left.checked_sub(steps) {
            Some(left) if !self.spent => {
                self.left = left;
                true
            }
            _ => {
                self.spent = true;
                false
            }
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(100_000)
    }
}

/// What stopped early because its [`Budget`] was spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

impl std::fmt::Display for Exhausted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the recurrence set takes more work than allowed")
    }
}

impl std::error::Error for Exhausted {}
