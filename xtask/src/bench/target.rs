//! What is to be reached, row by row. A miss is printed, not failed: figures wander with the machine, and whoever reads
//! the table sees the ceilings of the same run beside them.

/// What a row is to reach.
pub(super) struct Target {
    /// Of which server.
    server: &'static str,
    /// The row.
    row: &'static str,
    /// At least (rates) or at most (times, memory).
    bound: f64,
    /// CPU milliseconds of the server for each request, at most.
    cpu_ms: Option<f64>,
    /// Times better than Radicale and Xandikos, or than pgbench, the disk, the bucket itself.
    ratio: Option<f64>,
    /// Peers that do not count for it: they answer before anything is on disk.
    but: &'static [&'static str],
}

/// Peers whose answer to a write is no promise.
const NO_PROMISE: &[&str] = &["mod_dav", "rclone"];

const fn target(row: &'static str, bound: f64, cpu_ms: Option<f64>, ratio: Option<f64>) -> Target {
    Target { server: "kontor", row, bound, cpu_ms, ratio, but: &[] }
}

/// A row of writes beside servers of files, those with the same promise.
const fn durable(row: &'static str, bound: f64, ratio: f64) -> Target {
    Target { server: "kontor", row, bound, cpu_ms: None, ratio: Some(ratio), but: NO_PROMISE }
}

/// Kontor on PostgreSQL.
const fn shared(row: &'static str, bound: f64, ratio: Option<f64>) -> Target {
    Target { server: "postgres", row, bound, cpu_ms: None, ratio, but: &[] }
}

const PUT_CPU: Option<f64> = Some(0.7);
const TARGETS: &[Target] = &[
    target("durable PUT event, 8 connections /s", 1_500.0, PUT_CPU, Some(50.0)),
    target("durable PUT card, 8 connections /s", 1_500.0, PUT_CPU, Some(50.0)),
    target("durable PUT into 100,000, 8 connections /s", 1_500.0, PUT_CPU, None),
    target("GET, 8 connections /s", 25_000.0, Some(0.06), Some(20.0)),
    target("multiget 500 ms", 8.0, None, Some(20.0)),
    target("month query ms", 8.0, None, Some(20.0)),
    target("month query expanded ms", 15.0, None, Some(20.0)),
    target("free-busy over a year ms", 4.0, None, Some(20.0)),
    target("PROPFIND Depth:1 ms", 40.0, None, Some(20.0)),
    target("initial sync-collection ms", 40.0, None, Some(20.0)),
    target("delta of 10 changes in 10000 ms", 1.0, None, Some(20.0)),
    target("delta of 10 changes in 100000 (one calendar) ms", 1.0, None, None),
    target("text-match over cards ms", 10.0, None, Some(20.0)),
    target("list : DAV, first sync of a client", 2.0, None, None),
    target("list : DAV, delta of 10 in 10000 with the texts", 2.0, None, None),
    target("list : DAV, delta of 10 in 100000 with the texts", 2.0, None, None),
    target("list : DAV, a row changed", 2.0, None, None),
    shared("list : DAV, first sync of a client", 2.0, None),
    shared("list : DAV, delta of 10 in 10000 with the texts", 2.0, None),
    shared("list : DAV, delta of 10 in 100000 with the texts", 2.0, None),
    shared("list : DAV, a row changed", 2.0, None),
    durable("PUT 1 KiB, 64 connections /s", 0.0, 3.0),
    target("GET 1 KiB, 64 connections /s", 0.0, None, Some(1.0)),
    durable("PUT 100 MiB, MB/s", 0.0, 1.0),
    target("GET 100 MiB, MB/s", 0.0, None, Some(1.0)),
    target("PROPFIND of 10,000 files ms", f64::INFINITY, None, Some(1.0)),
    durable("COPY of a tree of 10,000 files ms", f64::INFINITY, 1.0),
    target("memory of 1 GiB up and down, MiB", 64.0, None, None),
    target("peak memory MiB", 80.0, None, None),
    target("resident with 10,000 idle event streams MiB", 300.0, None, None),
    target("start to first answer with 1,000,000 items ms", 1_000.0, None, None),
    shared("PUT beside pgbench, 64 clients, one account /s", 0.0, Some(0.5)),
    shared("PUT beside pgbench, 64 clients, 64 accounts /s", 0.0, Some(0.5)),
    shared("CPU of a GET, two nodes : one", 1.1, None),
    shared("p50 from a PUT to the stream of a node ms", 100.0, None),
    shared("p99 from a PUT to the stream of a node ms", 100.0, None),
    shared("p99 from a PUT to the stream of a node that only asks ms", 100.0, None),
    shared("p99 beside a busy account : quiet", 5.0, None),
    shared("p99 beside locked accounts : quiet", 5.0, None),
    shared("durable PUT of 1 MiB into a folder /s", 0.0, Some(0.3)),
    shared("GET of 1 MiB out of a folder /s", 500.0, None),
    shared("durable PUT of 1 MiB into a bucket /s", 0.0, Some(0.25)),
    shared("GET of 1 MiB out of a bucket /s", 0.0, Some(0.6)),
];

/// Rows in which more is better.
pub(super) fn is_rate(row: &str) -> bool {
    row.ends_with("/s")
}

/// What is missed in a row: nothing, or words for it. `ratios` are how many times better than each peer.
pub(super) fn missed(
    server: &str,
    row: &str,
    value: f64,
    cpu_ms: Option<f64>,
    ratios: &[(&str, f64)],
) -> Option<String> {
    let target = TARGETS.iter().find(|target| target.server == server && target.row == row)?;
    let mut words = Vec::new();
    let short = if is_rate(row) { value < target.bound } else { value > target.bound };
    if short {
        words.push(format!("to reach {}", target.bound));
    }
    if let (Some(cpu), Some(most)) = (cpu_ms, target.cpu_ms)
        && cpu > most
    {
        words.push(format!("CPU to reach {most} ms"));
    }
    if let Some(least) = target.ratio
        && ratios.iter().any(|(peer, ratio)| *ratio < least && !target.but.contains(peer))
    {
        words.push(format!("ratio to reach {least}x"));
    }
    (!words.is_empty()).then(|| words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misses_are_told() {
        assert_eq!(
            missed("kontor", "GET, 8 connections /s", 30_000.0, Some(0.02), &[("radicale", 25.0)]),
            None
        );
        let miss = missed(
            "kontor",
            "GET, 8 connections /s",
            20_000.0,
            Some(0.1),
            &[("radicale", 25.0), ("xandikos", 3.0)],
        );
        assert_eq!(miss.as_deref(), Some("to reach 25000, CPU to reach 0.06 ms, ratio to reach 20x"));
        assert_eq!(missed("kontor", "multiget 500 ms", 9.0, None, &[]).as_deref(), Some("to reach 8"));
        assert_eq!(missed("kontor", "something else", 9.0, None, &[]), None);
    }

    #[test]
    fn writes_are_compared_with_who_promises_the_same() {
        let missed = |row, ratios: &[_]| missed("kontor", row, 700.0, None, ratios);
        let row = "PUT 100 MiB, MB/s";
        assert_eq!(missed(row, &[("mod_dav+s", 1.1), ("mod_dav", 0.4), ("rclone", 0.9)]), None);
        assert_eq!(missed(row, &[("mod_dav+s", 0.9)]).as_deref(), Some("ratio to reach 1x"));
        assert!(missed("GET 100 MiB, MB/s", &[("mod_dav+s", 1.1), ("mod_dav", 0.9)]).is_some());
    }
}
