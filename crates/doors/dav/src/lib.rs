//! The DAV door.
