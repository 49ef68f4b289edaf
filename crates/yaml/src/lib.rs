//! YAML and JSON with spans on keys and values
