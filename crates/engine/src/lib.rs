//! From paths to sorted findings: the one interface for the command line, editors and tests.
//!
//! In: [`Options`] and a file system. Out: a [`Session`], which finds the units, loads them, checks one or all, and checks
//! again after an edit. What it finds is an [`Outcome`](terravet_diagnostics::Outcome) whose spans lead into the session's
//! sources.
//!
//! Invariants: the same input gives the same outcome whatever the number of threads; one bad file, unit or panicking
//! rule becomes a diagnostic and never stops the rest; the text of a unit is dropped when its findings are done. What a
//! language is like, only its frontend knows: `frontends` is the one place that names them.
//!
//! It renders nothing and decides no exit status.

mod check;
mod discover;
mod findings;
mod fix;
mod frontends;
mod options;
mod progress;
mod session;
mod suppression;

pub use discover::{Unit, Units};
pub use options::{EngineError, Options};
pub use progress::{Progress, Silent};
pub use session::{Scan, Session};
pub use terravet_frontend::{Answer, Console, Loaded};
pub use terravet_graph::Graph;
