//! What the first and the last frame say: lines of a word and what belongs to it. Words that are not known are left out.

use super::frame::broken;
use crate::moving::{About, Laid, Sum};
use crate::sql::tables::{Sort, Table, tables};
use kontor_model::{Error, Result, Timestamp};
use std::fmt::Write;

/// What a person wants to know of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// When it was taken.
    pub made: Timestamp,
    /// Version of the program that took it.
    pub program: String,
    /// Of what, for people.
    pub from: String,
}

/// The first frame.
pub(super) fn write(label: &Label, about: &About) -> String {
    let mut out = String::new();
    // Writing into a String does not fail.
    let _ = write!(
        out,
        "schema {}\nmade {}\nprogram {}\nitems {}\nbytes {}\nstate {}\n",
        about.schema,
        label.made.millis(),
        label.program,
        about.items,
        about.bytes,
        about.state
    );
    for table in tables(about.schema).unwrap_or_default() {
        let _ = writeln!(out, "table {}", described(table));
    }
    // May hold anything but a new line.
    let _ = writeln!(out, "from {}", label.from.replace(['\n', '\r'], " "));
    out
}

/// `item account:int name:text uid:text?`
fn described(table: &Table) -> String {
    let mut out = table.name.to_owned();
    for column in &table.columns {
        let sort = match column.sort {
            Sort::Int => "int",
            Sort::Text => "text",
            Sort::Bytes => "bytes",
        };
        let mark = if column.nullable { "?" } else { "" };
        let _ = write!(out, " {}:{sort}{mark}", column.name);
    }
    out
}

/// Reads the first frame.
pub(super) fn read(bytes: &[u8]) -> Result<(Label, About)> {
    let text = std::str::from_utf8(bytes).map_err(|_| broken("its head is no text"))?;
    let line = |word: &str| text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
    let number = |word: &str| line(word).and_then(|text| text.parse::<u64>().ok());
    let missing = || broken("its head does not say what is in it");
    let schema = number("schema").and_then(|schema| usize::try_from(schema).ok()).ok_or_else(missing)?;
    let Some(known) = tables(schema) else {
        let detail = format!("it holds data of schema version {schema}: use a newer program");
        return Err(Error::Unsupported { detail });
    };
    let told: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("table ")).collect();
    if told != known.iter().map(described).collect::<Vec<_>>() {
        let detail = format!("its tables are not those of schema version {schema}");
        return Err(Error::Unsupported { detail });
    }
    let made = line("made").and_then(|text| text.parse().ok()).ok_or_else(missing)?;
    let label = Label {
        made: Timestamp::from_millis(made),
        program: line("program").unwrap_or_default().to_owned(),
        from: line("from").unwrap_or_default().to_owned(),
    };
    // Another backup, even of the same state, is another source: each tells its own whole.
    let state = blake3::hash(bytes).to_hex().as_str().chars().take(32).collect();
    let (items, size) = (number("items").unwrap_or(0), number("bytes").unwrap_or(0));
    Ok((label, About { schema, items, bytes: size, state }))
}

/// The last frame.
pub(super) fn end(sums: &[Sum], laid: Laid) -> String {
    let mut out = String::new();
    for sum in sums {
        let _ = writeln!(out, "table {} {} {} {}", sum.table, sum.rows, sum.bytes, sum.digest);
    }
    if laid.bodies > 0 {
        let _ = writeln!(out, "bodies {} {}", laid.bodies, laid.bytes);
    }
    out
}

/// Whether the last frame says what was seen.
pub(super) fn ends_with(bytes: &[u8], sums: &[Sum], laid: Laid) -> Result<()> {
    if bytes == end(sums, laid).as_bytes() {
        Ok(())
    } else {
        Err(broken("it does not come to what it says in the end"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::schema;

    fn about(schema: usize) -> About {
        About { schema, items: 7, bytes: 9, state: "ab".into() }
    }

    #[test]
    fn the_head_comes_back() {
        let label = Label { made: Timestamp::from_millis(5), program: "1.2".into(), from: "a b\nc".into() };
        for schema in 1..=schema::STEPS.len() {
            let text = write(&label, &about(schema));
            let (back, told) = read(text.as_bytes()).unwrap();
            assert_eq!((back.from.as_str(), back.program.as_str(), back.made), ("a b c", "1.2", label.made));
            assert_eq!((told.schema, told.items, told.bytes), (schema, 7, 9));
            let later = format!("{text}colour blue\n");
            assert!(read(later.as_bytes()).is_ok(), "what is said besides is left out");
        }
    }

    #[test]
    fn a_head_of_other_tables_is_refused() {
        let label = Label { made: Timestamp::from_millis(5), program: "1".into(), from: "x".into() };
        let good = write(&label, &about(1));
        assert!(read(good.replace("schema 1", "schema 99").as_bytes()).is_err());
        assert!(read(good.replace("uid:text?", "uid:text").as_bytes()).is_err());
        assert!(read(good.replace("table secret", "table secrets").as_bytes()).is_err());
        assert!(read(good.replace("made 5", "made long ago").as_bytes()).is_err());
        assert!(read(b"").is_err() && read(&[0xff]).is_err());
    }
}
