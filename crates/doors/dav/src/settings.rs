//! What can be tuned at this door.

use kontor_wire_dav::Limits;
use std::time::Duration;

/// Limits and pace; the defaults just work.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Shown by clients that ask for a password.
    pub realm: String,
    /// XML in request bodies.
    pub xml: Limits,
    /// Items read from the store at a time.
    pub page: usize,
    /// Most properties that one request names (413).
    pub max_asked_properties: usize,
    /// Most resources that one report names or returns: a calendar-query or multiget of more is refused (403), an
    /// addressbook-query truncated (507). A sync-collection has no bound: it is told page by page.
    pub max_report_items: usize,
    /// Most principals that one search tells, beyond which it is truncated (507), and most resources that one
    /// expand-property follows.
    pub max_principals: usize,
    /// Most principals that one search looks at, beyond which it is truncated (507): in a larger house people are found
    /// by their whole name or address.
    pub max_principals_searched: usize,
    /// Longest stretch of time that a report expands recurrences over, in days.
    pub max_expansion_days: u32,
    /// Most conditions in one filter, and most names in one choice of properties or components.
    pub max_conditions: usize,
    /// How often an idle event stream says that it is still there.
    pub heartbeat: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            realm: "Kontor".to_owned(),
            xml: Limits::default(),
            page: 500,
            max_asked_properties: 250,
            max_report_items: 50_000,
            max_principals: 1_000,
            max_principals_searched: 100_000,
            max_expansion_days: 3_660,
            max_conditions: 256,
            heartbeat: Duration::from_secs(30),
        }
    }
}
