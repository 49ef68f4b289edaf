//! The table of costs: one line for each shape, with the exponent of its growth.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::measure::{self, Cost};
use crate::shapes::Shape;

/// The largest exponent that still counts as linear: caches and allocators make larger inputs a little dearer.
const MAX_EXPONENT: f64 = 1.2;

/// Costs below these say more about the process than about the input.
const LEAST_SECONDS: f64 = 0.02;
const LEAST_MEMORY: f64 = 4.0;

/// Measures each shape in three sizes and prints a table in Markdown. Whether all of them are linear.
pub(crate) fn print(bin: &Path, shapes: &[Shape], runs: usize, out: &mut impl Write) -> io::Result<bool> {
    let bin = fs::canonicalize(bin)?;
    let empty = tempfile::tempdir()?;
    fs::write(empty.path().join("main.tf"), "locals {}\n")?;
    let base = measure::least(&bin, empty.path(), runs.max(3))?;
    writeln!(out, "| shape | 1x is | size of 4x | 1x | 2x | 4x | time grows as | memory grows as |")?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    let mut all_linear = true;
    for shape in shapes {
        let mut costs = Vec::new();
        let mut bytes = 0;
        for factor in [1, 2, 4] {
            let folder = tempfile::tempdir()?;
            (shape.write)(folder.path(), shape.size * factor)?;
            bytes = bytes_below(folder.path())?;
            costs.push(measure::least(&bin, folder.path(), runs)?);
        }
        let time = exponent(&costs, |cost| (cost.time.as_secs_f64() - base.time.as_secs_f64()).max(LEAST_SECONDS));
        let memory = exponent(&costs, |cost| megabytes(cost.memory.saturating_sub(base.memory)).max(LEAST_MEMORY));
        let ended = costs.iter().any(|cost| !matches!(cost.status, Some(0 | 1 | 3)));
        let is_linear = !ended && time <= MAX_EXPONENT && memory <= MAX_EXPONENT;
        all_linear &= is_linear;
        let cells: Vec<String> = costs.iter().map(cell).collect();
        writeln!(
            out,
            "| {} | {} {} | {:.1} MB | {} | n^{time:.2} | n^{memory:.2}{} |",
            shape.name,
            shape.size,
            shape.unit,
            megabytes(bytes),
            cells.join(" | "),
            if is_linear { "" } else { " (!)" },
        )?;
        out.flush()?;
    }
    Ok(all_linear)
}

/// The exponent of the growth from the first to the last of three sizes, each twice the one before.
fn exponent(costs: &[Cost], of: impl Fn(&Cost) -> f64) -> f64 {
    match (costs.first(), costs.last()) {
        (Some(first), Some(last)) => (of(last) / of(first)).log2() / 2.0,
        _ => 0.0,
    }
}

fn cell(cost: &Cost) -> String {
    let ended = match cost.status {
        Some(0 | 1 | 3) => "",
        Some(_) => ", failed",
        None => ", killed",
    };
    format!("{:.2} s, {:.0} MB{ended}", cost.time.as_secs_f64(), megabytes(cost.memory))
}

#[allow(clippy::cast_precision_loss, reason = "a size to be shown with three digits")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn bytes_below(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                bytes += metadata.len();
            }
        }
    }
    Ok(bytes)
}
