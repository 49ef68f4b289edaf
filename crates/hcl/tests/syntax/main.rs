//! The grammar, by example and by law.

mod bodies;
mod errors;
mod expressions;
mod json;
mod laws;
mod specsuite;
mod support;
mod templates;
