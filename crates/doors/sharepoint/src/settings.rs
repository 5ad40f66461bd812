//! What can be tuned at this door.

use kontor_wire_sharepoint::xml::Limits;

/// Limits; the defaults just work.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Shown by clients that ask for a password.
    pub realm: String,
    /// Name of the site, for people.
    pub site_name: String,
    /// XML in request bodies.
    pub xml: Limits,
    /// Items read from the store at a time.
    pub page: usize,
    /// Rows in one answer where the client names no limit, as in SharePoint's views.
    pub default_rows: usize,
    /// Most rows in one answer that is told in pages.
    pub max_rows: usize,
    /// Most rows that a query sorts or searches.
    pub max_query_rows: usize,
    /// Most people in one answer about the directory, which is told whole or not at all.
    pub max_people: usize,
    /// Most rows in one batch of writes.
    pub max_batch: usize,
    /// Rows of a batch that are written at the same time.
    pub writers: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            realm: "Kontor".to_owned(),
            site_name: "Kontor".to_owned(),
            xml: Limits::default(),
            page: 200,
            default_rows: 100,
            max_rows: 1_000,
            max_query_rows: 5_000,
            max_people: 20_000,
            max_batch: 1_000,
            writers: 64,
        }
    }
}
