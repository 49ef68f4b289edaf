//! What one scan costs: CPU time and peak memory of the whole process.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use wait4::Wait4 as _;

/// A scan that takes longer than this is ended by the system. It is far above what any shape should take.
const MAX_SECONDS: u32 = 60;

/// A scan that needs more address space than this fails, in KiB.
const MAX_MEMORY: u32 = 6 << 20;

/// What a scan cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) time: Duration,
    /// Peak of resident memory, in bytes.
    pub(crate) memory: u64,
    /// The exit status; none where a signal ended the scan.
    pub(crate) status: Option<i32>,
}

/// Runs a scan in a folder and measures it.
pub(crate) fn scan(bin: &Path, folder: &Path) -> io::Result<Cost> {
    let script = format!("ulimit -c 0; ulimit -t {MAX_SECONDS}; ulimit -v {MAX_MEMORY}; exec \"$0\" \"$@\"");
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(script)
        .arg(bin)
        .args(["scan", "--format", "json"])
        .arg(".")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let used = child.wait4()?;
    Ok(Cost { time: used.rusage.utime, memory: used.rusage.maxrss, status: used.status.code() })
}

/// The cheapest of a few runs: what others do on the machine only ever adds.
pub(crate) fn least(bin: &Path, folder: &Path, runs: usize) -> io::Result<Cost> {
    let mut least = scan(bin, folder)?;
    for _ in 1..runs {
        let cost = scan(bin, folder)?;
        if cost.status == least.status {
            least.time = least.time.min(cost.time);
            least.memory = least.memory.min(cost.memory);
        }
    }
    Ok(least)
}
