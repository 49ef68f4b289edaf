//! Packs the rule pages, kinds, standards and outlines of modules below `rules/` into one blob, so that the binary carries them.
//!
//! Nothing is checked here: that is the tests' part, with errors that show the place.

use std::io::Write as _;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or(std::io::ErrorKind::NotFound)?);
    let mut blob = std::io::BufWriter::new(std::fs::File::create(out.join("rules.blob"))?);
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&file)?;
        // A header line per file: length of the text, then the name.
        writeln!(blob, "{} {name}", text.len())?;
        blob.write_all(text.as_bytes())?;
    }
    blob.flush()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            collect(&path, files)?;
        } else if matches!(extension, Some("md" | "yaml" | "toml" | "tf")) {
            files.push(path);
        }
    }
    Ok(())
}
