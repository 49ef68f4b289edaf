//! The vocabulary: what a kind of resource is in either language
