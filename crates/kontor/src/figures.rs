//! Numbers about the process itself, for the metrics page.

use kontor_door_admin::{Figure, FigureKind};

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
        .filter_map(|(name, help, kind, value)| Some(Figure { name, help, kind, value: value? }))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_process_is_known() {
        let figures = super::of_process(1);
        assert_eq!(figures.len(), 5, "{figures:?}");
        assert!(figures.iter().all(|figure| figure.value >= 0.0));
        assert!(figures[1].value > 1e6, "{figures:?}");
    }
}
