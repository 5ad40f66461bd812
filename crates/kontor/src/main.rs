//! The one binary: configuration, subcommands, wiring.

fn main() {}
