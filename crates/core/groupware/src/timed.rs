//! Look-ups by time: what can lie in a range, by the store's index, with its compiled time.

use crate::Office;
use kontor_contentline::Tree;
use kontor_ical::Budget;
use kontor_ical::timeline::{Range, Timeline, VERSION};
use kontor_model::{Collection, Error, ItemName, Result};
use kontor_store::Timing;

/// Steps that recurrence rules may take for one question, and for one object in it.
const MOST_STEPS: u64 = 20_000_000;
const MOST_STEPS_EACH: u64 = 100_000;
/// From so many objects on, work is done away from the threads that serve requests.
const MANY: usize = 256;

/// What a question may cost, over all its objects: no calendar full of hostile rules holds a processor for long.
pub(crate) struct Steps(u64);

impl Steps {
    pub(crate) fn new() -> Self {
        Self(MOST_STEPS)
    }

    /// Asks one object.
    pub(crate) fn each<T>(&mut self, ask: impl FnOnce(&mut Budget) -> T) -> T {
        let most = self.0.min(MOST_STEPS_EACH);
        let mut budget = Budget::new(most);
        let answer = ask(&mut budget);
        self.0 -= most.saturating_sub(budget.left()).min(self.0);
        answer
    }
}

/// Runs `work` where it may take its time if there is much of it.
pub(crate) async fn away<T: Send + 'static>(
    objects: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    if objects < MANY {
        return Ok(work());
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Error::Internal("a question about time broke off".to_owned()))
}

/// The items of `found` that `holds` holds for. One whose compiled time is damaged is kept: a client can leave out
/// what it did not want, but not find what it did not get.
pub(crate) fn sift(found: Vec<Timing>, mut holds: impl FnMut(&Timeline) -> bool) -> Vec<ItemName> {
    let kept =
        found.into_iter().filter(|one| Timeline::from_bytes(&one.timeline).map_or(true, |line| holds(&line)));
    kept.map(|one| one.name).collect()
}

/// The index knows half-open stretches; what ends where the range begins, or begins where it ends, may count.
fn wide(range: Range) -> kontor_model::Range {
    kontor_model::Range { start: range.start.saturating_sub(1), end: range.end.saturating_add(1) }
}

impl Office {
    /// What can lie in a range or touch it, and perhaps more, with its compiled time.
    pub(crate) async fn timings(&self, at: &Collection, range: Range) -> Result<Vec<Timing>> {
        let mut found = self.store().timings(at.account, at.id, wide(range)).await?;
        for one in &mut found {
            self.renew(at, &one.name, &mut one.timeline).await?;
        }
        Ok(found)
    }

    /// Compiles again, for this question, what another version of this program compiled.
    async fn renew(&self, at: &Collection, name: &ItemName, timeline: &mut Vec<u8>) -> Result<()> {
        if timeline.first() == Some(&VERSION) {
            return Ok(());
        }
        if let Some(item) = self.store().item(at.account, at.id, name).await? {
            let tree = Tree::parse(&item.body);
            let calendar = tree.root().child("VCALENDAR");
            let compiled = calendar.map(|calendar| Timeline::compile(calendar, &mut Budget::default()).0);
            *timeline = compiled.unwrap_or_default().to_bytes();
        }
        Ok(())
    }
}
