//! A step of the schema that a later version might bring, so that tests can rehearse an upgrade with two of the same
//! program. Only in a program that is built for tests: the one that is released does not look.

use kontor_store::postgres::Rehearsal;

/// What stands in this variable, one statement in a line.
#[cfg(debug_assertions)]
const VARIABLE: &str = "KONTOR_REHEARSED_STEP";

/// The step, if there is one.
#[cfg(debug_assertions)]
pub(super) fn step() -> Option<Rehearsal> {
    let text = std::env::var(VARIABLE).ok()?;
    let step = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    Some(Rehearsal { step, ..Rehearsal::default() })
}

/// None.
#[cfg(not(debug_assertions))]
pub(super) fn step() -> Option<Rehearsal> {
    None
}
