//! How far a scan is, on standard error, for a person who waits.
//!
//! Nothing is written in the first second, nor where standard error is no terminal. What was written is wiped at the end.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use terravet_engine::Progress;

/// How long a scan may take before anything is said.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line changes.
const PACE: Duration = Duration::from_millis(100);

/// A line that counts.
pub(crate) struct Line {
    shown: bool,
    started: Instant,
    total: AtomicUsize,
    done: AtomicUsize,
    /// When the line was last written; none where it was not.
    written: Mutex<Option<Instant>>,
}

impl Line {
    /// A line that is shown where standard error is a terminal.
    pub(crate) fn new() -> Self {
        Self {
            shown: io::stderr().is_terminal(),
            started: Instant::now(),
            total: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            written: Mutex::new(None),
        }
    }

    /// Wipes the line.
    pub(crate) fn finish(self) {
        if self.written.into_inner().ok().flatten().is_some() {
            let _ = write!(io::stderr().lock(), "\r\u{1b}[2K");
        }
    }
}

impl Progress for Line {
    fn units(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    fn unit_done(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.shown || self.started.elapsed() < PATIENCE {
            return;
        }
        // Whoever finds the line taken has nothing to add that the next unit would not say as well.
        let Ok(mut written) = self.written.try_lock() else { return };
        if written.is_some_and(|at| at.elapsed() < PACE) {
            return;
        }
        *written = Some(Instant::now());
        let total = self.total.load(Ordering::Relaxed);
        let _ = write!(io::stderr().lock(), "\r\u{1b}[2Kjudged {done} of {total} modules and templates");
    }
}
