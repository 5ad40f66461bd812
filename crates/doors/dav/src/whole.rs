//! A whole collection as one file: all events and tasks in one VCALENDAR, or all vCards one after the other.
//!
//! Components are copied byte for byte; only the frame around them is ours. Time zones come once for each TZID.

use crate::Session;
use crate::dispatch::Call;
use crate::error::Refusal;
use crate::method::get::text;
use crate::precondition::{Conditions, Current, Reading};
use crate::route::Branch;
use crate::stream::{self, Broken, Producer, Sink};
use crate::token;
use http::{StatusCode, header};
use kontor_groupware::{Page, Place, Select};
use kontor_listen::{Body, Response};
use kontor_model::{Item, ItemName, Result};
use std::collections::HashSet;

/// Answers GET and HEAD of a collection.
pub(crate) async fn answer(call: &Call<'_>, place: Place) -> std::result::Result<Response, Refusal> {
    let Some(branch) = Branch::of(place.collection.kind) else { return Err(Refusal::not_found()) };
    let session = call.session.clone();
    let version =
        session.office().version(&session.asker, &place).await.map_err(|error| call.refuse(error))?;
    let tag = token::collection_etag(place.collection.id, version);
    let mut whole = Whole { session, place, branch, after: None, zones: HashSet::new(), out: Vec::new() };
    // Before anything else, so that who may not read is told so.
    let first = whole.page().await.map_err(|error| call.refuse(error))?;
    let reading = match Conditions::of(call)? {
        Some(conditions) => conditions.read(&Current::tagged(tag.as_str()))?,
        None => Reading::Wanted,
    };
    let mut answer = Response::new(Body::empty());
    text(answer.headers_mut(), header::ETAG, tag.as_str());
    if reading == Reading::NotModified {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(answer);
    }
    let (media_type, ending) = match branch {
        Branch::Calendars => ("text/calendar; charset=utf-8", "ics"),
        Branch::AddressBooks => ("text/vcard; charset=utf-8", "vcf"),
    };
    text(answer.headers_mut(), header::CONTENT_TYPE, media_type);
    let name = kontor_wire_dav::href::encode(whole.place.collection.name.as_str());
    let disposition = format!("attachment; filename*=UTF-8''{name}.{ending}");
    text(answer.headers_mut(), header::CONTENT_DISPOSITION, &disposition);
    if call.head.method != http::Method::HEAD {
        *answer.body_mut() = whole.body(first);
    }
    Ok(answer)
}

/// The file, being written.
struct Whole {
    session: Session,
    place: Place,
    branch: Branch,
    after: Option<ItemName>,
    zones: HashSet<Vec<u8>>,
    out: Vec<u8>,
}

impl Whole {
    fn body(mut self, first: Page) -> Body {
        self.begin();
        self.add(&first);
        if first.more {
            return stream::body(self);
        }
        self.end();
        Body::full(self.out)
    }

    async fn page(&mut self) -> Result<Page> {
        let (asker, limit) = (&self.session.asker, self.session.settings().page.div_ceil(4));
        let office = self.session.office();
        let page = office.page(asker, &self.place, self.after.as_ref(), limit, Select::Body).await?;
        self.after = page.items.last().map(|item| item.meta.name.clone());
        Ok(page)
    }

    fn begin(&mut self) {
        if self.branch == Branch::Calendars {
            self.out.extend_from_slice(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//Kontor//EN\r\n");
            let title: String = self.place.collection.title().chars().filter(|c| !c.is_control()).collect();
            self.out.extend_from_slice(b"X-WR-CALNAME:");
            self.out.extend_from_slice(escaped(&title).as_bytes());
            self.out.extend_from_slice(b"\r\n");
        }
    }

    fn end(&mut self) {
        if self.branch == Branch::Calendars {
            self.out.extend_from_slice(b"END:VCALENDAR\r\n");
        }
    }

    fn add(&mut self, page: &Page) {
        for Item { body, .. } in &page.items {
            match self.branch {
                Branch::Calendars => add_components(&mut self.out, &mut self.zones, body),
                Branch::AddressBooks => {
                    self.out.extend_from_slice(body);
                    end_line(&mut self.out);
                }
            }
        }
    }
}

impl Producer for Whole {
    async fn produce(mut self, sink: &Sink) -> std::result::Result<(), Broken> {
        loop {
            sink.send(std::mem::take(&mut self.out)).await?;
            let page = self.page().await?;
            self.add(&page);
            if !page.more {
                self.end();
                return sink.send(self.out).await;
            }
        }
    }
}

/// TEXT as RFC 5545 3.3.11 writes it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

fn end_line(out: &mut Vec<u8>) {
    if out.last().is_some_and(|last| *last != b'\n') {
        out.extend_from_slice(b"\r\n");
    }
}

/// Copies what lies directly in the VCALENDAR of `body`, but for zones that are there already.
fn add_components(out: &mut Vec<u8>, zones: &mut HashSet<Vec<u8>>, body: &[u8]) {
    let mut depth = 0_usize;
    let mut start = out.len();
    let mut zone: Option<Vec<u8>> = None;
    let mut in_zone = false;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let (name, value) = parts(line);
        let begins = name.eq_ignore_ascii_case(b"BEGIN");
        if begins {
            depth += 1;
            if depth == 2 {
                start = out.len();
                in_zone = value.eq_ignore_ascii_case(b"VTIMEZONE");
                zone = None;
            }
        }
        if depth >= 2 {
            out.extend_from_slice(line);
            if in_zone && depth == 2 && name.eq_ignore_ascii_case(b"TZID") {
                zone = Some(value.to_vec());
            }
        }
        if name.eq_ignore_ascii_case(b"END") {
            if depth == 2 {
                end_line(out);
                if in_zone && zone.take().is_some_and(|zone| !zones.insert(zone)) {
                    out.truncate(start);
                }
                in_zone = false;
            }
            depth = depth.saturating_sub(1);
        }
    }
}

/// Name and value of a line; a folded line's continuation has an empty name.
fn parts(line: &[u8]) -> (&[u8], &[u8]) {
    let line = line.trim_ascii_end();
    let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
    let name_end = line.iter().position(|byte| matches!(byte, b':' | b';')).unwrap_or(line.len());
    let starts_plain = line.first().is_some_and(|byte| !byte.is_ascii_whitespace());
    let name = if starts_plain { line.get(..name_end).unwrap_or_default() } else { &[] };
    (name, line.get(colon + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_copied_and_zones_come_once() {
        let zone =
            "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
        let event = "BEGIN:VEVENT\r\nUID:1\r\nDESCRIPTION:END:\r\n VEVENT\r\nBEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT";
        let object = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{zone}{event}\r\nEND:VCALENDAR");
        let (mut out, mut zones) = (Vec::new(), HashSet::new());
        add_components(&mut out, &mut zones, object.as_bytes());
        add_components(&mut out, &mut zones, object.as_bytes());
        assert_eq!(String::from_utf8(out).unwrap(), format!("{zone}{event}\r\n{event}\r\n"));
        // What is no calendar adds nothing.
        let mut out = Vec::new();
        add_components(&mut out, &mut zones, b"END:X\nhello\n\nBEGIN:VCALENDAR");
        assert_eq!(out, b"");
    }
}
