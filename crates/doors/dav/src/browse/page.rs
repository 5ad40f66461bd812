//! A folder as a page for people: pure, from rows to HTML.

use crate::date;
use kontor_groupware::Space;
use kontor_model::Timestamp;
use kontor_wire_dav::href;
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("upload.js");

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Entry {
    /// As it is stored.
    pub(crate) name: String,
    /// Bytes; `None` for a folder.
    pub(crate) size: Option<u64>,
    /// When it changed last.
    #[serde(serialize_with = "instant")]
    pub(crate) modified: Timestamp,
    /// As its writer said; empty for a folder.
    pub(crate) media_type: String,
}

fn instant<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&date::iso(*at))
}

/// The rows for programs, by name as it is stored.
#[derive(Debug, Serialize)]
pub(crate) struct Listing<'a> {
    /// The rows.
    pub(crate) entries: Vec<Entry>,
    /// After which name the next page begins, to be asked for by `?after=`.
    pub(crate) next: Option<&'a str>,
}

/// By what the rows are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    /// By name, whatever the case of letters.
    #[default]
    Name,
    /// The largest first.
    Size,
    /// The latest first.
    Date,
}

impl Sort {
    /// Of the query of a URL.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "size" => Self::Size,
            "date" => Self::Date,
            _ => Self::Name,
        }
    }
}

/// All that a page shows.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// Names from the top to here, the first for people.
    pub(crate) path: Vec<&'a str>,
    /// Where the top lies, with a slash behind it.
    pub(crate) top: &'a str,
    /// The rows.
    pub(crate) entries: Vec<Entry>,
    /// How they are sorted; `None` if there are more than this page has: then they come by name as it is stored.
    pub(crate) sort: Option<Sort>,
    /// After which name the next page begins.
    pub(crate) more: Option<&'a str>,
    /// Whether the asker may add files.
    pub(crate) may_add: bool,
    /// How much room there is, as far as the asker may know.
    pub(crate) space: Space,
    /// Whether there is a way to the trash.
    pub(crate) trash: bool,
}

impl Page<'_> {
    /// The page; styles and script carry `nonce`, and nothing else on it is run.
    pub(crate) fn html(mut self, nonce: &str) -> String {
        if let Some(sort) = self.sort {
            self.entries.sort_by(|a, b| order(sort, a, b));
        }
        let mut out = String::with_capacity(8192 + self.entries.len() * 256);
        head(&mut out, self.path.last().copied().unwrap_or_default(), nonce);
        crumbs(&mut out, self.top, &self.path);
        out.push_str("<div class=\"card\">\n");
        self.table(&mut out);
        if let Some(name) = self.more {
            let after = escape(&href::encode(name));
            let _ = writeln!(out, "<p class=\"more\"><a href=\"?after={after}\" rel=\"next\">More</a></p>");
        }
        out.push_str("</div>\n");
        self.room(&mut out);
        if self.may_add {
            out.push_str(
                "<section id=\"add\" hidden aria-label=\"Upload\"><p>Drop files here, or</p>\
                 <button type=\"button\">Choose files</button><input type=\"file\" multiple hidden>\
                 <ul aria-live=\"polite\"></ul></section>\n",
            );
        }
        let _ = write!(out, "</main>\n<script nonce=\"{nonce}\">\n{SCRIPT}</script>\n</body>\n</html>\n");
        out
    }

    /// What is used, and what is left where there is a limit.
    fn room(&self, out: &mut String) {
        let used = self.space.used.map(|bytes| format!("{} used", size(bytes)));
        let left = self.space.available.map(|bytes| format!("{} left", size(bytes)));
        let told: Vec<String> = used.into_iter().chain(left).collect();
        if !told.is_empty() {
            let _ = writeln!(out, "<p class=\"room\">{}</p>", told.join(", "));
        }
        if self.trash {
            out.push_str("<p class=\"room\"><a href=\"?trash\">Trash</a></p>\n");
        }
    }

    fn table(&self, out: &mut String) {
        if self.entries.is_empty() {
            out.push_str("<p class=\"empty\">Nothing here yet.</p>\n");
            return;
        }
        out.push_str("<table>\n<thead><tr>");
        for (sort, word, label) in
            [(Sort::Name, "name", "Name"), (Sort::Size, "size", "Size"), (Sort::Date, "date", "Changed")]
        {
            let here = self.sort == Some(sort);
            let _ = if self.sort.is_none() || here {
                let sorted = if here { " aria-sort=\"other\"" } else { "" };
                write!(out, "<th scope=\"col\" class=\"{word}\"{sorted}>{label}</th>")
            } else {
                write!(out, "<th scope=\"col\" class=\"{word}\"><a href=\"?sort={word}\">{label}</a></th>")
            };
        }
        out.push_str("<th class=\"get\"></th></tr></thead>\n<tbody>\n");
        for entry in &self.entries {
            entry.row(out);
        }
        out.push_str("</tbody>\n</table>\n");
    }
}

/// All before what the page is about.
pub(super) fn head(out: &mut String, title: &str, nonce: &str) {
    let title = escape(title);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n\
         <style nonce=\"{nonce}\">\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
    );
}

/// The way from the top, which lies there.
pub(super) fn crumbs(out: &mut String, top: &str, path: &[&str]) {
    out.push_str("<nav aria-label=\"Folders\"><ol>");
    let mut at = top.to_owned();
    for (n, name) in path.iter().enumerate() {
        if n > 0 {
            href::encode_into(&mut at, name);
            at.push('/');
        }
        let _ = if n + 1 == path.len() {
            write!(out, "<li aria-current=\"page\">{}</li>", escape(name))
        } else {
            write!(out, "<li><a href=\"{}\">{}</a></li>", escape(&at), escape(name))
        };
    }
    out.push_str("</ol></nav>\n");
}

impl Entry {
    fn row(&self, out: &mut String) {
        // `./` so that no name is taken for a scheme.
        let link = escape(&format!("./{}", href::encode(&self.name)));
        let name = escape(&self.name);
        let at = date::iso(self.modified);
        let shown = at.get(..16).unwrap_or_default().replace('T', " ");
        let time = format!("<time datetime=\"{at}\">{shown}</time>");
        let time = match self.size {
            None => format!("<td class=\"date\">{time}</td>"),
            Some(_) => {
                format!("<td class=\"date\"><a href=\"{link}?versions\" title=\"Versions\">{time}</a></td>")
            }
        };
        let _ = match self.size {
            None => writeln!(
                out,
                "<tr><th scope=\"row\"><a href=\"{link}/\">{name}/</a></th><td class=\"size\"></td>{time}<td></td></tr>"
            ),
            Some(bytes) => writeln!(
                out,
                "<tr><th scope=\"row\"><a href=\"{link}\">{name}</a></th>\
                 <td class=\"size\" title=\"{bytes} bytes\">{}</td>{time}\
                 <td class=\"get\"><a href=\"{link}\" download aria-label=\"Download {name}\">Download</a></td></tr>",
                size(bytes)
            ),
        };
    }
}

/// Folders before files, and within each as asked; what is the same then by the name as it is stored.
fn order(sort: Sort, a: &Entry, b: &Entry) -> Ordering {
    let name = || a.name.to_lowercase().cmp(&b.name.to_lowercase());
    let wanted = match sort {
        Sort::Name => name(),
        Sort::Size => b.size.cmp(&a.size).then_with(name),
        Sort::Date => b.modified.cmp(&a.modified).then_with(name),
    };
    a.size.is_some().cmp(&b.size.is_some()).then(wanted).then_with(|| a.name.cmp(&b.name))
}

/// `912 B`, `1.2 KB`, `34 MB`: powers of a thousand, as disks are sold.
pub(super) fn size(bytes: u64) -> String {
    let mut left = bytes;
    let mut rest = 0;
    for unit in ["B", "KB", "MB", "GB", "TB"] {
        if left < 1000 || unit == "TB" {
            return if left < 10 && unit != "B" {
                format!("{left}.{rest} {unit}")
            } else {
                format!("{left} {unit}")
            };
        }
        (left, rest) = (left / 1000, left % 1000 / 100);
    }
    String::new()
}

pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // What turns the rest of a line round shows another ending than the name has.
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => safe.push('\u{FFFD}'),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, size: Option<u64>, at: i64) -> Entry {
        Entry { name: name.to_owned(), size, modified: Timestamp::from_secs(at), media_type: String::new() }
    }

    fn page(path: Vec<&str>, entries: Vec<Entry>, sort: Option<Sort>) -> String {
        let page = Page {
            path,
            top: "/dav/files/anna/",
            entries,
            sort,
            more: Some("a&b c"),
            may_add: true,
            space: Space::default(),
            trash: false,
        };
        page.html("n0nce")
    }

    fn names(html: &str) -> Vec<String> {
        let rows = html.split("<th scope=\"row\">").skip(1);
        rows.map(|row| row.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn hostile_names_stay_text() {
        let bad = "\"><script>alert('x')</script>&\u{202E}gpj.exe";
        let html =
            page(vec!["anna", bad], vec![entry(bad, Some(1), 0), entry("javascript:x", None, 0)], None);
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert!(!html.contains("alert('x')") && !html.contains('\u{202E}'));
        assert!(html.contains("href=\"./javascript"), "{html}");
        assert!(html.contains("href=\"?after=a%26b%20c\""), "{html}");
        assert!(html.contains("<a href=\"./%22%3E%3Cscript%3E"), "{html}");
    }

    #[test]
    fn folders_come_first_and_rows_as_asked() {
        let all = || {
            vec![
                entry("b.txt", Some(5), 3),
                entry("Zoo", None, 1),
                entry("A.txt", Some(900), 2),
                entry("ape", None, 9),
            ]
        };
        let check = |sort, expect: [&str; 4]| assert_eq!(names(&page(vec!["x"], all(), sort)), expect);
        check(Some(Sort::Name), ["ape/", "Zoo/", "A.txt", "b.txt"]);
        check(Some(Sort::Size), ["ape/", "Zoo/", "A.txt", "b.txt"]);
        check(Some(Sort::Date), ["ape/", "Zoo/", "b.txt", "A.txt"]);
        check(None, ["b.txt", "Zoo/", "A.txt", "ape/"]);
        assert_eq!([Sort::of("size"), Sort::of("date"), Sort::of("x")], [Sort::Size, Sort::Date, Sort::Name]);
    }

    #[test]
    fn crumbs_lead_up() {
        let html = page(vec!["anna", "a b", "c"], Vec::new(), Some(Sort::Name));
        assert!(html.contains("<a href=\"/dav/files/anna/\">anna</a>"), "{html}");
        assert!(html.contains("<a href=\"/dav/files/anna/a%20b/\">a b</a>"));
        assert!(html.contains("<li aria-current=\"page\">c</li>") && html.contains("Nothing here yet."));
        assert!(html.contains("<style nonce=\"n0nce\">") && html.contains("<script nonce=\"n0nce\">"));
        assert!(!html.contains(" style=") && !html.contains("onclick"), "the policy would refuse them");
    }

    #[test]
    fn sizes_for_people() {
        let check = |bytes, expect: &str| assert_eq!(size(bytes), expect);
        check(0, "0 B");
        check(999, "999 B");
        check(1_000, "1.0 KB");
        check(9_990, "9.9 KB");
        check(10_500, "10 KB");
        check(4_294_967_296, "4.2 GB");
        check(u64::MAX, "18446744 TB");
    }
}
