//! The rule language: CEL over kinds, three-valued, with blame
