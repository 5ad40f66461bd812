//! The change log and all that hangs on it.
