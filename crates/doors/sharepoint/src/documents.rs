//! Files as rows of a library of documents: name, size, and the address below `/dav/files` where each is read.

use crate::route::segment;
use crate::rows::Teller;
use kontor_model::ItemMeta;
use kontor_wire_sharepoint::row::Row;

/// Where files are read and written.
const FILES: &str = "/dav/files";

/// Fields of a file or of a folder (MS-OUTSPS 3.2.4.2.6).
pub(crate) fn tell(row: &mut Row, meta: &ItemMeta, number: i64, teller: &Teller<'_>) {
    let (owner, name) = (teller.place.owner.name.as_str(), meta.name.as_str());
    let folder = format!("{FILES}/{}", segment(owner));
    let path = format!("{folder}/{}", segment(name));
    row.push("Title", name.to_owned());
    row.push("FileLeafRef", format!("{number};#{name}"));
    row.push("LinkFilename", name.to_owned());
    row.push("FileRef", format!("{number};#{}", path.trim_start_matches('/')));
    row.push("FileDirRef", format!("{number};#{}", folder.trim_start_matches('/')));
    row.push("EncodedAbsUrl", format!("{}{path}", teller.session.origin));
    row.push("ServerUrl", path);
    row.push("Attachments", "0");
    if meta.folder.is_none() {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        row.push("File_x0020_Type", ending.to_lowercase());
        row.push("File_x0020_Size", format!("{number};#{}", meta.size));
    }
}
