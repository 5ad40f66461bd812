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

    /// Prints the table: each row with its figures, CPU and how many times better Kontor is.
    pub(super) fn print(&self) {
        println!("\n{}", self.text());
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{:<44} {:>10} {:>8} | {:>10} {:>7} | {:>10} {:>7}",
            "row", "kontor", "ms CPU", "radicale", "ratio", "xandikos", "ratio"
        );
        for row in self.rows() {
            let kontor = self.find("kontor", row);
            let _ = write!(
                out,
                "{row:<44} {:>10} {:>8}",
                kontor.map(|f| number(f.value)).unwrap_or_default(),
                kontor.and_then(|f| f.cpu_ms).map(|ms| format!("{ms:.3}")).unwrap_or_default()
            );
            let mut ratios = Vec::new();
            for peer in ["radicale", "xandikos"] {
                let peer = self.find(peer, row);
                let ratio = kontor.zip(peer).map(|(ours, theirs)| {
                    if is_rate(row) { ours.value / theirs.value } else { theirs.value / ours.value }
                });
                ratios.extend(ratio);
                let _ = write!(
                    out,
                    " | {:>10} {:>7}",
                    peer.map(|f| number(f.value)).unwrap_or_default(),
                    ratio.map(|r| format!("{r:.1}x")).unwrap_or_default()
                );
            }
            if let Some(miss) = kontor.and_then(|f| missed(row, f.value, f.cpu_ms, &ratios)) {
                let _ = write!(out, "  MISSED: {miss}");
            }
            out.push('\n');
        }
        for (name, value) in &self.ceilings {
            let _ = writeln!(out, "ceiling: {name}: {value}");
        }
        out
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
    }
}
