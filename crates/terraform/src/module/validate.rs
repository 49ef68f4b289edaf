//! What can be said against a module before anything is evaluated.
//!
//! In: a [`Module`] with its dependencies resolved. Out: a diagnostic for every reference to what is not declared, or to
//! what has no meaning at its place, even where evaluation would never get there (Terraform refuses these as well in the
//! arm of a conditional that is not taken, and within `try`).
//!
//! It does not look into other modules; which outputs they have is seen when they are called.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/expressions/references>.

use terravet_diagnostics::Diagnostic;
use terravet_hcl::{Attribute, Block, Expr, ExprKind, Step, StepKind};
use terravet_source::Span;

use super::reference::{Reference, each_reference, each_reference_of_content, resource_address};
use super::{Condition, ConditionKind, Module, RepetitionArguments, ResourceBlock, ResourceMode, lifecycle};
use crate::builtin;

/// What an expression may refer to beyond the declarations of its module.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Surroundings<'a> {
    /// Whether `count` has a meaning.
    pub(crate) count: bool,
    /// Whether `each` has a meaning.
    pub(crate) each: bool,
    /// Whether `self` has a meaning.
    pub(crate) own_value: bool,
    /// Whether the data sources of `check` blocks can be seen.
    pub(crate) scoped: bool,
    /// The address of the resource that the expression configures and so cannot refer to.
    pub(crate) own_address: Option<&'a str>,
}

impl Surroundings<'_> {
    fn of(repetition: &RepetitionArguments) -> Self {
        Self {
            count: repetition.count.is_some(),
            each: repetition.for_each.is_some() && repetition.count.is_none(),
            ..Self::default()
        }
    }
}

/// What is wrong with the references of a module.
pub(super) fn validate(module: &Module) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let top = Surroundings::default();
    for local in module.locals.iter() {
        check_expression(module, &local.value.expr, top, &mut problems);
    }
    for output in module.outputs.iter() {
        check_expression(module, &output.value.expr, top, &mut problems);
        check_conditions(module, &output.conditions, top, &mut problems);
    }
    for variable in module.variables.iter() {
        check_conditions(module, &variable.validations, top, &mut problems);
        check_subject(&variable.name, &variable.validations, &mut problems);
    }
    for call in module.calls.iter() {
        check_repetition(module, &call.repetition, top, &mut problems);
        let inside = Surroundings::of(&call.repetition);
        for argument in call.arguments.values() {
            check_expression(module, &argument.value.expr, inside, &mut problems);
        }
        if let (Some(_), Some((source, span))) = (&call.version, &call.source)
            && crate::loader::is_local(source)
        {
            let message = "a version can only be asked of a module from a registry, and this is a local one";
            problems.push(Diagnostic::error("terraform-module-source", *span, message));
        }
        for dependency in &call.depends_on {
            check_dependency(module, dependency, &mut problems);
        }
    }
    for resource in module.resources.iter() {
        check_resource(module, resource, &mut problems);
    }
    check_conditions(module, &module.checks, Surroundings { scoped: true, ..top }, &mut problems);
    for departed in &module.departed {
        if module.resources.find(&departed.from).is_some() {
            let message = format!("{} is said to be gone, and is still declared", departed.from);
            problems.push(Diagnostic::error("terraform-still-declared", departed.span, message));
        }
    }
    for import in &module.imports {
        if !import.to.starts_with("module.") && module.resources.find(&import.to).is_none() && !module.unread {
            let message = format!("there is no resource `{}` in this module to import to", import.to);
            problems.push(Diagnostic::error("terraform-undeclared", import.span, message));
        }
        let inside = Surroundings { each: import.for_each.is_some(), ..top };
        check_expression(module, &import.id, inside, &mut problems);
        if let Some(expr) = &import.for_each {
            check_expression(module, expr, top, &mut problems);
        }
    }
    problems
}

/// Adds what is wrong with the references of an expression.
pub(crate) fn check_expression(module: &Module, expr: &Expr, around: Surroundings<'_>, problems: &mut Vec<Diagnostic>) {
    each_reference(expr, &mut |reference| problems.extend(check(module, reference, around)));
}

fn check_repetition(
    module: &Module,
    repetition: &RepetitionArguments,
    around: Surroundings<'_>,
    problems: &mut Vec<Diagnostic>,
) {
    for expr in repetition.count.iter().chain(&repetition.for_each) {
        check_expression(module, expr, around, problems);
    }
}

fn check_conditions(
    module: &Module,
    conditions: &[Condition],
    around: Surroundings<'_>,
    problems: &mut Vec<Diagnostic>,
) {
    for condition in conditions {
        let around = Surroundings { own_value: condition.kind == ConditionKind::Postcondition, ..around };
        let mut refers = false;
        each_reference(&condition.condition, &mut |reference| {
            refers = true;
            problems.extend(check(module, reference, around));
        });
        if !refers {
            let message = "this condition refers to nothing, so that it would always have the same result";
            problems.push(Diagnostic::error("terraform-constant-condition", condition.condition.span, message));
        }
        match &condition.error_message {
            Some(words) => check_expression(module, words, around, problems),
            None => problems.push(
                Diagnostic::error(
                    "terraform-missing-argument",
                    condition.condition.span,
                    "this condition has no error_message",
                )
                .with_help("add an `error_message` that says what is wrong when the condition does not hold"),
            ),
        }
    }
}

/// The validation of a variable has to look at the variable.
fn check_subject(variable: &str, validations: &[Condition], problems: &mut Vec<Diagnostic>) {
    for condition in validations {
        let mut found = false;
        each_reference(&condition.condition, &mut |reference| {
            found |= reference.root == "var" && reference.attribute(0) == Some(variable);
        });
        if !found {
            let message = format!("the validation of var.{variable} must refer to var.{variable}");
            problems.push(Diagnostic::error("terraform-constant-condition", condition.condition.span, message));
        }
    }
}

fn check_resource(module: &Module, resource: &ResourceBlock, problems: &mut Vec<Diagnostic>) {
    let own_address = Some(&*resource.address);
    check_repetition(module, &resource.repetition, Surroundings { own_address, ..Surroundings::default() }, problems);
    let inside = Surroundings { own_address, ..Surroundings::of(&resource.repetition) };
    each_reference_of_content(&resource.attributes, &resource.blocks, &mut |reference| {
        problems.extend(check(module, reference, inside));
    });
    check_conditions(module, &resource.conditions, inside, problems);
    for block in &resource.meta_blocks {
        if &*block.kind.name != "lifecycle" {
            let inside = Surroundings { own_value: true, own_address: None, ..inside };
            check_self_use(module, block, inside, problems);
        }
    }
    for attribute in &resource.meta_attributes {
        if &*attribute.name.name == "depends_on" {
            check_depends_on(module, attribute, problems);
        }
    }
    let schema = builtin::schema(resource.mode, &resource.native_type);
    lifecycle::check(module, resource, schema, problems);
    if schema.is_none() && builtin::owns(&resource.native_type) && !has_provider(resource) {
        let message = format!("Terraform has no {} of type `{}`", word_of(resource.mode), resource.native_type);
        problems.push(Diagnostic::error("terraform-unsupported-block", resource.header, message));
    }
    if let Some(schema) = schema {
        check_schema(resource, schema, problems);
    }
}

fn word_of(mode: ResourceMode) -> &'static str {
    match mode {
        ResourceMode::Managed => "resource",
        ResourceMode::Data => "data source",
        ResourceMode::Ephemeral => "ephemeral resource",
    }
}

/// Whether a resource names its provider, so that its type says nothing about it.
fn has_provider(resource: &ResourceBlock) -> bool {
    resource.meta_attributes.iter().any(|attribute| &*attribute.name.name == "provider")
}

/// Provisioners and connections can also refer to `self`, as can the blocks within them.
fn check_self_use(module: &Module, block: &Block, around: Surroundings<'_>, problems: &mut Vec<Diagnostic>) {
    each_reference_of_content(&block.body.attributes, &block.body.blocks, &mut |reference| {
        // `when = destroy` and `on_failure = continue` are keywords.
        if !(reference.steps.is_empty() && matches!(reference.root, "destroy" | "create" | "continue" | "fail")) {
            problems.extend(check(module, reference, around));
        }
    });
}

fn check_depends_on(module: &Module, attribute: &Attribute, problems: &mut Vec<Diagnostic>) {
    let ExprKind::Tuple(items) = &attribute.expr.kind else {
        let message = "depends_on takes a list of references, as [aws_s3_bucket.b]";
        problems.push(Diagnostic::error("terraform-invalid-dependency", attribute.expr.span, message));
        return;
    };
    for item in items {
        check_dependency(module, item, problems);
    }
}

/// One element of `depends_on`: a reference, which configuration for Terraform 0.11 and JSON write in quotes.
fn check_dependency(module: &Module, item: &Expr, problems: &mut Vec<Diagnostic>) {
    let parsed = match &item.kind {
        ExprKind::String { text, content } => match terravet_hcl::parse_expression_text(text, *content) {
            Ok(expr) => expr,
            Err(diagnostic) => return problems.push(*diagnostic),
        },
        _ => item.clone(),
    };
    match &parsed.kind {
        ExprKind::Traversal(_) => {
            each_reference(&parsed, &mut |reference| {
                let problem = check_declared(module, reference).or_else(|| check_whole(reference));
                problems.extend(problem);
            });
        }
        _ => problems.push(
            Diagnostic::error(
                "terraform-invalid-dependency",
                item.span,
                "this is no reference to a resource or module",
            )
            .with_help("write the address, as aws_s3_bucket.b or module.network"),
        ),
    }
}

/// What is depended on is a whole object, never an attribute of one.
fn check_whole(reference: Reference<'_>) -> Option<Diagnostic> {
    let names = match reference.root {
        // An output of a module is an object of its own.
        "module" => 2,
        "var" | "local" => 1,
        _ => reference.resource()?.3,
    };
    let mut attributes = reference.steps.iter().filter(|step| matches!(step.kind, StepKind::Attribute(_)));
    let attribute = attributes.nth(names)?;
    let problem =
        Diagnostic::error("terraform-invalid-dependency", attribute.span, "only whole objects can be depended on");
    Some(problem.with_help("remove this attribute"))
}

/// Arguments that a provider built into Terraform does not have.
fn check_schema(resource: &ResourceBlock, schema: &builtin::Schema, problems: &mut Vec<Diagnostic>) {
    for attribute in &resource.attributes {
        let name = &*attribute.name.name;
        if schema.computed.contains(&name) {
            let message = format!("`{name}` is decided by {} itself and cannot be set", resource.native_type);
            problems.push(Diagnostic::error("terraform-unsupported-argument", attribute.name.span, message));
        } else if !schema.arguments.contains(&name) {
            let message = format!("{} has no argument `{name}`", resource.native_type);
            let problem = Diagnostic::error("terraform-unsupported-argument", attribute.name.span, message);
            problems.push(problem.with_suggestion(name, schema.arguments.iter().copied()));
        }
    }
    for block in &resource.blocks {
        let message = format!("{} has no blocks of type `{}`", resource.native_type, block.kind.name);
        problems.push(Diagnostic::error("terraform-unsupported-block", block.header, message));
    }
}

fn refuse(span: Span, message: impl Into<String>) -> Option<Diagnostic> {
    Some(Diagnostic::error("terraform-invalid-reference", span, message))
}

/// What is wrong with one reference, if anything is.
fn check(module: &Module, reference: Reference<'_>, around: Surroundings<'_>) -> Option<Diagnostic> {
    let span = reference.span;
    match reference.root {
        "each" if !around.each => refuse(span, "`each` has a meaning only in blocks with for_each"),
        "count" if !around.count => refuse(span, "`count` has a meaning only in blocks with count"),
        "self" if !around.own_value => {
            refuse(span, "`self` has a meaning only in postconditions, provisioners and connections")
        }
        "each" => among(reference, &["key", "value"]),
        "count" => among(reference, &["index"]),
        "path" => among(reference, &["module", "root", "cwd"]),
        "terraform" | "tofu" => among(reference, &["workspace", "applying"]),
        "self" => None,
        _ => check_declared(module, reference).or_else(|| check_resource_reference(module, reference, around)),
    }
}

/// A name that must be followed by one of a few others.
fn among(reference: Reference<'_>, names: &[&str]) -> Option<Diagnostic> {
    match reference.attribute(0) {
        Some(name) if names.contains(&name) => None,
        _ => {
            let choices: Vec<String> = names.iter().map(|name| format!("{}.{name}", reference.root)).collect();
            refuse(reference.span, format!("`{}` is used as {}", reference.root, choices.join(", ")))
        }
    }
}

/// Whether what a reference names is declared.
pub(super) fn check_declared(module: &Module, reference: Reference<'_>) -> Option<Diagnostic> {
    let span = reference.span;
    let undeclared = |what: &str, name: &str, known: &mut dyn Iterator<Item = &str>| {
        let problem =
            Diagnostic::error("terraform-undeclared", span, format!("there is no {what} `{name}` in this module"));
        (!module.unread).then(|| problem.with_suggestion(name, known))
    };
    let needs_name =
        |what: &str| refuse(span, format!("`{}` must be followed by the name of a {what}", reference.root));
    match reference.root {
        "var" => match reference.attribute(0) {
            None => needs_name("variable"),
            Some(name) if module.variables.find(name).is_some() => None,
            Some(name) => undeclared("variable", name, &mut module.variables.names()),
        },
        "local" => match reference.attribute(0) {
            None => needs_name("local value"),
            Some(name) if module.locals.find(name).is_some() => None,
            Some(name) => undeclared("local value", name, &mut module.locals.names()),
        },
        "module" => match reference.attribute(0) {
            None => needs_name("module call"),
            Some(name) if module.calls.find(name).is_some() => None,
            Some(name) => undeclared("module call", name, &mut module.calls.names()),
        },
        "each" | "count" | "path" | "terraform" | "tofu" | "self" => None,
        root => {
            let Some((mode, native_type, name, _)) = reference.resource() else {
                let message =
                    format!("`{root}` is no value; a reference to a resource is its type, a dot and its name");
                let problem = Diagnostic::error("terraform-invalid-reference", span, message);
                return Some(match root {
                    "true" | "false" | "null" => problem,
                    _ => problem.with_help(format!("if text is meant, put it in quotes: \"{root}\"")),
                });
            };
            let address = resource_address(mode, native_type, name);
            if module.resources.find(&address).is_some() {
                return None;
            }
            undeclared(word_of(mode), &address, &mut module.resources.names())
        }
    }
}

/// Whether a reference to a declared resource can be right at its place.
fn check_resource_reference(module: &Module, reference: Reference<'_>, around: Surroundings<'_>) -> Option<Diagnostic> {
    let (mode, native_type, name, consumed) = reference.resource()?;
    let resource = module.resources.get(&resource_address(mode, native_type, name))?;
    let span = reference.span;
    if around.own_address == Some(&*resource.address) {
        return refuse(span, format!("{} cannot refer to itself", resource.address));
    }
    if resource.is_scoped && !around.scoped {
        return refuse(span, format!("{} stands in a check block and cannot be seen from elsewhere", resource.address));
    }
    let repeated = resource.repetition.decisive().is_some();
    let mut steps: &[Step] = reference.steps.get(consumed..).unwrap_or_default();
    match steps.first().map(|step| &step.kind) {
        Some(StepKind::Attribute(_)) if repeated => {
            let argument = if resource.repetition.count.is_some() { "count" } else { "for_each" };
            let message = format!("{} has {argument} set, so an instance must be chosen by its key", resource.address);
            let example = if argument == "count" { "[0]" } else { "[\"key\"]" };
            return refuse(span, message).map(|problem| {
                problem.with_help(format!("write {0}{example} for one instance, {0}[*] for all", resource.address))
            });
        }
        Some(StepKind::LegacyIndex(_)) if !repeated => return unexpected_key(resource, span),
        Some(StepKind::Index(key)) if is_literal(key) && !repeated => return unexpected_key(resource, span),
        Some(StepKind::LegacyIndex(_)) => steps = &steps[1..],
        Some(StepKind::Index(key)) if is_literal(key) => steps = &steps[1..],
        _ => {}
    }
    let schema = builtin::schema(mode, native_type)?;
    let Some(StepKind::Attribute(attribute)) = steps.first().map(|step| &step.kind) else { return None };
    let mut known = schema.arguments.iter().chain(schema.computed).copied();
    if known.any(|known| known == &**attribute) {
        let into =
            steps.get(1).is_some_and(|step| !matches!(step.kind, StepKind::AttributeSplat | StepKind::FullSplat));
        return (into && schema.texts.contains(&&**attribute))
            .then(|| refuse(span, format!("`{attribute}` of {native_type} is text, and has no parts")))
            .flatten();
    }
    let problem = Diagnostic::error(
        "terraform-unsupported-attribute",
        span,
        format!("{native_type} has no attribute `{attribute}`"),
    );
    Some(problem.with_suggestion(attribute, schema.arguments.iter().chain(schema.computed).copied()))
}

fn unexpected_key(resource: &ResourceBlock, span: Span) -> Option<Diagnostic> {
    let message =
        format!("{} has neither count nor for_each set, so it has no instances to choose from", resource.address);
    refuse(span, message).map(|problem| problem.with_help("remove the key in brackets"))
}

/// Whether the key of an instance is seen without evaluation.
fn is_literal(key: &Expr) -> bool {
    matches!(key.kind, ExprKind::Number(_) | ExprKind::String { .. })
}
