//! Tasks of the workspace: `up`, `test`, `bench`, `tidy`, `spec`.

fn main() {}
