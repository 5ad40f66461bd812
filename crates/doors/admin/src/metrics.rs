//! Numbers as Prometheus reads them (text format 0.0.4).

use kontor_listen::{BUCKETS_US, DoorNumbers, Numbers};
use std::fmt::{self, Display, Write};

/// What sort of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// A number from elsewhere in the server, or several under one name.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Full name, such as `kontor_store_queue_writes`.
    pub name: &'static str,
    /// One line for people.
    pub help: &'static str,
    /// Sort.
    pub kind: FigureKind,
    /// Values.
    pub values: Vec<Value>,
}

/// One of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Value {
    /// What follows the name: nothing, or, in a histogram, `_bucket`, `_sum` or `_count`.
    pub suffix: &'static str,
    /// What it is about, in words of our own that need no escaping.
    pub labels: Vec<(&'static str, String)>,
    /// The number.
    pub value: f64,
}

impl Figure {
    /// A single number.
    pub fn single(name: &'static str, help: &'static str, kind: FigureKind, value: f64) -> Self {
        Self { name, help, kind, values: vec![Value { value, ..Value::default() }] }
    }
}

/// The whole page.
pub(crate) fn page(version: &str, numbers: &Numbers, figures: &[Figure]) -> String {
    let mut page = Page(String::with_capacity(8192));
    page.head("kontor_info", "Version of the server.", FigureKind::Gauge);
    page.line("kontor_info", &[("version", &version)], &1);
    requests(&mut page, &numbers.doors);
    durations(&mut page, &numbers.doors);
    connections(&mut page, numbers);
    for figure in figures {
        page.figure(figure);
    }
    page.0
}

fn requests(page: &mut Page, doors: &[DoorNumbers]) {
    page.head(
        "kontor_requests_total",
        "Requests answered, by door, method and class of status.",
        FigureKind::Counter,
    );
    for door in doors {
        for (method, class, count) in &door.requests {
            let labels: [(&str, &dyn Display); 3] =
                [("door", &door.door), ("method", method), ("status", &format_args!("{class}xx"))];
            page.line("kontor_requests_total", &labels, count);
        }
    }
}

fn durations(page: &mut Page, doors: &[DoorNumbers]) {
    let name = "kontor_request_seconds";
    page.0.push_str("# HELP kontor_request_seconds Time until the head of the answer was ready.\n");
    page.0.push_str("# TYPE kontor_request_seconds histogram\n");
    for door in doors {
        let mut sum = 0;
        let bounds = BUCKETS_US.iter().map(Some).chain([None]);
        for (bound, count) in bounds.zip(&door.buckets) {
            sum += count;
            let bound: &dyn Display = match bound {
                Some(us) => &Seconds(*us),
                None => &"+Inf",
            };
            page.line(&format!("{name}_bucket"), &[("door", &door.door), ("le", bound)], &sum);
        }
        page.line(&format!("{name}_sum"), &[("door", &door.door)], &Seconds(door.total_us));
        page.line(&format!("{name}_count"), &[("door", &door.door)], &sum);
    }
}

fn connections(page: &mut Page, numbers: &Numbers) {
    use FigureKind::{Counter, Gauge};
    let rows: [(&str, &str, FigureKind, u64); 10] = [
        ("kontor_connections_open", "Connections open now.", Gauge, numbers.connections_open),
        ("kontor_connections_total", "Connections taken.", Counter, numbers.connections_accepted),
        (
            "kontor_connections_refused_total",
            "Refused, too many in all.",
            Counter,
            numbers.connections_refused,
        ),
        (
            "kontor_connections_refused_by_address_total",
            "Refused, too many from one address.",
            Counter,
            numbers.connections_refused_by_address,
        ),
        ("kontor_connections_cut_slow_total", "Cut, client too slow.", Counter, numbers.connections_cut_slow),
        ("kontor_tls_handshakes_failed_total", "Failed TLS handshakes.", Counter, numbers.handshakes_failed),
        ("kontor_requests_in_flight", "Requests being answered now.", Gauge, numbers.requests_in_flight),
        ("kontor_request_panics_total", "Requests that ended in a panic.", Counter, numbers.panics),
        ("kontor_received_bytes_total", "Bytes from clients.", Counter, numbers.bytes_received),
        ("kontor_sent_bytes_total", "Bytes to clients.", Counter, numbers.bytes_sent),
    ];
    for (name, help, kind, value) in rows {
        page.single(name, help, kind, &value);
    }
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, help: &str, kind: FigureKind) {
        let kind = match kind {
            FigureKind::Counter => "counter",
            FigureKind::Gauge => "gauge",
            FigureKind::Histogram => "histogram",
        };
        self.write(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    fn figure(&mut self, figure: &Figure) {
        self.head(figure.name, figure.help, figure.kind);
        for one in &figure.values {
            let labels: Vec<(&str, &dyn Display)> =
                one.labels.iter().map(|(name, word)| (*name, word as &dyn Display)).collect();
            self.line(&format!("{}{}", figure.name, one.suffix), &labels, &one.value);
        }
    }

    fn single(&mut self, name: &str, help: &str, kind: FigureKind, value: &dyn Display) {
        self.head(name, help, kind);
        self.line(name, &[], value);
    }

    /// Label values here are our own words: they need no escaping.
    fn line(&mut self, name: &str, labels: &[(&str, &dyn Display)], value: &dyn Display) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            let before = if at == 0 { '{' } else { ',' };
            self.write(format_args!("{before}{label}=\"{text}\""));
        }
        let end = if labels.is_empty() { "" } else { "}" };
        self.write(format_args!("{end} {value}\n"));
    }

    fn write(&mut self, text: fmt::Arguments<'_>) {
        // Writing into a String cannot fail.
        let _always = self.0.write_fmt(text);
    }
}

/// Microseconds, written as seconds.
struct Seconds(u64);

impl Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page() {
        let mut buckets = vec![0; BUCKETS_US.len() + 1];
        buckets[0] = 2;
        buckets[1] = 1;
        let door = DoorNumbers { door: "dav", requests: vec![("GET", 2, 3)], buckets, total_us: 1_200_500 };
        let numbers = Numbers {
            doors: vec![door],
            connections_open: 4,
            connections_accepted: 5,
            connections_refused: 0,
            connections_refused_by_address: 0,
            handshakes_failed: 0,
            connections_cut_slow: 0,
            panics: 0,
            requests_in_flight: 1,
            bytes_received: 10,
            bytes_sent: 20,
        };
        let queue = Figure::single("kontor_store_queue", "Waiting.", FigureKind::Gauge, 7.0);
        let value = |suffix, labels: &[(&'static str, &str)], value| Value {
            suffix,
            labels: labels.iter().map(|(name, word)| (*name, (*word).to_owned())).collect(),
            value,
        };
        let batches = Figure {
            name: "kontor_batch",
            help: "Sizes.",
            kind: FigureKind::Histogram,
            values: vec![value("_bucket", &[("le", "4"), ("kind", "x")], 2.0), value("_sum", &[], 5.0)],
        };
        let page = page("1.0", &numbers, &[queue, batches]);
        for line in [
            "kontor_info{version=\"1.0\"} 1\n",
            "# TYPE kontor_requests_total counter\n",
            "kontor_requests_total{door=\"dav\",method=\"GET\",status=\"2xx\"} 3\n",
            "kontor_request_seconds_bucket{door=\"dav\",le=\"0.00025\"} 2\n",
            "kontor_request_seconds_bucket{door=\"dav\",le=\"0.0005\"} 3\n",
            "kontor_request_seconds_bucket{door=\"dav\",le=\"5\"} 3\n",
            "kontor_request_seconds_bucket{door=\"dav\",le=\"+Inf\"} 3\n",
            "kontor_request_seconds_sum{door=\"dav\"} 1.2005\n",
            "kontor_request_seconds_count{door=\"dav\"} 3\n",
            "# TYPE kontor_connections_open gauge\nkontor_connections_open 4\n",
            "kontor_store_queue 7\n",
            "# TYPE kontor_batch histogram\nkontor_batch_bucket{le=\"4\",kind=\"x\"} 2\nkontor_batch_sum 5\n",
        ] {
            assert!(page.contains(line), "{line} is missing in:\n{page}");
        }
        assert!(page.lines().all(|line| line.starts_with('#') || line.split(' ').count() == 2), "{page}");
    }
}
