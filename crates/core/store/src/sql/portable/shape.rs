//! What a statement does, read out of its syntax tree: refuses what not every database can do, or what would have to be
//! asked of all nodes.

use super::super::schema;
use sqlparser::ast::{
    Assignment, AssignmentTarget, BinaryOperator, CastKind, ConflictTarget, DataType, Delete, Expr,
    FromTable, GroupByExpr, Insert, JoinConstraint, JoinOperator, LimitClause, ObjectName, OnConflictAction,
    OnInsert, Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier, Statement, TableFactor,
    TableObject, TableWithJoins, UnaryOperator, Update, Value, visit_expressions,
};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// What a statement may besides what all may.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct May {
    /// Ask every account: housekeeping.
    pub(crate) ask_all: bool,
    /// Hold rows to the end of the transaction.
    pub(crate) hold: bool,
    /// Call these functions.
    pub(crate) call: &'static [&'static str],
}

/// Functions that are everywhere.
const FUNCTIONS: &[&str] = &["COUNT", "COALESCE", "SUM"];

type Checked = Result<(), String>;

/// Refuses; see above.
pub(super) fn check(statement: &Statement, may: May) -> Checked {
    match statement {
        Statement::Query(query) => check_query(query, may)?,
        Statement::Insert(insert) => check_insert(insert)?,
        Statement::Update(update) => check_update(update, may)?,
        Statement::Delete(delete) => check_delete(delete, may)?,
        other => return Err(format!("{other} is no statement of all engines")),
    }
    let mut wrong = None;
    let _ = visit_expressions(statement, |expr| match check_expression(expr, may) {
        Ok(()) => ControlFlow::Continue(()),
        Err(why) => {
            wrong = Some(why);
            ControlFlow::Break(())
        }
    });
    wrong.map_or(Ok(()), Err)
}

fn refuse(wrong: bool, why: &str) -> Checked {
    if wrong { Err(why.to_owned()) } else { Ok(()) }
}

fn check_query(query: &Query, may: May) -> Checked {
    let mut given = BTreeSet::new();
    if let Some(with) = &query.with {
        refuse(with.recursive, "a recursive list")?;
        for list in &with.cte_tables {
            let fixed = matches!(*list.query.body, SetExpr::Values(_));
            refuse(!fixed, "a list that is not of fixed values (one that writes is PostgreSQL's alone)")?;
            given.insert(list.alias.name.value.clone());
        }
    }
    refuse(!query.locks.is_empty() && !may.hold, "rows are held")?;
    let limited = query.limit_clause.is_some();
    refuse(
        matches!(query.limit_clause, Some(LimitClause::LimitOffset { offset: Some(_), .. })),
        "OFFSET reads what it leaves out",
    )?;
    refuse(query.fetch.is_some(), "FETCH")?;
    refuse(limited && query.order_by.is_none() && !only_asks_whether(query), "LIMIT without ORDER BY")?;
    let held_in_order = query.order_by.is_some() || !may.ask_all;
    refuse(!query.locks.is_empty() && !held_in_order, "several rows held in no order")?;
    check_body(&query.body, &given, may)
}

/// `SELECT 1 ... LIMIT 1`.
fn only_asks_whether(query: &Query) -> bool {
    let one = |item: &SelectItem| matches!(item, SelectItem::UnnamedExpr(expr) if expr.to_string() == "1");
    matches!(&*query.body, SetExpr::Select(select) if select.projection.iter().all(one))
}

fn check_body(body: &SetExpr, given: &BTreeSet<String>, may: May) -> Checked {
    match body {
        SetExpr::Select(select) => check_select(select, given, may),
        SetExpr::SetOperation { op: SetOperator::Union, set_quantifier: SetQuantifier::All, left, right } => {
            check_body(left, given, may)?;
            check_body(right, given, may)
        }
        other => Err(format!("{other} is no plain question")),
    }
}

fn check_select(select: &Select, given: &BTreeSet<String>, may: May) -> Checked {
    let grouped =
        !matches!(&select.group_by, GroupByExpr::Expressions(by, more) if by.is_empty() && more.is_empty());
    refuse(grouped || select.having.is_some() || select.qualify.is_some(), "groups")?;
    refuse(select.into.is_some() || select.top.is_some(), "SELECT INTO, TOP")?;
    let star =
        |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    refuse(select.projection.iter().any(star), "columns are named, not *")?;
    let mut conditions: Vec<&Expr> = select.selection.iter().collect();
    let mut tables = Vec::new();
    for from in &select.from {
        tables.push(table(&from.relation)?);
        for join in &from.joins {
            tables.push(table(&join.relation)?);
            match &join.join_operator {
                JoinOperator::CrossJoin(JoinConstraint::None) => {}
                JoinOperator::LeftOuter(JoinConstraint::On(on))
                | JoinOperator::Left(JoinConstraint::On(on)) => {
                    conditions.push(on);
                }
                other => return Err(format!("{other:?} is no join of ours")),
            }
        }
    }
    let of_accounts: Vec<String> =
        tables.into_iter().filter(|name| !given.contains(name) && is_of_accounts(name)).collect();
    if may.ask_all { Ok(()) } else { check_pinned(&of_accounts, &conditions) }
}

fn table(factor: &TableFactor) -> Result<String, String> {
    match factor {
        TableFactor::Table { name, alias: None, args: None, .. } => Ok(name.to_string()),
        other => Err(format!("{other} is no table by its name")),
    }
}

fn is_of_accounts(table: &str) -> bool {
    !schema::DIRECTORY.contains(&table)
}

/// Every table's account is `$1`, said of it or of one that it is joined to by account.
fn check_pinned(tables: &[String], conditions: &[&Expr]) -> Checked {
    let mut all = Vec::new();
    conditions.iter().for_each(|one| conjuncts(one, &mut all));
    let mut pinned: BTreeSet<&str> = BTreeSet::new();
    for _ in 0..=tables.len() {
        for (one, other) in &all {
            let (one, other) = (account_of(one, tables), account_of(other, tables));
            let (is_first, of) = match (one, other) {
                (Some(Side::First), Some(Side::Of(table))) | (Some(Side::Of(table)), Some(Side::First)) => {
                    (true, table)
                }
                (Some(Side::Of(a)), Some(Side::Of(b))) if pinned.contains(a) => (true, b),
                (Some(Side::Of(a)), Some(Side::Of(b))) if pinned.contains(b) => (true, a),
                _ => (false, ""),
            };
            if is_first {
                pinned.insert(of);
            }
        }
    }
    match tables.iter().find(|table| !pinned.contains(table.as_str())) {
        Some(table) => Err(format!("{table} is asked without its account")),
        None => Ok(()),
    }
}

/// One side of `account = $1`.
enum Side<'t> {
    First,
    Of(&'t str),
}

fn account_of<'t>(expr: &Expr, tables: &'t [String]) -> Option<Side<'t>> {
    match expr {
        Expr::Value(value) if value.value == Value::Placeholder("$1".to_owned()) => Some(Side::First),
        Expr::Identifier(name) if name.value == "account" && tables.len() == 1 => {
            Some(Side::Of(tables.first()?.as_str()))
        }
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [table, name] if name.value == "account" => {
                tables.iter().find(|one| **one == table.value).map(|one| Side::Of(one.as_str()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Both sides of each `=` that has to hold.
fn conjuncts<'e>(expr: &'e Expr, out: &mut Vec<(&'e Expr, &'e Expr)>) {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            conjuncts(left, out);
            conjuncts(right, out);
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => out.push((left, right)),
        Expr::Nested(inner) => conjuncts(inner, out),
        _ => {}
    }
}

fn check_insert(insert: &Insert) -> Checked {
    refuse(insert.or.is_some() || insert.ignore || insert.replace_into, "OR IGNORE, REPLACE")?;
    refuse(insert.table_alias.is_some() || !insert.into, "INSERT without INTO, or with another name")?;
    let TableObject::TableName(name) = &insert.table else { return Err("no table by its name".to_owned()) };
    let of_accounts = is_of_accounts(&name.to_string());
    let first = insert.columns.first().map(ToString::to_string).unwrap_or_default();
    refuse(first.is_empty(), "columns are named")?;
    refuse(of_accounts && first != "account", "the account does not come first")?;
    let Some(source) = &insert.source else { return Err("no rows".to_owned()) };
    refuse(source.with.is_some() || source.limit_clause.is_some(), "a question inside INSERT")?;
    let SetExpr::Values(values) = &*source.body else { return Err("a question inside INSERT".to_owned()) };
    for row in &values.rows {
        let plain =
            row.iter().all(|expr| matches!(expr, Expr::Value(_) | Expr::Cast { .. } | Expr::UnaryOp { .. }));
        refuse(!plain, "a row of more than values")?;
        refuse(row.len() != insert.columns.len(), "a row of another width")?;
    }
    match &insert.on {
        None => Ok(()),
        Some(OnInsert::OnConflict(conflict)) => {
            let Some(ConflictTarget::Columns(columns)) = &conflict.conflict_target else {
                return Err("ON CONFLICT without the columns of the key".to_owned());
            };
            let first = columns.first().map(|column| column.value.as_str());
            refuse(of_accounts && first != Some("account"), "ON CONFLICT without the account")?;
            match &conflict.action {
                OnConflictAction::DoNothing => Ok(()),
                OnConflictAction::DoUpdate(update) => {
                    refuse(update.selection.is_some(), "ON CONFLICT ... WHERE")?;
                    check_assignments(&update.assignments, of_accounts)
                }
            }
        }
        Some(other) => Err(format!("{other} is no ON CONFLICT")),
    }
}

/// A row does not change its account: it would have to change its node.
fn check_assignments(assignments: &[Assignment], of_accounts: bool) -> Checked {
    for assignment in assignments {
        let AssignmentTarget::ColumnName(name) = &assignment.target else {
            return Err("several columns set at once".to_owned());
        };
        refuse(
            of_accounts && *name == ObjectName::from(vec!["account".into()]),
            "a row changes its account",
        )?;
    }
    Ok(())
}

fn check_update(update: &Update, may: May) -> Checked {
    let TableWithJoins { relation, joins } = &update.table;
    refuse(!joins.is_empty() || update.from.is_some(), "UPDATE of a join")?;
    refuse(update.or.is_some() || update.limit.is_some() || !update.order_by.is_empty(), "UPDATE OR, LIMIT")?;
    let table = table(relation)?;
    check_assignments(&update.assignments, is_of_accounts(&table))?;
    check_where(table, update.selection.as_ref(), may)
}

fn check_delete(delete: &Delete, may: May) -> Checked {
    let FromTable::WithFromKeyword(from) = &delete.from else { return Err("DELETE without FROM".to_owned()) };
    let [TableWithJoins { relation, joins }] = from.as_slice() else {
        return Err("DELETE of several".to_owned());
    };
    refuse(!joins.is_empty() || delete.using.is_some(), "DELETE of a join")?;
    refuse(delete.limit.is_some() || !delete.order_by.is_empty(), "DELETE with LIMIT")?;
    check_where(table(relation)?, delete.selection.as_ref(), may)
}

fn check_where(table: String, condition: Option<&Expr>, may: May) -> Checked {
    let of_accounts: Vec<String> = Some(table).into_iter().filter(|name| is_of_accounts(name)).collect();
    let conditions: Vec<&Expr> = condition.into_iter().collect();
    if may.ask_all { Ok(()) } else { check_pinned(&of_accounts, &conditions) }
}

fn check_expression(expr: &Expr, may: May) -> Checked {
    match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_) => Ok(()),
        Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::Nested(_) | Expr::Tuple(_) | Expr::Case { .. } => Ok(()),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Not, .. } => Ok(()),
        Expr::Cast { kind: CastKind::Cast, data_type: DataType::BigInt(None), .. } => Ok(()),
        // A list handed over as one parameter, in the engine for several nodes.
        Expr::AnyOp { compare_op: BinaryOperator::Eq, right, .. } => {
            refuse(!matches!(&**right, Expr::Value(_)), "ANY of a question")
        }
        Expr::BinaryOp { left, op, right } => check_operator(left, op, right),
        // One row's worth of another table, found by its key; the account is said again, so it is where the row is.
        Expr::Subquery(query) => check_query(query, May { ask_all: false, ..may }),
        Expr::Function(function) => {
            let name = function.name.to_string().to_uppercase();
            let known = FUNCTIONS.contains(&name.as_str()) || may.call.contains(&name.as_str());
            refuse(!known || function.over.is_some(), &format!("{name} is not everywhere"))
        }
        other => Err(format!("{other} is not everywhere")),
    }
}

fn check_operator(left: &Expr, op: &BinaryOperator, right: &Expr) -> Checked {
    use BinaryOperator::{And, Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Or, Plus};
    match op {
        And | Or | Eq | Gt | GtEq | Lt | LtEq => Ok(()),
        Plus | Minus | Divide => {
            let bare =
                |side: &Expr| matches!(side, Expr::Value(one) if matches!(one.value, Value::Placeholder(_)));
            refuse(bare(left) || bare(right), "a parameter meets arithmetic without CAST")
        }
        other => Err(format!("{other} is not everywhere")),
    }
}
