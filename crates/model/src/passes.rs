//! What is found out once about a whole graph: a typed cache.
//!
//! In: the type of a [`Pass`]. Out: its value for a model, computed when first asked for and shared by all threads. A pass that
//! needs itself while it is computed never ends; passes ask only for passes that do not ask for them.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::model::Model;

/// Something that is found out once about a whole graph.
pub trait Pass: Any + Send + Sync + Sized {
    /// Finds it out.
    fn compute(model: &Model<'_>) -> Self;
}

type Cell = Arc<OnceLock<Arc<dyn Any + Send + Sync>>>;

/// The passes that have run over a model.
#[derive(Default)]
pub(crate) struct Passes(Mutex<BTreeMap<TypeId, Cell>>);

impl fmt::Debug for Passes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passes")
    }
}

impl Model<'_> {
    /// What a pass found out about this model.
    pub fn pass<P: Pass>(&self) -> Arc<P> {
        let cell = {
            let mut cells = self.passes.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(TypeId::of::<P>()).or_default())
        };
        let found = Arc::clone(cell.get_or_init(|| Arc::new(P::compute(self))));
        // A cell holds what was computed for its own type.
        found.downcast().unwrap_or_else(|_| Arc::new(P::compute(self)))
    }
}
