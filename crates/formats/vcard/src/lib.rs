//! vCard for meaning.
//!
//! Main types: [`filter::Filter`], which cards a client asks for.

pub mod filter;
