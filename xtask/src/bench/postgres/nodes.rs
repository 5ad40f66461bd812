//! One node and two on the same database, the same GETs.

use crate::bench::hammer::hammer;
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
    // The second has logged nobody in yet, and its connections have not prepared anything.
    round(&[&second], &requests)?;
    let (mut one, mut two) = (Spent::default(), Spent::default());
    for _ in 0..ROUNDS {
        one.add(&round(&[server], &requests)?);
        two.add(&round(&[server, &second], &requests)?);
    }
    second.stop()?;
    table.put("postgres", "GET, 16 connections, one node /s", one.rate(), Some(one.cpu_ms()));
    table.put("postgres", "GET, 16 connections, two nodes /s", two.rate(), Some(two.cpu_ms()));
    table.put("postgres", "GETs, two nodes : one", two.rate() / one.rate(), None);
    table.put("postgres", "CPU of a GET, two nodes : one", two.cpu_ms() / one.cpu_ms(), None);
    Ok(())
}

/// GETs of some rounds, and what they took. Whoever shares the machine slows single rounds down: so all are summed up.
#[derive(Default)]
struct Spent {
    count: usize,
    seconds: f64,
    /// CPU seconds of nodes and database.
    cpu: f64,
}

impl Spent {
    fn add(&mut self, round: &Self) {
        self.count += round.count;
        self.seconds += round.seconds;
        self.cpu += round.cpu;
    }

    fn rate(&self) -> f64 {
        self.count as f64 / self.seconds
    }

    fn cpu_ms(&self) -> f64 {
        self.cpu * 1000.0 / self.count.max(1) as f64
    }
}

fn round(nodes: &[&Server], requests: &[Vec<u8>]) -> Result<Spent, String> {
    let clients = (0..CONNECTIONS)
        .filter_map(|n| nodes.get(n % nodes.len()).map(|node| node.client()))
        .collect::<Result<Vec<Client>, _>>()?;
    let before = cpu(nodes)?;
    let make = |thread: usize, n: usize| {
        let pick = (thread * 7919 + n * 104_729) % requests.len().max(1);
        requests.get(pick).cloned().unwrap_or_default()
    };
    let measured = hammer(clients, LENGTH, &make, &[200])?;
    Ok(Spent { count: measured.count, seconds: measured.seconds, cpu: cpu(nodes)? - before })
}

fn cpu(nodes: &[&Server]) -> Result<f64, String> {
    let mut all = nodes.first().map_or(0.0, |node| node.database_cpu_seconds());
    for node in nodes {
        all += node.own_cpu_seconds()?;
    }
    Ok(all)
}
