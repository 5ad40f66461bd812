//! The trash of an account as a browser shows it, at `?trash` of its drive: calendars, address books, task lists and
//! folders that were removed, each with a button that brings it back.
//!
//! A browser shows its credentials wherever a page leads it. So what comes from a page of somebody else is refused: browsers
//! say where a form is from (`Sec-Fetch-Site`, `Origin`), and who does not say it is no browser, and has `kontor store
//! restore`.

use super::page::{crumbs, escape, head, size};
use super::{DRIVES, Forms, TOP, html, json, value};
use crate::call::Call;
use crate::date;
use crate::error::Refusal;
use crate::reply::text;
use http::{StatusCode, header};
use kontor_groupware::{Discarded, Place};
use kontor_listen::{Body, Response};
use kontor_model::{CollectionId, Kind, Timestamp};
use serde::Serialize;
use std::fmt::Write;

/// Rows of one page.
const ROWS: usize = 500;
/// Bytes of a form.
const FORM: usize = 1_024;

/// A row, for programs.
#[derive(Debug, Serialize)]
struct Row<'a> {
    id: String,
    path: Option<&'a str>,
    name: &'a str,
    kind: &'static str,
    items: u64,
    size: u64,
    removed: String,
    by: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Rows<'a> {
    trash: Vec<Row<'a>>,
    next: Option<String>,
}

/// Whether that is what is asked for: at the top of a drive.
pub(crate) fn is_asked(call: &Call<'_>, place: &Place) -> bool {
    let query = call.head.uri.query().unwrap_or_default();
    query.split('&').next() == Some("trash") && place.collection.parent.is_none()
}

/// Answers GET and HEAD.
pub(crate) async fn answer(call: &Call<'_>, place: &Place, form: usize) -> Result<Response, Refusal> {
    let (office, asker) = (call.session.office(), &call.session.asker);
    let owner = place.owner.name.as_str();
    let before = value(call.head.uri.query().unwrap_or_default(), "before");
    let before = before.as_deref().and_then(read_mark);
    let some = office.trash(asker, owner, before, ROWS).await.map_err(|error| call.refuse(error))?;
    let next = some.last().filter(|_| some.len() == ROWS);
    let next = next.map(|last| format!("{}.{:x}", last.tree.at.millis(), last.tree.root.0));
    if form != 0 {
        return Ok(json(call, &Rows { trash: some.iter().map(row).collect(), next }));
    }
    let nonce = format!("{:032x}", office.fresh());
    let mut out = String::with_capacity(8192 + some.len() * 512);
    head(&mut out, "Trash", &nonce);
    crumbs(&mut out, DRIVES, &[TOP, owner, "Trash"]);
    out.push_str("<div class=\"card\">\n");
    table(&mut out, &some);
    if let Some(mark) = next {
        let _ =
            writeln!(out, "<p class=\"more\"><a href=\"?trash&amp;before={mark}\" rel=\"next\">More</a></p>");
    }
    out.push_str("</div>\n</main>\n</body>\n</html>\n");
    Ok(html(call, out, &nonce, Forms::Ours))
}

fn row(one: &Discarded) -> Row<'_> {
    Row {
        id: format!("{:x}", one.tree.root.0),
        path: one.path.as_deref(),
        name: one.tree.name.as_str(),
        kind: one.tree.kind.word(),
        items: one.items(),
        size: one.tree.bytes,
        removed: date::iso(one.tree.at),
        by: one.by.as_deref(),
    }
}

fn table(out: &mut String, some: &[Discarded]) {
    if some.is_empty() {
        out.push_str("<p class=\"empty\">The trash is empty.</p>\n");
        return;
    }
    out.push_str(
        "<table>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">What</th>\
         <th scope=\"col\" class=\"size\">Size</th><th scope=\"col\" class=\"date\">Removed</th>\
         <th class=\"get\"></th></tr></thead>\n<tbody>\n",
    );
    for one in some {
        let what = match one.tree.kind {
            Kind::Calendar => "Calendar",
            Kind::Tasks => "Task list",
            Kind::Contacts => "Address book",
            Kind::Files => "Folder",
        };
        let at = date::iso(one.tree.at);
        let shown = at.get(..16).unwrap_or_default().replace('T', " ");
        let by = one.by.as_deref().map_or_else(String::new, |by| format!(" by {}", escape(by)));
        let name = escape(one.path.as_deref().unwrap_or(one.tree.name.as_str()));
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{name}</th><td>{what}, {} items</td>\
             <td class=\"size\" title=\"{} bytes\">{}</td><td class=\"date\"><time datetime=\"{at}\">{shown}</time>{by}</td>\
             <td class=\"get\"><form method=\"post\" action=\"?trash\"><input type=\"hidden\" name=\"id\" value=\"{:x}\">\
             <button aria-label=\"Restore {name}\">Restore</button></form></td></tr>",
            one.items(),
            one.tree.bytes,
            size(one.tree.bytes),
            one.tree.root.0,
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

/// Answers the POST of such a form: one comes back.
pub(crate) async fn restore(call: &mut Call<'_>, place: &Place) -> Result<Response, Refusal> {
    if !is_ours(call) {
        let detail = "a form is taken from a page of this server only; else there is `kontor store restore`";
        return Err(Refusal::because(StatusCode::FORBIDDEN, detail));
    }
    let body = call.body.read_all(FORM).await.map_err(Refusal::of_body)?;
    let id = std::str::from_utf8(&body).ok().and_then(|form| value(form, "id"));
    let root = id.and_then(|id| i64::from_str_radix(&id, 16).ok()).ok_or_else(|| {
        Refusal::because(StatusCode::UNPROCESSABLE_ENTITY, "the form names nothing that could come back")
    })?;
    let (office, asker) = (call.session.office(), &call.session.asker);
    let back = office.restore_collection(asker, place.owner.name.as_str(), CollectionId(root), None).await;
    back.map_err(|error| call.refuse(error))?;
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    text(answer.headers_mut(), header::LOCATION, &format!("{}?trash", call.path()));
    Ok(answer)
}

/// Whether a form is from a page of ours.
fn is_ours(call: &Call<'_>) -> bool {
    if let Some(site) = call.header("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = call.header("origin").and_then(|origin| origin.split_once("://"));
    origin.is_some_and(|(_, host)| call.header("host") == Some(host))
}

fn read_mark(mark: &str) -> Option<(Timestamp, CollectionId)> {
    let (at, root) = mark.split_once('.')?;
    let at = Timestamp::from_millis(at.parse().ok()?);
    Some((at, CollectionId(i64::from_str_radix(root, 16).ok()?)))
}
