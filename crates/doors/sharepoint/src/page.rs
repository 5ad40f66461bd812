//! The page of one row, behind Outlook's "open in browser": what the row says, as a table. Without a number, the list.

use crate::answer::with_type;
use crate::fault::Refusal;
use crate::list::List;
use crate::op::{Find, find, somebody};
use crate::route::{ListPath, parameter};
use crate::rows::{Teller, ToldRow};
use crate::session::Session;
use http::{HeaderValue, StatusCode, header};
use kontor_listen::{Body, Response};
use kontor_wire_sharepoint::xml::Writer;

pub(crate) async fn answer(session: &Session, list: &ListPath, query: Option<&str>) -> Response {
    let number = parameter(query, "ID").and_then(|number| number.parse().ok());
    let (status, title, rows) = match read(session, list, number).await {
        Ok((title, rows)) => (StatusCode::OK, title, rows),
        Err(_) => (StatusCode::NOT_FOUND, "There is nothing here".to_owned(), Vec::new()),
    };
    let mut answer = with_type(status, "text/html; charset=utf-8", Body::full(page(&title, &rows)));
    let headers = answer.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    );
    answer
}

type Told = (String, Vec<(&'static str, String)>);

async fn read(session: &Session, list: &ListPath, number: Option<i64>) -> Result<Told, Refusal> {
    let list = session.list_at(list).await?;
    let Some(number) = number else { return Ok((list.title.clone(), Vec::new())) };
    let row = match list.place() {
        None => somebody(session, &list, number).await?,
        Some(place) => match find(session, place, number).await? {
            Find::Gone => None,
            Find::Here(item) => {
                let teller = Teller { session, list: &list, place };
                let told = teller.tell(vec![*item]).await?;
                told.into_iter().flat_map(|told| told.rows).find(|row| row.number == number)
            }
        },
    };
    let row = row.ok_or_else(Refusal::no_item)?;
    Ok((row.row.get("Title").unwrap_or(&list.title).to_owned(), fields(&list, row)))
}

/// What people may read of a row: names of fields and values.
fn fields(list: &List, mut row: ToldRow) -> Vec<(&'static str, String)> {
    crate::time::to_site(&mut row.row, list.kind, &list.zone);
    let shown = list.kind.fields().filter(|field| !field.hidden && field.name != "Title");
    let told = shown.filter_map(|field| Some((field.title, row.row.get(field.name)?.to_owned())));
    told.filter(|(_, value)| !value.is_empty()).collect()
}

fn page(title: &str, rows: &[(&'static str, String)]) -> Vec<u8> {
    let mut out = Writer::new();
    out.raw("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">");
    out.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    out.leaf("title", title);
    out.raw(
        "<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}",
    );
    out.raw("th{text-align:left;vertical-align:top;padding-right:1rem;font-weight:600}</style>");
    out.leaf("h1", title);
    out.open("table", &[]);
    for (name, value) in rows {
        out.open("tr", &[]);
        out.leaf_with("th", &[("scope", "row")], name);
        out.leaf("td", value);
        out.close("tr");
    }
    out.close("table");
    out.raw("</html>");
    out.take()
}
