//! GetAttachmentCollection, AddAttachment and DeleteAttachment (MS-LISTSWS 3.1.4.1, 3.1.4.8, 3.1.4.12).

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose::STANDARD};

use super::{Request, text};
use crate::error::{Error, Result};
use crate::xml::{Element, Writer};

/// Padding may be missing.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Asks for the addresses of a row's attachments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetAttachmentCollection {
    /// GUID or title.
    pub list: String,
    /// Number of the row.
    pub item: String,
}

impl Request for GetAttachmentCollection {
    const NAME: &'static str = "GetAttachmentCollection";

    fn read(element: &Element) -> Result<Self> {
        Ok(Self { list: text(element, "listName"), item: text(element, "listItemID") })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("listName", &self.list);
        out.leaf("listItemID", &self.item);
    }
}

/// Adds an attachment to a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddAttachment {
    /// GUID or title.
    pub list: String,
    /// Number of the row.
    pub item: String,
    /// Name of the attachment.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Request for AddAttachment {
    const NAME: &'static str = "AddAttachment";

    fn read(element: &Element) -> Result<Self> {
        let content = element.required("attachment")?;
        let compact: Vec<u8> = content.text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let bytes = LENIENT.decode(compact);
        Ok(Self {
            list: text(element, "listName"),
            item: text(element, "listItemID"),
            name: text(element, "fileName"),
            bytes: bytes.map_err(|_| Error::malformed(content.line, "an attachment that is not base64"))?,
        })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("listName", &self.list);
        out.leaf("listItemID", &self.item);
        out.leaf("fileName", &self.name);
        out.leaf("attachment", &STANDARD.encode(&self.bytes));
    }
}

/// Takes an attachment away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteAttachment {
    /// GUID or title.
    pub list: String,
    /// Number of the row.
    pub item: String,
    /// Its address.
    pub url: String,
}

impl Request for DeleteAttachment {
    const NAME: &'static str = "DeleteAttachment";

    fn read(element: &Element) -> Result<Self> {
        let (list, item) = (text(element, "listName"), text(element, "listItemID"));
        Ok(Self { list, item, url: text(element, "url") })
    }

    fn write(&self, out: &mut Writer) {
        out.leaf("listName", &self.list);
        out.leaf("listItemID", &self.item);
        out.leaf("url", &self.url);
    }
}

/// `<Attachments>` of GetAttachmentCollection.
pub fn collection(out: &mut Writer, urls: &[String]) {
    out.open("Attachments", &[]);
    urls.iter().for_each(|url| out.leaf("Attachment", url));
    out.close("Attachments");
}
