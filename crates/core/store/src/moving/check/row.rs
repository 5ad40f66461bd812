//! Which columns of each table are looked at.

use crate::moving::chunk::Cell;
use crate::sql::tables::Table;

/// Takes some columns out of a row.
pub(super) struct Pick<const N: usize>([usize; N]);

impl<const N: usize> Pick<N> {
    /// Columns that a table of that schema version does not have are read as NULL.
    fn of(table: &Table, names: [&str; N]) -> Self {
        Self(names.map(|name| table.at(name).unwrap_or(usize::MAX)))
    }

    pub(super) fn read<'a>(&self, cells: &[Cell<'a>]) -> [Cell<'a>; N] {
        self.0.map(|at| cells.get(at).copied().unwrap_or(Cell::Null))
    }
}

/// What is looked at of each table.
pub(super) enum Sort {
    Principal(Pick<6>),
    Address(Pick<2>),
    Orphan(Pick<2>),
    Secret(Pick<2>),
    AppPassword(Pick<2>),
    State(Pick<3>),
    AccountChange(Pick<2>),
    Collection(Pick<6>),
    Counter(Pick<6>),
    Property(Pick<2>),
    Access(Pick<5>),
    Item(Pick<14>),
    Doomed(Pick<2>),
    ItemProperty(Pick<3>),
    Body(Pick<4>),
    Span(Pick<5>),
    Text(Pick<3>),
    Change(Pick<6>),
    Ordinal(Pick<3>),
    OrdinalCounter(Pick<3>),
    Blob(Pick<5>),
    Past(Pick<7>),
    Tree(Pick<5>),
    Trashed(Pick<11>),
    /// Nothing is known that must hold of its rows.
    Other,
}

/// Carried tables of which nothing is known that must hold: a test asks whether somebody thought about that.
#[cfg(test)]
/// Locks end by themselves, and a lock of nothing keeps nobody from anything.
const FREE: &[&str] = &["setting", "failure", "write_lock"];

impl Sort {
    pub(super) fn of(table: &Table) -> Self {
        let place = ["account", "collection", "name"];
        let [account, collection, name] = place;
        match table.name {
            "principal" => {
                Self::Principal(Pick::of(table, [account, name, "kind", "admin", "email", "aliases"]))
            }
            "address" => Self::Address(Pick::of(table, ["folded", account])),
            "orphan" => Self::Orphan(Pick::of(table, [account, name])),
            "secret" => Self::Secret(Pick::of(table, [account, "last_app_password"])),
            "app_password" => Self::AppPassword(Pick::of(table, [account, "number"])),
            "account_state" => Self::State(Pick::of(table, [account, "number", "shelf"])),
            "account_change" | "tide" => Self::AccountChange(Pick::of(table, [account, "number"])),
            "collection" => {
                Self::Collection(Pick::of(table, [account, collection, "parent", "kind", name, "own_grants"]))
            }
            "counter" => {
                Self::Counter(Pick::of(table, [account, collection, "version", "floor", "items", "bytes"]))
            }
            "property" => Self::Property(Pick::of(table, [account, collection])),
            "access_entry" => {
                Self::Access(Pick::of(table, [account, collection, "grantee_kind", "grantee", "rights"]))
            }
            "item" => Self::Item(Pick::of(
                table,
                [
                    account,
                    collection,
                    name,
                    "id",
                    "version",
                    "revision",
                    "live",
                    "size",
                    "has_properties",
                    "uid",
                    "level",
                    "edge",
                    "folded",
                    "folder",
                ],
            )),
            "doomed" => Self::Doomed(Pick::of(table, [account, collection])),
            "item_property" => Self::ItemProperty(Pick::of(table, place)),
            "body" => Self::Body(Pick::of(table, [account, "item", "bytes", "blob"])),
            "span" => Self::Span(Pick::of(table, [account, collection, "level", "edge", name])),
            "search_text" => Self::Text(Pick::of(table, place)),
            "change" => Self::Change(Pick::of(table, [account, collection, "version", name, "verb", "item"])),
            "ordinal" => Self::Ordinal(Pick::of(table, [account, collection, "number"])),
            "ordinal_counter" => Self::OrdinalCounter(Pick::of(table, [account, collection, "last"])),
            "blob" => Self::Blob(Pick::of(table, [account, "id", "state", "size", "hash"])),
            "past" => {
                Self::Past(Pick::of(table, [account, "item", "number", "text", collection, name, "size"]))
            }
            "trash" => Self::Tree(Pick::of(table, [account, "root", "collections", "items", "bytes"])),
            "trashed" => Self::Trashed(Pick::of(
                table,
                [
                    account, "root", collection, "parent", "kind", name, "version", "floor", "items",
                    "bytes", "grants",
                ],
            )),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{schema, tables::tables};

    #[test]
    fn every_table_is_looked_at_or_known_to_be_free() {
        for table in tables(schema::STEPS.len()).unwrap() {
            let other = matches!(Sort::of(table), Sort::Other);
            let name = table.name;
            assert_eq!(other, FREE.contains(&name), "{name}: say in moving::check what must hold of it");
        }
    }
}
