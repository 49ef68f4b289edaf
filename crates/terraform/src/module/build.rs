//! From blocks to declarations.
//!
//! In: the parsed files of a folder. Out: a [`Module`] with its dependencies resolved, checked by
//! [`super::validate`]. What is declared wrongly is reported and left out, or taken as far as it goes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Type, Value};
use terravet_hcl::{Attribute, Block, Body, Expr, ExprKind, StepKind};
use terravet_source::Span;

use super::arguments;
use super::constraint::{self, Constraint};
use super::ephemeral;
use super::overrides::{Merged, merge};
use super::reference::{dependency_targets, each_reference, each_reference_of_content, first_call, resolve_targets};
use super::requirements;
use super::validate::validate;
use super::{
    Argument, Call, Condition, ConditionKind, Departed, Dependent, Import, Local, Module, Named, Output, ParsedFolder,
    ProviderBlock, RepetitionArguments, ResourceBlock, ResourceMode, Table, Variable, is_identifier, reference,
};
use crate::unit::evaluate_constant;
use terravet_terraform_functions::convert::convert;

/// The kinds of block at the top of a file, with the names of their labels.
const BLOCKS: [(&str, &[&str]); 14] = [
    ("resource", &["type", "name"]),
    ("data", &["type", "name"]),
    ("ephemeral", &["type", "name"]),
    ("variable", &["name"]),
    ("output", &["name"]),
    ("module", &["name"]),
    ("provider", &["name"]),
    ("check", &["name"]),
    ("locals", &[]),
    ("terraform", &[]),
    ("moved", &[]),
    ("removed", &[]),
    ("import", &[]),
    ("encryption", &[]),
];

/// Names that a module's variable cannot have, since they mean something in the `module` block.
const RESERVED_VARIABLES: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

/// The module that these files declare.
pub(crate) fn build(folder: PathBuf, parsed: ParsedFolder) -> Module {
    let mut builder = Builder { diagnostics: parsed.diagnostics, ..Builder::default() };
    for body in parsed.primary.iter().chain(&parsed.overrides) {
        builder.check_top_level(body);
    }
    for merged in merge(parsed.primary, parsed.overrides, &mut builder.diagnostics) {
        builder.declare(merged);
    }
    let mut module = Module {
        folder,
        files: parsed.files,
        unread: parsed.unread,
        variables: builder.table(|builder| std::mem::take(&mut builder.variables), |variable| variable.header),
        locals: builder.table(|builder| std::mem::take(&mut builder.locals), |local| local.span),
        outputs: builder.table(|builder| std::mem::take(&mut builder.outputs), |output| output.header),
        resources: builder.table(|builder| std::mem::take(&mut builder.resources), |resource| resource.header),
        calls: builder.table(|builder| std::mem::take(&mut builder.calls), |call| call.header),
        providers: builder.providers,
        checks: builder.checks,
        departed: builder.departed,
        ephemeral_locals: BTreeSet::new(),
        imports: builder.imports,
        requirements: builder.requirements,
        diagnostics: builder.diagnostics,
    };
    resolve(&mut module);
    if ephemeral::any(&module) {
        module.ephemeral_locals = ephemeral::locals(&module);
        let mut problems = Vec::new();
        ephemeral::check(&module, &mut problems);
        module.diagnostics.append(&mut problems);
    }
    let problems = validate(&module);
    module.diagnostics.extend(problems);
    module
}

#[derive(Default)]
struct Builder {
    variables: Vec<Variable>,
    locals: Vec<Local>,
    outputs: Vec<Output>,
    resources: Vec<ResourceBlock>,
    calls: Vec<Call>,
    providers: Vec<ProviderBlock>,
    checks: Vec<Condition>,
    imports: Vec<Import>,
    departed: Vec<Departed>,
    requirements: requirements::Requirements,
    diagnostics: Vec<Diagnostic>,
}

impl Builder {
    fn error(&mut self, id: &str, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(id, span, message));
    }

    /// The declarations of one sort, without those whose name has been declared before.
    fn table<T: Named>(&mut self, take: impl Fn(&mut Self) -> Vec<T>, place: impl Fn(&T) -> Span) -> Table<T> {
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        let mut kept = Vec::new();
        for item in take(self) {
            if let Some(first) = seen.get(item.name()) {
                let message = format!("`{}` is declared twice", item.name());
                let diagnostic = Diagnostic::error("terraform-duplicate", place(&item), message);
                self.diagnostics.push(diagnostic.with_related(*first, "declared here first"));
            } else {
                seen.insert(item.name().to_owned(), place(&item));
                kept.push(item);
            }
        }
        Table::new(kept)
    }

    /// Attributes at the top of a file, and blocks of a kind that does not exist.
    fn check_top_level(&mut self, body: &Body) {
        for attribute in &body.attributes {
            let message = format!("`{}` is no argument of a Terraform file", attribute.name.name);
            self.error("terraform-unsupported-argument", attribute.name.span, message);
        }
        for block in &body.blocks {
            let kind = &*block.kind.name;
            let Some((_, labels)) = BLOCKS.iter().find(|(known, _)| *known == kind) else {
                let message = format!("blocks of type `{kind}` are not expected here");
                let diagnostic = Diagnostic::error("terraform-unsupported-block", block.kind.span, message);
                self.diagnostics.push(diagnostic.with_suggestion(kind, BLOCKS.iter().map(|(known, _)| *known)));
                continue;
            };
            if block.labels.len() != labels.len() {
                let wanted = match labels {
                    [] => "has no labels".to_owned(),
                    [one] => format!("has one label, its {one}"),
                    more => format!("has {} labels, its {}", more.len(), more.join(" and ")),
                };
                self.error("terraform-invalid-labels", block.header, format!("a `{kind}` block {wanted}"));
            } else if let Some(name) = block.labels.last()
                && !matches!(kind, "provider")
                && !is_identifier(&name.text)
            {
                let message = format!("`{}` cannot be a name", name.text.escape_debug());
                let diagnostic = Diagnostic::error("terraform-invalid-name", name.span, message);
                self.diagnostics.push(diagnostic.with_help(
                    "a name starts with a letter or underscore and has only letters, digits, underscores and dashes",
                ));
            }
        }
    }

    fn declare(&mut self, merged: Merged) {
        let Merged { block, overridden } = merged;
        let labels = match BLOCKS.iter().find(|(known, _)| *known == &*block.kind.name) {
            Some((_, labels)) if labels.len() == block.labels.len() => block.labels.len(),
            _ => return,
        };
        if labels > 0 && block.labels.last().is_some_and(|name| !is_identifier(&name.text)) {
            return;
        }
        arguments::check(&block, &mut self.diagnostics);
        match &*block.kind.name {
            "resource" => self.resource(ResourceMode::Managed, block, overridden),
            "data" => self.resource(ResourceMode::Data, block, overridden),
            "ephemeral" => self.resource(ResourceMode::Ephemeral, block, overridden),
            "variable" => self.variable(block),
            "output" => self.output(block),
            "module" => self.call(block, overridden),
            "provider" => {
                requirements::read(&block, &mut self.requirements);
                self.providers.push(ProviderBlock {
                    name: Arc::clone(&block.labels[0].text),
                    body: block.body,
                    span: block.span,
                });
            }
            "locals" => self.locals_of(block),
            "check" => self.check(block),
            "import" => self.import(block),
            "removed" | "moved" => self.departed(&block),
            "terraform" => requirements::read(&block, &mut self.requirements),
            _ => {}
        }
    }

    fn variable(&mut self, block: Block) {
        let name = Arc::clone(&block.labels[0].text);
        if RESERVED_VARIABLES.contains(&&*name) {
            let message =
                format!("a variable cannot be named `{name}`, which has a meaning of its own in module blocks");
            self.error("terraform-invalid-name", block.labels[0].span, message);
        }
        let constraint = match block.body.attribute("type").map(|attribute| constraint::parse(&attribute.expr)) {
            None => Constraint::default(),
            Some(Ok(constraint)) => constraint,
            Some(Err(diagnostic)) => {
                self.diagnostics.push(*diagnostic);
                Constraint::default()
            }
        };
        let nullable = self.flag(&block.body, "nullable", true);
        let default =
            block.body.attribute("default").and_then(|default| self.default_value(default, &constraint, nullable));
        let sensitive = self.flag(&block.body, "sensitive", false);
        let ephemeral = self.flag(&block.body, "ephemeral", false);
        if let Some(description) = block.body.attribute("description")
            && let Err(diagnostic) = constant(&description.expr)
        {
            self.diagnostics.push(*diagnostic);
        }
        let validations = self.conditions(&block.body, "validation", ConditionKind::Validation);
        self.variables.push(Variable {
            address: format!("var.{name}").into(),
            typed: block.body.attribute("type").is_some(),
            ty: constraint.ty,
            defaults: constraint.defaults,
            default,
            nullable,
            sensitive,
            ephemeral,
            validations,
            header: block.header,
            name,
        });
    }

    fn flag(&mut self, body: &Body, name: &str, unset: bool) -> bool {
        let Some(attribute) = body.attribute(name) else { return unset };
        let value = constant(&attribute.expr).and_then(|value| {
            convert(&value, &Type::Bool).map_err(|error| {
                Box::new(Diagnostic::error("terraform-invalid-value", attribute.expr.span, error.to_string()))
            })
        });
        match value {
            Ok(value) => value.as_bool().unwrap_or(unset),
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                unset
            }
        }
    }

    fn default_value(
        &mut self,
        attribute: &Attribute,
        constraint: &Constraint,
        nullable: bool,
    ) -> Option<(Value, Span)> {
        let span = attribute.expr.span;
        let unusable = || {
            Some((
                Value::unknown(
                    terravet_graph::Why::Error,
                    terravet_terraform_functions::convert::without_optional(&constraint.ty),
                ),
                span,
            ))
        };
        let value = match constant(&attribute.expr) {
            Ok(value) => value,
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                return unusable();
            }
        };
        if value.is_null() && !nullable {
            self.error("terraform-invalid-default", span, "the default is null, but the variable is not nullable");
            return unusable();
        }
        match convert(&constraint.defaults.apply(&value), &constraint.ty) {
            Ok(value) => Some((value, span)),
            Err(error) => {
                let message = format!("the default does not fit the variable's type: {error}");
                self.error("terraform-invalid-default", span, message);
                unusable()
            }
        }
    }

    fn output(&mut self, block: Block) {
        let Some(value) = block.body.attribute("value") else {
            let message = format!("output `{}` has no value", block.labels[0].text);
            self.error("terraform-missing-argument", block.header, message);
            return;
        };
        let output = Output {
            name: Arc::clone(&block.labels[0].text),
            value: Dependent { expr: value.expr.clone(), targets: Vec::new() },
            sensitive: self.flag(&block.body, "sensitive", false),
            ephemeral: self.flag(&block.body, "ephemeral", false),
            conditions: self.conditions(&block.body, "precondition", ConditionKind::Precondition),
            header: block.header,
        };
        self.outputs.push(output);
    }

    fn locals_of(&mut self, block: Block) {
        for attribute in block.body.attributes {
            if !is_identifier(&attribute.name.name) {
                let message = format!("`{}` cannot be the name of a local value", attribute.name.name);
                self.error("terraform-invalid-name", attribute.name.span, message);
                continue;
            }
            self.locals.push(Local {
                address: format!("local.{}", attribute.name.name).into(),
                name: attribute.name.name,
                span: attribute.name.span,
                value: Dependent { expr: attribute.expr, targets: Vec::new() },
            });
        }
    }

    fn check(&mut self, block: Block) {
        for data in block.body.blocks_of("data") {
            if data.labels.len() == 2 {
                self.resource(ResourceMode::Data, data.clone(), false);
                if let Some(resource) = self.resources.last_mut() {
                    resource.is_scoped = true;
                }
            }
        }
        let asserts = self.conditions(&block.body, "assert", ConditionKind::Check);
        if block.body.blocks_of("assert").next().is_none() {
            self.error("terraform-missing-argument", block.header, "this check has no assert block");
        }
        self.checks.extend(asserts);
    }

    fn conditions(&mut self, body: &Body, kind: &str, what: ConditionKind) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for block in body.blocks_of(kind) {
            let Some(condition) = block.body.attribute("condition") else {
                self.error("terraform-missing-argument", block.header, format!("this {kind} has no condition"));
                continue;
            };
            conditions.push(Condition {
                kind: what,
                condition: condition.expr.clone(),
                error_message: block.body.attribute("error_message").map(|attribute| attribute.expr.clone()),
                targets: Vec::new(),
            });
        }
        conditions
    }

    fn repetition(&mut self, body: &mut Body, header: Span, overridden: bool) -> RepetitionArguments {
        let repetition = RepetitionArguments { count: take(body, "count"), for_each: take(body, "for_each") };
        if let (Some(count), Some(for_each), false) = (&repetition.count, &repetition.for_each, overridden) {
            let message = "`count` and `for_each` exclude each other; only one can say how many instances there are";
            let diagnostic = Diagnostic::error("terraform-count-and-for-each", header, message);
            self.diagnostics.push(diagnostic.with_related(count.span, "count").with_related(for_each.span, "for_each"));
        }
        repetition
    }

    fn resource(&mut self, mode: ResourceMode, block: Block, overridden: bool) {
        let (native_type, name) = (Arc::clone(&block.labels[0].text), Arc::clone(&block.labels[1].text));
        let mut body = block.body;
        let repetition = self.repetition(&mut body, block.header, overridden);
        let mut conditions = Vec::new();
        for lifecycle in body.blocks_of("lifecycle") {
            conditions.extend(self.conditions(&lifecycle.body, "precondition", ConditionKind::Precondition));
            conditions.extend(self.conditions(&lifecycle.body, "postcondition", ConditionKind::Postcondition));
        }
        let (meta_attributes, attributes) = body
            .attributes
            .into_iter()
            .partition(|attribute| matches!(&*attribute.name.name, "provider" | "depends_on" | "lifecycle"));
        let (meta_blocks, blocks) = body
            .blocks
            .into_iter()
            .partition(|block| matches!(&*block.kind.name, "lifecycle" | "provisioner" | "connection"));
        self.resources.push(ResourceBlock {
            address: reference::resource_address(mode, &native_type, &name).into(),
            mode,
            native_type,
            name,
            is_scoped: false,
            repetition,
            attributes,
            blocks,
            meta_attributes,
            meta_blocks,
            conditions,
            targets: Vec::new(),
            dependencies: Vec::new(),
            span: block.span,
            header: block.header,
        });
    }

    fn call(&mut self, block: Block, overridden: bool) {
        let mut body = block.body;
        let repetition = self.repetition(&mut body, block.header, overridden);
        let source = self.source(&body, block.header);
        let version = match body.attribute("version").map(|attribute| &attribute.expr.kind) {
            Some(ExprKind::String { text, .. }) => Some(Arc::clone(text)),
            _ => None,
        };
        let providers = take(&mut body, "providers");
        let depends_on = match take(&mut body, "depends_on").map(|expr| expr.kind) {
            Some(ExprKind::Tuple(items)) => items,
            _ => Vec::new(),
        };
        let arguments =
            body.attributes.into_iter().filter(|attribute| !matches!(&*attribute.name.name, "source" | "version"));
        let argument = |attribute: Attribute| {
            let value = Dependent { expr: attribute.expr, targets: Vec::new() };
            (attribute.name.name, Argument { name_span: attribute.name.span, value })
        };
        self.calls.push(Call {
            name: Arc::clone(&block.labels[0].text),
            source,
            version,
            repetition,
            targets: Vec::new(),
            arguments: arguments.map(argument).collect(),
            providers,
            depends_on,
            span: block.span,
            header: block.header,
        });
    }

    fn source(&mut self, body: &Body, header: Span) -> Option<(Arc<str>, Span)> {
        let Some(attribute) = body.attribute("source") else {
            self.error("terraform-missing-argument", header, "this module call has no source");
            return None;
        };
        match &attribute.expr.kind {
            ExprKind::String { text, .. } => Some((Arc::clone(text), attribute.expr.span)),
            _ => {
                let message = "the source of a module is a constant string; nothing can be referred to here";
                self.error("terraform-module-source", attribute.expr.span, message);
                None
            }
        }
    }

    fn departed(&mut self, block: &Block) {
        let from = block.body.attribute("from").map(|attribute| &attribute.expr);
        if let Some((from, None, span)) = from.and_then(|expr| {
            let (address, index) = address_of(expr)?;
            Some((address, index, expr.span))
        }) {
            self.departed.push(Departed { from: from.into(), span });
        }
    }

    fn import(&mut self, block: Block) {
        let mut body = block.body;
        let (to, id, for_each) = (take(&mut body, "to"), take(&mut body, "id"), take(&mut body, "for_each"));
        // An import by identity has no id.
        let (Some(to), Some(id)) = (to, id) else { return };
        let Some((path, index)) = address_of(&to) else { return };
        let index = index.cloned();
        self.imports.push(Import { to: path.into(), span: to.span, index, id, for_each, targets: Vec::new() });
    }
}

/// The address that a reference spells, and the key at its end if it has one.
fn address_of(expr: &Expr) -> Option<(String, Option<&Expr>)> {
    let ExprKind::Traversal(traversal) = &expr.kind else { return None };
    let ExprKind::Variable(root) = &traversal.root.kind else { return None };
    let (mut path, mut index) = (root.to_string(), None);
    for step in &traversal.steps {
        match &step.kind {
            StepKind::Attribute(name) => path = format!("{path}.{name}"),
            StepKind::Index(key) => index = Some(&**key),
            _ => return None,
        }
    }
    Some((path, index))
}

fn take(body: &mut Body, name: &str) -> Option<Expr> {
    let at = body.attributes.iter().position(|attribute| &*attribute.name.name == name)?;
    Some(body.attributes.remove(at).expr)
}

/// The value of an expression that must be constant: no references and no function calls.
///
/// # Errors
/// A diagnostic where it is not, or where it cannot be evaluated.
pub(crate) fn constant(expr: &Expr) -> Result<Value, Box<Diagnostic>> {
    let mut reference = None;
    each_reference(expr, &mut |found| reference = reference.or(Some(found.span)));
    let refuse = |span, message: String| Err(Box::new(Diagnostic::error("terraform-not-constant", span, message)));
    if let Some(span) = reference {
        return refuse(span, "nothing can be referred to here; the value must be constant".to_owned());
    }
    if let Some(call) = first_call(expr) {
        return refuse(call.name_span, format!("functions such as {}() cannot be called here", call.name));
    }
    evaluate_constant(expr)
}

/// Finds out what every declaration depends on.
fn resolve(module: &mut Module) {
    let of_expr = |module: &Module, expr: &Expr| resolve_targets(module, |see| each_reference(expr, see));
    let of_conditions = |module: &Module, conditions: &[Condition]| -> Vec<_> {
        let targets = |condition: &Condition| {
            resolve_targets(module, |see| {
                each_reference(&condition.condition, see);
                if let Some(message) = &condition.error_message {
                    each_reference(message, see);
                }
            })
        };
        conditions.iter().map(targets).collect()
    };
    let locals: Vec<_> = module.locals.iter().map(|local| of_expr(module, &local.value.expr)).collect();
    let outputs: Vec<_> = module.outputs.iter().map(|output| of_expr(module, &output.value.expr)).collect();
    let calls: Vec<_> = module
        .calls
        .iter()
        .map(|call| {
            let own = resolve_targets(module, |see| {
                call.repetition.decisive().into_iter().for_each(|expr| each_reference(expr, see));
            });
            let arguments = call.arguments.values().map(|argument| of_expr(module, &argument.value.expr));
            (own, arguments.collect::<Vec<_>>())
        })
        .collect();
    let resources: Vec<_> = module.resources.iter().map(|resource| targets_of_resource(module, resource)).collect();
    let dependencies: Vec<_> =
        module.resources.iter().map(|resource| dependency_targets(module, depends_on(resource))).collect();
    let imports: Vec<_> = module
        .imports
        .iter()
        .map(|import| {
            resolve_targets(module, |see| {
                each_reference(&import.id, see);
                import.for_each.iter().chain(&import.index).for_each(|expr| each_reference(expr, see));
            })
        })
        .collect();
    let validations: Vec<_> =
        module.variables.iter().map(|variable| of_conditions(module, &variable.validations)).collect();
    let preconditions: Vec<_> = module.outputs.iter().map(|output| of_conditions(module, &output.conditions)).collect();
    let lifecycles: Vec<_> =
        module.resources.iter().map(|resource| of_conditions(module, &resource.conditions)).collect();
    let checks = of_conditions(module, &module.checks);

    module.locals.iter_mut().zip(locals).for_each(|(local, targets)| local.value.targets = targets);
    module.outputs.iter_mut().zip(outputs).for_each(|(output, targets)| output.value.targets = targets);
    for (call, (own, arguments)) in module.calls.iter_mut().zip(calls) {
        call.targets = own;
        call.arguments.values_mut().zip(arguments).for_each(|(argument, targets)| argument.value.targets = targets);
    }
    module.resources.iter_mut().zip(resources).for_each(|(resource, targets)| resource.targets = targets);
    module.resources.iter_mut().zip(dependencies).for_each(|(resource, targets)| resource.dependencies = targets);
    module.imports.iter_mut().zip(imports).for_each(|(import, targets)| import.targets = targets);
    let assign = |conditions: &mut [Condition], targets: Vec<_>| {
        conditions.iter_mut().zip(targets).for_each(|(condition, targets)| condition.targets = targets);
    };
    module.variables.iter_mut().zip(validations).for_each(|(owner, targets)| assign(&mut owner.validations, targets));
    module.outputs.iter_mut().zip(preconditions).for_each(|(owner, targets)| assign(&mut owner.conditions, targets));
    module.resources.iter_mut().zip(lifecycles).for_each(|(owner, targets)| assign(&mut owner.conditions, targets));
    assign(&mut module.checks, checks);
}

/// The elements of a resource's `depends_on`.
fn depends_on(resource: &ResourceBlock) -> &[Expr] {
    let attribute = resource.meta_attributes.iter().find(|attribute| &*attribute.name.name == "depends_on");
    match attribute.map(|attribute| &attribute.expr.kind) {
        Some(ExprKind::Tuple(items)) => items,
        _ => &[],
    }
}

fn targets_of_resource(module: &Module, resource: &ResourceBlock) -> Vec<super::Target> {
    let mut targets = resolve_targets(module, |see| {
        resource.repetition.decisive().into_iter().for_each(|expr| each_reference(expr, see));
        each_reference_of_content(&resource.attributes, &resource.blocks, see);
        for block in resource.meta_blocks.iter().filter(|block| &*block.kind.name != "lifecycle") {
            each_reference_of_content(&block.body.attributes, &block.body.blocks, see);
        }
    });
    // A provisioner can name its own resource; other references to it have been refused.
    let own = module.resources.find(&resource.address).map(super::Target::Resource);
    targets.retain(|target| Some(target) != own.as_ref());
    targets
}
