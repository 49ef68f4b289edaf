//! What the expressions of a plan's configuration refer to.
//!
//! A plan lists the references of every argument as texts, `["aws_kms_key.k.arn", "aws_kms_key.k"]`, by module and
//! resource. Indexes and keys of instances are not among them where they are computed.

use std::sync::Arc;

use terravet_graph::{Mode, Reference};
use terravet_yaml::Node;

use super::{items, property, text};

/// The section on the configuration.
pub(super) struct References<'p> {
    root: Option<&'p Node>,
}

impl<'p> References<'p> {
    /// The section of a plan, if it has one.
    pub(super) fn new(plan: &'p Node) -> Self {
        Self { root: property(plan, "configuration").and_then(|section| property(section, "root_module")) }
    }

    /// The expressions of a resource in the module of this address.
    pub(super) fn of(&self, module: &str, native_type: &str, name: &str, mode: Mode) -> Option<&'p Node> {
        let mut at = self.root?;
        for call in call_names(module) {
            at = property(property(property(at, "module_calls")?, &call)?, "module")?;
        }
        let wanted = if mode == Mode::Data { "data" } else { "managed" };
        let found = items(at, "resources").iter().find(|resource| {
            text(resource, "type") == Some(native_type)
                && text(resource, "name") == Some(name)
                && text(resource, "mode") == Some(wanted)
        });
        property(found?, "expressions")
    }
}

/// The names of the calls in the address of a module: `a`, `b` of `module.a["x.y"].module.b[0]`.
fn call_names(address: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = address;
    while let Some(after) = rest.strip_prefix("module.") {
        let end = after.find(['.', '[']).unwrap_or(after.len());
        names.push(after[..end].to_owned());
        rest = after_key(&after[end..]).trim_start_matches('.');
    }
    names
}

/// What follows the key in brackets, if there is one. Keys in quotes can hold anything.
fn after_key(text: &str) -> &str {
    if !text.starts_with('[') {
        return text;
    }
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// The attribute of a resource that an expression refers to, where it is one: the first and most exact in its list.
pub(super) fn referred(expression: &Node, module: &str) -> Option<Reference> {
    items(expression, "references").iter().filter_map(Node::as_str).find_map(|reference| {
        let mut parts = reference.split('.');
        let first = parts.next()?;
        let in_type = match first {
            "var" | "local" | "module" | "each" | "count" | "path" | "terraform" | "self" => return None,
            "data" => 3,
            _ => 2,
        };
        let parts: Vec<&str> = reference.split('.').collect();
        if parts.len() < in_type {
            return None;
        }
        let own = parts[..in_type].join(".");
        let resource = if module.is_empty() { own } else { format!("{module}.{own}") };
        Some(Reference { resource: resource.into(), attribute: Arc::from(parts[in_type..].join(".")) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_modules_may_hold_dots_and_brackets() {
        assert_eq!(call_names(r#"module.a["x.]\"y"].module.b[0].module.c"#), ["a", "b", "c"]);
        assert!(call_names("").is_empty());
    }
}
