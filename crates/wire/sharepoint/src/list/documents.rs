//! Fields of a library of documents (MS-WSSTS 2.4.8, MS-OUTSPS 3.2.4.2.6). Programs read them, and change nothing.

use super::FieldType::{Computed, File, Lookup, Text};
use super::field::{ListField, fixed, inner};

pub(super) const FIELDS: &[ListField] = &[
    fixed("FileLeafRef", "Name", File),
    fixed("LinkFilename", "Name with link", Computed),
    inner("FileDirRef", "Path", Lookup),
    fixed("File_x0020_Size", "File Size", Lookup),
    inner("FileSizeDisplay", "Size", Computed),
    fixed("File_x0020_Type", "File Type", Text),
    inner("EncodedAbsUrl", "Encoded Absolute URL", Computed),
    inner("ServerUrl", "Server Relative URL", Computed),
];
