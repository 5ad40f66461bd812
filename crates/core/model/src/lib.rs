//! The nouns of the office.
