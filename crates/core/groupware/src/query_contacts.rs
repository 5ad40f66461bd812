//! Which cards are asked for.
//!
//! A sieve on folded text, in one pass inside the store, rules most cards out; what passes is read and decided on.

use crate::timed::away;
use crate::{Asker, Office, Place};
use kontor_model::{Item, ItemName, Result};
use kontor_store::Select;
use kontor_vcard::filter::Filter;

/// How many cards that pass the sieve are read at a time.
const LEAST: usize = 100;
const MOST: usize = 2_000;

/// What a query found.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    /// The items, by name.
    pub items: Vec<Item>,
    /// Whether there are more than were asked for.
    pub truncated: bool,
}

impl Office {
    /// The cards that the filter holds for, exactly, by name, at most `limit` and at most `max_query_items`.
    ///
    /// # Errors
    /// `Forbidden` without `r`.
    pub async fn query_contacts(
        &self,
        who: &Asker,
        place: &Place,
        filter: &Filter,
        limit: Option<usize>,
        select: Select,
    ) -> Result<Hits> {
        let (at, sight) = self.readable(who, place).await?;
        let most = self.inner.policy.limits.max_query_items;
        let limit = limit.unwrap_or(most).min(most);
        let (mut items, mut after): (Vec<Item>, Option<ItemName>) = (Vec::new(), None);
        loop {
            let sieve = filter.sieve();
            let test = Box::new(move |text: &[u8]| sieve.passes(text));
            // What the sieve lets through mostly holds, and one more than wanted tells that there are more.
            let reach = limit.saturating_sub(items.len()).saturating_add(1).clamp(LEAST, MOST);
            let read = self.store().matching(at.account, at.id, test, after.as_ref(), reach, Select::Body);
            let page = read.await?;
            after = page.items.last().map(|item| item.meta.name.clone());
            let found = away(page.items.len(), {
                let filter = filter.clone();
                move || page.items.into_iter().filter(|item| filter.holds(&item.body)).collect::<Vec<_>>()
            });
            items.extend(found.await?.into_iter().map(|item| sight.item(item, select)));
            let truncated = items.len() > limit;
            if truncated || !page.more {
                items.truncate(limit);
                return Ok(Hits { items, truncated });
            }
        }
    }
}
