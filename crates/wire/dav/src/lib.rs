//! WebDAV, CalDAV and CardDAV messages.
