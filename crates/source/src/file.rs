//! Files that have been read, and the table that gives each an id.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

use crate::door::Door;
use crate::{Boundary, EntryKind, FileId, FileSystem, LineIndex, Position, Span, normalize};

/// The largest file that is read, in bytes: 64 MiB. The largest templates and plans seen in the wild
/// stay below a tenth of it.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// One file's text. Shared by whoever still needs it; dropped from memory when nobody does.
#[derive(Debug)]
pub struct SourceFile {
    id: FileId,
    path: Arc<Path>,
    text: Arc<str>,
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// The id, valid within the [`Sources`] that made the file.
    #[must_use]
    pub fn id(&self) -> FileId {
        self.id
    }

    /// The path, relative to the working directory where the file lies below it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and column of a byte offset.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset)
    }

    /// The line index, made at the first call.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// The text that a span of this file covers; empty where the span does not fit the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }
}

/// The byte order marks of UTF-16.
const LITTLE_ENDIAN: [u8; 2] = [0xff, 0xfe];
const BIG_ENDIAN: [u8; 2] = [0xfe, 0xff];

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system refused: missing, no permission, too large. The user's to mend.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file holds a zero byte: no text of any language that is read here. The user's to mend.
    #[error("the file is binary (it holds a zero byte at offset {0})")]
    Binary(usize),
    /// The file is UTF-16, as its byte order mark says. The user's to mend.
    #[error("the file is UTF-16; save it as UTF-8")]
    Utf16,
    /// The file is not UTF-8 from this byte offset on. The user's to mend.
    #[error("the file is not valid UTF-8 (byte {0})")]
    NotUtf8(usize),
}

/// All files of one scan: reads each once while anyone holds it, and gives it an id for good. Nothing outside of its [`Boundary`] is
/// read through it.
pub struct Sources {
    door: Door,
    table: RwLock<Table>,
}

#[derive(Default)]
struct Table {
    ids: HashMap<Arc<Path>, FileId>,
    slots: Vec<Slot>,
}

struct Slot {
    path: Arc<Path>,
    text: Weak<SourceFile>,
    /// Whether UTF-16 is taken, too.
    utf16: bool,
    /// What the text was when it was last read or added.
    print: Option<Print>,
    /// Whether what the file holds was used, as text or as bytes.
    used: bool,
}

/// What a text is told by: its length and a hash.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Print(usize, u64);

impl Print {
    fn of(text: &str) -> Self {
        use std::hash::Hasher as _;
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(text.as_bytes());
        Self(text.len(), hasher.finish())
    }
}

impl Sources {
    /// An empty table that reads whatever `file_system` holds: for trees in memory, and tools that read what they are told.
    #[must_use]
    pub fn new(file_system: Arc<dyn FileSystem>) -> Self {
        Self::within(file_system, Boundary::everything())
    }

    /// An empty table that reads what lies within a boundary.
    #[must_use]
    pub fn within(file_system: Arc<dyn FileSystem>, boundary: Boundary) -> Self {
        Self { door: Door::new(file_system, boundary), table: RwLock::default() }
    }

    /// The file system, as far as the boundary permits.
    #[must_use]
    pub fn file_system(&self) -> &dyn FileSystem {
        &self.door
    }

    pub(crate) fn door(&self) -> &Door {
        &self.door
    }

    /// What may be read.
    #[must_use]
    pub fn boundary(&self) -> &Boundary {
        self.door.boundary()
    }

    /// Whether a path may be read, links resolved. What does not exist lies where the nearest folder above it does.
    #[must_use]
    pub fn permits(&self, path: &Path) -> bool {
        self.door.permits(path)
    }

    /// What lies at a path that may not be read; none where it may, or nothing is there.
    #[must_use]
    pub fn outside(&self, path: &Path) -> Option<EntryKind> {
        self.door.outside(path)
    }

    /// The id of a path, made at the first call. The file need not exist.
    pub fn id(&self, path: &Path) -> FileId {
        let path = normalize(path);
        if let Some(id) = self.read_table().ids.get(path.as_path()) {
            return *id;
        }
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = table.ids.get(path.as_path()) {
            return *id;
        }
        let id = FileId(u32::try_from(table.slots.len()).unwrap_or(u32::MAX));
        let path: Arc<Path> = path.into();
        table.ids.insert(Arc::clone(&path), id);
        table.slots.push(Slot { path, text: Weak::new(), utf16: false, print: None, used: false });
        id
    }

    /// The path of a file.
    #[must_use]
    pub fn path(&self, id: FileId) -> Arc<Path> {
        Arc::clone(&self.read_table().slots[id.0 as usize].path)
    }

    /// The text of a file, read if nobody holds it now.
    ///
    /// # Errors
    /// [`ReadError`] where it cannot be read, is binary or is not UTF-8.
    pub fn load(&self, path: &Path) -> Result<Arc<SourceFile>, ReadError> {
        self.open(self.id(path))
    }

    /// As [`Sources::load`], and a file in UTF-16 with a byte order mark is taken as well, now and later. Windows PowerShell
    /// writes what is redirected to a file in this way
    /// (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_redirection>).
    ///
    /// # Errors
    /// [`ReadError`] where it cannot be read or is not valid in its encoding.
    pub fn load_with_utf16(&self, path: &Path) -> Result<Arc<SourceFile>, ReadError> {
        let id = self.id(path);
        self.slot(id, |slot| slot.utf16 = true);
        self.open(id)
    }

    /// As [`Sources::load`], for a file whose id is known.
    ///
    /// # Errors
    /// As [`Sources::load`].
    pub fn open(&self, id: FileId) -> Result<Arc<SourceFile>, ReadError> {
        let file = self.text(id)?;
        if !self.read_table().slots[id.0 as usize].used {
            self.slot(id, |slot| slot.used = true);
        }
        Ok(file)
    }

    /// As [`Sources::load`], to tell whether the file is of concern at all: it is no input for that.
    ///
    /// # Errors
    /// As [`Sources::load`].
    pub fn look(&self, path: &Path) -> Result<Arc<SourceFile>, ReadError> {
        self.text(self.id(path))
    }

    fn text(&self, id: FileId) -> Result<Arc<SourceFile>, ReadError> {
        let (path, utf16) = {
            let table = self.read_table();
            let slot = &table.slots[id.0 as usize];
            if let Some(file) = slot.text.upgrade() {
                return Ok(file);
            }
            (Arc::clone(&slot.path), slot.utf16)
        };
        let bytes = self.door.read(&path, MAX_FILE_BYTES)?;
        let text = if utf16 && is_utf16(&bytes) { decode_utf16(&bytes)? } else { decode(bytes)? };
        Ok(self.insert(id, path, text.into()))
    }

    /// The text that was loaded or added before, for a report: none where it never was, or where another text lies there now. So
    /// nothing is shown that was not read as configuration.
    #[must_use]
    pub fn loaded(&self, id: FileId) -> Option<Arc<SourceFile>> {
        let print = {
            let table = self.read_table();
            let slot = &table.slots[id.0 as usize];
            if let Some(file) = slot.text.upgrade() {
                return Some(file);
            }
            slot.print?
        };
        let file = self.text(id).ok()?;
        (Print::of(file.text()) == print).then_some(file)
    }

    /// The bytes of a file, as functions read them that take no text.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn bytes(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        let id = self.id(path);
        let bytes = self.door.read(path, MAX_FILE_BYTES)?;
        self.slot(id, |slot| slot.used = true);
        Ok(bytes)
    }

    /// The files that decided something, in the order in which they were first asked for.
    #[must_use]
    pub fn inputs(&self) -> Vec<Arc<Path>> {
        let table = self.read_table();
        table.slots.iter().filter(|slot| slot.used).map(|slot| Arc::clone(&slot.path)).collect()
    }

    fn slot(&self, id: FileId, change: impl FnOnce(&mut Slot)) {
        change(&mut self.table.write().unwrap_or_else(PoisonError::into_inner).slots[id.0 as usize]);
    }

    /// Puts text that does not come from the file system (an editor's buffer, a generated example)
    /// under a path.
    pub fn add(&self, path: &Path, text: impl Into<Arc<str>>) -> Arc<SourceFile> {
        let id = self.id(path);
        let path = self.path(id);
        self.insert(id, path, text.into())
    }

    /// Forgets the text of a file, since it has changed: who asks next reads it anew. Who holds the old text keeps it.
    pub fn forget(&self, path: &Path) {
        let id = self.id(path);
        self.slot(id, |slot| (slot.text, slot.print) = (Weak::new(), None));
    }

    fn insert(&self, id: FileId, path: Arc<Path>, text: Arc<str>) -> Arc<SourceFile> {
        let print = Print::of(&text);
        let file = Arc::new(SourceFile { id, path, text, lines: OnceLock::new() });
        self.slot(id, |slot| (slot.text, slot.print) = (Arc::downgrade(&file), Some(print)));
        file
    }

    fn read_table(&self) -> std::sync::RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let paths: Vec<PathBuf> = self.read_table().slots.iter().map(|slot| slot.path.to_path_buf()).collect();
        f.debug_struct("Sources").field("paths", &paths).finish_non_exhaustive()
    }
}

/// Whether bytes begin with a byte order mark of UTF-16.
fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&LITTLE_ENDIAN) || bytes.starts_with(&BIG_ENDIAN)
}

/// Text from the bytes of UTF-16 with a byte order mark.
fn decode_utf16(bytes: &[u8]) -> Result<String, ReadError> {
    let unit = if bytes.starts_with(&BIG_ENDIAN) { u16::from_be_bytes } else { u16::from_le_bytes };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().skip(1).map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(ReadError::Utf16),
    }
}

/// Text from bytes: UTF-8 with or without a byte order mark.
fn decode(bytes: Vec<u8>) -> Result<String, ReadError> {
    if is_utf16(&bytes) {
        return Err(ReadError::Utf16);
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(ReadError::Binary(at));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| ReadError::NotUtf8(error.utf8_error().valid_up_to()))?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    fn sources(bytes: &[u8]) -> Sources {
        Sources::new(Arc::new(Memory::new([("a.tf", bytes)])))
    }

    #[test]
    fn a_byte_order_mark_is_not_text() {
        let file = sources(b"\xef\xbb\xbfx").load(Path::new("a.tf")).unwrap();
        assert_eq!(file.text(), "x");
    }

    #[test]
    fn binary_and_broken_text_are_told_apart() {
        let refusal = |bytes: &[u8]| sources(bytes).load(Path::new("a.tf")).unwrap_err().to_string();
        assert_eq!(refusal(b"ab\0c"), "the file is binary (it holds a zero byte at offset 2)");
        assert_eq!(refusal(b"ab\xff"), "the file is not valid UTF-8 (byte 2)");
        assert_eq!(refusal(b"\xff\xfea\0"), "the file is UTF-16; save it as UTF-8");
    }

    #[test]
    fn utf16_is_taken_where_it_is_asked_for() {
        let (little, big) = (b"\xff\xfe{\0\xfc\0}\0", b"\xfe\xff\0{\0\xfc\0}");
        for bytes in [little, big] {
            let sources = sources(bytes);
            let id = sources.load_with_utf16(Path::new("a.tf")).unwrap().id();
            assert_eq!(sources.open(id).unwrap().text(), "{\u{fc}}");
        }
        for broken in [&b"\xff\xfe{"[..], b"\xff\xfe\0\xd8{\0"] {
            assert!(matches!(sources(broken).load_with_utf16(Path::new("a.tf")), Err(ReadError::Utf16)));
        }
    }

    #[test]
    fn only_what_was_loaded_is_shown_again() {
        let tree = Memory::new([("a.tf", "x"), ("never.tf", "secret")]);
        let sources = Sources::new(Arc::new(tree));
        let id = sources.load(Path::new("a.tf")).unwrap().id();
        assert_eq!(sources.loaded(id).unwrap().text(), "x");
        assert!(sources.loaded(sources.id(Path::new("never.tf"))).is_none());
        // Text that was given under the name of a file, and is gone, is not that file.
        let given = sources.add(Path::new("never.tf"), "given").id();
        assert!(sources.loaded(given).is_none());
    }

    #[test]
    fn text_is_shared_while_held_and_forgotten_after() {
        let sources = sources(b"x");
        let first = sources.load(Path::new("./a.tf")).unwrap();
        assert!(Arc::ptr_eq(&first, &sources.load(Path::new("a.tf")).unwrap()));
        let id = first.id();
        drop(first);
        assert_eq!(sources.open(id).unwrap().id(), id);
    }
}
