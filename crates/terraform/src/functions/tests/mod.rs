//! Tests of the functions, family by family.
