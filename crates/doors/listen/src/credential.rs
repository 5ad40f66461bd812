//! What a request shows of who sends it (RFC 7617, RFC 7616), and what it is asked to show. Read and written alone;
//! who is let in is for the office to say.

use crate::door::Peer;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Uri};

/// Longest Basic credential that is looked at, decoded: the longest mail address, a colon, the longest password.
const LONGEST_BASIC: usize = 1536;
/// Longest Digest credential that is looked at: its target is as long as that of the request.
const LONGEST_DIGEST: usize = 16 * 1024;
/// Most parameters in it. The specification has a dozen.
const MOST_PARAMETERS: usize = 32;

/// A credential.
#[derive(PartialEq, Eq)]
pub enum Shown {
    /// Name and password.
    Basic(String, String),
    /// A response to a challenge.
    Digest(Box<DigestShown>),
}

/// A response to a challenge (RFC 7616 3.4), its values as they were sent.
#[derive(Default, PartialEq, Eq)]
pub struct DigestShown {
    /// Who, or the hash of that.
    pub name: String,
    /// Whether `name` is a hash.
    pub hashed: bool,
    /// The realm.
    pub realm: String,
    /// The word for the hash function; `MD5` if none was sent.
    pub algorithm: String,
    /// The challenge.
    pub nonce: String,
    /// The how manieth response to it.
    pub count: String,
    /// The client's own noise.
    pub client_nonce: String,
    /// What was asked for.
    pub target: String,
    /// The response.
    pub response: String,
}

impl Shown {
    /// What the request shows; `None` if that is nothing, or nothing that can be read.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(AUTHORIZATION)?.as_bytes().trim_ascii();
        let space = value.iter().position(|byte| *byte == b' ')?;
        let (scheme, rest) = value.split_at_checked(space)?;
        if scheme.eq_ignore_ascii_case(b"basic") {
            return basic(rest.trim_ascii());
        }
        let digest = scheme.eq_ignore_ascii_case(b"digest") && rest.len() <= LONGEST_DIGEST;
        let rest = digest.then(|| std::str::from_utf8(rest).ok()).flatten()?;
        DigestShown::read(rest).map(|shown| Self::Digest(Box::new(shown)))
    }
}

/// Name and password, UTF-8 (RFC 7617 2.1).
fn basic(encoded: &[u8]) -> Option<Shown> {
    let mut buffer = [0_u8; LONGEST_BASIC];
    let len = STANDARD.decode_slice(encoded, &mut buffer).ok()?;
    let (name, password) = std::str::from_utf8(buffer.get(..len)?).ok()?.split_once(':')?;
    Some(Shown::Basic(name.to_owned(), password.to_owned()))
}

impl DigestShown {
    /// Reads what follows the scheme. Only responses with `qop=auth` are read: those of RFC 2069 can be sent again by
    /// whoever hears them, and for `auth-int` the body would have to be there first.
    fn read(text: &str) -> Option<Self> {
        let mut shown = Self { algorithm: "MD5".to_owned(), ..Self::default() };
        let (mut qop, mut extended) = (false, None);
        let mut seen: Vec<String> = Vec::new();
        let mut rest = text.trim_start_matches([' ', '\t', ',']);
        while !rest.is_empty() {
            let (name, value, after) = parameter(rest)?;
            // Two that differ would be read differently by others on the way.
            if seen.len() >= MOST_PARAMETERS || seen.contains(&name) {
                return None;
            }
            match name.as_str() {
                "username" => shown.name = value,
                "username*" => extended = Some(extended_value(&value)?),
                "userhash" => shown.hashed = value.eq_ignore_ascii_case("true"),
                "realm" => shown.realm = value,
                "algorithm" => shown.algorithm = value,
                "nonce" => shown.nonce = value,
                "nc" => shown.count = value,
                "cnonce" => shown.client_nonce = value,
                "uri" => shown.target = value,
                "response" => shown.response = value,
                "qop" => qop = value.eq_ignore_ascii_case("auth"),
                _ => {}
            }
            seen.push(name);
            rest = after;
        }
        if let Some(name) = extended {
            // RFC 7616 3.4: one of both, and a hash is never extended.
            if shown.hashed || !shown.name.is_empty() {
                return None;
            }
            shown.name = name;
        }
        (qop && !shown.name.is_empty() && !shown.client_nonce.is_empty()).then_some(shown)
    }

    /// What it is a response to, `METHOD:target`; `None` if it was made for another target, and taken from that request.
    pub fn asked(&self, head: &Parts) -> Option<String> {
        self.is_for(&head.uri).then(|| format!("{}:{}", head.method, self.target))
    }

    fn is_for(&self, asked: &Uri) -> bool {
        let here = asked.path_and_query().map_or("/", |here| here.as_str());
        if self.target == here {
            return true;
        }
        // Through a proxy a client may write the whole URL.
        let whole =
            self.target.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest.split_at(at).1));
        whole == Some(here)
    }
}

/// `name=value` or `name="value"` at the start of a list, and what follows with its comma.
fn parameter(text: &str) -> Option<(String, String, &str)> {
    let (name, rest) = text.split_once('=')?;
    let name = name.trim_ascii().to_ascii_lowercase();
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_*.".contains(&b)) {
        return None;
    }
    let rest = rest.trim_ascii_start();
    let (value, rest) = match rest.strip_prefix('"') {
        Some(inside) => quoted(inside)?,
        None => {
            let (value, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
            (value.trim_ascii().to_owned(), after)
        }
    };
    let rest = rest.trim_ascii_start();
    if !rest.is_empty() && !rest.starts_with(',') {
        return None;
    }
    Some((name, value, rest.trim_start_matches([' ', '\t', ','])))
}

/// What stands before the closing quote, without escapes, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((value, text.get(at + 1..)?)),
            _ => value.push(c),
        }
    }
    None
}

/// `UTF-8''` and percent-encoded text (RFC 8187 3.2.1).
fn extended_value(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut left = encoded.bytes();
    while let Some(byte) = left.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(left.next())?, digit(left.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The realm as it can stand between quotes.
pub fn quotable(realm: &str) -> String {
    realm.chars().filter(|c| !matches!(c, '"' | '\\') && !c.is_control()).collect()
}

/// Asks for name and password (RFC 7617 2).
fn ask_basic(realm: &str) -> HeaderValue {
    let text = format!("Basic realm=\"{}\", charset=\"UTF-8\"", quotable(realm));
    HeaderValue::try_from(text)
        .unwrap_or_else(|_| HeaderValue::from_static("Basic realm=\"Kontor\", charset=\"UTF-8\""))
}

/// Asks for a response (RFC 7616 3.3). Hashed names are asked for together with SHA-256 only: clients that know nothing
/// but MD5 do not know them either.
fn ask_digest(realm: &str, algorithm: &str, nonce: &str, stale: bool) -> Option<HeaderValue> {
    let stale = if stale { ", stale=true" } else { "" };
    let userhash = if algorithm == "MD5" { "" } else { ", userhash=true" };
    let text = format!(
        "Digest realm=\"{}\", qop=\"auth\", algorithm={algorithm}, nonce=\"{nonce}\", charset=UTF-8{userhash}{stale}",
        quotable(realm)
    );
    HeaderValue::try_from(text).ok()
}

/// Adds the challenges that a 401 must carry; `digests` makes an algorithm and a nonce for each that may be answered with
/// a response. Where the way is encrypted a response has no advantage, and clients that would choose it over the password
/// could not come in before they have shown that once: only who answered an old challenge is given a new one there.
pub fn challenge(
    headers: &mut HeaderMap,
    realm: &str,
    peer: &Peer,
    stale: bool,
    digests: impl FnOnce() -> Vec<(&'static str, String)>,
) {
    let offered = if stale || !peer.secure { digests() } else { Vec::new() };
    let digests = offered.iter().filter_map(|(algorithm, nonce)| ask_digest(realm, algorithm, nonce, stale));
    for value in digests.chain([ask_basic(realm)]) {
        headers.append(WWW_AUTHENTICATE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(value: &str) -> Option<Shown> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::try_from(value).unwrap());
        Shown::read(&headers)
    }

    fn digest(value: &str) -> Option<DigestShown> {
        match read(value)? {
            Shown::Digest(shown) => Some(*shown),
            Shown::Basic(..) => None,
        }
    }

    #[test]
    fn basic_is_name_and_password() {
        let check = |value: &str, expect: Option<(&str, &str)>| {
            let expect = expect.map(|(name, password)| Shown::Basic(name.to_owned(), password.to_owned()));
            assert!(read(value) == expect, "{value}");
        };
        check("Basic YW5uYTpwOnc=", Some(("anna", "p:w")));
        check("bAsIc  YW5uYTpw ", Some(("anna", "p")));
        check("Basic YW5uYQ==", None);
        check("Basic !!!", None);
        check("Bearer YW5uYTpw", None);
        check("Basic", None);
        check(
            &format!("Basic {}", STANDARD.encode(format!("a:{}", "x".repeat(1534)))),
            Some(("a", &"x".repeat(1534))),
        );
        check(&format!("Basic {}", STANDARD.encode(format!("a:{}", "x".repeat(1535)))), None);
    }

    /// The examples of RFC 7616 3.9.1 and 3.9.2.
    #[test]
    fn responses_of_the_specification() {
        let shown = digest(concat!(
            r#"Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5, "#,
            r#"nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, "#,
            r#"cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, "#,
            r#"response="8ca523f5e9506fed4657c9700eebdbec", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#
        ))
        .unwrap();
        assert_eq!((shown.name.as_str(), shown.count.as_str(), shown.hashed), ("Mufasa", "00000001", false));
        assert_eq!(shown.response, "8ca523f5e9506fed4657c9700eebdbec");
        assert!(shown.is_for(&"/dir/index.html".parse().unwrap()));
        assert!(shown.is_for(&"http://www.example.org/dir/index.html".parse().unwrap()));
        assert!(!shown.is_for(&"/dir/index.html?a".parse().unwrap()));
        let hashed = digest(concat!(
            r#"Digest username="488869477bf257147b804c45308cd62ac4e25eb717b12b298c79e62dcea254ec", "#,
            r#"realm="api@example.org", uri="/doe.json", algorithm=SHA-512-256, nonce="5TsQWLVdgBdm", nc=00000001, "#,
            r#"cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm", qop=auth, response="ae66", userhash=true"#
        ));
        assert!(hashed.unwrap().hashed);
    }

    #[test]
    fn what_else_clients_send() {
        let rest = r#"realm="r", nonce="n", uri="http://h:80/a?b", nc=1, cnonce="c", qop="auth", response=x"#;
        let of = |name: &str| digest(&format!("Digest {name}, {rest}"));
        let plain = of(r#"username="O\"ff\\anna""#).unwrap();
        assert_eq!((plain.name.as_str(), plain.algorithm.as_str()), (r#"O"ff\anna"#, "MD5"));
        assert!(plain.is_for(&"/a?b".parse().unwrap()) && !plain.is_for(&"/a".parse().unwrap()));
        assert_eq!(of("username*=UTF-8''J%C3%A4s%C3%B8n").unwrap().name, "Jäsøn");
        for bad in [
            "username=",
            "username=a, username=b",
            "username=a, username*=UTF-8''b",
            "username*=UTF-8''%C3",
            "username*=UTF-8''%zz",
            "username*=latin1''a",
            "username*=UTF-8''a, userhash=true",
            "username=\"a",
            "username=\"a\"b",
            "username",
            "us er=a",
        ] {
            assert!(of(bad).is_none(), "{bad}");
        }
        assert!(
            digest(r#"Digest username="a", realm="r", nonce="n", uri="/", response="x""#).is_none(),
            "RFC 2069"
        );
        assert!(
            digest(&format!("Digest username=a, qop=auth-int, {}", rest.replace("qop=\"auth\", ", "")))
                .is_none()
        );
        let many: String = (0..40).map(|n| format!("p{n}=1, ")).collect();
        assert!(of(&format!("{many} username=a")).is_none());
        assert!(of(&format!("username=\"{}\"", "a".repeat(LONGEST_DIGEST))).is_none());
    }

    proptest! {
        /// Nothing that anybody sends does harm, and what is quoted comes back as it was.
        #[test]
        fn any_credential_is_read_or_refused(
            scheme in "Basic|Digest|[a-zA-Z]{0,4}",
            rest in prop_oneof!["\\PC{0,60}", "[a-z*]{0,8}[=, \"\\\\'%]{0,30}", "((username|uri|qop|nc)=[\"a,= \\\\]{0,6},?){0,6}"],
        ) {
            if let Ok(value) = HeaderValue::from_bytes(format!("{scheme} {rest}").as_bytes()) {
                let mut headers = HeaderMap::new();
                headers.insert(AUTHORIZATION, value);
                let _ = Shown::read(&headers);
            }
        }

        #[test]
        fn quoted_names_come_back(name in "\\PC{1,20}") {
            let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
            let rest = r#"realm="r", nonce="n", uri="/", nc=1, cnonce="c", qop=auth, response=x"#;
            let shown = DigestShown::read(&format!("username=\"{quoted}\", {rest}"));
            prop_assert_eq!(shown.map(|shown| shown.name), Some(name));
        }
    }

    #[test]
    fn challenges() {
        assert_eq!(ask_basic("A \"b\"\\\n"), "Basic realm=\"A b\", charset=\"UTF-8\"");
        assert_eq!(
            ask_digest("K", "SHA-256", "n", true).unwrap(),
            "Digest realm=\"K\", qop=\"auth\", algorithm=SHA-256, nonce=\"n\", charset=UTF-8, userhash=true, stale=true"
        );
        assert_eq!(
            ask_digest("K", "MD5", "n", false).unwrap(),
            "Digest realm=\"K\", qop=\"auth\", algorithm=MD5, nonce=\"n\", charset=UTF-8"
        );
    }

    #[test]
    fn responses_are_asked_for_where_they_serve() {
        let digests = || vec![("SHA-256", "n".to_owned()), ("MD5", "m".to_owned())];
        for (secure, stale, expect) in
            [(false, false, 3), (false, true, 3), (true, false, 1), (true, true, 3)]
        {
            let mut headers = HeaderMap::new();
            challenge(&mut headers, "K", &Peer { secure, ..Peer::loopback() }, stale, digests);
            let found: Vec<&str> =
                headers.get_all(WWW_AUTHENTICATE).iter().map(|one| one.to_str().unwrap()).collect();
            assert_eq!(found.len(), expect, "secure {secure}, stale {stale}");
            assert!(found.last().unwrap().starts_with("Basic "), "{found:?}");
            assert_eq!(
                found.iter().filter(|one| one.contains("stale=true")).count(),
                if stale { 2 } else { 0 }
            );
        }
    }
}
