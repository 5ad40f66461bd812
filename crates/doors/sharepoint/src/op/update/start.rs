//! What the rows of a batch need to know before they are written, read for all of them at once: their items, the numbers
//! of these, and the people that rows and items name. A database across a network is asked four times for a batch, not
//! eight times for each row of it.
//!
//! It is good for the first try of the first step about an item. Whoever finds that somebody wrote in between reads anew.

use super::{About, Batch, Step};
use crate::people::Known;
use kontor_groupware::{Ordinal, OrdinalKey};
use kontor_model::{Item, ItemId, ItemName};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What one step begins with.
pub(super) struct Start {
    /// Its item; `None` for what is new, and for what could not be read with the others.
    pub(super) item: Option<Box<Item>>,
    /// The numbers of the item.
    pub(super) ordinals: Vec<Ordinal>,
    /// Who is named in the row and in the item.
    pub(super) people: Arc<Known>,
}

impl Batch {
    /// Reads what the steps begin with. What cannot be read is left to each step, which tells what is wrong with its own.
    pub(super) async fn prepare(&self, steps: &mut [Step], known: &HashMap<i64, Ordinal>) {
        let items = self.items(steps, known).await;
        let keys: Vec<_> = items.keys().copied().map(OrdinalKey::Item).collect();
        let (office, who) = (self.session.office(), &*self.session.asker);
        let Ok(numbers) = office.ordinals(who, &self.place, &keys).await else { return };
        let mut ordinals: HashMap<ItemId, Vec<Ordinal>> = HashMap::new();
        numbers.into_iter().for_each(|one| ordinals.entry(one.of.item).or_default().push(one));
        let Some(people) = self.everybody(steps, &items).await else { return };
        let mut items = items;
        for step in steps {
            let (item, ordinals) = match &step.about {
                // What comes later in the batch finds the item as the steps before it left it.
                Some(About::Item(id)) => match items.remove(id) {
                    Some(item) => (Some(item), ordinals.remove(id).unwrap_or_default()),
                    None => continue,
                },
                Some(About::New(_)) => (None, Vec::new()),
                None => continue,
            };
            step.start = Some(Start { item, ordinals, people: people.clone() });
        }
    }

    /// The items that steps are about, as far as they fit into one reading.
    async fn items(&self, steps: &[Step], known: &HashMap<i64, Ordinal>) -> HashMap<ItemId, Box<Item>> {
        let about = steps.iter().filter_map(|step| match step.about {
            Some(About::Item(id)) => Some(id),
            Some(About::New(_)) | None => None,
        });
        let about: HashSet<ItemId> = about.collect();
        let named: HashMap<ItemId, &str> = known.values().map(|one| (one.of.item, &*one.of.name)).collect();
        let names = about.iter().filter_map(|id| Some((*id, ItemName::new(named.get(id)?).ok()?)));
        let (ids, names): (Vec<ItemId>, Vec<ItemName>) = names.unzip();
        let (office, who) = (self.session.office(), &*self.session.asker);
        let found = office.items_named(who, &self.place, &names, self.list.select()).await;
        let found = ids.into_iter().zip(found.unwrap_or_default());
        // Another item may have the name by now.
        let same = found.filter_map(|(id, item)| item.filter(|item| item.meta.id == id));
        same.map(|item| (item.meta.id, Box::new(item))).collect()
    }

    /// Who is named in any of them; `None` if these are too many to be looked up at once.
    async fn everybody(&self, steps: &[Step], items: &HashMap<ItemId, Box<Item>>) -> Option<Arc<Known>> {
        let mut wanted = self.named(steps.iter().map(|step| &step.method.fields), &[]);
        for item in items.values() {
            wanted.account(item.meta.creator);
            wanted.text(&item.body);
        }
        if wanted.is_full() {
            return None;
        }
        self.session.people(wanted).await.ok().map(Arc::new)
    }
}
