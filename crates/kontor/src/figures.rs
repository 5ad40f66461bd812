//! Numbers for the metrics page: about the process itself, about its store, about its jobs.

use kontor_door_admin::{Figure, FigureKind, Value};
use kontor_store::{BATCH_BOUNDS, Load, Pool};

/// What Linux tells about this process; what cannot be read is left out.
pub(crate) fn of_process(begun_unix: i64) -> Vec<Figure> {
    use FigureKind::{Counter, Gauge};
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the program's name, which may hold spaces, in its last parenthesis.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    let page = rustix::param::page_size() as f64;
    let ticks = rustix::param::clock_ticks_per_second() as f64;
    let cpu = number(11).zip(number(12)).map(|(user, system)| (user + system) / ticks);
    let open = std::fs::read_dir("/proc/self/fd").map(|all| all.count() as f64).ok();
    let rows = [
        ("process_cpu_seconds_total", "CPU time used.", Counter, cpu),
        ("process_resident_memory_bytes", "Memory in use.", Gauge, number(21).map(|pages| pages * page)),
        ("process_threads", "Threads.", Gauge, number(17)),
        ("process_open_fds", "Open file descriptors.", Gauge, open),
        ("process_start_time_seconds", "Start, in seconds since 1970.", Gauge, Some(begun_unix as f64)),
    ];
    rows.into_iter()
        .filter_map(|(name, help, kind, value)| Some(Figure::single(name, help, kind, value?)))
        .collect()
}

/// How busy the store is.
pub(crate) fn of_store(load: &Load) -> Vec<Figure> {
    use FigureKind::{Counter, Gauge};
    let undone = load.undone.iter().map(|(cause, count)| labelled(&[("cause", cause)], *count as f64));
    let undone = undone.collect();
    let pools = load.pools.iter().flat_map(|pool| {
        let Pool { most, open, idle, waiting, .. } = *pool;
        let states = [("most", most), ("open", open), ("idle", idle), ("waiting", waiting)];
        states.map(|(state, count)| labelled(&[("pool", pool.name), ("state", state)], count as f64))
    });
    let several = |name, help, kind, values| Figure { name, help, kind, values };
    vec![
        Figure::single("kontor_store_queue_writes", "Writes that wait now.", Gauge, load.queued as f64),
        Figure::single("kontor_store_queue_bytes", "Bytes that they carry.", Gauge, load.queued_bytes as f64),
        batches(load),
        several(
            "kontor_store_undone_total",
            "Attempts to commit that came to nothing, by cause.",
            Counter,
            undone,
        ),
        several(
            "kontor_store_connections",
            "Connections to the database, by use and state.",
            Gauge,
            pools.collect(),
        ),
    ]
}

fn batches(load: &Load) -> Figure {
    let mut sum = 0;
    let mut buckets: Vec<Value> = load
        .batches
        .iter()
        .zip(BATCH_BOUNDS)
        .map(|(count, bound)| {
            sum += count;
            Value { suffix: "_bucket", ..labelled(&[("le", &bound.to_string())], sum as f64) }
        })
        .collect();
    let all = sum as f64;
    buckets.push(Value { suffix: "_bucket", ..labelled(&[("le", "+Inf")], all) });
    buckets.push(Value { suffix: "_sum", ..labelled(&[], load.written as f64) });
    buckets.push(Value { suffix: "_count", ..labelled(&[], all) });
    Figure {
        name: "kontor_store_batch_writes",
        help: "Writes in one commit.",
        kind: FigureKind::Histogram,
        values: buckets,
    }
}

/// Which jobs are done here.
pub(crate) fn of_jobs(jobs: &[(String, bool)]) -> Vec<Figure> {
    let values = jobs.iter().map(|(job, here)| labelled(&[("job", job)], f64::from(u8::from(*here))));
    let (name, help) = ("kontor_job_here", "1 where this server does the job, 0 where it stands by.");
    vec![Figure { name, help, kind: FigureKind::Gauge, values: values.collect() }]
}

fn labelled(labels: &[(&'static str, &str)], value: f64) -> Value {
    let labels = labels.iter().map(|(name, word)| (*name, (*word).to_owned())).collect();
    Value { suffix: "", labels, value }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_process_is_known() {
        let figures = super::of_process(1);
        assert_eq!(figures.len(), 5, "{figures:?}");
        assert!(figures.iter().all(|figure| figure.values[0].value >= 0.0));
        assert!(figures[1].values[0].value > 1e6, "{figures:?}");
    }
}
