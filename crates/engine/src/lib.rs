//! From paths to sorted findings: the one interface for every front
