//! Files, their text, and places in them.
//!
//! In: paths of files and folders, through the [`FileSystem`] trait (disk, memory for tests, or edits over either).
//! Out: [`SourceFile`]s with stable ids, [`Span`]s of byte offsets, lines and columns on demand,
//! the list of files that a scan concerns ([`discovery`]), and the tree that may be read ([`Boundary`]).
//!
//! Invariants: a span is three `u32`; line and column are computed only where something is shown;
//! text is always valid UTF-8 (what is not is refused with [`ReadError`]); nothing here orders by
//! file id, since ids follow the order in which files were first asked for.
//!
//! It does not parse, and knows no language beyond file name extensions.

mod boundary;
pub mod discovery;
mod file;
mod file_system;
mod line_index;
mod overlay;
mod span;

pub use boundary::Boundary;
pub use file::{MAX_FILE_BYTES, ReadError, SourceFile, Sources};
pub use file_system::{Disk, EntryKind, FileSystem, Memory, normalize};
pub use overlay::Overlay;
pub use line_index::{LineIndex, Position};
pub use span::{FileId, Span};
