//! What a file was, as a browser shows it, at `?versions` of the file: each text can be fetched.

use super::page::{crumbs, escape, head, size};
use super::{Forms, form, html, json};
use crate::call::Call;
use crate::error::Refusal;
use crate::route::{Branch, Route, home_href};
use crate::{date, past};
use kontor_groupware::{End, ItemHistory, Place};
use kontor_listen::Response;
use kontor_model::{ItemMeta, ItemName, Timestamp};
use serde::Serialize;
use std::fmt::Write;

/// A text.
#[derive(Debug, Serialize)]
struct Row {
    revision: i64,
    size: u64,
    modified: String,
    /// When it was replaced or removed; nothing of what is there now.
    until: Option<String>,
    /// `now`, `replaced` or `removed`.
    end: &'static str,
}

#[derive(Debug, Serialize)]
struct Rows {
    versions: Vec<Row>,
}

/// Whether that is what is asked for.
pub(crate) fn is_asked(call: &Call<'_>) -> bool {
    let files = matches!(call.route, Route::Item(Branch::Files, ..));
    files && call.head.uri.query().is_some_and(|query| query.split('&').next() == Some("versions"))
}

/// Answers GET and HEAD.
pub(crate) async fn answer(call: &Call<'_>, place: &Place, name: &ItemName) -> Result<Response, Refusal> {
    let form = form(call)?;
    let office = call.session.office();
    let history =
        office.history(&call.session.asker, place, name).await.map_err(|error| call.refuse(error))?;
    let rows = Rows { versions: rows(history) };
    if form != 0 {
        return Ok(json(call, &rows));
    }
    let (owner, folder) = (place.owner.name.as_str(), place.path());
    let top = home_href(Branch::Files, owner);
    let path: Vec<&str> =
        std::iter::once(owner).chain(folder.split('/').skip(1)).chain([name.as_str()]).collect();
    let nonce = format!("{:032x}", office.fresh());
    Ok(html(call, page(&rows, &top, &path, &nonce), &nonce, Forms::None))
}

/// The latest first.
fn rows(history: ItemHistory) -> Vec<Row> {
    let row = |meta: &ItemMeta, until: Option<Timestamp>, end| Row {
        revision: meta.revision.0,
        size: meta.size,
        modified: date::iso(meta.modified),
        until: until.map(date::iso),
        end,
    };
    let now = history.now.filter(|now| now.folder.is_none()).map(|now| row(&now, None, "now"));
    let past = history.past.iter().rev().map(|past| {
        let end = match past.end {
            End::Replaced => "replaced",
            End::Removed => "removed",
        };
        row(&past.meta, Some(past.until), end)
    });
    now.into_iter().chain(past).collect()
}

fn page(rows: &Rows, top: &str, path: &[&str], nonce: &str) -> String {
    let name = path.last().copied().unwrap_or_default();
    let mut out = String::with_capacity(8192);
    head(&mut out, name, nonce);
    crumbs(&mut out, top, path);
    out.push_str(
        "<div class=\"card\">\n<table>\n<thead><tr><th scope=\"col\" class=\"name\">Written</th>\
         <th scope=\"col\" class=\"size\">Size</th><th scope=\"col\" class=\"date\">Until</th></tr></thead>\n<tbody>\n",
    );
    for row in &rows.versions {
        let link = escape(&format!(
            "./{}{}",
            kontor_wire_dav::href::encode(name),
            past::query(kontor_model::Version(row.revision))
        ));
        let until = match &row.until {
            Some(until) => format!("<time datetime=\"{until}\">{}</time> ({})", shown(until), row.end),
            None => "now".to_owned(),
        };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\"><a href=\"{link}\" download=\"{}\"><time datetime=\"{}\">{}</time></a></th>\
             <td class=\"size\" title=\"{} bytes\">{}</td><td class=\"date\">{until}</td></tr>",
            escape(name),
            row.modified,
            shown(&row.modified),
            row.size,
            size(row.size)
        );
    }
    out.push_str("</tbody>\n</table>\n</div>\n</main>\n</body>\n</html>\n");
    out
}

fn shown(at: &str) -> String {
    at.get(..16).unwrap_or_default().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_text() {
        let row = |revision, until: Option<&str>, end| Row {
            revision,
            size: 1_500,
            modified: "2026-11-22T08:00:00Z".to_owned(),
            until: until.map(str::to_owned),
            end,
        };
        let versions = vec![row(9, None, "now"), row(7, Some("2026-11-22T09:30:00Z"), "replaced")];
        let bad = "\"><script>alert('x')</script>";
        let html = page(&Rows { versions }, "/dav/files/anna/", &["anna", bad], "n0nce");
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("%3Cscript%3E") && html.contains("?version=7\""), "{html}");
        assert!(html.contains("2026-11-22 09:30</time> (replaced)") && html.contains(">now</td>"), "{html}");
        assert!(!html.contains(" style=") && html.contains("1.5 KB"), "{html}");
    }
}
