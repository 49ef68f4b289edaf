//! The work that evaluating one unit may cause: what is read, and what is made and kept.
//!
//! In: what an evaluator is about to do, in bytes. Out: leave to do it, or [`Spent`], which names the limit. Both frontends, and
//! whatever functions they call, ask the same [`Work`] before they read or allocate.
//!
//! Invariant: once a limit is reached, everything that costs more is refused, so that the answer does not depend on when
//! something is asked, only on what was asked before in the unit.

use std::cell::Cell;
use std::fmt;

use crate::{Data, Value};

/// How many bytes of values one unit may read: a second or two of the dearest functions.
pub const MAX_READ: u64 = 1 << 30;

/// How many bytes of values one unit may make.
pub const MAX_MADE: u64 = 256 << 20;

/// What an element of a collection takes beside its text, in bytes.
pub const ELEMENT: u64 = 100;

/// What it takes to look at an element, in bytes that are read.
const LOOK: u64 = 8;

/// How deep a value is gone through to know its extent.
const MAX_DEPTH: u32 = 1_000;

/// The work that one unit has caused so far.
#[derive(Debug, Default)]
pub struct Work {
    read: Cell<u64>,
    made: Cell<u64>,
    told: Cell<bool>,
}

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// [`MAX_READ`].
    Read,
    /// [`MAX_MADE`].
    Made,
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, what) = match self {
            Self::Read => (MAX_READ, "read"),
            Self::Made => (MAX_MADE, "make"),
        };
        write!(f, "the limit of {} MiB of values that one unit may {what} is reached", limit >> 20)
    }
}

impl Work {
    /// Takes so many bytes off those that may be read.
    ///
    /// # Errors
    /// Where they are more than are left.
    pub fn read(&self, bytes: u64) -> Result<(), Spent> {
        take(&self.read, bytes, MAX_READ).ok_or(Spent::Read)
    }

    /// Takes off what it takes to go through a value.
    ///
    /// # Errors
    /// Where that is more than is left.
    pub fn read_through(&self, value: &Value) -> Result<(), Spent> {
        self.read(extent(value, MAX_READ.saturating_sub(self.read.get()), MAX_DEPTH))
    }

    /// Takes so many bytes off those that may be made.
    ///
    /// # Errors
    /// Where they are more than are left.
    pub fn make(&self, bytes: u64) -> Result<(), Spent> {
        take(&self.made, bytes, MAX_MADE).ok_or(Spent::Made)
    }

    /// Whether nobody has asked this before: a limit of a unit is told once, wherever in the unit it is met.
    pub fn is_told_first(&self) -> bool {
        !self.told.replace(true)
    }

    /// Whether so many bytes can be made, before they are. They are taken off once they are there.
    ///
    /// # Errors
    /// Where they are more than are left.
    pub fn room_for(&self, bytes: u64) -> Result<(), Spent> {
        let fits = self.made.get().saturating_add(bytes) <= MAX_MADE;
        if fits { Ok(()) } else { self.make(bytes) }
    }
}

fn take(taken: &Cell<u64>, bytes: u64, most: u64) -> Option<()> {
    taken.set(taken.get().saturating_add(bytes));
    (taken.get() <= most).then_some(())
}

/// How many bytes there are to read in a value, counted no further than a little past `most`.
fn extent(value: &Value, most: u64, depth: u32) -> u64 {
    let parts: Box<dyn Iterator<Item = &Value>> = match &value.data {
        Data::String(text) => return LOOK + text.len() as u64,
        _ => match (value.as_items(), value.as_entries()) {
            (Some(items), _) => Box::new(items.iter()),
            (None, Some(entries)) => Box::new(entries.values()),
            (None, None) => return LOOK,
        },
    };
    let Some(depth) = depth.checked_sub(1) else { return most.saturating_add(1) };
    let mut total = LOOK;
    for part in parts {
        if total > most {
            break;
        }
        total = total.saturating_add(extent(part, most - total, depth));
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_and_made_is_limited() {
        let work = Work::default();
        assert_eq!(work.read(MAX_READ - 20), Ok(()));
        assert_eq!(work.read_through(&Value::string("four")), Ok(()));
        assert_eq!(work.read_through(&Value::string("four")), Err(Spent::Read));
        assert_eq!(work.room_for(MAX_MADE), Ok(()));
        assert_eq!(work.make(1), Ok(()));
        assert_eq!(work.room_for(MAX_MADE), Err(Spent::Made));
        assert_eq!(work.make(1), Err(Spent::Made));
        assert_eq!(Spent::Made.to_string(), "the limit of 256 MiB of values that one unit may make is reached");
    }

    #[test]
    fn a_value_that_stands_in_many_places_is_not_gone_through_for_ever() {
        let mut value = Value::string("x");
        for _ in 0..60 {
            value = Value::tuple([value.clone(), value]);
        }
        assert_eq!(Work::default().read_through(&value), Err(Spent::Read));
    }
}
