//! Modules that have been read.
//!
//! Each is read once while anyone holds it. Those that several folders call stay for as long as the loader.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::module::Module;

/// The modules by their folder.
#[derive(Debug, Default)]
pub(super) struct Cache {
    slots: Mutex<BTreeMap<PathBuf, Arc<Mutex<Slot>>>>,
    shared: Mutex<BTreeSet<PathBuf>>,
}

/// The place of one module. Whoever reads it holds the lock, and others wait.
#[derive(Debug, Default)]
struct Slot {
    held: Weak<Module>,
    kept: Option<Arc<Module>>,
}

impl Cache {
    /// Says which folders are called more than once, so that it pays to keep them.
    pub(super) fn share(&self, folders: BTreeSet<PathBuf>) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).extend(folders);
    }

    /// Forgets the module in a folder.
    pub(super) fn forget(&self, folder: &Path) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).remove(folder);
    }

    /// The module in a folder, read with `read` if nobody has it.
    pub(super) fn get(&self, folder: &Path, read: impl FnOnce() -> Module) -> Arc<Module> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            match slots.get(folder) {
                Some(slot) => Arc::clone(slot),
                None => Arc::clone(slots.entry(folder.to_path_buf()).or_default()),
            }
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = slot.held.upgrade() {
            return module;
        }
        let module = Arc::new(read());
        slot.held = Arc::downgrade(&module);
        if self.shared.lock().unwrap_or_else(PoisonError::into_inner).contains(folder) {
            slot.kept = Some(Arc::clone(&module));
        }
        module
    }
}
