//! What is particular to the embedded engine: its files, its lock, its end.

mod faults;
mod folder;
mod kill;

use crate::suite::world::{ANNA, WORK, World, body, source};
use kontor_model::{ItemName, Result};
use kontor_store::sqlite::{SqliteOptions, open};
use kontor_store::{Done, Expect, Select, Store};
use std::path::Path;
use std::sync::Arc;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn open_at(path: &Path) -> Arc<dyn Store> {
    open(path, &SqliteOptions::default()).unwrap()
}

impl World {
    /// Puts a body of `size` bytes as a new item.
    async fn put_sized(&self, name: &str, size: usize) -> Result<Done> {
        let mut new = body("", Some(name));
        new.content = vec![b'x'; size].into();
        self.act(self.put_op(source(WORK, name), Expect::Absent, new)).await
    }

    /// All names of the collection.
    async fn all(&self) -> Vec<ItemName> {
        let page = self.store.page(ANNA, WORK, None, 1_000_000, Select::Meta).await.unwrap();
        page.items.into_iter().map(|item| item.meta.name).collect()
    }
}
