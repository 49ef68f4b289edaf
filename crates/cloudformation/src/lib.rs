//! CloudFormation templates, evaluated and lowered to the resource graph.
//!
//! In: a template in YAML or JSON, and values for its parameters. Out: a [`terravet_graph::Graph`] with every
//! resource, output and condition, evaluated as CloudFormation does it
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>).
//!
//! The way: a template is recognised by its content ([`recognise`]), parsed, brought into one form (short tags become long
//! ones, merge keys are merged), snippets are included, `Fn::ForEach` is expanded, its shape and names are checked, parameters and
//! conditions are settled as far as they can be, and the rest is evaluated under them.
//!
//! Invariants: what cannot be known before deployment is unknown and says why; conditions on one parameter stay
//! correlated; every value has the place where it was written and the way it took; an error never stops the rest; nesting
//! and expansion are limited, and hitting a limit is a diagnostic that names it.
//!
//! It reads no network, knows no resource type's schema, and runs no macros.

mod annotations;
mod check;
mod cidr;
mod conditions;
mod console;
mod cycles;
mod declarations;
mod definitions;
mod dynamic;
mod evaluate;
mod for_each;
mod formula;
mod frontend;
mod given;
mod include;
mod loader;
mod local;
mod lower;
mod names;
mod nested;
mod normalise;
mod notation;
mod numbers;
mod parameters;
mod recognise;
mod rules;
mod sections;
mod stack;
mod substitution;
mod template;

pub use console::{Console, Evaluated};
pub use frontend::frontend;
pub use loader::{Loader, Options};
pub use recognise::recognise;
pub use terravet_frontend::Loaded;
