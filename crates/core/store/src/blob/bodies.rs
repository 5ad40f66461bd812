//! Answers of engines that hold bodies.

use crate::{Changes, Page};
use kontor_model::{Item, ItemName};

/// Items in an answer, some of whose bodies may be addresses.
pub(super) trait Bodies: Send {
    /// All items, to put bodies in.
    fn items(&mut self) -> Vec<&mut Item>;

    /// Takes out an item that is not there any more.
    fn leave_out(&mut self, name: &ItemName);
}

fn is(name: &ItemName) -> impl Fn(&Item) -> bool {
    move |item| item.meta.name == *name
}

impl Bodies for Option<Item> {
    fn items(&mut self) -> Vec<&mut Item> {
        self.iter_mut().collect()
    }

    fn leave_out(&mut self, _name: &ItemName) {
        *self = None;
    }
}

impl Bodies for Vec<Option<Item>> {
    fn items(&mut self) -> Vec<&mut Item> {
        self.iter_mut().flatten().collect()
    }

    fn leave_out(&mut self, name: &ItemName) {
        self.iter_mut().filter(|item| item.as_ref().is_some_and(is(name))).for_each(|item| *item = None);
    }
}

impl Bodies for Page {
    fn items(&mut self) -> Vec<&mut Item> {
        self.items.iter_mut().collect()
    }

    fn leave_out(&mut self, name: &ItemName) {
        self.items.retain(|item| !is(name)(item));
    }
}

impl Bodies for Changes {
    fn items(&mut self) -> Vec<&mut Item> {
        self.changed.iter_mut().collect()
    }

    /// Its removal has a number above all that is told here: it is told next time.
    fn leave_out(&mut self, name: &ItemName) {
        self.changed.retain(|item| !is(name)(item));
    }
}
