//! Fuzz targets as tests: each is built, reads all of its seeds and then so many mutations of them.
//!
//! What `cargo fuzz` adds besides is a folder of finds and a command line; the flags below are the ones it builds with.
//! For a hunt of hours see `fuzz/README.md`.

use crate::shell::{cargo, program, run};
use crate::{Outcome, place};

/// A target and the folders that seed it.
struct Target {
    name: &'static str,
    seeds: &'static [&'static str],
}

const TARGETS: &[Target] = &[
    Target { name: "contentline", seeds: &["fixtures/ical/good", "fixtures/ical/broken"] },
    Target { name: "vcard", seeds: &["fixtures/vcard/good", "fixtures/vcard/broken"] },
    Target { name: "ical", seeds: &["fixtures/ical/good", "fixtures/ical/odd"] },
    Target { name: "dav_xml", seeds: &["crates/wire/dav/tests/golden"] },
    Target { name: "list_soap", seeds: &["crates/wire/sharepoint/tests/golden"] },
    Target {
        name: "list_rows",
        seeds: &["fixtures/sharepoint/calendar", "fixtures/sharepoint/tasks", "fixtures/sharepoint/contacts"],
    },
    Target { name: "backup", seeds: &["fixtures/backup"] },
];

/// Tells the fuzzer which branches an input takes. Compiler passes, not nightly features.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks";

/// Builds every target and runs each with `mutations` inputs.
pub(crate) fn every_target(mutations: u32) -> Outcome {
    let folder = place::target().join("fuzz");
    let at = folder.display().to_string();
    let triple = "x86_64-unknown-linux-gnu";
    let mut build = cargo(&[
        "build",
        "--release",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--target",
        triple,
        "--target-dir",
        &at,
    ]);
    build.env("RUSTFLAGS", COVERAGE);
    run(build)?;
    for target in TARGETS {
        println!("-- {}", target.name);
        let finds = folder.join("corpus").join(target.name);
        std::fs::create_dir_all(&finds).map_err(|e| format!("making {}: {e}", finds.display()))?;
        let finds = finds.display().to_string();
        let runs = format!("-runs={mutations}");
        let artifacts = format!("-artifact_prefix={at}/");
        // Ten seconds for one input are a hang, not a measurement: the slowest takes some milliseconds.
        let mut args = vec![runs.as_str(), "-timeout=10", "-seed=1", "-verbosity=0", &artifacts, &finds];
        args.extend(target.seeds);
        run(program(folder.join(triple).join("release").join(target.name), &args))?;
    }
    Ok(())
}

/// `cargo xtask fuzz [MUTATIONS]`.
pub(crate) fn run_task(args: &[String]) -> Outcome {
    let usage = || "usage: cargo xtask fuzz [MUTATIONS]".to_owned();
    match args {
        [] => every_target(1_000_000),
        [count] => every_target(count.parse().map_err(|_| usage())?),
        _ => Err(usage()),
    }
}
