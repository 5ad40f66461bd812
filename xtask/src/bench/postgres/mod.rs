//! Rows that only Kontor on PostgreSQL is asked: is it near what the database can do, does a second node help, how soon
//! does it hear, does one slow account slow the others, what do large bodies cost.

mod bodies;
mod nodes;
mod raw;
mod slow;
mod wake;

use super::load::Office;
use super::server::Server;
use super::table::Table;
use std::path::Path;

/// Measures all of them.
pub(super) fn measure(
    server: &Server,
    folder: &Path,
    office: &Office,
    table: &mut Table,
) -> Result<(), String> {
    raw::measure(server, table)?;
    nodes::measure(server, folder, office, table)?;
    wake::measure(server, folder, table)?;
    slow::measure(server, table)?;
    bodies::measure(server, folder, table)
}

/// The round in the middle, by rate.
fn middle(mut rounds: Vec<(f64, f64)>) -> (f64, f64) {
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    rounds.get(rounds.len() / 2).copied().unwrap_or_default()
}
