//! Compression as Go's `compress/gzip` does it.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

/// The bytes, compressed.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().operating_system(255).write(Vec::new(), Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.flush()).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}
