//! What an expression refers to.
//!
//! In: an expression. Out: every name in it that is not one of its own `for` variables, with the steps after it; and, for
//! a module, the declarations ([`Target`]) that have to be evaluated before the expression.

use std::sync::Arc;

use terravet_hcl::{
    Attribute, Block, Body, Expr, ExprKind, ForIntroduction, FunctionCall, ObjectKey, Piece, Step, StepKind,
};
use terravet_source::Span;

use super::{Module, ResourceMode};

/// A declaration that something else in its module needs, by its place in the module's tables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// An input variable.
    Variable(u32),
    /// A local value.
    Local(u32),
    /// A resource, data source or ephemeral resource.
    Resource(u32),
    /// One output of a module call, or all.
    Call(u32, Option<Arc<str>>),
}

/// A name in an expression that its own variables do not explain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference<'a> {
    /// The first name: `var`, `aws_s3_bucket`.
    pub(crate) root: &'a str,
    /// The steps after it.
    pub(crate) steps: &'a [Step],
    /// The whole traversal.
    pub(crate) span: Span,
}

impl<'a> Reference<'a> {
    /// The name in the attribute step at this place.
    pub(crate) fn attribute(&self, at: usize) -> Option<&'a str> {
        match self.steps.get(at).map(|step| &step.kind) {
            Some(StepKind::Attribute(name)) => Some(name),
            _ => None,
        }
    }

    /// The mode, type and name of the resource that it means, and how many steps that takes, if it means one.
    pub(crate) fn resource(&self) -> Option<(ResourceMode, &'a str, &'a str, usize)> {
        let named = |mode, at: usize| Some((mode, self.attribute(at)?, self.attribute(at + 1)?, at + 2));
        match self.root {
            "var" | "local" | "module" | "each" | "count" | "path" | "terraform" | "tofu" | "self" => None,
            "data" => named(ResourceMode::Data, 0),
            "ephemeral" => named(ResourceMode::Ephemeral, 0),
            "resource" => named(ResourceMode::Managed, 0),
            native_type => Some((ResourceMode::Managed, native_type, self.attribute(0)?, 1)),
        }
    }
}

/// The address of a resource within its module.
pub(crate) fn resource_address(mode: ResourceMode, native_type: &str, name: &str) -> String {
    match mode {
        ResourceMode::Managed => format!("{native_type}.{name}"),
        ResourceMode::Data => format!("data.{native_type}.{name}"),
        ResourceMode::Ephemeral => format!("ephemeral.{native_type}.{name}"),
    }
}

/// Calls `see` for every reference of an expression.
pub(crate) fn each_reference<'a>(expr: &'a Expr, see: &mut dyn FnMut(Reference<'a>)) {
    Visitor { bound: Vec::new(), see, call: &mut |_| {}, skip: None }.expr(expr);
}

/// Calls `see` for every reference of an expression of which something stays: not those within `ephemeralasnull`.
pub(crate) fn each_lasting_reference<'a>(expr: &'a Expr, see: &mut dyn FnMut(Reference<'a>)) {
    Visitor { bound: Vec::new(), see, call: &mut |_| {}, skip: Some("ephemeralasnull") }.expr(expr);
}

/// The first function call in an expression.
pub(crate) fn first_call(expr: &Expr) -> Option<&FunctionCall> {
    let mut first = None;
    let call = &mut |call| first = first.or(Some(call));
    Visitor { bound: Vec::new(), see: &mut |_| {}, call, skip: None }.expr(expr);
    first
}

/// Calls `see` for every reference of the attributes and blocks of a resource. The iterators of `dynamic` blocks are known within them.
pub(crate) fn each_reference_of_content<'a>(
    attributes: &'a [Attribute],
    blocks: &'a [Block],
    see: &mut dyn FnMut(Reference<'a>),
) {
    Visitor { bound: Vec::new(), see, call: &mut |_| {}, skip: None }.content(attributes, blocks);
}

/// The name of the variable that the content of a `dynamic` block uses: `iterator`, or else the block's label.
pub(crate) fn iterator_of(block: &Block) -> Option<&Arc<str>> {
    match block.body.attribute("iterator").map(|attribute| &attribute.expr.kind) {
        Some(ExprKind::Variable(name) | ExprKind::String { text: name, .. }) => Some(name),
        _ => block.labels.first().map(|label| &label.text),
    }
}

struct Visitor<'a, 'see> {
    /// Names of the `for` variables and iterators around the place.
    bound: Vec<&'a str>,
    see: &'see mut dyn FnMut(Reference<'a>),
    call: &'see mut dyn FnMut(&'a FunctionCall),
    /// A function whose arguments are left out.
    skip: Option<&'static str>,
}

impl<'a> Visitor<'a, '_> {
    fn content(&mut self, attributes: &'a [Attribute], blocks: &'a [Block]) {
        for attribute in attributes {
            self.expr(&attribute.expr);
        }
        for block in blocks {
            if &*block.kind.name == "dynamic" { self.dynamic(block) } else { self.body(&block.body) }
        }
    }

    fn body(&mut self, body: &'a Body) {
        self.content(&body.attributes, &body.blocks);
    }

    fn dynamic(&mut self, block: &'a Block) {
        if let Some(for_each) = block.body.attribute("for_each") {
            self.expr(&for_each.expr);
        }
        let before = self.bound.len();
        self.bound.extend(iterator_of(block).map(|name| &**name));
        if let Some(labels) = block.body.attribute("labels") {
            self.expr(&labels.expr);
        }
        for content in block.body.blocks_of("content") {
            self.body(&content.body);
        }
        self.bound.truncate(before);
    }

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String { .. } => {}
            ExprKind::Template(template) => self.pieces(&template.pieces),
            ExprKind::Variable(name) => self.name(name, &[], expr.span),
            ExprKind::Traversal(traversal) => {
                match &traversal.root.kind {
                    ExprKind::Variable(name) => self.name(name, &traversal.steps, expr.span),
                    _ => self.expr(&traversal.root),
                }
                for step in &traversal.steps {
                    if let StepKind::Index(index) = &step.kind {
                        self.expr(index);
                    }
                }
            }
            ExprKind::FunctionCall(call) => {
                (self.call)(call);
                if self.skip.is_none_or(|skip| *call.name != *skip) {
                    self.exprs(&call.arguments);
                }
            }
            ExprKind::Unary { operand, .. } => self.expr(operand),
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Conditional { condition, then, otherwise } => {
                self.expr(condition);
                self.expr(then);
                self.expr(otherwise);
            }
            ExprKind::ForTuple { introduction, element, condition } => {
                self.for_expr(introduction, [Some(&**element), condition.as_deref(), None]);
            }
            ExprKind::ForObject { introduction, key, value, condition, .. } => {
                self.for_expr(introduction, [Some(&**key), Some(&**value), condition.as_deref()]);
            }
            ExprKind::Tuple(items) => self.exprs(items),
            ExprKind::Object(items) => {
                for item in items {
                    if let ObjectKey::Expr(key) = &item.key {
                        self.expr(key);
                    }
                    self.expr(&item.value);
                }
            }
            ExprKind::Parenthesis(inner) => self.expr(inner),
        }
    }

    fn exprs(&mut self, exprs: &'a [Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn for_expr(&mut self, introduction: &'a ForIntroduction, inner: [Option<&'a Expr>; 3]) {
        self.expr(&introduction.collection);
        let before = self.bound.len();
        self.bound.extend(introduction.key.iter().map(|ident| &*ident.name));
        self.bound.push(&introduction.value.name);
        for expr in inner.into_iter().flatten() {
            self.expr(expr);
        }
        self.bound.truncate(before);
    }

    fn pieces(&mut self, pieces: &'a [Piece]) {
        for piece in pieces {
            match piece {
                Piece::Literal { .. } => {}
                Piece::Interpolation { expr, .. } => self.expr(expr),
                Piece::If(piece) => {
                    self.expr(&piece.condition);
                    self.pieces(&piece.then);
                    self.pieces(&piece.otherwise);
                }
                Piece::For(piece) => {
                    self.expr(&piece.collection);
                    let before = self.bound.len();
                    self.bound.extend(piece.key.iter().map(|ident| &*ident.name));
                    self.bound.push(&piece.value.name);
                    self.pieces(&piece.body);
                    self.bound.truncate(before);
                }
            }
        }
    }

    fn name(&mut self, name: &'a str, steps: &'a [Step], span: Span) {
        if !self.bound.contains(&name) {
            (self.see)(Reference { root: name, steps, span });
        }
    }
}

/// What the references that `walk` shows mean in `module`, sorted and without duplicates. What does not exist is left out.
pub(crate) fn resolve_targets<'a>(module: &Module, walk: impl FnOnce(&mut dyn FnMut(Reference<'a>))) -> Vec<Target> {
    let mut targets = Vec::new();
    walk(&mut |reference| targets.extend(target(module, reference)));
    targets.sort();
    targets.dedup();
    targets
}

/// What the elements of a `depends_on` mean. Configuration for Terraform 0.11, and JSON, has them in quotes.
pub(crate) fn dependency_targets(module: &Module, items: &[Expr]) -> Vec<Target> {
    let parsed: Vec<Expr> = items
        .iter()
        .filter_map(|item| match &item.kind {
            ExprKind::String { text, content } => terravet_hcl::parse_expression_text(text, *content).ok(),
            _ => Some(item.clone()),
        })
        .collect();
    resolve_targets(module, |see| parsed.iter().for_each(|expr| each_reference(expr, see)))
}

/// The declaration that a reference means.
fn target(module: &Module, reference: Reference<'_>) -> Option<Target> {
    match reference.root {
        "var" => module.variables.find(reference.attribute(0)?).map(Target::Variable),
        "local" => module.locals.find(reference.attribute(0)?).map(Target::Local),
        "module" => {
            let call = module.calls.find(reference.attribute(0)?)?;
            let literal_index = |at: usize| match reference.steps.get(at).map(|step| &step.kind) {
                Some(StepKind::LegacyIndex(_)) => true,
                Some(StepKind::Index(index)) => matches!(index.kind, ExprKind::Number(_) | ExprKind::String { .. }),
                _ => false,
            };
            let output = if literal_index(1) { reference.attribute(2) } else { reference.attribute(1) };
            Some(Target::Call(call, output.map(Arc::from)))
        }
        _ => {
            let (mode, native_type, name, _) = reference.resource()?;
            module.resources.find(&resource_address(mode, native_type, name)).map(Target::Resource)
        }
    }
}
