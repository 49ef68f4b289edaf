//! Evaluation of expressions in a small module: its variables, locals and files.

mod expressions;
mod functions;
mod limits;
mod scope;

pub(crate) use scope::{TestFiles, TestModule};
