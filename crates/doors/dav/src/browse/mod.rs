//! A folder as a browser shows it, and files as they are handed to one.

mod page;
pub(crate) mod trash;
pub(crate) mod versions;

use crate::call::Call;
use crate::error::Refusal;
use crate::reply::text;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use kontor_groupware::{Place, Select, Space};
use kontor_listen::{Body, Response};
use kontor_model::{Item, ItemName};
use kontor_wire_dav::header::accepts;
use kontor_wire_dav::href;
use page::{Entry, Page, Sort};
use serde::Serialize;

/// What all drives lie in, and how it is called.
const DRIVES: &str = "/dav/files/";
const TOP: &str = "Files";
/// Rows of one page.
const ROWS: usize = 1_000;
/// As what a folder can be told.
const FORMS: [&str; 2] = ["text/html", "application/json"];
/// Media types that a browser only shows, never runs.
const SHOWN: [&str; 12] = [
    "text/plain",
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "audio/mpeg",
    "audio/ogg",
    "video/mp4",
    "video/webm",
    "video/ogg",
];

/// Answers GET and HEAD of a folder.
pub(crate) async fn answer(call: &Call<'_>, place: Place) -> Result<Response, Refusal> {
    let form = form(call)?;
    if !call.path().ends_with('/') {
        return Ok(with_slash(call));
    }
    let query = call.head.uri.query().unwrap_or_default();
    if trash::is_asked(call, &place) {
        return trash::answer(call, &place, form).await;
    }
    let after = value(query, "after");
    let after = after.and_then(|name| ItemName::new(&name).ok());
    let office = call.session.office();
    let found = office.page(&call.session.asker, &place, after.as_ref(), ROWS, Select::Meta).await;
    let found = found.map_err(|error| call.refuse(error))?;
    let whole = after.is_none() && !found.more;
    let more = found.items.last().filter(|_| found.more).map(|item| item.meta.name.as_str().to_owned());
    let entries = entries(call, &place, found.items).await?;
    if form != 0 {
        return Ok(json(call, &page::Listing { entries, next: more.as_deref() }));
    }
    let holding = office.holding(&place).await.map_err(|error| call.refuse(error))?;
    let (owner, path) = (place.owner.name.as_str(), place.path());
    let page = Page {
        path: [TOP, owner].into_iter().chain(path.split('/').skip(1)).collect(),
        top: DRIVES,
        entries,
        sort: whole.then(|| Sort::of(&value(query, "sort").unwrap_or_default())),
        more: more.as_deref(),
        may_add: place.takes_items_of(&call.session.asker),
        space: office.space(&call.session.asker, &place, holding),
        trash: place.collection.parent.is_none() && office.keeps_trash(&call.session.asker, &place),
    };
    let nonce = format!("{:032x}", office.fresh());
    Ok(html(call, page.html(&nonce), &nonce, Forms::None))
}

/// Answers GET and HEAD of what all drives lie in: one's own, and the public one.
pub(crate) async fn drives(call: &Call<'_>) -> Result<Response, Refusal> {
    let form = form(call)?;
    if !call.path().ends_with('/') {
        return Ok(with_slash(call));
    }
    let (office, asker) = (call.session.office(), &call.session.asker);
    let own = call.session.own_drive().await.map_err(|error| call.refuse(error))?;
    let public = office.public_drive(asker).await.map_err(|error| call.refuse(error))?;
    let entry = |place: Place| Entry {
        name: place.owner.name.as_str().to_owned(),
        size: None,
        modified: place.collection.created,
        media_type: String::new(),
    };
    let entries = std::iter::once(own).chain(public).map(entry).collect();
    if form != 0 {
        return Ok(json(call, &page::Listing { entries, next: None }));
    }
    let page = Page {
        path: vec![TOP],
        top: DRIVES,
        entries,
        sort: Some(Sort::Name),
        more: None,
        may_add: false,
        space: Space::default(),
        trash: false,
    };
    let nonce = format!("{:032x}", office.fresh());
    Ok(html(call, page.html(&nonce), &nonce, Forms::None))
}

/// Which of the forms is asked for.
fn form(call: &Call<'_>) -> Result<usize, Refusal> {
    let accept = call.headers("accept").unwrap_or_else(|| "*/*".to_owned());
    accepts(&accept, &FORMS).ok_or_else(|| {
        let detail = "a folder is told as text/html or application/json, or by PROPFIND";
        Refusal::because(StatusCode::NOT_ACCEPTABLE, detail)
    })
}

/// The rows, without folders that the asker may not see.
async fn entries(call: &Call<'_>, place: &Place, items: Vec<Item>) -> Result<Vec<Entry>, Refusal> {
    let folders = call.session.folders(place, &items, 0).await.map_err(|error| call.refuse(error))?;
    let seen = |item: &Item| item.meta.folder.is_none_or(|id| folders.contains_key(&id));
    let entry = |item: Item| Entry {
        name: item.meta.name.as_str().to_owned(),
        size: item.meta.folder.is_none().then_some(item.meta.size),
        modified: item.meta.modified,
        media_type: if item.meta.folder.is_none() { item.meta.media_type } else { String::new() },
    };
    Ok(items.into_iter().filter(seen).map(entry).collect())
}

/// The rows for programs. Field names are a promise: they may be added to, never renamed.
fn json(call: &Call<'_>, listing: &impl Serialize) -> Response {
    let mut answer = Response::new(Body::empty());
    let text = serde_json::to_vec(listing).unwrap_or_default();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    if call.head.method == http::Method::HEAD {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
    } else {
        *answer.body_mut() = Body::full(text);
    }
    answer
}

/// Whether a page has forms, which go to us.
#[derive(Clone, Copy)]
enum Forms {
    None,
    Ours,
}

/// The page, which runs and loads nothing but its own.
fn html(call: &Call<'_>, page: String, nonce: &str, forms: Forms) -> Response {
    let mut answer = Response::new(Body::empty());
    let forms = match forms {
        Forms::None => "'none'",
        Forms::Ours => "'self'",
    };
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src 'self'; \
         base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    );
    let headers = answer.headers_mut();
    text(headers, header::CONTENT_SECURITY_POLICY, &policy);
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::VARY, "Accept"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if call.head.method == http::Method::HEAD {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(page.len()));
    } else {
        *answer.body_mut() = Body::full(page);
    }
    answer
}

/// Links of the page are relative to a path with a slash at its end.
fn with_slash(call: &Call<'_>) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::PERMANENT_REDIRECT;
    text(answer.headers_mut(), header::LOCATION, &format!("{}/", call.path()));
    answer
}

/// A file is handed out as a file: what somebody put there must not act in the name of who looks at it.
pub(crate) fn guard(headers: &mut HeaderMap, media_type: &str) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let bare = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !SHOWN.contains(&bare.as_str()) {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        let sandbox = HeaderValue::from_static("sandbox; default-src 'none'");
        headers.insert(HeaderName::from_static("content-security-policy"), sandbox);
    }
}

/// The value of a key in the query of a URL.
fn value(query: &str, key: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let found = pairs.into_iter().find(|(name, _)| *name == key).map(|(_, value)| value)?;
    href::decode(found).ok()
}
