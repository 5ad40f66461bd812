//! GetSite, GetWeb, GetWebCollection and WebUrlFromPageUrl (MS-SITESS 3.1.4.6, MS-WEBSS 3.1.4).

use super::{Request, text};
use crate::error::Result;
use crate::guid::Guid;
use crate::xml::{Element, Writer};

/// A site, which is the web of its own root as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its name for people.
    pub title: String,
    /// Address without slash at the end.
    pub url: String,
    /// Names it.
    pub guid: Guid,
    /// Identifier of its language.
    pub language: u32,
}

impl Site {
    /// Answer to GetSite: an element, as text.
    #[must_use]
    pub fn as_text(&self) -> String {
        let mut out = Writer::new();
        let (guid, language) = (self.guid.to_string(), self.language.to_string());
        let attributes = [
            ("Url", self.url.as_str()),
            ("ID", &guid),
            ("UserCodeEnabled", "FALSE"),
            ("Language", &language),
        ];
        out.empty("Site", &attributes);
        String::from_utf8(out.take()).unwrap_or_default()
    }

    /// `<Web>` of GetWeb.
    pub fn web(&self, out: &mut Writer) {
        let (guid, language) = (self.guid.to_string(), self.language.to_string());
        out.empty(
            "Web",
            &[
                ("Title", self.title.as_str()),
                ("Url", &self.url),
                ("Description", ""),
                ("Language", &language),
                ("Theme", "none"),
                ("FarmId", &guid),
                ("Id", &guid),
                ("ExcludeFromOfflineClient", "False"),
                ("CellStorageWebServiceEnabled", "False"),
                ("AlternateUrls", &self.url),
            ],
        );
    }
}

/// Asks which site an address belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebUrlFromPageUrl {
    /// The address.
    pub page: String,
}

impl Request for WebUrlFromPageUrl {
    const NAME: &'static str = "WebUrlFromPageUrl";

    fn read(element: &Element) -> Result<Self> {
        Ok(Self { page: text(element, "pageUrl") })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("pageUrl", &self.page);
    }
}
