//! Telling many items of one collection, one after another.

use super::shape::Shape;
use crate::Session;
use crate::property::Plan;
use crate::stream::Telling;
use crate::subject::{CollectionView, Subject, collection_sort, item_sort, need};
use kontor_groupware::Select;
use kontor_ical::zone::Zone;
use kontor_model::{Item, ItemName, PropertyKey, Result};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::caldav;
use std::collections::VecDeque;

/// Items read at a time if their bodies are wanted: enough that reading is not felt, and the first bytes leave soon.
const BODIES: usize = 250;
/// After this much work, counted in bytes of text and in steps of recurrence rules, others get their turn.
const TURN: u64 = 256 * 1024;

/// One thing to tell.
pub(super) enum Target {
    /// The item of this name, as it is when its turn comes; missed if it is not there.
    Named(ItemName),
    /// The same, but passed over if it went away.
    Found(ItemName),
    /// This item; nothing more of it is needed.
    Here(Item),
    /// Nothing is at this href.
    Nothing(String),
}

/// How items are told.
pub(super) struct Teller {
    /// Who asks.
    pub(super) session: Session,
    /// Where.
    pub(super) view: CollectionView,
    /// What.
    pub(super) plan: Plan,
    /// In which form.
    pub(super) shape: Shape,
    /// Where floating times and whole days lie.
    pub(super) zone: Zone,
    /// Work done since others had their turn.
    pub(super) work: u64,
}

impl Teller {
    /// Whether bodies must be read for it.
    pub(super) fn select(&self) -> Select {
        if self.plan.wants_body(item_sort(self.view.branch)) { Select::Body } else { Select::Meta }
    }

    /// How many items to read at a time.
    pub(super) fn page(&self) -> usize {
        let page = self.session.settings().page;
        if self.select() == Select::Body { page.min(BODIES) } else { page }
    }

    /// Writes the response of one item.
    pub(super) async fn tell(&mut self, item: &Item, out: &mut Multistatus) -> Result<()> {
        if item.meta.folder.is_some() {
            return self.tell_folder(item, out).await;
        }
        let mut dead: Vec<(PropertyKey, Vec<u8>)> = Vec::new();
        if item.meta.has_properties {
            let subject = Subject::Item { at: &self.view, item, dead: &[] };
            if self.plan.needs(subject.sort()) & need::DEAD != 0 {
                let Session { room, asker } = &self.session;
                let all = room.office.item_properties(asker, &self.view.place, Some(&item.meta.name)).await?;
                dead.extend(all.into_iter().map(|(_, key, value)| (key, value)));
            }
        }
        let before = out.len();
        self.tell_one(item, &dead, out);
        self.work += (out.len().saturating_sub(before) + item.body.len()) as u64;
        if self.work > TURN {
            self.work = 0;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Writes the response of a folder, if it is to be seen.
    async fn tell_folder(&mut self, item: &Item, out: &mut Multistatus) -> Result<()> {
        let needs = self.plan.needs(collection_sort(self.view.branch));
        let folders = self.session.folders(&self.view.place, std::slice::from_ref(item), needs).await?;
        for view in folders.values() {
            self.plan.respond(&self.session, &Subject::Collection(view), None, out);
        }
        Ok(())
    }

    fn tell_one(&mut self, item: &Item, dead: &[(PropertyKey, Vec<u8>)], out: &mut Multistatus) {
        let subject = Subject::Item { at: &self.view, item, dead };
        if !self.plan.wants_body(subject.sort()) {
            return self.plan.respond(&self.session, &subject, None, out);
        }
        match self.shape.show(&item.body, &mut self.work) {
            Ok(text) => self.plan.respond(&self.session, &subject, Some(&text), out),
            // One object with too many occurrences does not take its neighbours along.
            Err(_) => out.failure(&subject.href(), 507, &caldav::MAX_INSTANCES),
        }
    }
}

/// Many items, told in the order of their targets.
pub(super) struct Listing {
    teller: Teller,
    targets: VecDeque<Target>,
    /// What was read of the foremost targets that have a name, in their order.
    read: VecDeque<Option<Item>>,
    truncated: bool,
}

impl Listing {
    /// Will tell `targets`; `truncated` says that there would be more (507 on the collection).
    pub(super) fn new(teller: Teller, targets: VecDeque<Target>, truncated: bool) -> Self {
        Self { teller, targets, read: VecDeque::new(), truncated }
    }

    /// What is there under the name that comes next.
    async fn next_item(&mut self, name: ItemName) -> Result<Option<Item>> {
        if self.read.is_empty() {
            let others = self.targets.iter().filter_map(|target| match target {
                Target::Named(name) | Target::Found(name) => Some(name.clone()),
                Target::Here(_) | Target::Nothing(_) => None,
            });
            let names: Vec<ItemName> = std::iter::once(name).chain(others).take(self.teller.page()).collect();
            let Session { room, asker } = &self.teller.session;
            let place = &self.teller.view.place;
            self.read = room.office.items_named(asker, place, &names, self.teller.select()).await?.into();
        }
        Ok(self.read.pop_front().flatten())
    }
}

impl Telling for Listing {
    async fn more(&mut self, out: &mut Multistatus) -> Result<bool> {
        match self.targets.pop_front() {
            None => {}
            Some(Target::Here(item)) => self.teller.tell(&item, out).await?,
            Some(Target::Nothing(href)) => out.status(&href, 404),
            Some(Target::Named(name)) => {
                let href = crate::route::item_href(&self.teller.view.href, name.as_str());
                match self.next_item(name).await? {
                    Some(item) => self.teller.tell(&item, out).await?,
                    None => out.status(&href, 404),
                }
            }
            Some(Target::Found(name)) => {
                if let Some(item) = self.next_item(name).await? {
                    self.teller.tell(&item, out).await?;
                }
            }
        }
        let more = !self.targets.is_empty();
        if !more && self.truncated {
            out.truncated(&self.teller.view.href);
        }
        Ok(more)
    }
}
