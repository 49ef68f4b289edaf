//! The grammar, by example and by law.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test may fail, and says what it skips")]

mod bodies;
mod errors;
mod expressions;
mod json;
mod laws;
mod specsuite;
mod support;
mod templates;
