//! Which cards are asked for.
//!
//! A sieve on folded text, in one pass inside the store, rules most cards out; what passes is read and decided on.

use crate::timed::away;
use crate::{Asker, Office, Place};
use kontor_model::{Item, Result};
use kontor_store::Select;
use kontor_vcard::filter::Filter;

/// So many cards more than wanted are looked at before all are.
const PAGE: usize = 500;

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
        // What the sieve lets through mostly holds; where it does not, everything that passes is looked at.
        let mut reach = limit.saturating_add(limit / 4).saturating_add(PAGE);
        loop {
            let sieve = filter.sieve();
            let test = Box::new(move |text: &[u8]| sieve.passes(text));
            let page = self.store().matching(at.account, at.id, test, reach, Select::Body).await?;
            let mut items: Vec<Item> = away(page.items.len(), {
                let filter = filter.clone();
                move || page.items.into_iter().filter(|item| filter.holds(&item.body)).collect()
            })
            .await?;
            let truncated = items.len() > limit;
            if truncated || !page.more {
                items.truncate(limit);
                let items = items.into_iter().map(|item| sight.item(item, select)).collect();
                return Ok(Hits { items, truncated });
            }
            reach = usize::MAX;
        }
    }
}
