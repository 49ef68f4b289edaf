//! IAM policy documents: what they say, and what that means.
//!
//! In: a [`Value`](terravet_graph::Value) that is a policy, in whatever way it is written: an object, JSON text in the
//! source or in a file, text with unknown parts, one of several. Out: [`Document`]s of [`Statement`]s by [`read`], and
//! answers about them: the tables of [`facts`], the ways of [`escalation`], what can be asked of [`Pattern`]s.
//!
//! Invariants: every answer is three-valued, and true only if it holds whatever the unknown parts turn out to be; a
//! [`Judgement`] that holds names the values that make it hold, each with its place in the source. Reading and
//! judging take time in proportion to the document, save for patterns that must be laid against patterns, which is
//! limited. Facts about AWS name the page that they come from.
//!
//! It does not evaluate requests, does not know what account it is deployed to, and does not check whether IAM would
//! accept a document.

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_types))]

mod account;
mod actions;
mod arn;
mod attributes;
mod complexity;
pub mod condition;
mod document;
pub mod escalation;
pub mod facts;
pub mod grant;
mod judgement;
mod listing;
mod managed;
mod pattern;
pub mod principal;
mod read;
mod trust;

pub use account::{is_account_id, is_own_account};
pub use arn::{Account, Arn, account_of, is_whole_account};
pub use attributes::{Attribute, DOCUMENT_ATTRIBUTES, STATEMENT_ATTRIBUTES};
pub use complexity::complexity;
pub use condition::Condition;
pub use document::{Document, Principal, PrincipalKind, Statement};
pub use judgement::{Judgement, MAX_WITNESSES};
pub use listing::{Listing, Values};
pub use managed::is_managed_policy;
pub use pattern::{Bound, Letters, Pattern, judge};
pub use read::{PolicyError, Reading, read};
