//! Files, their text, and places in them: the one door to the file system.
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

mod anchors;
mod boundary;
pub mod discovery;
mod disk;
mod door;
mod file;
mod file_system;
mod line_index;
mod output;
mod overlay;
mod span;

pub use anchors::Anchors;
pub use boundary::{Boundary, repository};
pub use disk::Disk;
pub use door::OUTSIDE;
pub use file::{MAX_FILE_BYTES, ReadError, SourceFile, Sources};
pub use file_system::{Entry, EntryKind, FileSystem, Listed, Memory, normalize};
pub use line_index::{LineIndex, Position};
pub use output::{Destination, Replacement, discard};
pub use overlay::Overlay;
pub use span::{FileId, Span};
