//! Tasks: calendar objects in a collection that takes nothing else.

use super::Content;
use super::calendar::Calendar;
use crate::Limits;
use kontor_model::{Components, Result};
use kontor_store::Facets;

pub(crate) struct Tasks;

impl Content for Tasks {
    fn media_type(&self) -> &'static str {
        Calendar.media_type()
    }

    fn facets(&self, bytes: &[u8], _components: Components, limits: &Limits) -> Result<Facets> {
        Calendar.facets(bytes, Components::TASK, limits)
    }
}
