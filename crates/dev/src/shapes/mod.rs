//! Inputs of many shapes, each of any size.
//!
//! A shape grows in one way only, so that what is not linear in that way shows. The sizes are such that a scan of the smallest
//! takes longer than the start of the process.

mod cloudformation;
mod plan;
mod terraform;
mod text;
mod tree;

use std::fs;
use std::io;
use std::path::Path;

/// A kind of input.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// How many units the smallest input has.
    pub(crate) size: usize,
    /// What a unit is, in the plural.
    pub(crate) unit: &'static str,
    /// Writes an input of so many units into an empty folder.
    pub(crate) write: fn(&Path, usize) -> io::Result<()>,
}

impl Shape {
    fn new(name: &'static str, size: usize, unit: &'static str, write: fn(&Path, usize) -> io::Result<()>) -> Self {
        Self { name, size, unit, write }
    }
}

/// Every shape.
pub(crate) fn all() -> Vec<Shape> {
    [terraform::shapes(), cloudformation::shapes(), plan::shapes(), text::shapes(), tree::shapes()]
        .into_iter()
        .flatten()
        .collect()
}

/// Writes each shape's largest input into a folder of its own.
pub(crate) fn write(shapes: &[Shape], folder: &Path) -> io::Result<()> {
    for shape in shapes {
        let own = folder.join(shape.name.replace([' ', ','], "-"));
        fs::create_dir_all(&own)?;
        (shape.write)(&own, shape.size * 4)?;
    }
    Ok(())
}

/// A text made of one part for each number below `count`.
fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// The parts with a separator between them.
fn joined(count: usize, separator: &str, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(separator)
}

fn put(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> io::Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}
