//! Rule pages: their format, the registry of all rules, and the rules that the binary carries.
//!
//! In: Markdown pages, `kinds.yaml` files and tables of standards, embedded or from folders. Out: a [`Registry`] of
//! [`Rule`]s that can be looked up by id, by glob and by other tools' ids, each with a checked condition.
//!
//! Invariants: the id is the file name; an id, and a condition, means the same in every language; a page that does not
//! hold together is refused with diagnostics at the exact place, never skipped in silence.
//!
//! It does not run rules; `terravet-engine` does.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod aliases;
mod class;
mod embedded;
mod examples;
mod front_matter;
mod page;
mod registry;
mod rule;
mod standards;

pub use class::Class;
pub use embedded::{EmbeddedFile, embedded};
pub use examples::{Example, ExampleLanguage, Expectation, examples};
pub use page::{FixTemplate, FixValue, Page, Remedy};
pub use registry::{ModuleStub, Registry, Selection, SelectionError};
pub use rule::Rule;
