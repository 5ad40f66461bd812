//! One node and two on the same database, the same GETs.

use super::middle;
use crate::bench::hammer::{Measured, hammer};
use crate::bench::http::Client;
use crate::bench::load::Office;
use crate::bench::rows::gets;
use crate::bench::server::Server;
use crate::bench::table::Table;
use std::path::Path;
use std::time::Duration;

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 3;
const LENGTH: Duration = Duration::from_secs(2);

/// Rates, and what a GET costs in CPU of all nodes and the database, as two nodes to one.
pub(super) fn measure(
    server: &Server,
    folder: &Path,
    office: &Office,
    table: &mut Table,
) -> Result<(), String> {
    println!("\n-- two nodes on one database");
    let second = server.another(folder, "second", "")?;
    let requests = gets(server, office)?;
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        one.push(round(&[server], &requests)?);
        two.push(round(&[server, &second], &requests)?);
    }
    second.stop()?;
    let (one, two) = (middle(one), middle(two));
    table.put("postgres", "GET, 16 connections, one node /s", one.0, Some(one.1));
    table.put("postgres", "GET, 16 connections, two nodes /s", two.0, Some(two.1));
    table.put("postgres", "GETs, two nodes : one", two.0 / one.0, None);
    table.put("postgres", "CPU of a GET, two nodes : one", two.1 / one.1, None);
    Ok(())
}

/// Rate, and CPU milliseconds of nodes and database for each GET.
fn round(nodes: &[&Server], requests: &[Vec<u8>]) -> Result<(f64, f64), String> {
    let clients = (0..CONNECTIONS)
        .filter_map(|n| nodes.get(n % nodes.len()).map(|node| node.client()))
        .collect::<Result<Vec<Client>, _>>()?;
    let before = cpu(nodes)?;
    let make = |thread: usize, n: usize| {
        let pick = (thread * 7919 + n * 104_729) % requests.len().max(1);
        requests.get(pick).cloned().unwrap_or_default()
    };
    let measured: Measured = hammer(clients, LENGTH, &make, &[200])?;
    Ok((measured.rate(), (cpu(nodes)? - before) * 1000.0 / measured.count.max(1) as f64))
}

fn cpu(nodes: &[&Server]) -> Result<f64, String> {
    let mut all = nodes.first().map_or(0.0, |node| node.database_cpu_seconds());
    for node in nodes {
        all += node.own_cpu_seconds()?;
    }
    Ok(all)
}
