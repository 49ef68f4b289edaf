//! What commands need before they start: threads, rules, the environment.

use std::path::PathBuf;
use std::sync::Arc;

use terravet_engine::{EngineError, Options, Session};
use terravet_report::{Places, terminal};
use terravet_source::{Disk, Sources};

use crate::arguments::Color;
use crate::exit::Failure;
use crate::output;

/// Stack of a worker: evaluation goes as deep as its limits on nesting allow.
const STACK_BYTES: usize = 16 << 20;

/// Sets up the pool of workers; none given means one for each processor.
pub(crate) fn threads(threads: Option<usize>) -> Result<(), Failure> {
    let mut pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES);
    if let Some(threads) = threads {
        pool = pool.num_threads(threads);
    }
    pool.build_global().map_err(|error| Failure::Words(format!("cannot start threads: {error}")))
}

/// A session over the disk, with the embedded rules and those of the options. What is wrong with rule pages is shown here.
pub(crate) fn session(options: Options, color: Color) -> Result<Session, Failure> {
    match Session::new(options, Arc::new(Disk)) {
        Ok(session) => Ok(session),
        Err(EngineError::BadRulePages { problems, sources }) => {
            let mut stderr = std::io::stderr().lock();
            terminal::write_problems(&mut stderr, &problems, &places(&sources), output::style_of_stderr(color))?;
            Err(Failure::Shown)
        }
        Err(error) => Err(error.into()),
    }
}

/// Places as seen from the working directory.
pub(crate) fn places(sources: &Sources) -> Places<'_> {
    Places::new(sources, std::env::current_dir().ok())
}

/// The day as `2026-01-31`, in UTC; empty where the clock stands before 1970.
pub(crate) fn today() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or_else(|_| String::new(), |since| date(since.as_secs() / 86_400))
}

/// The date of a day, counted from the first of 1970, in the Gregorian calendar.
fn date(mut days: u64) -> String {
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", days + 1)
}

/// The environment variables that concern Terraform. Those that are no text cannot be values of variables.
pub(crate) fn environment() -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("TF_"))
        .collect();
    variables.sort();
    variables
}

/// The paths that were given, or the working directory.
pub(crate) fn paths(given: Vec<PathBuf>) -> Vec<PathBuf> {
    if given.is_empty() { vec![PathBuf::from(".")] } else { given }
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_have_dates() {
        for (days, expected) in [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_454, "2026-01-01")]
        {
            assert_eq!(date(days), expected);
        }
    }
}
