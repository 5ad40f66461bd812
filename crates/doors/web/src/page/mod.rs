//! The pages, made from their templates.

use kontor_listen::Peer;

const CONNECT: &str = include_str!("connect.html");
const MISSING: &str = include_str!("missing.html");
const STYLE: &str = include_str!("style.css");
/// The icon of the house.
pub(crate) const ICON: &str = include_str!("icon.svg");
/// Nothing here is for search engines.
pub(crate) const ROBOTS: &str = "User-agent: *\nDisallow: /\n";
/// No script at all, nothing from elsewhere, no frame around it.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; \
                                 form-action 'none'; frame-ancestors 'none'";

const WARNING: &str = "<p class=\"warn\">This connection is not encrypted: everyone on the way can read your password. \
                       Ask your administrator for an address that begins with <code>https://</code>.</p>\n";

/// How to connect, as seen from where the browser stands.
pub(crate) fn connect(peer: &Peer, version: &str) -> String {
    let host = peer.host.as_deref().unwrap_or("server.example");
    let scheme = if peer.secure { "https" } else { "http" };
    let warning = if peer.secure || is_here(host) { "" } else { WARNING };
    let base = escape(&format!("{scheme}://{host}"));
    fill(CONNECT, &[("warning", warning), ("base", &base), ("version", &escape(version))])
}

/// For addresses where there is nothing.
pub(crate) fn missing() -> String {
    fill(MISSING, &[])
}

/// Whether the browser runs on the server's own machine, where nobody listens in.
fn is_here(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Puts values in place of `[[name]]`. Values are HTML already and are not looked into again.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut page = String::with_capacity(template.len() + STYLE.len() + 1024);
    let mut rest = template;
    while let Some((before, (name, after))) =
        rest.split_once("[[").and_then(|(before, after)| Some((before, after.split_once("]]")?)))
    {
        page.push_str(before);
        page.push_str(match name {
            "style" => STYLE,
            "icon" => ICON.trim_end(),
            _ => values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value),
        });
        rest = after;
    }
    page + rest
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(host: Option<&str>, secure: bool) -> String {
        let peer = Peer { host: host.map(str::to_owned), secure, ..Peer::loopback() };
        connect(&peer, "1.2.3")
    }

    #[test]
    fn a_hostile_host_stays_text() {
        let page = page(Some("a\"><script>alert('x')</script>&[[style]]"), true);
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("a&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;[[style]]"));
    }

    #[test]
    fn warns_where_others_can_listen_in() {
        let check = |host, secure, expect: bool| {
            assert_eq!(page(host, secure).contains("not encrypted"), expect, "{host:?} {secure}");
        };
        check(Some("office.example"), false, true);
        check(Some("office.example"), true, false);
        check(Some("127.0.0.1:8080"), false, false);
        check(Some("localhost:8080"), false, false);
        check(Some("[::1]:8080"), false, false);
        check(Some("localhost.evil.example"), false, true);
        check(None, false, true);
    }

    #[test]
    fn nothing_is_left_unfilled() {
        assert!(!page(Some("office.example"), true).contains("[["));
        assert!(!missing().contains("[["));
    }
}
