//! Any bytes as a DAV message: read or refused; what is read is written so that it reads the same.
#![no_main]

use kontor_wire_dav::acl::Acl;
use kontor_wire_dav::answer::{ErrorBody, LockAnswer, MultistatusBody};
use kontor_wire_dav::header::{
    ContentRange, Depth, EntityTags, IfHeader, IfRange, LockToken, MediaType, Overwrite, Prefer, Ranges, Syntax,
    Timeout, UpdateRange, read_digest, wants_digest,
};
use kontor_wire_dav::href::{Href, is_segment};
use kontor_wire_dav::report::Report;
use kontor_wire_dav::request::{LockInfo, Make, Mkcol, Propfind, Proppatch};
use kontor_wire_dav::xml::{Limits, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    if let Ok(root) = parse(data, &limits) {
        let written = root.to_xml();
        let again = parse(written.as_bytes(), &Limits::ANSWER).expect("what we write is well-formed");
        assert_eq!(again.to_xml(), written);
        requests(data, &limits);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        headers(text);
    }
});

fn requests(data: &[u8], limits: &Limits) {
    if let Ok(read) = Propfind::parse(data, limits) {
        let mut out = Vec::new();
        read.write(&mut out);
        assert_eq!(Propfind::parse(&out, &Limits::ANSWER), Ok(read));
    }
    if let Ok(read) = Report::parse(data, limits) {
        let mut out = Vec::new();
        read.write(&mut out);
        assert_eq!(Report::parse(&out, &Limits::ANSWER), Ok(read));
    }
    if let Ok(read) = Acl::parse(data, limits) {
        let mut out = Vec::new();
        read.write(&mut out);
        assert_eq!(Acl::parse(&out, &Limits::ANSWER), Ok(read));
    }
    if let Ok(Some(read)) = LockInfo::parse(data, limits) {
        let mut out = Vec::new();
        read.write(&mut out);
        assert_eq!(LockInfo::parse(&out, &Limits::ANSWER), Ok(Some(read)));
    }
    if let Ok(read) = LockAnswer::parse(data, limits) {
        let mut out = Vec::new();
        read.write(&mut out);
        assert_eq!(LockAnswer::parse(&out, &Limits::ANSWER), Ok(read));
    }
    let _ = Proppatch::parse(data, limits);
    let _ = Mkcol::parse(Make::Collection, data, limits);
    let _ = MultistatusBody::parse(data, limits);
    let _ = ErrorBody::parse(data, limits);
}

fn headers(text: &str) {
    let _ = (Depth::parse(text), Timeout::parse(text), MediaType::parse(text), Prefer::parse(text));
    let _ = (LockToken::parse(text), Overwrite::parse(text), IfRange::parse(text));
    let _ = (ContentRange::parse(text), UpdateRange::parse(text));
    for syntax in [Syntax::Fields, Syntax::Instance] {
        let _ = (read_digest(syntax, text), wants_digest(syntax, text));
    }
    if let Some(ranges) = Ranges::parse(text) {
        assert_eq!(Ranges::parse(&ranges.to_string()), Some(ranges));
    }
    if let Ok(tags) = EntityTags::parse(text) {
        assert_eq!(EntityTags::parse(&tags.to_string()), Ok(tags));
    }
    if let Ok(header) = IfHeader::parse(text) {
        assert_eq!(IfHeader::parse(&header.to_string()), Ok(header));
    }
    if let Ok(href) = Href::parse(text) {
        assert!(href.path.segments.iter().all(|name| is_segment(name)));
        let again = Href::parse(&href.path.encode()).expect("what we encode can be read");
        assert_eq!(again.path, href.path);
    }
}
