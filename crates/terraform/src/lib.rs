//! Terraform modules, evaluated and lowered to the resource graph

mod convert;
