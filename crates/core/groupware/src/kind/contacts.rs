//! vCards.

use super::{Content, sketch};
use crate::Limits;
use kontor_model::{Components, Result};
use kontor_store::Facets;

pub(crate) struct Contacts;

impl Content for Contacts {
    fn media_type(&self) -> &'static str {
        "text/vcard"
    }

    fn facets(&self, bytes: &[u8], _components: Components, _limits: &Limits) -> Result<Facets> {
        sketch::contact(bytes)
    }
}
