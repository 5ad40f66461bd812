//! What kinds of content differ in: their media type, what makes a body good, and by what it is found.

mod calendar;
mod contacts;
mod files;
mod tasks;

use crate::Limits;
use kontor_model::{Components, Error, Kind, Result, Rule};
use kontor_store::Facets;

/// One kind of content.
pub(crate) trait Content: Send + Sync {
    /// Media type of its bodies, without parameters.
    fn media_type(&self) -> &'static str;

    /// The media type to store: as it was named, with its parameters, if it is that of the content.
    ///
    /// # Errors
    /// `Invalid` with `MediaType` if it is another.
    fn named(&self, named: &str) -> Result<String> {
        let wanted = self.media_type();
        let plain = named.split(';').next().unwrap_or_default().trim();
        if plain.is_empty() {
            return Ok(format!("{wanted}; charset=utf-8"));
        }
        // Browsers and old clients send files as octets or text; the body tells what it is.
        let vague = ["application/octet-stream", "text/plain", "text/x-vcard", "text/directory"];
        if plain.eq_ignore_ascii_case(wanted) {
            // A header's value: anything else than visible ASCII would not go out again.
            let clean = named.len() <= 200 && named.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            return Ok(if clean { named.trim().to_owned() } else { format!("{wanted}; charset=utf-8") });
        }
        if vague.iter().any(|one| plain.eq_ignore_ascii_case(one)) {
            return Ok(format!("{wanted}; charset=utf-8"));
        }
        let detail =
            format!("this collection takes {wanted}, not {}", plain.chars().take(60).collect::<String>());
        Err(Error::Invalid { rule: Rule::MediaType, detail })
    }

    /// Checks a body for a collection that takes `components`, and takes out by what it is found.
    ///
    /// # Errors
    /// `Invalid` with the rule, the line and the reason; `TooLarge`.
    fn facets(&self, bytes: &[u8], components: Components, limits: &Limits) -> Result<Facets>;
}

/// The content of a kind of collection.
pub(crate) fn of(kind: Kind) -> &'static dyn Content {
    match kind {
        Kind::Calendar => &calendar::Calendar,
        Kind::Tasks => &tasks::Tasks,
        Kind::Contacts => &contacts::Contacts,
        Kind::Files => &files::Files,
    }
}
