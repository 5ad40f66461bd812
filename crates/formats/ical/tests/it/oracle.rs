//! Thousands of generated recurrence cases against python-dateutil and recurring-ical-events.
//!
//! A virtual environment with both is made under `target/`; without Python 3 the test fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kontor_contentline::Tree;
use kontor_ical::Budget;
use kontor_ical::timeline::{Kind, Range, Timeline};
use kontor_ical::value::When;
use kontor_ical::zone::Zone;
use serde_json::Value;

/// Cases in which the oracle is known to be wrong, with the reason.
const ORACLE_IS_WRONG: [(&str, &str); 0] = [];

const LEAST_CASES: usize = 2_000;

fn run(command: &mut Command) {
    let told = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(told.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&told.stderr));
}

/// The Python of an environment that has the oracles, made on first use.
fn python(sources: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recurrence-oracle");
    let (python, ready) = (folder.join("bin/python"), folder.join("ready"));
    let wanted = fs::read(sources.join("requirements.txt")).unwrap();
    if fs::read(&ready).is_ok_and(|have| have == wanted) {
        return python;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    run(Command::new(&python).args(pip).arg(sources.join("requirements.txt")));
    fs::write(ready, wanted).unwrap();
    python
}

fn numbers(case: &Value, name: &str) -> Option<Vec<i64>> {
    Some(case[name].as_array()?.iter().map(|number| number.as_i64().unwrap()).collect())
}

/// What we make of a case: starts and ends inside its range.
fn ours(case: &Value) -> Vec<(i64, i64)> {
    let tree = Tree::parse(case["text"].as_str().unwrap().as_bytes());
    let calendar = tree.root().child("VCALENDAR").unwrap();
    let (timeline, problems) = Timeline::compile(calendar, &mut Budget::new(10_000_000));
    assert_eq!(problems, [], "{}", case["name"]);
    let zone = Zone::named(case["floating"].as_str().unwrap()).unwrap();
    let range = Range { start: case["from"].as_i64().unwrap(), end: case["to"].as_i64().unwrap() };
    let found = timeline.occurrences(Kind::Event, range, &zone, &mut Budget::new(10_000_000));
    let inside = found.unwrap().into_iter().filter(|one| one.start >= range.start);
    inside.map(|one| (one.start, one.end)).collect()
}

fn told(times: &[i64]) -> Vec<String> {
    times.iter().map(|at| When::Utc(*at).to_string()).collect()
}

/// What differs in a case, in words.
fn difference(case: &Value) -> Option<String> {
    let (starts, ends): (Vec<_>, Vec<_>) = ours(case).into_iter().unzip();
    let mut expect = numbers(case, "expect").unwrap();
    let mut found = starts;
    if let Some(expect_ends) = numbers(case, "ends") {
        expect.extend(expect_ends);
        found.extend(ends);
    }
    if expect == found {
        return None;
    }
    let missing: Vec<_> = expect.iter().copied().filter(|at| !found.contains(at)).take(5).collect();
    let extra: Vec<_> = found.iter().copied().filter(|at| !expect.contains(at)).take(5).collect();
    let (missing, extra) = (told(&missing), told(&extra));
    Some(format!("{}: missing {missing:?}, too many {extra:?}\n{}", case["name"], case["text"].as_str()?))
}

#[test]
fn recurrence_agrees_with_the_oracles() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recurrence-cases.json");
    // The zones of the tzdata package, not those of this machine.
    run(Command::new(python(&sources)).env("PYTHONTZPATH", "").arg(sources.join("expect.py")).arg(&output));
    let cases: Vec<Value> = serde_json::from_slice(&fs::read(output).unwrap()).unwrap();
    assert!(cases.len() >= LEAST_CASES, "only {} cases", cases.len());
    let known = |case: &Value| {
        ORACLE_IS_WRONG
            .iter()
            .any(|(name, _)| case["name"].as_str().is_some_and(|have| have.starts_with(name)))
    };
    let different: Vec<_> = cases.iter().filter(|case| !known(case)).filter_map(difference).collect();
    let some = different.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
    assert!(different.is_empty(), "{} of {} cases differ:\n{some}", different.len(), cases.len());
}
