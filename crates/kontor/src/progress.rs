//! How far a long command is: a bar at a terminal, now and then a line elsewhere, one JSON object a line for scripts.

use crate::terminal;
use kontor_store::moving::About;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Between two looks of the bar.
const BAR_EVERY: Duration = Duration::from_millis(200);
/// Between two objects.
const OBJECT_EVERY: Duration = Duration::from_secs(1);
/// Rows of all tables for each item, about.
const ROWS_PER_ITEM: u64 = 5;
/// Characters of the bar itself.
const WIDTH: usize = 30;

/// To whom it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// A person at a terminal.
    Bar,
    /// A log.
    Lines,
    /// A script.
    Json,
    /// Nobody.
    Silent,
}

impl Manner {
    /// JSON if asked for, else what suits where stderr goes.
    pub(crate) fn of(json: bool) -> Self {
        match (json, terminal::is_watched()) {
            (true, _) => Self::Json,
            (false, true) => Self::Bar,
            (false, false) => Self::Lines,
        }
    }
}

/// See above.
pub(crate) struct Progress {
    manner: Manner,
    /// What is being done, for people and as a word for scripts.
    doing: &'static str,
    /// What is counted.
    counting: &'static str,
    /// Rows to come, as far as known.
    expected: u64,
    rows: u64,
    bytes: u64,
    /// When the present thing began.
    begun: Instant,
    told: Instant,
    /// When the first thing began.
    born: Instant,
}

impl Progress {
    pub(crate) fn new(manner: Manner) -> Self {
        let now = Instant::now();
        Self {
            manner,
            doing: "",
            counting: "rows",
            expected: 0,
            rows: 0,
            bytes: 0,
            begun: now,
            told: now,
            born: now,
        }
    }

    /// Something begins in which about so many rows are dealt with.
    pub(crate) fn begin(&mut self, doing: &'static str, expected: u64) {
        self.end();
        let now = Instant::now();
        *self = Self { doing, expected, born: self.born, ..Self::new(self.manner) };
        (self.begun, self.told) = (now, now);
        if matches!(self.manner, Manner::Bar | Manner::Json) {
            self.tell();
        }
    }

    /// The same with something of which nobody knows how much it is.
    pub(crate) fn begin_with(&mut self, doing: &'static str, counting: &'static str) {
        self.begin(doing, 0);
        self.counting = counting;
    }

    /// The same for so many bytes, 0 if nobody knows how many.
    pub(crate) fn begin_bytes(&mut self, doing: &'static str, expected: u64) {
        self.begin(doing, expected);
        self.counting = "bytes";
    }

    /// Large bodies follow, so many.
    pub(crate) fn begin_bodies(&mut self, expected: u64) {
        self.begin("bodies", expected);
        self.counting = "large bodies";
    }

    /// It is about a store like that.
    pub(crate) fn expect(&mut self, about: &About) {
        self.expected = about.items * ROWS_PER_ITEM;
    }

    /// Some more is done.
    pub(crate) fn add(&mut self, rows: u64, bytes: u64) {
        self.rows += rows;
        self.bytes += bytes;
        let pause = match self.manner {
            Manner::Bar => BAR_EVERY,
            Manner::Lines => LINE_EVERY,
            Manner::Json => OBJECT_EVERY,
            Manner::Silent => return,
        };
        if self.told.elapsed() >= pause {
            self.told = Instant::now();
            self.tell();
        }
    }

    /// Says something beside it.
    pub(crate) fn note(&mut self, text: &str) {
        self.end();
        match self.manner {
            Manner::Json => terminal::say(&json!({ "event": "note", "text": text }).to_string()),
            _ => terminal::complain(text),
        }
    }

    /// The bar goes; what is told next stands on a line of its own.
    pub(crate) fn end(&mut self) {
        if self.manner == Manner::Bar && !self.doing.is_empty() {
            terminal::bar("");
        }
        self.doing = "";
    }

    /// How long all takes so far.
    pub(crate) fn took(&self) -> Duration {
        self.born.elapsed()
    }

    /// Never quite done, as the number of rows to come is a guess.
    fn percent(&self) -> u64 {
        (self.rows * 100).checked_div(self.expected).unwrap_or(0).min(99)
    }

    fn pace(&self) -> u64 {
        let ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        self.bytes.saturating_mul(1000) / ms
    }

    fn tell(&self) {
        let (percent, rows) = (self.percent(), grouped(self.rows));
        let pace = if self.bytes > 0 { format!(", {}/s", size(self.pace())) } else { String::new() };
        match self.manner {
            Manner::Bar => {
                let full = WIDTH * usize::try_from(percent).unwrap_or(0) / 100;
                let bar = "#".repeat(full) + &".".repeat(WIDTH - full);
                terminal::bar(&format!(
                    "{:<10} [{bar}] {percent:>2} %  {rows} {}{pace}",
                    self.doing, self.counting
                ));
            }
            Manner::Lines => {
                terminal::complain(&format!("{}: {percent} %, {rows} {}{pace}", self.doing, self.counting));
            }
            Manner::Json => terminal::say(&self.object().to_string()),
            Manner::Silent => {}
        }
    }

    fn object(&self) -> Value {
        json!({
            "event": "progress", "doing": self.doing, "percent": self.percent(), "rows": self.rows, "counted": self.counting,
            "bytes": self.bytes,
        })
    }
}

/// A number as people read it: `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 3 == first {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of bytes as people read it.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} kB", bytes / 1_000),
        10_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        for (number, expect) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), expect);
        }
        assert_eq!([size(9_999), size(12_345), size(12_345_678)], ["9999 B", "12 kB", "12 MB"]);
    }

    #[test]
    fn it_is_never_done_before_its_end() {
        let mut progress = Progress::new(Manner::Lines);
        progress.begin("copying", 10);
        assert_eq!(progress.percent(), 0);
        progress.add(5, 100);
        assert_eq!(progress.percent(), 50);
        progress.add(50, 100);
        assert_eq!((progress.percent(), progress.object()["bytes"].as_u64()), (99, Some(200)));
    }
}
