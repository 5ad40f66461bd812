//! What is asked in a report, and how its answer is checked against the generator.

use super::http::Answer;
use super::load::{Window, instant, union_seconds};

/// How an answer is checked.
pub(super) type Check = Box<dyn Fn(&Answer) -> Result<(), String>>;

/// Events in a window, with `data` as the element that asks for their text.
pub(super) fn calendar_query(window: &Window, data: &str) -> String {
    let data = if data.is_empty() { "<C:calendar-data/>" } else { data };
    format!(
        "<?xml version=\"1.0\"?><C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>{data}</prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:time-range start=\"{}\" end=\"{}\"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>",
        window.start, window.end
    )
}

/// Their text as occurrences.
pub(super) fn expand(window: &Window) -> String {
    format!(
        "<C:calendar-data><C:expand start=\"{}\" end=\"{}\"/></C:calendar-data>",
        window.start, window.end
    )
}

/// When somebody is busy.
pub(super) fn free_busy_query(window: &Window) -> String {
    format!(
        "<?xml version=\"1.0\"?><C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:time-range start=\"{}\" end=\"{}\"/></C:free-busy-query>",
        window.start, window.end
    )
}

/// What changed since a token.
pub(super) fn sync_query(token: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
    )
}

/// Cards whose name holds a text.
pub(super) fn card_query(needle: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><C:addressbook-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><prop><getetag/><C:address-data/></prop><C:filter><C:prop-filter name=\"FN\"><C:text-match collation=\"i;unicode-casemap\" match-type=\"contains\">{needle}</C:text-match></C:prop-filter></C:filter></C:addressbook-query>"
    )
}

/// These items with their text.
pub(super) fn multiget(hrefs: &[String]) -> String {
    let hrefs: String = hrefs.iter().map(|href| format!("<href>{href}</href>")).collect();
    format!(
        "<?xml version=\"1.0\"?><C:calendar-multiget xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/><C:calendar-data/></prop>{hrefs}</C:calendar-multiget>"
    )
}

/// So many responses.
pub(super) fn responses(expect: usize) -> Check {
    Box::new(move |answer| {
        let text = String::from_utf8_lossy(&answer.body);
        let found = text.match_indices("response>").filter(|(at, _)| {
            let before = text.get(..*at).unwrap_or_default();
            before.rfind('<').and_then(|at| text.get(at + 1..)).is_some_and(|rest| rest.starts_with('/'))
        });
        equal("members", found.count(), expect)
    })
}

/// So many times this text.
pub(super) fn texts(needle: &'static str, expect: usize) -> Check {
    Box::new(move |answer| {
        let text = String::from_utf8_lossy(&answer.body);
        equal(needle, text.matches(needle).count(), expect)
    })
}

/// So many seconds in which something is on.
pub(super) fn busy_seconds(expect: i64) -> Check {
    Box::new(move |answer| {
        let text = String::from_utf8_lossy(&answer.body).replace("\r\n ", "");
        let lines = text.lines().filter(|line| line.starts_with("FREEBUSY"));
        let mut periods = Vec::new();
        for period in lines.filter_map(|line| line.split_once(':')).flat_map(|(_, value)| value.split(',')) {
            let (start, end) = period.split_once('/').unwrap_or((period, ""));
            let start = instant(start).unwrap_or_default();
            let end = instant(end).unwrap_or_else(|| start + duration(end));
            periods.push((start, end));
        }
        equal(
            "busy seconds",
            usize::try_from(union_seconds(periods)).unwrap_or(0),
            usize::try_from(expect).unwrap_or(0),
        )
    })
}

/// Seconds of `PT1H30M` and its like.
fn duration(text: &str) -> i64 {
    let mut total = 0;
    let mut digits = 0;
    for c in text.chars() {
        match c {
            '0'..='9' => digits = digits * 10 + i64::from(c.to_digit(10).unwrap_or(0)),
            'D' => total += std::mem::take(&mut digits) * 86_400,
            'H' => total += std::mem::take(&mut digits) * 3600,
            'M' => total += std::mem::take(&mut digits) * 60,
            'S' => total += std::mem::take(&mut digits),
            _ => digits = 0,
        }
    }
    total
}

fn equal(what: &str, found: usize, expect: usize) -> Result<(), String> {
    if found == expect {
        Ok(())
    } else {
        Err(format!("wrong answer: {found} {what}, the generator says {expect}"))
    }
}
