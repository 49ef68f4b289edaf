//! What may stand in `Policies`: names and ARNs of managed policies, statements, and SAM's policy templates.
//!
//! Source:
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html>.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use terravet_source::{Memory, SourceFile, Sources};
use terravet_yaml::{Node, parse_yaml};

use crate::made::Source;
use crate::tree::{At, Tree};
use crate::{Outcome, Refusal, Transform};

/// A file that is part of the program; none of its spans is shown.
pub(crate) fn embedded(name: &str, text: &'static str) -> (Arc<SourceFile>, Option<Node>) {
    let file = Sources::new(Arc::new(Memory::default())).add(Path::new(name), text);
    let root = parse_yaml(&file).documents.into_iter().next();
    (file, root)
}

/// The policy templates, by name.
static TEMPLATES: LazyLock<Option<Node>> =
    LazyLock::new(|| embedded("policy_templates.yaml", include_str!("data/policy_templates.yaml")).1);

/// The managed policies of AWS, as paths below `arn:aws:iam::aws:policy/`
/// (<https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>). Sorted.
static MANAGED: &str = include_str!("data/managed_policies.txt");

/// A policy that a role gets.
#[derive(Clone, Debug)]
pub(crate) enum Policy {
    /// A managed policy, by its ARN.
    Managed(Tree),
    /// A policy of its own: a document, or `Fn::If` of documents.
    Document(Tree),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Managed,
    Document,
    Template,
    Unknown,
}

impl Transform<'_> {
    /// The policies that a property lists.
    pub(crate) fn policies(&self, source: &Source, value: Option<&Tree>) -> Outcome<Vec<Policy>> {
        let Some(value) = value.filter(|value| value.is_truthy()) else { return Ok(Vec::new()) };
        let read = |(index, policy): (usize, &Tree)| match sort_of(policy)? {
            Sort::Managed => Ok(Policy::Managed(self.each_branch(policy, |name| Ok(self.managed_arn(name)))?)),
            Sort::Document => Ok(Policy::Document(policy.clone())),
            Sort::Template => Ok(Policy::Document(self.each_branch(policy, expand)?)),
            Sort::Unknown => {
                let message = format!("the policy at index {index} of {} is none that SAM knows", source.id);
                let help = "write the name or ARN of a managed policy, a statement, or a policy template";
                Err(Refusal::new(policy.span, message).with_help(help))
            }
        };
        value.as_list().iter().enumerate().map(read).collect()
    }

    /// Works on a policy, or on the branches of `Fn::If` that are there.
    fn each_branch(&self, policy: &Tree, work: impl Fn(&Tree) -> Outcome<Tree>) -> Outcome<Tree> {
        let Some([condition, yes, no]) = policy.as_if() else { return work(policy) };
        let branch = |tree: &Tree| if tree.is_no_value() { Ok(tree.clone()) } else { work(tree) };
        let at = At(policy.span);
        Ok(at.map([("Fn::If", at.list([condition.clone(), branch(yes)?, branch(no)?]))]))
    }

    /// The ARN of a managed policy that may be given by its name.
    pub(crate) fn managed_arn(&self, name: &Tree) -> Tree {
        let known = name.as_str().and_then(|name| MANAGED.lines().find(|path| path.rsplit('/').next() == Some(name)));
        match known {
            Some(path) => self.aws_managed(At(name.span), path),
            None => name.clone(),
        }
    }

    /// The ARN of a managed policy of AWS, by its path.
    pub(crate) fn aws_managed(&self, at: At, path: &str) -> Tree {
        self.arn(at, &format!("iam::aws:policy/{path}"))
    }
}

fn sort_of(policy: &Tree) -> Outcome<Sort> {
    if policy.as_str().is_some() {
        return Ok(Sort::Managed);
    }
    if let Some(("Fn::If", argument)) = policy.function() {
        let Some([_, yes, no]) = argument.items() else {
            return Err(Refusal::new(argument.span, "Fn::If takes a list of a condition and two values"));
        };
        let (first, second) = (sort_of(yes)?, sort_of(no)?);
        return match (yes.is_no_value(), no.is_no_value()) {
            _ if first == second => Ok(first),
            (true, _) => Ok(second),
            (_, true) => Ok(first),
            _ => Err(Refusal::new(policy.span, "the branches of Fn::If are policies of different sorts")
                .with_help("write an Fn::If for each sort")),
        };
    }
    if policy.is_intrinsic() {
        return Ok(Sort::Managed);
    }
    if policy.has("Statement") {
        return Ok(Sort::Document);
    }
    match policy.fields() {
        [only] if TEMPLATES.as_ref().is_some_and(|all| all.get(&only.key).is_some()) => Ok(Sort::Template),
        _ => Ok(Sort::Unknown),
    }
}

/// The document that a policy template makes.
fn expand(policy: &Tree) -> Outcome<Tree> {
    let at = At(policy.span);
    let [call] = policy.fields() else { return Ok(policy.clone()) };
    let template = TEMPLATES.as_ref().and_then(|all| all.get(&call.key));
    let names =
        template.and_then(|template| template.get("parameters")).and_then(Node::as_sequence).unwrap_or_default();
    if !call.value.is_map() {
        return Err(Refusal::new(call.value.span, format!("the parameters of {} must be a map", call.key)));
    }
    for name in names.iter().filter_map(Node::as_str) {
        if call.value.get(name).is_none() {
            let message = format!("the policy template {} needs the parameter {name}", call.key);
            return Err(Refusal::new(call.value.span, message));
        }
    }
    let statements = template.and_then(|template| template.get("statements")).and_then(Node::as_sequence);
    let statements: Vec<Tree> =
        statements.unwrap_or_default().iter().map(|statement| expand_statement(statement, &call.value, at)).collect();
    Ok(at.map([("Statement", at.list(statements))]))
}

fn expand_statement(statement: &Node, parameters: &Tree, at: At) -> Tree {
    let texts = |key: &str| statement.get(key).and_then(Node::as_sequence).unwrap_or_default();
    let actions = match statement.get("actions").and_then(Node::as_str) {
        Some(only) => at.text(only),
        None => at.list(texts("actions").iter().filter_map(Node::as_str).map(|action| at.text(action))),
    };
    let resource = match statement.get("resource").and_then(Node::as_str) {
        Some(only) => filled(only, parameters, at),
        None => {
            let all = texts("resources").iter().filter_map(Node::as_str).map(|text| filled(text, parameters, at));
            at.list(all.collect::<Vec<_>>())
        }
    };
    let mut made = at.map([("Action", actions), ("Effect", at.text("Allow")), ("Resource", resource)]);
    if let Some(condition) = statement.get("condition").and_then(Node::as_mapping) {
        let mut operators = at.empty();
        for operator in condition {
            let mut keys = at.empty();
            for entry in operator.value.as_mapping().unwrap_or_default() {
                let text = entry.value.as_str().unwrap_or_default();
                keys.set(entry.key.as_str().unwrap_or_default(), filled(text, parameters, at));
            }
            operators.set(operator.key.as_str().unwrap_or_default(), keys);
        }
        made.set("Condition", operators);
    }
    made
}

/// Text with the parameters of the template in it.
fn filled(text: &str, parameters: &Tree, at: At) -> Tree {
    if !text.contains("${") {
        return at.text(text);
    }
    let used = parameters.fields().iter().filter(|field| text.contains(&format!("${{{}}}", field.key)));
    let variables: Vec<(&str, Tree)> = used.map(|field| (&*field.key, field.value.clone())).collect();
    if variables.is_empty() { at.sub(text) } else { at.sub_with(text, variables) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_has_statements_that_use_its_parameters() {
        let all = TEMPLATES.as_ref().and_then(|all| all.as_mapping()).unwrap();
        assert!(all.len() > 80);
        for template in all {
            let name = template.key.as_str().unwrap();
            let statements = template.value.get("statements").and_then(Node::as_sequence).unwrap();
            assert!(!statements.is_empty(), "{name}");
            for parameter in template.value.get("parameters").and_then(Node::as_sequence).unwrap_or_default() {
                let variable = format!("${{{}}}", parameter.as_str().unwrap());
                assert!(format!("{statements:?}").contains(&variable), "{name} does not use {variable}");
            }
        }
    }

    #[test]
    fn managed_policies_are_sorted_paths() {
        let lines: Vec<&str> = MANAGED.lines().collect();
        assert!(lines.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(lines.contains(&"service-role/AWSLambdaBasicExecutionRole"));
    }
}
