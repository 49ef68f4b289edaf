//! HCL and Terraform JSON syntax with spans on everything
