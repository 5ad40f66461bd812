//! The tables as data, read out of the steps that make them, and the statements that carry whole tables.
//!
//! [`super::schema`] is the only list: a table or a column that a later step adds is read, written, backed up and
//! compared without anybody having to remember it here.

use super::schema;
use std::sync::LazyLock;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// BIGINT.
    Int,
    /// TEXT, in the order of its bytes.
    Text,
    /// BLOB.
    Bytes,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) sort: Sort,
    /// Whether it may be NULL.
    pub(crate) nullable: bool,
}

/// A table whose rows are carried.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
    /// Columns of the primary key, in its order.
    pub(crate) key: Vec<&'static str>,
    /// Rows in the order of the key: all of them, or, for a table of accounts, those of the accounts `?1` to `?2`.
    pub(crate) read: String,
    /// One row, its columns in order.
    pub(crate) insert: String,
    /// Many rows at once, where the engine takes them in a form of its own.
    pub(crate) fill: String,
    /// Whether there is any row.
    pub(crate) peek: String,
    /// No rows, at once.
    pub(crate) clear: String,
    /// No rows, said so that every engine understands it.
    pub(crate) sweep: String,
}

impl Table {
    /// Whether it is not keyed by account.
    pub(crate) fn is_directory(&self) -> bool {
        schema::DIRECTORY.contains(&self.name)
    }

    /// Where a column is.
    pub(crate) fn at(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|one| one.name == column)
    }

    fn written(mut self) -> Self {
        let names: Vec<_> = self.columns.iter().map(|column| column.name).collect();
        let (name, columns, key) = (self.name, names.join(", "), self.key.join(", "));
        let marks: Vec<_> = (1..=names.len()).map(|number| format!("?{number}")).collect();
        let of = if self.is_directory() { "" } else { " WHERE account >= ?1 AND account <= ?2" };
        self.read = format!("SELECT {columns} FROM {name}{of} ORDER BY {key}");
        self.insert = format!("INSERT INTO {name} ({columns}) VALUES ({})", marks.join(", "));
        self.fill = format!("COPY {name} ({columns}) FROM STDIN (FORMAT binary)");
        self.peek = format!("SELECT 1 FROM {name} LIMIT 1");
        self.clear = format!("TRUNCATE TABLE {name}");
        self.sweep = format!("DELETE FROM {name}");
        self
    }
}

/// The schema version from which on there is a table.
pub(crate) fn since(table: &str) -> usize {
    let makes = |sql: &&str| {
        sql.strip_prefix("CREATE TABLE ").is_some_and(|rest| rest.split(' ').next() == Some(table))
    };
    let before = schema::STEPS.iter().take_while(|step| !step.iter().any(makes));
    before.count() + 1
}

/// Whether the steps themselves make rows of a table, so that it is not empty in a store in which nothing was done yet.
pub(crate) fn is_seeded(table: &Table) -> bool {
    let mut steps = schema::STEPS.iter().flat_map(|step| step.iter());
    steps.any(|sql| {
        sql.strip_prefix("INSERT INTO ").is_some_and(|rest| rest.split(' ').next() == Some(table.name))
    })
}

/// The carried tables of a schema version, in the order in which they are carried; `None` if this program does not
/// know the version.
pub(crate) fn tables(version: usize) -> Option<&'static [Table]> {
    static ALL: LazyLock<Vec<Vec<Table>>> = LazyLock::new(|| {
        let upto = |version| schema::STEPS.iter().take(version).flat_map(|step| step.iter().copied());
        let carried = |table: &Table| schema::CARRIED.contains(&table.name);
        let of = |version| read(upto(version)).into_iter().filter(carried).map(Table::written).collect();
        (0..=schema::STEPS.len()).map(of).collect()
    });
    ALL.get(version).map(Vec::as_slice)
}

/// The tables that these statements lead to.
fn read(statements: impl Iterator<Item = &'static str>) -> Vec<Table> {
    let mut tables = Vec::new();
    for sql in statements {
        if let Some(rest) = sql.strip_prefix("CREATE TABLE ") {
            tables.extend(create(rest));
        } else if let Some(name) = sql.strip_prefix("DROP TABLE ") {
            tables.retain(|table: &Table| table.name != name);
        } else if let Some((name, what)) =
            sql.strip_prefix("ALTER TABLE ").and_then(|rest| rest.split_once(' '))
            && let Some(table) = tables.iter_mut().find(|table| table.name == name)
        {
            alter(table, what);
        }
    }
    tables
}

fn create(rest: &'static str) -> Option<Table> {
    let (name, rest) = rest.split_once(" (")?;
    let (columns, key) = rest.strip_suffix("))")?.split_once(", PRIMARY KEY (")?;
    Some(Table {
        name,
        columns: columns.split(", ").filter_map(column).collect(),
        key: key.split(", ").collect(),
        read: String::new(),
        insert: String::new(),
        fill: String::new(),
        peek: String::new(),
        clear: String::new(),
        sweep: String::new(),
    })
}

fn alter(table: &mut Table, what: &'static str) {
    if let Some(text) = what.strip_prefix("ADD COLUMN ") {
        table.columns.extend(column(text));
    } else if let Some(name) = what.strip_prefix("DROP COLUMN ") {
        table.columns.retain(|column| column.name != name);
    } else if let Some(name) = what.strip_prefix("RENAME TO ") {
        table.name = name;
    }
}

fn column(text: &'static str) -> Option<Column> {
    let (name, rest) = text.trim().split_once(' ')?;
    let sort = match rest.split(' ').next()? {
        "BIGINT" => Sort::Int,
        "TEXT" => Sort::Text,
        "BLOB" => Sort::Bytes,
        _ => return None,
    };
    Some(Column { name, sort, nullable: !rest.contains("NOT NULL") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_carried_or_stays() {
        for table in read(schema::STEPS.iter().flat_map(|step| step.iter().copied())) {
            let lists = [schema::CARRIED, schema::STAYING];
            let count = lists.iter().filter(|list| list.contains(&table.name)).count();
            assert_eq!(count, 1, "{} is to be in one of CARRIED and STAYING", table.name);
        }
    }

    #[test]
    fn every_statement_of_the_schema_is_understood() {
        let known = ["CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX ", "DROP INDEX ", "DROP TABLE "];
        let alters = ["ADD COLUMN ", "DROP COLUMN ", "RENAME TO "];
        for sql in schema::STEPS.iter().flat_map(|step| step.iter()) {
            let altered = sql.strip_prefix("ALTER TABLE ").and_then(|rest| rest.split_once(' '));
            let data = ["UPDATE ", "DELETE FROM ", "INSERT INTO "].iter().any(|word| sql.starts_with(word));
            let good = known.iter().any(|word| sql.starts_with(word))
                || altered.is_some_and(|(_, what)| alters.iter().any(|word| what.starts_with(word)))
                || data;
            assert!(good, "{sql}: teach sql::tables to read this");
            if let Some(rest) = sql.strip_prefix("CREATE TABLE ") {
                let commas = rest.split(", PRIMARY KEY").next().unwrap().matches(", ").count();
                assert_eq!(create(rest).unwrap().columns.len(), commas + 1, "{sql}");
            }
        }
    }

    #[test]
    fn a_version_has_the_tables_of_its_steps() {
        assert_eq!((since("item"), since("lease"), since("moving")), (1, 2, 3));
        assert!(tables(0).unwrap().is_empty());
        assert!(tables(schema::STEPS.len() + 1).is_none());
        let all = tables(schema::STEPS.len()).unwrap();
        assert_eq!(all.len(), schema::CARRIED.len());
        let secret = all.iter().find(|table| table.name == "secret").unwrap();
        let password = Column { name: "password", sort: Sort::Text, nullable: true };
        assert_eq!((secret.columns[1].clone(), secret.key.clone()), (password, vec!["account"]));
        assert_eq!(
            secret.read,
            "SELECT account, password, version, last_app_password FROM secret \
             WHERE account >= ?1 AND account <= ?2 ORDER BY account"
        );
        assert_eq!(secret.insert.matches('?').count(), 4);
    }

    #[test]
    fn later_steps_change_tables() {
        let steps = [
            "CREATE TABLE item (account BIGINT NOT NULL, old TEXT, PRIMARY KEY (account))",
            "CREATE INDEX x ON item (account)",
            "ALTER TABLE item ADD COLUMN more BLOB",
            "ALTER TABLE item DROP COLUMN old",
            "ALTER TABLE item RENAME TO thing",
            "CREATE TABLE gone (account BIGINT NOT NULL, PRIMARY KEY (account))",
            "DROP TABLE gone",
        ];
        let [thing] = &read(steps.into_iter())[..] else { panic!() };
        assert_eq!((thing.name, thing.columns.len(), thing.at("more")), ("thing", 2, Some(1)));
    }
}
