//! Files of any sort: nothing is read out of them.

use super::Content;
use crate::Limits;
use kontor_model::{Components, Result};
use kontor_store::Facets;

/// What nothing is known of.
const OCTETS: &str = "application/octet-stream";
/// Longest media type that is kept, in bytes.
const LONGEST: usize = 200;

pub(crate) struct Files;

impl Content for Files {
    fn media_type(&self) -> &'static str {
        OCTETS
    }

    /// A file is what its writer says that it is. A header's value: anything else than visible ASCII would not go out
    /// again.
    fn named(&self, named: &str) -> Result<String> {
        let named = named.trim();
        let clean = named.len() <= LONGEST && named.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        Ok(if clean && named.contains('/') { named } else { OCTETS }.to_owned())
    }

    fn facets(&self, _bytes: &[u8], _components: Components, _limits: &Limits) -> Result<Facets> {
        Ok(Facets::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_the_type_that_its_writer_named() {
        let check =
            |named: &str, kept: &str| assert_eq!(Files.named(named).as_deref(), Ok(kept), "{named:?}");
        check("text/plain; charset=utf-8", "text/plain; charset=utf-8");
        check(" image/png ", "image/png");
        check("", OCTETS);
        check("png", OCTETS);
        check("text/plain\r\nset-cookie: x", OCTETS);
        check(&format!("text/{}", "x".repeat(LONGEST)), OCTETS);
    }
}
