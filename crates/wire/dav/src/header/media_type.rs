//! Content-Type, and the choice of one by Accept (RFC 9110 8.3, 12.5.1).

use super::{malformed, parameter, split_list};
use crate::error::Result;

/// A media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    /// `text/calendar`, in lower case.
    pub essence: String,
    /// Parameters; names in lower case.
    pub parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads a header value.
    pub fn parse(value: &str) -> Result<Self> {
        let pieces = split_list(value, ';');
        let essence = pieces.first().copied().unwrap_or_default();
        let proper = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
        if !essence.split_once('/').is_some_and(|(kind, sub)| proper(kind) && proper(sub)) {
            return Err(malformed("not a media type"));
        }
        let parameters = pieces.iter().skip(1).map(|piece| parameter(piece)).collect();
        Ok(MediaType { essence: essence.to_ascii_lowercase(), parameters })
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn quality(&self) -> u16 {
        let q = self.parameter("q").and_then(|q| q.parse::<f32>().ok()).filter(|q| (0.0..=1.0).contains(q));
        // 0..=1000, so the cast neither cuts nor wraps
        q.map_or(1000, |q| (q * 1000.0) as u16)
    }

    /// How closely this range fits `offer`: 0 not at all, more is closer.
    fn fit(&self, offer: &MediaType) -> u8 {
        if self.essence == "*/*" {
            return 1;
        }
        if let Some(kind) = self.essence.strip_suffix("/*") {
            return if offer.essence.split_once('/').is_some_and(|(have, _)| have == kind) { 2 } else { 0 };
        }
        let mut wanted =
            self.parameters.iter().filter(|(name, _)| name != "q" && name != "charset").peekable();
        if self.essence != offer.essence {
            return 0;
        }
        if wanted.peek().is_none() {
            return 3;
        }
        if wanted.all(|(name, value)| offer.parameter(name) == Some(value)) { 4 } else { 0 }
    }
}

/// Which of `offers` (media types, the server's choice first) an Accept header likes best; `None` when it likes none.
/// Ranges that are not understood are passed over; an empty header accepts the first offer.
pub fn accepts(accept: &str, offers: &[&str]) -> Option<usize> {
    let ranges: Vec<MediaType> = split_list(accept, ',')
        .into_iter()
        .take(100)
        .filter_map(|range| MediaType::parse(range).ok())
        .collect();
    if ranges.is_empty() {
        return (!offers.is_empty()).then_some(0);
    }
    let mut best = None;
    for (index, offer) in offers.iter().enumerate() {
        let Ok(offer) = MediaType::parse(offer) else { continue };
        let closest =
            ranges.iter().map(|range| (range.fit(&offer), range.quality())).max_by_key(|(fit, _)| *fit);
        let quality = closest.filter(|(fit, _)| *fit > 0).map_or(0, |(_, quality)| quality);
        if quality > best.map_or(0, |(_, have)| have) {
            best = Some((index, quality));
        }
    }
    best.map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_read() {
        let read = MediaType::parse("Text/Calendar; charset=\"utf-8\"; Component=VEVENT").unwrap();
        assert_eq!(read.essence, "text/calendar");
        assert_eq!(read.parameter("charset"), Some("utf-8"));
        assert_eq!(read.parameter("component"), Some("VEVENT"));
        assert!(
            ["", "text", "text/", "/x", "a b/c", "a/b/c"].iter().all(|bad| MediaType::parse(bad).is_err())
        );
    }

    #[test]
    fn the_best_offer_is_chosen() {
        let offers = ["text/vcard; version=3.0", "text/vcard; version=4.0", "application/vcard+json"];
        let check = |accept, expect| assert_eq!(accepts(accept, &offers), expect, "{accept}");
        check("", Some(0));
        check("*/*", Some(0));
        check("text/vcard", Some(0));
        check("text/vcard;version=4.0", Some(1));
        check("text/vcard;q=0.5, text/vcard;version=4.0", Some(1));
        check("text/*;q=0.5, application/vcard+json", Some(2));
        check("text/vcard;version=3.0;q=0, text/vcard", Some(1));
        check("image/png", None);
        check("*/*;q=0", None);
    }
}
