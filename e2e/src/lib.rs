//! Real clients against a real Kontor.
