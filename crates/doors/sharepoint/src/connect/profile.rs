//! The configuration profile that sets up calendars, reminders and contacts on Apple devices (Apple's Configuration
//! Profile Reference: CalDAV and CardDAV payloads). The password is left out: the device asks for it.

use crate::session::Session;
use crate::token::SITE;
use kontor_wire_sharepoint::Guid;
use kontor_wire_sharepoint::xml::Writer;

pub(super) fn write(session: &Session) -> Vec<u8> {
    let account = session.asker.principal.id.0.cast_unsigned();
    // The same account gets the same profile, so that a newer one takes the place of an older one.
    let guid = |nth: u128| Guid(SITE.0 ^ (u128::from(account) << 16) ^ nth).bare();
    let (https, host) = match session.origin.split_once("://") {
        Some((scheme, host)) => (scheme == "https", host),
        None => (true, &*session.origin),
    };
    let (host, port) = split_port(host, if https { 443 } else { 80 });
    let name = session.asker.principal.name.as_str();
    let site = session.settings().site_name.as_str();
    let mut out = Writer::new();
    out.raw(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
             \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n",
    );
    out.open("plist", &[("version", "1.0")]);
    out.open("dict", &[]);
    out.leaf("key", "PayloadContent");
    out.open("array", &[]);
    for (nth, prefix, kind) in
        [(1, "CalDAV", "com.apple.caldav.account"), (2, "CardDAV", "com.apple.carddav.account")]
    {
        out.open("dict", &[]);
        let key = |what: &str| format!("{prefix}{what}");
        string(&mut out, &key("AccountDescription"), site);
        string(&mut out, &key("HostName"), host);
        integer(&mut out, &key("Port"), port);
        string(&mut out, &key("PrincipalURL"), &format!("/dav/principals/{}/", crate::route::segment(name)));
        out.leaf("key", &key("UseSSL"));
        out.empty(if https { "true" } else { "false" }, &[]);
        string(&mut out, &key("Username"), name);
        payload(&mut out, (kind, &guid(nth)), &format!("{site} ({prefix})"));
        out.close("dict");
    }
    out.close("array");
    payload(&mut out, ("Configuration", &guid(0)), site);
    out.close("dict");
    out.close("plist");
    out.take()
}

/// What every payload has.
fn payload(out: &mut Writer, (kind, guid): (&str, &str), title: &str) {
    string(out, "PayloadDisplayName", title);
    string(out, "PayloadIdentifier", &format!("org.kontor.{guid}"));
    string(out, "PayloadType", kind);
    string(out, "PayloadUUID", guid);
    integer(out, "PayloadVersion", 1);
}

fn string(out: &mut Writer, key: &str, value: &str) {
    out.leaf("key", key);
    out.leaf("string", value);
}

fn integer(out: &mut Writer, key: &str, value: u16) {
    out.leaf("key", key);
    out.leaf("integer", &value.to_string());
}

fn split_port(host: &str, usual: u16) -> (&str, u16) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port.parse().unwrap_or(usual)),
        _ => (host, usual),
    }
}
