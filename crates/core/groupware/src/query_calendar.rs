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
use kontor_store::{Select, Timed};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many items are read at a time.
const PAGE: usize = 500;

impl Office {
    /// The items of a calendar or task list that the filter holds for, exactly; `zone` is that of floating times and
    /// whole days. In no particular order.
    ///
    /// # Errors
    /// `Forbidden` without `r`; `TooLarge` if there are more than `max_query_items`.
    pub async fn query_calendar(
        &self,
        who: &Asker,
        place: &Place,
        filter: &Filter,
        zone: &Zone,
        select: Select,
    ) -> Result<Vec<Item>> {
        let (at, sight) = self.readable(who, place).await?;
        let hits = match filter.time_only() {
            Some(TimeOnly { kind: None, .. }) => self.everything(&at, select).await?,
            Some(only) => self.by_time(&at, only, zone, select).await?,
            None => self.by_text(&at, sight, filter, zone, select).await?,
        };
        self.few_enough(hits.len())?;
        Ok(sight.items(hits, select))
    }

    async fn everything(&self, at: &Collection, select: Select) -> Result<Vec<Item>> {
        let mut all: Vec<Item> = Vec::new();
        loop {
            let after = all.last().map(|item| item.meta.name.clone());
            let page = self.store().page(at.account, at.id, after.as_ref(), PAGE, select).await?;
            all.extend(page.items);
            self.few_enough(all.len())?;
            if !page.more {
                return Ok(all);
            }
        }
    }

    async fn by_time(
        &self,
        at: &Collection,
        only: TimeOnly,
        zone: &Zone,
        select: Select,
    ) -> Result<Vec<Item>> {
        let found = self.timed(at, only.range.unwrap_or(Range::ALL), select).await?;
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
        select: Select,
    ) -> Result<Vec<Item>> {
        let filter = Arc::new(filter.clone());
        let found = self.timed(at, filter.bound().unwrap_or(Range::ALL), Select::Meta).await?;
        let mut rest = VecDeque::from(found);
        let (mut hits, mut steps) = (Vec::new(), Steps::new());
        loop {
            let names: Vec<ItemName> = rest.iter().take(PAGE).map(|one| one.item.meta.name.clone()).collect();
            let items = self.store().items_named(at.account, at.id, &names, Select::Body).await?;
            // Large bodies come fewer at a time.
            let chunk: Vec<Timed> = rest.drain(..items.len().min(rest.len())).collect();
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
            hits.extend(some.into_iter().map(|item| Sight::Full.item(item, select)));
            self.few_enough(hits.len())?;
        }
    }

    fn few_enough(&self, count: usize) -> Result<()> {
        let max = self.inner.policy.limits.max_query_items;
        if count > max { Err(Error::TooLarge { limit: "max_query_items", max: max as u64 }) } else { Ok(()) }
    }
}

/// The items of a chunk that the filter holds for, by their text.
fn read(
    chunk: Vec<Timed>,
    items: Vec<Option<Item>>,
    filter: &Filter,
    zone: &Zone,
    steps: &mut Steps,
) -> Vec<Item> {
    let pairs = chunk.iter().zip(items).filter_map(|(timed, item)| Some((timed, item?)));
    let holds = |(timed, item): &(&Timed, Item)| {
        let timeline = Timeline::from_bytes(&timed.timeline).unwrap_or_default();
        steps.each(|budget| filter.holds(&item.body, &timeline, zone, budget))
    };
    pairs.filter(holds).map(|(_, item)| item).collect()
}
