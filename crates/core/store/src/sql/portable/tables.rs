//! What makes tables: keys begin with the account, columns are of three sorts.

use super::super::schema;
use sqlparser::ast::{
    AlterTableOperation, ColumnDef, ColumnOption, CreateIndex, CreateTable, DataType, Expr, IndexColumn,
    Statement, TableConstraint,
};

/// Indexes that ask every account: those of housekeeping.
const ASKING_ALL: &[&str] = &["access_entry_grantee", "access_entry_kind", "blob_since"];

type Checked = Result<(), String>;

fn refuse(wrong: bool, why: impl Into<String>) -> Checked {
    if wrong { Err(why.into()) } else { Ok(()) }
}

/// Refuses; see above. `bytes` is what the sort of bytes is called.
pub(super) fn check(statement: &Statement, bytes: &DataType) -> Checked {
    match statement {
        Statement::CreateTable(create) => check_table(create, bytes),
        Statement::CreateIndex(create) => check_index(create),
        Statement::AlterTable(alter) => alter.operations.iter().try_for_each(|operation| match operation {
            AlterTableOperation::AddColumn { column_def, .. } => check_column(column_def, bytes),
            other => Err(format!("{other} is not understood everywhere")),
        }),
        other => super::shape::check(other, super::May { ask_all: true, ..super::May::default() }),
    }
}

fn check_table(create: &CreateTable, bytes: &DataType) -> Checked {
    let plain =
        !(create.or_replace || create.temporary || create.unlogged || create.strict || create.without_rowid);
    refuse(
        !plain || create.query.is_some() || create.like.is_some() || create.inherits.is_some(),
        "no plain table",
    )?;
    create.columns.iter().try_for_each(|column| check_column(column, bytes))?;
    let [TableConstraint::PrimaryKey(key)] = create.constraints.as_slice() else {
        return Err("a table has a primary key and nothing besides".to_owned());
    };
    let table = create.name.to_string();
    let first = key.columns.first().and_then(name);
    let free = schema::DIRECTORY.contains(&table.as_str());
    refuse(!free && first.as_deref() != Some("account"), format!("{table}: its key begins with {first:?}"))
}

fn check_column(column: &ColumnDef, bytes: &DataType) -> Checked {
    let sort = &column.data_type;
    let good = matches!(sort, DataType::BigInt(None) | DataType::Text) || sort == bytes;
    refuse(!good, format!("{} is {sort}", column.name))?;
    column.options.iter().try_for_each(|option| match &option.option {
        ColumnOption::NotNull | ColumnOption::Null => Ok(()),
        ColumnOption::Collation(order) => {
            refuse(order.to_string() != "\"C\"", "another order than that of bytes")
        }
        other => Err(format!("{}: {other}", column.name)),
    })
}

fn check_index(create: &CreateIndex) -> Checked {
    let index = create.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let table = create.table_name.to_string();
    let free = schema::DIRECTORY.contains(&table.as_str()) || ASKING_ALL.contains(&index.as_str());
    let first = create.columns.first().and_then(name);
    refuse(!free && first.as_deref() != Some("account"), format!("{index} begins with {first:?}"))?;
    refuse(create.unique && ASKING_ALL.contains(&index.as_str()), "what is unique is so within an account")?;
    refuse(
        create.using.is_some() || !create.include.is_empty() || !create.with.is_empty(),
        "an index of one engine",
    )
}

/// The column, if it is one.
fn name(column: &IndexColumn) -> Option<String> {
    match &column.column.expr {
        Expr::Identifier(name) => Some(name.value.clone()),
        _ => None,
    }
}
