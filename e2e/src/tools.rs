//! The clients themselves: where they are, and how they come here when they are not.

use std::path::PathBuf;

pub use kontor_testkit::tools::debian;

/// A program of the Python environment that `requirements.txt` describes, made if it is not there or not up to date.
pub fn python(program: &str) -> PathBuf {
    kontor_testkit::tools::python("venv", include_str!("../requirements.txt"), program)
}
