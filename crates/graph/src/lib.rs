//! The resource graph: resources, values with state and origin, references
