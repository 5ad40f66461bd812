//! Events, and whatever else a calendar takes.

use super::{Content, sketch};
use crate::Limits;
use kontor_model::{Components, Result};
use kontor_store::Facets;

pub(crate) struct Calendar;

impl Content for Calendar {
    fn media_type(&self) -> &'static str {
        "text/calendar"
    }

    fn facets(&self, bytes: &[u8], components: Components, _limits: &Limits) -> Result<Facets> {
        sketch::calendar(bytes, components)
    }
}
