//! Compression in the framing that Go's `compress/gzip` gives it when it is flushed before it is closed.
//!
//! The frame and short texts without repetitions are the same byte for byte as Terraform's. Others may be compressed to
//! other bytes, which stand for the same text.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// No name, no time, an operating system that is not told.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The last block, stored and empty.
const END: [u8; 5] = [1, 0, 0, 0xff, 0xff];
/// How much room is made at once.
const CHUNK: usize = 4096;

/// The bytes, compressed.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    let mut compress = Compress::new(Compression::default(), false);
    let mut rest = bytes;
    loop {
        out.reserve(CHUNK);
        let before = compress.total_in();
        let status = compress.compress_vec(rest, &mut out, FlushCompress::Sync);
        let taken = usize::try_from(compress.total_in() - before).unwrap_or(rest.len());
        rest = rest.get(taken..).unwrap_or_default();
        let is_full = out.len() == out.capacity();
        if !matches!(status, Ok(Status::Ok)) || (rest.is_empty() && !is_full) {
            break;
        }
    }
    out.extend(END);
    let mut check = Crc::new();
    check.update(bytes);
    out.extend(check.sum().to_le_bytes());
    out.extend(check.amount().to_le_bytes());
    out
}
