//! The frontends that there are. A new one is a line here.

use terravet_frontend::{Frontend, Inputs};

/// What opens each frontend. Where several recognise a document, the first has it.
const ALL: [fn(&Inputs) -> Box<dyn Frontend>; 2] = [terravet_cloudformation::frontend, terravet_terraform::frontend];

/// All frontends, ready to load.
pub(crate) fn open(inputs: &Inputs) -> Vec<Box<dyn Frontend>> {
    ALL.iter().map(|open| open(inputs)).collect()
}
