//! When somebody is busy (RFC 4791 7.10).

use crate::timed::{Steps, away};
use crate::{Asker, Office, Place, access};
use kontor_ical::timeline::{Busy, Period, Range, Timeline};
use kontor_ical::zone::Zone;
use kontor_model::{Collection, Error, Kind, PropertyKey, Result, Right};
use kontor_store::Timing;
use std::sync::Arc;

impl Office {
    /// The busy time of these calendars inside a range: periods cut to it, rising, not touching each other; where
    /// they would overlap the stronger word counts. Calendars that are set transparent take no time. `zone` is that
    /// of floating times and whole days.
    ///
    /// # Errors
    /// `NotFound` or `Forbidden` if the asker lacks `f` on any of them; `TooLarge` (`max_occurrences`) if an event
    /// has more occurrences in the range than can be looked at.
    pub async fn free_busy(
        &self,
        who: &Asker,
        places: &[Place],
        range: Range,
        zone: &Zone,
    ) -> Result<Vec<Period>> {
        let mut calendars = Vec::with_capacity(places.len());
        for place in places {
            let (collection, rights) = self.look(who, place).await?;
            access::need(rights, Right::FreeBusy)?;
            calendars.push(collection);
        }
        self.busy(calendars, range, zone).await
    }

    /// The busy time of somebody: of all their calendars that the asker has `f` on, visible or not.
    ///
    /// # Errors
    /// `NotFound` as [`Office::principal`], and if there is no such calendar.
    pub async fn free_busy_of(
        &self,
        who: &Asker,
        owner: &str,
        range: Range,
        zone: &Zone,
    ) -> Result<Vec<Period>> {
        let owner = self.principal(who, owner).await?;
        let shelf = self.shelf(owner.id).await?;
        let policy = &self.inner.policy;
        let open = |one: &&Arc<Collection>| access::on(policy, who, &shelf, one).has(Right::FreeBusy);
        let calendars = shelf.collections.iter().filter(|one| one.kind == Kind::Calendar).filter(open);
        let calendars: Vec<Arc<Collection>> = calendars.cloned().collect();
        if calendars.is_empty() { Err(Error::NotFound) } else { self.busy(calendars, range, zone).await }
    }

    async fn busy(&self, calendars: Vec<Arc<Collection>>, range: Range, zone: &Zone) -> Result<Vec<Period>> {
        let mut periods = Vec::new();
        for calendar in calendars {
            if calendar.text(PropertyKey::TRANSPARENCY) == Some("transparent") {
                continue;
            }
            let found = self.timings(&calendar, range).await?;
            let zone = zone.clone();
            let more = away(found.len(), move || taken(&found, range, &zone)).await?;
            periods.extend(more.ok_or_else(|| self.too_many())?);
        }
        Ok(merged(periods))
    }

    fn too_many(&self) -> Error {
        let max = self.inner.policy.limits.max_occurrences as u64;
        Error::TooLarge { limit: "max_occurrences", max }
    }
}

/// The time that these objects take; `None` if it takes too much work to tell.
fn taken(found: &[Timing], range: Range, zone: &Zone) -> Option<Vec<Period>> {
    let (mut out, mut steps) = (Vec::with_capacity(found.len()), Steps::new());
    for one in found {
        let Ok(timeline) = Timeline::from_bytes(&one.timeline) else { continue };
        steps.each(|budget| timeline.busy(range, zone, budget, &mut out)).ok()?;
    }
    Some(out)
}

/// Words from the weakest to the strongest.
const WORDS: [Busy; 3] = [Busy::Tentative, Busy::Busy, Busy::Unavailable];

/// Periods that neither overlap nor touch their like, rising; the stronger word wins.
fn merged(mut periods: Vec<Period>) -> Vec<Period> {
    periods.sort_unstable_by_key(|one| one.range.start);
    let mut words: Vec<Vec<Period>> = Vec::with_capacity(WORDS.len());
    for word in WORDS {
        let mut out = Vec::new();
        for one in periods.iter().filter(|one| one.busy == word) {
            extend(&mut out, one.range.start, one.range.end, word);
        }
        if !out.is_empty() {
            words.push(out);
        }
    }
    match words.len() {
        0 | 1 => words.pop().unwrap_or_default(),
        _ => strongest(&words.concat()),
    }
}

/// Cuts the periods so that at every instant the strongest word counts.
fn strongest(periods: &[Period]) -> Vec<Period> {
    // One edge for the begin and one for the end of each; between two edges the strongest open word counts.
    let mut edges: Vec<(i64, i32, usize)> = Vec::with_capacity(periods.len() * 2);
    for period in periods {
        if let Some(word) = WORDS.iter().position(|word| *word == period.busy) {
            edges.push((period.range.start, 1, word));
            edges.push((period.range.end, -1, word));
        }
    }
    edges.sort_unstable();
    let mut open = [0_i32; WORDS.len()];
    let mut out: Vec<Period> = Vec::new();
    let mut since = i64::MIN;
    for (at, change, word) in edges {
        let strongest = open.iter().rposition(|count| *count > 0).and_then(|word| WORDS.get(word));
        if let Some(busy) = strongest.filter(|_| since < at) {
            extend(&mut out, since, at, *busy);
        }
        since = at;
        if let Some(count) = open.get_mut(word) {
            *count += change;
        }
    }
    out
}

/// Adds a period that begins no earlier than the last one.
fn extend(out: &mut Vec<Period>, start: i64, end: i64, busy: Busy) {
    match out.last_mut() {
        Some(last) if last.busy == busy && start <= last.range.end => {
            last.range.end = last.range.end.max(end)
        }
        _ => out.push(Period { range: Range { start, end }, busy }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(periods: &[(i64, i64, Busy)], expect: &[(i64, i64, Busy)]) {
        let period = |(start, end, busy): &(i64, i64, Busy)| Period {
            range: Range { start: *start, end: *end },
            busy: *busy,
        };
        let merged = merged(periods.iter().map(period).collect());
        assert_eq!(merged, expect.iter().map(period).collect::<Vec<_>>(), "{periods:?}");
    }

    #[test]
    fn periods_are_merged_and_the_stronger_word_wins() {
        use Busy::{Busy as B, Tentative as T, Unavailable as U};
        check(&[], &[]);
        check(&[(0, 10, B), (5, 15, B)], &[(0, 15, B)]);
        check(&[(0, 10, B), (10, 15, B)], &[(0, 15, B)]);
        check(&[(0, 10, B), (11, 15, B)], &[(0, 10, B), (11, 15, B)]);
        check(&[(0, 10, T), (5, 8, B)], &[(0, 5, T), (5, 8, B), (8, 10, T)]);
        check(&[(0, 10, B), (5, 20, T), (18, 30, U)], &[(0, 10, B), (10, 18, T), (18, 30, U)]);
        check(&[(0, 10, B), (0, 10, B), (2, 3, T)], &[(0, 10, B)]);
    }
}
