//! The arguments and blocks that Terraform's own blocks have.
//!
//! In: a block at the top of a file. Out: a diagnostic for everything in it that has no meaning there. Resources, data sources
//! and providers are not looked into, since what they take is for a provider to say; nor are the arguments of
//! module calls, which the called module says.

use terravet_diagnostics::Diagnostic;
use terravet_hcl::{Attribute, Block, Body};

/// What a block can hold.
struct Content {
    arguments: &'static [&'static str],
    blocks: &'static [(&'static str, Inner)],
}

/// What a nested block can hold.
#[derive(Clone, Copy)]
enum Inner {
    /// A condition with its words.
    Condition,
    /// Whatever something else decides.
    Anything,
}

const CONDITION: [&str; 2] = ["condition", "error_message"];

const VARIABLE: Content = Content {
    arguments: &["type", "default", "description", "sensitive", "nullable", "ephemeral", "deprecated", "const"],
    blocks: &[("validation", Inner::Condition)],
};
const OUTPUT: Content = Content {
    arguments: &["value", "description", "sensitive", "depends_on", "ephemeral", "deprecated", "type"],
    blocks: &[("precondition", Inner::Condition)],
};
const CHECK: Content = Content { arguments: &[], blocks: &[("assert", Inner::Condition), ("data", Inner::Anything)] };
const TERRAFORM: Content = Content {
    arguments: &["required_version", "experiments", "language"],
    blocks: &[
        ("required_providers", Inner::Anything),
        ("backend", Inner::Anything),
        ("cloud", Inner::Anything),
        ("provider_meta", Inner::Anything),
        ("encryption", Inner::Anything),
    ],
};
const MOVED: Content = Content { arguments: &["from", "to"], blocks: &[] };
const REMOVED: Content = Content {
    arguments: &["from"],
    blocks: &[("lifecycle", Inner::Anything), ("provisioner", Inner::Anything), ("connection", Inner::Anything)],
};
const IMPORT: Content = Content { arguments: &["to", "id", "identity", "for_each", "provider"], blocks: &[] };

/// Adds what has no meaning in a block at the top of a file.
pub(super) fn check(block: &Block, problems: &mut Vec<Diagnostic>) {
    let kind = &*block.kind.name;
    let content = match kind {
        "variable" => &VARIABLE,
        "output" => &OUTPUT,
        "check" => &CHECK,
        "terraform" => &TERRAFORM,
        "moved" => &MOVED,
        "removed" => &REMOVED,
        "import" => &IMPORT,
        "locals" | "module" => {
            for inner in &block.body.blocks {
                problems.push(unsupported_block(kind, inner));
            }
            return;
        }
        _ => return,
    };
    check_arguments(kind, &block.body, content.arguments, problems);
    for inner in &block.body.blocks {
        match content.blocks.iter().find(|(known, _)| *known == &*inner.kind.name) {
            None => problems.push(unsupported_block(kind, inner)),
            Some((name, Inner::Condition)) => check_arguments(name, &inner.body, &CONDITION, problems),
            Some((_, Inner::Anything)) => {}
        }
    }
}

fn check_arguments(kind: &str, body: &Body, known: &[&str], problems: &mut Vec<Diagnostic>) {
    let unknown = body.attributes.iter().filter(|attribute| !known.contains(&&*attribute.name.name));
    problems.extend(unknown.map(|attribute| unsupported_argument(kind, attribute, known)));
}

fn unsupported_argument(kind: &str, attribute: &Attribute, known: &[&str]) -> Diagnostic {
    let name = &*attribute.name.name;
    let message = format!("a `{kind}` block has no argument `{name}`");
    Diagnostic::error("terraform-unsupported-argument", attribute.name.span, message)
        .with_suggestion(name, known.iter().copied())
}

fn unsupported_block(kind: &str, inner: &Block) -> Diagnostic {
    let message = format!("a `{kind}` block has no blocks of type `{}`", inner.kind.name);
    Diagnostic::error("terraform-unsupported-block", inner.header, message)
}
