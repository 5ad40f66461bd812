//! A copy that is killed at any point goes on where it was.

use super::copying::copy;
use super::furnished::at;
use super::{Place, database, fill, folder, patient, rows, runtime};
use crate::suite::world::{WORK, World};
use kontor_model::Error;
use kontor_store::moving::{Event, carry};
use std::process::{Command, Stdio};
use std::time::Duration;

const FROM: &str = "KONTOR_STORE_TEST_COPY_FROM";
const TO: &str = "KONTOR_STORE_TEST_COPY_TO";
const CHUNKS: &str = "KONTOR_STORE_TEST_COPY_CHUNKS";

/// The child: copies, and is killed by itself after so many chunks. Does nothing when run as a test.
#[test]
fn copies_until_it_is_killed() {
    let (Ok(from), Ok(to)) = (std::env::var(FROM), std::env::var(TO)) else { return };
    let mut left: i64 = std::env::var(CHUNKS).unwrap().parse().unwrap();
    let mut source = patient(|| rows(&from)).unwrap();
    let mut sink = patient(|| fill(&to)).unwrap();
    let carried = carry(&mut *source, &from, &mut *sink, None, &mut |event| {
        left -=
            i64::from(matches!(event, Event::Carried { .. } | Event::Compares { .. } | Event::Body { .. }));
        if left < 0 {
            kill_myself();
        }
    });
    carried.unwrap();
}

fn kill_myself() -> ! {
    let me = std::process::id().to_string();
    Command::new("kill").args(["-9", &me]).status().unwrap();
    std::thread::sleep(Duration::from_secs(60));
    unreachable!("killed");
}

/// Runs the child; whether it came to the end.
pub(super) fn copied(from: &Place, to: &Place, chunks: usize) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "moving::interrupted::copies_until_it_is_killed", "--test-threads=1"])
        .envs([(FROM, from.name()), (TO, to.name()), (CHUNKS, chunks.to_string())])
        .env(super::S3, kontor_testkit::s3().endpoint())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    status.success()
}

#[test]
fn a_killed_copy_goes_on_where_it_was() {
    let from = at(folder(), 20_000);
    for to in [folder(), database()] {
        let to = to.made();
        let mut killed = 0;
        for chunks in [0, 3, 14, 24, 1, 6] {
            if copied(&from, &to, chunks) {
                break;
            }
            killed += 1;
            let Err(Error::Unsupported { detail }) = to.open().map(drop) else {
                panic!("it was opened half full")
            };
            assert!(detail.contains("not whole"), "{detail}");
        }
        assert!(killed >= 3, "it was killed {killed} times only");
        let told = copy(&from, &to);
        assert!(matches!(told.first(), Some(Event::Begins { resumed: true, .. })), "{:?}", told.first());
        assert_eq!(to.sums(), from.sums());
        let carried: u64 =
            told.iter().map(|event| if let Event::Carried { rows, .. } = event { *rows } else { 0 }).sum();
        let all: u64 = from.sums().iter().map(|sum| sum.rows).sum();
        assert!(carried < all * 3 / 4, "{carried} of {all} rows were carried again");
    }
}

#[test]
fn a_source_that_changed_meanwhile_is_copied_anew() {
    for to in [folder(), database()] {
        let (from, to) = (at(folder(), 2_000), to.made());
        assert!(!copied(&from, &to, 8));
        runtime().block_on(async {
            let store = from.open().unwrap();
            World::again(store.clone()).put(WORK, "000000", "changed").await;
            store.close().await.unwrap();
        });
        let told = copy(&from, &to);
        assert_eq!(told.first(), Some(&Event::Anew));
        assert_eq!(to.sums(), from.sums());
    }
}

#[test]
fn the_beginning_of_another_copy_is_not_thrown_away() {
    let (from, other, to) = (at(folder(), 500), at(folder(), 50), folder());
    assert!(!copied(&from, &to, 5));
    let failed =
        carry(&mut *other.rows().unwrap(), &other.name(), &mut *to.fill().unwrap(), None, &mut |_| {});
    let Err(Error::Unsupported { detail }) = failed else { panic!("{failed:?}") };
    assert!(detail.contains(&from.name()), "{detail}");
}
