//! Law 7: a door keeps no state past its connection, so any node can answer. Process-wide variables would be such state.

use crate::tidy::rust::line_of;
use crate::tidy::{Finding, House, Law};

pub(crate) const LAW: Law =
    Law { name: "state", says: "doors have no process-wide variables: state lives in the store", check };

const CELLS: &[&str] = &["Mutex", "RwLock", "Atomic", "RefCell", "DashMap"];

fn check(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, rust) in house.product(&["crates/doors"]) {
        for line in rust.lines_with("thread_local!") {
            found.push(Finding::new(path, line, "thread-local state in a door"));
        }
        for (at, _) in rust.shipped.match_indices("static ") {
            let item = rust.shipped.get(at..).unwrap_or_default();
            let kind = item.split(['=', ';', '{']).next().unwrap_or_default();
            if kind.contains(':') && CELLS.iter().any(|cell| kind.contains(cell)) {
                found.push(Finding::new(
                    path,
                    line_of(&rust.shipped, at),
                    "a door's state outlives its connection",
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::sample;

    #[test]
    fn a_static_lock_is_found_and_a_static_table_is_not() {
        let house = sample(&[(
            "crates/doors/dav/src/lib.rs",
            "static SEEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());\nstatic NAMES: &[&str] = &[];\nfn f(x: &'static str) {}\n",
        )]);
        assert_eq!(check(&house).iter().map(|f| f.line).collect::<Vec<_>>(), [1]);
    }
}
