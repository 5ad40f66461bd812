//! Files and folders as rows of a library: name, size, and the address below `/dav/files` where each is read.
//!
//! A library is a drive with all that lies in its folders. Its rows are counted in one series, that of the drive, and are
//! remembered by their paths in it, `Folder/inner.txt`: a file that moves keeps its number.

use crate::fault::Refusal;
use crate::people::Wanted;
use crate::route::segment;
use crate::rows::{Teller, Told, ToldRow};
use crate::token;
use kontor_groupware::{Numbered, OrdinalKey, Place};
use kontor_model::{ItemMeta, Version};
use kontor_wire_sharepoint::row::{Part, Row};

/// Where files are read and written.
const FILES: &str = "/dav/files";

/// A file or a folder, and the path of the folder that it lies in, empty for the drive itself.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) meta: ItemMeta,
    pub(crate) folder: String,
}

impl Document {
    /// Its path in the library.
    pub(crate) fn path(&self) -> String {
        join(&self.folder, self.meta.name.as_str())
    }
}

/// The path of a library where its files are read: what rows call their folder begins so (MS-OUTSPS 3.2.4.2.6).
pub(crate) fn root(owner: &str) -> String {
    format!("{FILES}/{}", segment(owner))
}

/// A path within a folder.
pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The path of a folder in its library.
pub(crate) fn path_in(library: &Place, folder: &Place) -> String {
    let (top, path) = (library.path(), folder.path());
    path.strip_prefix(&top).unwrap_or_default().trim_start_matches('/').to_owned()
}

/// The path in a library that a client names: as rows tell it, with an origin before it, or from the library on. `None` if it
/// is in another one.
pub(crate) fn path_of(library: &Place, told: &str) -> Option<String> {
    let path =
        told.split_once("://").map_or(told, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let mut names: Vec<String> = Vec::new();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        names.push(percent_encoding::percent_decode_str(name).decode_utf8().ok()?.into_owned());
    }
    let owner = library.owner.name.as_str();
    let rest = match names.as_slice() {
        [dav, files, rest @ ..] if dav == "dav" && files == "files" => {
            let (first, rest) = rest.split_first()?;
            (first == owner).then_some(rest)?
        }
        rest => rest,
    };
    Some(rest.join("/"))
}

impl Teller<'_> {
    /// The rows of documents.
    ///
    /// # Errors
    /// Those of the office.
    pub(crate) async fn tell_documents(&self, documents: Vec<Document>) -> Result<Vec<Told>, Refusal> {
        let (office, who) = (self.session.office(), &*self.session.asker);
        let mut wanted = Wanted::default();
        documents.iter().for_each(|one| wanted.account(one.meta.creator));
        let people = self.session.people(wanted).await?;
        let keys: Vec<_> = documents.iter().map(|one| OrdinalKey::Item(one.meta.id)).collect();
        let known =
            if keys.is_empty() { Vec::new() } else { office.ordinals(who, self.place, &keys).await? };
        let part = |one: &Document| Numbered {
            item: one.meta.id,
            part: String::new(),
            name: one.path(),
            digest: 0,
            version: Version::ZERO,
        };
        let parts: Vec<Numbered> = documents.iter().map(part).collect();
        let numbers = office.number(who, self.place, &known, &parts).await?;
        let told = documents.into_iter().zip(numbers).map(|(document, number)| {
            let version = token::small(document.meta.revision);
            let mut row = Row::roomy();
            self.document(&mut row, &document, number);
            self.server_fields(&mut row, &document.meta, (number, version), (&people, ""));
            Told { rows: vec![ToldRow { number, part: Part::Whole, version, row }] }
        });
        Ok(told.collect())
    }

    /// Fields of a file or of a folder (MS-OUTSPS 3.2.4.2.6).
    fn document(&self, row: &mut Row, document: &Document, number: i64) {
        let (meta, name) = (&document.meta, document.meta.name.as_str());
        let inner = document.folder.split('/').filter(|name| !name.is_empty()).map(segment);
        let folder = inner.fold(root(self.place.owner.name.as_str()), |path, name| format!("{path}/{name}"));
        let path = format!("{folder}/{}", segment(name));
        row.push("Title", name.to_owned());
        row.push("FileLeafRef", format!("{number};#{name}"));
        row.push("LinkFilename", name.to_owned());
        row.push("FileRef", format!("{number};#{}", path.trim_start_matches('/')));
        row.push("FileDirRef", format!("{number};#{}", folder.trim_start_matches('/')));
        row.push("EncodedAbsUrl", format!("{}{path}", self.session.origin));
        row.push("ServerUrl", path);
        row.push("Attachments", "0");
        // A size is never missing.
        row.push("FileSizeDisplay", meta.size.to_string());
        if meta.folder.is_none() {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            row.push("File_x0020_Type", ending.to_lowercase());
            row.push("File_x0020_Size", format!("{number};#{}", meta.size));
        }
    }
}
