//! Telling many items of one collection, page by page.

use super::shape::Shape;
use crate::Session;
use crate::property::Plan;
use crate::stream::{self, Broken, Producer, Sink};
use crate::subject::{CollectionView, Subject, need};
use kontor_groupware::Select;
use kontor_listen::Response;
use kontor_model::{Item, ItemName, PropertyKey, Result};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::caldav;
use std::vec::IntoIter;

/// One thing to tell.
pub(super) enum Target {
    /// The item of this name, as it is when its turn comes.
    Named(ItemName),
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
}

impl Teller {
    /// Whether bodies must be read for it.
    pub(super) fn select(&self) -> Select {
        if self.plan.wants_body() { Select::Body } else { Select::Meta }
    }

    /// Writes the response of each item.
    pub(super) async fn tell(&self, items: &[Item], out: &mut Multistatus) -> Result<()> {
        let mut dead: Vec<(PropertyKey, Vec<u8>)> = Vec::new();
        for item in items {
            dead.clear();
            let subject = Subject::Item { at: &self.view, item, dead: &[] };
            if item.meta.has_properties && self.plan.needs(subject.sort()) & need::DEAD != 0 {
                let Session { room, asker } = &self.session;
                let all = room.office.item_properties(asker, &self.view.place, Some(&item.meta.name)).await?;
                dead.extend(all.into_iter().map(|(_, key, value)| (key, value)));
            }
            self.tell_one(item, &dead, out);
        }
        Ok(())
    }

    fn tell_one(&self, item: &Item, dead: &[(PropertyKey, Vec<u8>)], out: &mut Multistatus) {
        let subject = Subject::Item { at: &self.view, item, dead };
        if !self.plan.wants_body() {
            return self.plan.respond(&self.session, &subject, None, out);
        }
        match self.shape.show(&item.body) {
            Ok(text) => self.plan.respond(&self.session, &subject, Some(&text), out),
            // RFC 4791 7.8: one object with too many occurrences does not take its neighbours along.
            Err(_) => out.failure(&subject.href(), 507, &caldav::MAX_INSTANCES),
        }
    }
}

/// Many items, told one page after another.
pub(super) struct Listing {
    teller: Teller,
    targets: IntoIter<Target>,
    truncated: bool,
    out: Multistatus,
}

impl Listing {
    /// Will tell `targets` in their order; `truncated` says that there would be more (507 on the collection).
    pub(super) fn new(teller: Teller, targets: Vec<Target>, truncated: bool) -> Self {
        Self { teller, targets: targets.into_iter(), truncated, out: Multistatus::new() }
    }

    /// The answer: at once if one page is all, else a stream.
    ///
    /// # Errors
    /// Those of the office for the first page.
    pub(super) async fn answer(mut self) -> Result<Response> {
        if self.page().await? {
            Ok(stream::multistatus_of(stream::body(self)))
        } else {
            self.end();
            Ok(stream::multistatus(self.out))
        }
    }

    /// Tells one page; whether there is another.
    async fn page(&mut self) -> Result<bool> {
        let size = self.teller.session.settings().page;
        let targets: Vec<Target> = self.targets.by_ref().take(size).collect();
        let names = targets.iter().filter_map(|target| match target {
            Target::Named(name) => Some(name.clone()),
            Target::Here(_) | Target::Nothing(_) => None,
        });
        let names: Vec<ItemName> = names.collect();
        let found = match names.as_slice() {
            [] => Vec::new(),
            names => {
                let Session { room, asker } = &self.teller.session;
                room.office.items_named(asker, &self.teller.view.place, names, self.teller.select()).await?
            }
        };
        let mut found = found.into_iter();
        for target in targets {
            match target {
                Target::Here(item) => self.teller.tell(&[item], &mut self.out).await?,
                Target::Nothing(href) => self.out.status(&href, 404),
                Target::Named(name) => match found.next().flatten() {
                    Some(item) => self.teller.tell(&[item], &mut self.out).await?,
                    None => {
                        let href = crate::route::item_href(&self.teller.view.href, name.as_str());
                        self.out.status(&href, 404);
                    }
                },
            }
        }
        Ok(self.targets.len() > 0)
    }

    fn end(&mut self) {
        if self.truncated {
            self.out.truncated(&self.teller.view.href);
        }
    }
}

impl Producer for Listing {
    async fn produce(mut self, sink: &Sink) -> std::result::Result<(), Broken> {
        loop {
            sink.flush(&mut self.out).await?;
            if !self.page().await? {
                self.end();
                return sink.send(self.out.finish()).await;
            }
        }
    }
}
