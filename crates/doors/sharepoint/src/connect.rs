//! The page where people connect their programs: for each list the link that Outlook for Windows takes in, and for
//! others a profile (Apple), a QR code (telephones), and addresses.

mod profile;
mod qr;
mod signed;

use crate::answer::with_type;
use crate::list::{Connectable, connectable};
use crate::session::Session;
use http::{HeaderValue, StatusCode, header};
use kontor_listen::{Body, Response};
use kontor_wire_sharepoint::xml::Writer;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #8884}\
code{overflow-wrap:anywhere}svg{width:12rem;height:12rem;background:#fff;padding:.5rem}small{opacity:.75}";

/// `/connect`
pub(crate) async fn page(session: &Session) -> Response {
    let site_name = &session.settings().site_name;
    match connectable(session.office(), &session.asker, &session.origin, site_name).await {
        Ok(lists) => html(StatusCode::OK, write(session, &lists)),
        Err(error) => {
            tracing::error!(fault = ?error, "the lists of an account could not be told");
            html(StatusCode::SERVICE_UNAVAILABLE, Vec::new())
        }
    }
}

/// `/connect/kontor.mobileconfig`
pub(crate) fn profile(session: &Session) -> Response {
    let text = profile::write(session);
    // An unsigned profile is taken too; the device only says so.
    let text = session.tls().and_then(|tls| signed::file(&text, &tls.sign(&text)?)).unwrap_or(text);
    let mut answer = with_type(StatusCode::OK, "application/x-apple-aspen-config", Body::full(text));
    let name = HeaderValue::from_static("attachment; filename=\"kontor.mobileconfig\"");
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    answer
}

fn html(status: StatusCode, text: Vec<u8>) -> Response {
    let mut answer = with_type(status, "text/html; charset=utf-8", Body::full(text));
    let headers = answer.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    );
    answer
}

fn write(session: &Session, lists: &[Connectable]) -> Vec<u8> {
    let mut out = Writer::new();
    let name = session.asker.principal.name.as_str();
    out.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    out.leaf("title", &format!("Connect your programs - {}", session.settings().site_name));
    out.leaf("style", STYLE);
    out.raw("</head><body>");
    out.leaf("h1", "Connect your programs");
    out.leaf("p", &format!("You are {name}. Give each program an app password of its own where you can."));
    outlook(&mut out, lists);
    apple(&mut out, session);
    others(&mut out, session, name);
    out.raw("</body></html>");
    out.take()
}

fn outlook(out: &mut Writer, lists: &[Connectable]) {
    out.leaf("h2", "Outlook for Windows");
    out.leaf(
        "p",
        "Each link adds a folder to Outlook, which keeps it in step both ways. Outlook asks whether to connect, then for \
         your name and password.",
    );
    out.open("table", &[]);
    for list in lists {
        out.open("tr", &[]);
        out.open("th", &[("scope", "row")]);
        out.text(&list.title);
        out.raw(" ");
        out.leaf("small", if list.writable { list.kind } else { "read-only" });
        out.close("th");
        out.open("td", &[]);
        match &list.link {
            Some(link) => out.leaf_with("a", &[("href", link)], "Connect to Outlook"),
            None => out.text("The address of this server is too long for Outlook."),
        }
        out.close("td");
        out.close("tr");
    }
    out.close("table");
}

fn apple(out: &mut Writer, session: &Session) {
    let path = "/connect/kontor.mobileconfig";
    out.leaf("h2", "iPhone, iPad, Mac");
    out.open("p", &[]);
    out.leaf_with("a", &[("href", path)], "Download the profile");
    out.text(" on the device itself, or scan this with its camera:");
    out.close("p");
    out.raw(&qr::svg(&format!("{}{path}", session.origin)));
}

fn others(out: &mut Writer, session: &Session, name: &str) {
    let origin = &session.origin;
    out.leaf("h2", "Android and others");
    out.leaf("p", "DAVx\u{2075} opens this code; any other CalDAV or CardDAV program takes the address.");
    let host = origin.split_once("://").map_or(&**origin, |(_, host)| host);
    let scheme = if origin.starts_with("https") { "davx5" } else { "http" };
    out.raw(&qr::svg(&format!("{scheme}://{}@{host}/", crate::route::segment(name))));
    out.open("p", &[]);
    out.leaf("code", &format!("{origin}/"));
    out.close("p");
}
