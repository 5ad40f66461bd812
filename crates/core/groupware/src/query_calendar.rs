//! Which calendar objects are asked for.
//!
//! What a filter says about time is asked of the store's index and of the compiled timelines; the text is read only
//! of what passes, and only if the filter asks more than time.

use crate::private::Sight;
use crate::timed::{Steps, away, sift};
use crate::{Asker, Office, Place};
use kontor_ical::filter::{Filter, TimeOnly};
use kontor_ical::timeline::{Range, Timeline};
use kontor_ical::zone::Zone;
use kontor_model::{Collection, Error, Item, ItemName, Result};
use kontor_store::{Select, Timing};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many items are read at a time.
const PAGE: usize = 500;

impl Office {
    /// The names of the items of a calendar or task list that the filter holds for, exactly, in order; `zone` is that
    /// of floating times and whole days.
    ///
    /// # Errors
    /// `Forbidden` without `r`; `TooLarge` if there are more than `max_query_items`.
    pub async fn search_calendar(
        &self,
        who: &Asker,
        place: &Place,
        filter: &Filter,
        zone: &Zone,
    ) -> Result<Vec<ItemName>> {
        let (at, sight) = self.readable(who, place).await?;
        let mut hits = match filter.time_only() {
            Some(TimeOnly { kind: None, .. }) => self.everything(&at).await?,
            Some(only) => self.by_time(&at, only, zone).await?,
            None => self.by_text(&at, sight, filter, zone).await?,
        };
        self.few_enough(hits.len())?;
        // Whoever reads them next finds them side by side.
        hits.sort_unstable();
        Ok(hits)
    }

    /// The items of [`Office::search_calendar`], but for those that went away meanwhile.
    ///
    /// # Errors
    /// The same.
    pub async fn query_calendar(
        &self,
        who: &Asker,
        place: &Place,
        filter: &Filter,
        zone: &Zone,
        select: Select,
    ) -> Result<Vec<Item>> {
        let names = self.search_calendar(who, place, filter, zone).await?;
        let (mut items, mut rest) = (Vec::with_capacity(names.len()), names.as_slice());
        while !rest.is_empty() {
            let (some, _) = rest.split_at(rest.len().min(PAGE));
            let found = self.items_named(who, place, some, select).await?;
            rest = rest.get(found.len().max(1)..).unwrap_or_default();
            items.extend(found.into_iter().flatten());
        }
        Ok(items)
    }

    async fn everything(&self, at: &Collection) -> Result<Vec<ItemName>> {
        let mut all: Vec<ItemName> = Vec::new();
        loop {
            let page = self.store().page(at.account, at.id, all.last(), PAGE, Select::Meta).await?;
            all.extend(page.items.into_iter().map(|item| item.meta.name));
            self.few_enough(all.len())?;
            if !page.more {
                return Ok(all);
            }
        }
    }

    async fn by_time(&self, at: &Collection, only: TimeOnly, zone: &Zone) -> Result<Vec<ItemName>> {
        let found = self.timings(at, only.range.unwrap_or(Range::ALL)).await?;
        let zone = zone.clone();
        away(found.len(), move || {
            let mut steps = Steps::new();
            sift(found, |timeline| steps.each(|budget| only.holds(timeline, &zone, budget)))
        })
        .await
    }

    async fn by_text(
        &self,
        at: &Collection,
        sight: Sight,
        filter: &Filter,
        zone: &Zone,
    ) -> Result<Vec<ItemName>> {
        let filter = Arc::new(filter.clone());
        let mut rest = VecDeque::from(self.timings(at, filter.bound().unwrap_or(Range::ALL)).await?);
        let (mut hits, mut steps) = (Vec::new(), Steps::new());
        loop {
            let names: Vec<ItemName> = rest.iter().take(PAGE).map(|one| one.name.clone()).collect();
            let items = self.store().items_named(at.account, at.id, &names, Select::Body).await?;
            // Large bodies come fewer at a time.
            let chunk: Vec<Timing> = rest.drain(..items.len().min(rest.len())).collect();
            if chunk.is_empty() {
                return Ok(hits);
            }
            // A filter must not tell what the veil hides.
            let items =
                items.into_iter().map(|item| item.map(|item| sight.item(item, Select::Body))).collect();
            let (filter, zone) = (filter.clone(), zone.clone());
            let (some, left) = away(chunk.len(), move || {
                let some = read(chunk, items, &filter, &zone, &mut steps);
                (some, steps)
            })
            .await?;
            steps = left;
            hits.extend(some);
            self.few_enough(hits.len())?;
        }
    }

    fn few_enough(&self, count: usize) -> Result<()> {
        let max = self.inner.policy.limits.max_query_items;
        if count > max { Err(Error::TooLarge { limit: "max_query_items", max: max as u64 }) } else { Ok(()) }
    }
}

/// Those of a chunk that the filter holds for, by their text.
fn read(
    chunk: Vec<Timing>,
    items: Vec<Option<Item>>,
    filter: &Filter,
    zone: &Zone,
    steps: &mut Steps,
) -> Vec<ItemName> {
    let pairs = chunk.into_iter().zip(items).filter_map(|(timing, item)| Some((timing, item?)));
    let holds = |(timing, item): &(Timing, Item)| {
        let timeline = Timeline::from_bytes(&timing.timeline).unwrap_or_default();
        steps.each(|budget| filter.holds(&item.body, &timeline, zone, budget))
    };
    pairs.filter(holds).map(|(timing, _)| timing.name).collect()
}
