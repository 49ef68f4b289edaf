//! Evaluation of expressions in a small module: its variables, locals and files.

mod scope;

pub(crate) use scope::{TestFiles, TestModule};
