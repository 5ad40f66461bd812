//! Reading a whole store.

use super::Link;
use crate::moving::chunk::Cell;
use crate::moving::{Each, Part, Pourer, Reading};
use crate::postgres::fault::{checked, fault};
use crate::postgres::migrate;
use crate::postgres::text::numbered;
use crate::postgres::value::get;
use crate::sql::postgres;
use crate::sql::tables::{Sort, Table};
use futures_util::TryStreamExt;
use kontor_model::{Error, Result};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::pin::pin;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

/// A connection with an open view.
pub(super) struct View<L: Holder> {
    link: L,
    schema: usize,
    prepared: HashMap<&'static str, Statement>,
}

/// What is there at this moment.
pub(super) fn view<L: Holder>(link: L) -> Result<Pourer<View<L>>> {
    let schema = link.borrow().wait(async {
        link.borrow().run(postgres::BEGIN_VIEW).await?;
        // What is seen is settled by the first question.
        migrate::version(&link.borrow().session).await?.ok_or(Error::NotFound)
    })?;
    Pourer::new(View { link, schema, prepared: HashMap::new() })
}

/// Whose connection it is.
pub(super) trait Holder: Borrow<Link> + Send {
    /// What is to be done when nobody reads any more.
    fn end(&self);
}

impl Holder for Link {
    fn end(&self) {
        // The connection goes too, and the view with it.
    }
}

impl Holder for &Link {
    fn end(&self) {
        // If it fails the connection is gone, and the view with it.
        let _ = self.wait(self.run(postgres::ROLLBACK));
    }
}

impl<L: Holder> Reading for View<L> {
    fn schema(&self) -> usize {
        self.schema
    }

    fn table(&mut self, table: &'static Table, part: Part, each: &mut Each<'_>) -> Result<()> {
        let link = self.link.borrow();
        let prepared = &mut self.prepared;
        link.wait(async {
            let client = link.session.client();
            let statement = match prepared.get(table.name) {
                Some(known) => known.clone(),
                None => {
                    let new = checked(&table.read, client.prepare(&numbered(&table.read)).await)?;
                    prepared.entry(table.name).or_insert(new).clone()
                }
            };
            let range: Vec<i64> = match part {
                Part::Accounts { first, last } if !table.is_directory() => vec![first, last],
                _ => Vec::new(),
            };
            let range = range.iter().map(|one| one as &(dyn ToSql + Sync));
            let mut rows = pin!(checked(&table.read, client.query_raw(&statement, range).await)?);
            while let Some(row) = rows.try_next().await.map_err(|refusal| fault(&table.read, &refusal))? {
                each(&cells(table, &row)?)?;
            }
            Ok(())
        })
    }
}

fn cells<'r>(table: &Table, row: &'r Row) -> Result<Vec<Cell<'r>>> {
    let cell = |(at, sort)| {
        Ok(match sort {
            Sort::Int => get::<Option<i64>>(row, at)?.map_or(Cell::Null, Cell::Int),
            Sort::Text => get::<Option<&str>>(row, at)?.map_or(Cell::Null, Cell::Text),
            Sort::Bytes => get::<Option<&[u8]>>(row, at)?.map_or(Cell::Null, Cell::Bytes),
        })
    };
    table.columns.iter().map(|column| column.sort).enumerate().map(cell).collect()
}

impl<L: Holder> Drop for View<L> {
    fn drop(&mut self) {
        self.link.end();
    }
}
