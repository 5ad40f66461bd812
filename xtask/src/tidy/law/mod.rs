//! The laws, one file each.

mod clock;
mod configuration;
mod database;
mod decisions;
mod dependencies;
mod head_comment;
mod imports;
mod length;
mod licence;
mod names;
mod protocol_words;
mod purity;
mod quirks;
mod rights;
mod scale;
mod spec_index;
mod state;
mod statements;
mod test_binaries;
mod unfinished;

use super::Law;

/// Every law, in the order of ARCHITECTURE.md where it names them.
pub(crate) const ALL: &[Law] = &[
    imports::LAW,
    database::LAW,
    statements::LAW,
    purity::LAW,
    protocol_words::LAW,
    rights::LAW,
    state::LAW,
    configuration::LAW,
    clock::LAW,
    names::LAW,
    length::LAW,
    head_comment::LAW,
    dependencies::LAW,
    licence::LAW,
    spec_index::LAW,
    decisions::LAW,
    quirks::LAW,
    scale::LAW,
    test_binaries::LAW,
    unfinished::LAW,
];
