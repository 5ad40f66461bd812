//! Dates: extended form (RFC 2426, `1996-04-15`) and basic form (RFC 6350 4.3, `19960415`).

/// A date with an optional time and offset, as its digits.
struct Parts<'v> {
    date: [&'v str; 3],
    time: Option<[&'v str; 3]>,
    /// `Z`, or sign, hours and minutes, or empty.
    offset: String,
}

fn digits(text: &str, from: usize, len: usize) -> Option<&str> {
    text.get(from..from + len).filter(|part| part.bytes().all(|b| b.is_ascii_digit()))
}

/// Reads either form. `gap` is 1 where the form has separators, 0 where not.
fn read(value: &str, gap: usize) -> Option<Parts<'_>> {
    let separated = |at: usize, by: &str| gap == 0 || value.get(at..at + 1) == Some(by);
    let date = [digits(value, 0, 4)?, digits(value, 4 + gap, 2)?, digits(value, 6 + 2 * gap, 2)?];
    let end = 8 + 2 * gap;
    if !separated(4, "-") || !separated(6 + gap, "-") {
        return None;
    }
    let Some(time) = value.get(end..).filter(|rest| !rest.is_empty()) else {
        return Some(Parts { date, time: None, offset: String::new() });
    };
    let time = time.strip_prefix(['T', 't'])?;
    let hms = [digits(time, 0, 2)?, digits(time, 2 + gap, 2)?, digits(time, 4 + 2 * gap, 2)?];
    if gap == 1 && (time.get(2..3) != Some(":") || time.get(5..6) != Some(":")) {
        return None;
    }
    // Fractions of a second, which 4.0 does not have, are dropped.
    let rest = time.get(6 + 2 * gap..)?;
    let rest =
        rest.strip_prefix(['.', ',']).map_or(rest, |r| r.trim_start_matches(|c: char| c.is_ascii_digit()));
    Some(Parts { date, time: Some(hms), offset: offset(rest)? })
}

fn offset(text: &str) -> Option<String> {
    match text {
        "" => Some(String::new()),
        "Z" | "z" => Some("Z".to_owned()),
        _ => {
            let plain = text.strip_prefix(['+', '-'])?.replace(':', "");
            let whole = matches!(plain.len(), 2 | 4) && plain.bytes().all(|b| b.is_ascii_digit());
            whole.then(|| format!("{}{plain}", text.get(..1).unwrap_or("+")))
        }
    }
}

/// Extended to basic form; `None` if the value is not a full date in extended form.
pub(super) fn basic(value: &str) -> Option<String> {
    let parts = read(value, 1)?;
    let time = parts.time.map(|time| format!("T{}{}", time.concat(), parts.offset));
    Some(parts.date.concat() + &time.unwrap_or_default())
}

/// Basic to extended form; `None` if the value is not a full date in basic form.
pub(super) fn extended(value: &str) -> Option<String> {
    let parts = read(value, 0)?;
    let offset = match parts.offset.split_at_checked(3) {
        Some((hours, minutes)) if !minutes.is_empty() => format!("{hours}:{minutes}"),
        Some((hours, _)) => format!("{hours}:00"),
        None => parts.offset,
    };
    let time = parts.time.map(|time| format!("T{}{offset}", time.join(":")));
    Some(parts.date.join("-") + &time.unwrap_or_default())
}

/// Month and day of a date without year (`--0415`, RFC 6350 4.3.1).
pub(super) fn without_year(value: &str) -> Option<(&str, &str)> {
    let rest = value.strip_prefix("--").filter(|rest| rest.len() == 4)?;
    Some((digits(rest, 0, 2)?, digits(rest, 2, 2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let check = |long: &str, short: &str| {
            assert_eq!(basic(long).as_deref(), Some(short), "{long}");
            assert_eq!(extended(short).as_deref(), Some(long), "{short}");
        };
        check("1996-04-15", "19960415");
        check("1953-10-15T23:10:00Z", "19531015T231000Z");
        check("1987-09-27T08:30:00-06:00", "19870927T083000-0600");
        assert_eq!(basic("1996-04-15T01:02:03.456Z").as_deref(), Some("19960415T010203Z"));
        for odd in [
            "",
            "1996",
            "1996-4-1",
            "circa 1800",
            "19960415",
            "1996-04-15Tnoon",
            "1996-04-1\u{e4}",
            "--04-15",
        ] {
            assert_eq!(basic(odd), None, "{odd}");
        }
        assert_eq!(extended("1996-04-15"), None);
        assert_eq!(without_year("--0415"), Some(("04", "15")));
    }
}
