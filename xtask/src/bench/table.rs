//! The figures, and how they are printed.

use super::target::{is_rate, missed};
use std::fmt::Write as _;

/// One figure of one server.
struct Figure {
    server: String,
    row: String,
    value: f64,
    cpu_ms: Option<f64>,
}

/// Whom a peer is measured against.
fn base(server: &str) -> Option<&'static str> {
    match server {
        "radicale" | "xandikos" | "mod_dav" | "mod_dav+s" | "rclone" => Some("kontor"),
        "pgbench" | "disk" | "s3" | "pg_dump" => Some("postgres"),
        _ => None,
    }
}

/// All figures of a run.
#[derive(Default)]
pub(super) struct Table {
    figures: Vec<Figure>,
    ceilings: Vec<(String, String)>,
}

impl Table {
    /// Notes a ceiling of the machine.
    pub(super) fn ceiling(&mut self, name: &str, value: String) {
        println!("   ceiling: {name}: {value}");
        self.ceilings.push((name.to_owned(), value));
    }

    /// Notes a figure, with the server's CPU milliseconds per request if they were measured.
    pub(super) fn put(&mut self, server: &str, row: &str, value: f64, cpu_ms: Option<f64>) {
        let cpu = cpu_ms.map(|ms| format!("  ({ms:.3} ms CPU each)")).unwrap_or_default();
        println!("   {row}: {}{cpu}", number(value));
        self.figures.push(Figure { server: server.to_owned(), row: row.to_owned(), value, cpu_ms });
    }

    fn rows(&self) -> Vec<&str> {
        let mut rows: Vec<&str> = Vec::new();
        for figure in &self.figures {
            if !rows.contains(&figure.row.as_str()) {
                rows.push(&figure.row);
            }
        }
        rows
    }

    fn find(&self, server: &str, row: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.server == server && figure.row == row)
    }

    /// Prints the table: each row with its figures, CPU (that of the database too) and how many times better Kontor is.
    pub(super) fn print(&self) {
        println!("\n{}", self.text());
    }

    fn text(&self) -> String {
        let servers = self.servers();
        let mut out = format!("{:<52}", "row");
        for server in &servers {
            let more = if base(server).is_some() { "ratio" } else { "ms CPU" };
            let _ = write!(out, " | {server:>10} {more:>7}");
        }
        out.push('\n');
        for row in self.rows() {
            let _ = write!(out, "{row:<52}");
            for server in &servers {
                let figure = self.find(server, row);
                let value = figure.map(|f| number(f.value)).unwrap_or_default();
                let more = match base(server) {
                    Some(base) => self.ratio(base, server, row).map(times),
                    None => figure.and_then(|f| f.cpu_ms).map(|ms| format!("{ms:.3}")),
                };
                let _ = write!(out, " | {value:>10} {:>7}", more.unwrap_or_default());
            }
            for server in servers.iter().filter(|server| base(server).is_none()) {
                if let Some(miss) = self.miss(server, row) {
                    let _ = write!(out, "  MISSED by {server}: {miss}");
                }
            }
            out.push('\n');
        }
        for (name, value) in &self.ceilings {
            let _ = writeln!(out, "ceiling: {name}: {value}");
        }
        out
    }

    fn servers(&self) -> Vec<&str> {
        let mut servers: Vec<&str> = Vec::new();
        for figure in &self.figures {
            if !servers.contains(&figure.server.as_str()) {
                servers.push(&figure.server);
            }
        }
        servers
    }

    /// How many times better `server` is than `peer`.
    fn ratio(&self, server: &str, peer: &str, row: &str) -> Option<f64> {
        let (ours, theirs) = self.find(server, row).zip(self.find(peer, row))?;
        Some(if is_rate(row) { ours.value / theirs.value } else { theirs.value / ours.value })
    }

    /// What a server misses in a row.
    fn miss(&self, server: &str, row: &str) -> Option<String> {
        let figure = self.find(server, row)?;
        let peers = self.servers().into_iter().filter(|peer| base(peer) == Some(server));
        let ratios: Vec<(&str, f64)> =
            peers.filter_map(|peer| Some((peer, self.ratio(server, peer, row)?))).collect();
        missed(server, row, figure.value, figure.cpu_ms, &ratios)
    }

    /// The figures as a JSON list.
    pub(super) fn json(&self) -> String {
        let rows: Vec<String> = self
            .figures
            .iter()
            .map(|f| {
                let cpu = f.cpu_ms.map(|ms| format!(",\"cpu_ms\":{ms}")).unwrap_or_default();
                format!("{{\"server\":{:?},\"row\":{:?},\"value\":{}{cpu}}}", f.server, f.row, f.value)
            })
            .collect();
        format!("[{}]\n", rows.join(",\n "))
    }
}

fn number(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn times(ratio: f64) -> String {
    if ratio >= 10.0 { format!("{ratio:.1}x") } else { format!("{ratio:.2}x") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_turn_with_the_meaning_of_the_row() {
        let mut table = Table::default();
        table.put("kontor", "GET/s", 1000.0, Some(0.05));
        table.put("radicale", "GET/s", 100.0, None);
        table.put("kontor", "month query ms", 2.0, None);
        table.put("radicale", "month query ms", 50.0, None);
        let text = table.text();
        assert!(text.contains("10.0x") && text.contains("25.0x"), "{text}");
        let row = "PUT beside pgbench, 64 clients, one account /s";
        table.put("postgres", row, 1000.0, Some(0.5));
        table.put("pgbench", row, 4000.0, None);
        let text = table.text();
        assert!(text.contains("0.25x") && text.contains("MISSED by postgres: ratio to reach 0.5x"), "{text}");
    }
}
