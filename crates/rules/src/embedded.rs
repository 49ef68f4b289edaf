//! The pages, kinds and standards that the binary carries.

/// One file below `rules/`.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedFile {
    /// Path below `rules/`, with forward slashes.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

static BLOB: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.blob"));

/// All embedded files, in the order of their names.
pub fn embedded() -> impl Iterator<Item = EmbeddedFile> {
    let mut rest = BLOB;
    std::iter::from_fn(move || {
        let (header, after) = rest.split_once('\n')?;
        let (length, name) = header.split_once(' ')?;
        let (text, next) = after.split_at_checked(length.parse().ok()?)?;
        rest = next;
        Some(EmbeddedFile { name, text })
    })
}
