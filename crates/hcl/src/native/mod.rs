//! Native syntax: `resource "aws_s3_bucket" "b" { bucket = "x" }`.
//!
//! In: a text with its place in a file. Out: the tree, and diagnostics. The parser is written by hand after the
//! specification (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>), since a tool that reasons about
//! what Terraform will do must accept what Terraform accepts, and go on after what it does not.
//!
//! Modules: [`lexer`] makes tokens, [`parser`] holds the state and the errors, [`body`], [`expression`] and
//! [`template`] are the grammar, [`literal`] and [`indentation`] the fine print of strings and heredocs, and [`scanner`]
//! finds comments and the next block after an error without parsing.

mod body;
mod expression;
mod indentation;
mod lexer;
mod literal;
mod parser;
mod scanner;
mod template;

pub(crate) use parser::Parser;
pub(crate) use scanner::comments;
