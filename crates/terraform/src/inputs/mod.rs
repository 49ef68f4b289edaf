//! Values for the input variables of a root module.
//!
//! In: what the environment, the files beside the root module and the command line say. Out: the value that was given for
//! each declared variable, with the place where it was given; the last one in Terraform's order of precedence wins.
//!
//! The values are as they were given; the variable's type is applied where all variables get theirs, in [`typed`].
//!
//! Source: <https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence>.

mod typed;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Step, Type, Value, Why};
use terravet_hcl::Attribute;
use terravet_source::{EntryKind, SourceFile, Sources, Span};

pub(crate) use typed::{narrowed, typed};

use crate::loader::{Loader, read_error};
use crate::module::{Module, Variable, constant};
use crate::origins::at_declaration;

/// Text that was given for a variable in the environment or on the command line.
#[derive(Debug)]
pub(crate) struct Assignment {
    name: Arc<str>,
    /// The text, as a file of its own for diagnostics to point into.
    file: Arc<SourceFile>,
}

impl Assignment {
    /// The text given for the variable `name`; `place` names where.
    pub(crate) fn text(sources: &Sources, name: &str, place: &str, text: &str) -> Self {
        Self { name: name.into(), file: sources.add(Path::new(place), text) }
    }

    fn span(&self) -> Span {
        Span::new(self.file.id(), 0..self.file.text().len())
    }

    /// The value that the text means for a variable: itself where the type is a primitive one or not declared, else an expression.
    fn value(&self, variable: &Variable) -> Result<Value, Box<Diagnostic>> {
        let text = self.file.text();
        let is_literal = !variable.typed || matches!(variable.ty, Type::String | Type::Number | Type::Bool);
        if is_literal {
            return Ok(Value::string(text).written_at(self.span()));
        }
        constant(&terravet_hcl::parse_expression_text(text, self.span())?)
    }
}

/// What was given for the variables of a root module.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// The values of variables that the module declares.
    pub(crate) values: BTreeMap<Arc<str>, Value>,
    /// The files that they are written in.
    pub(crate) files: Vec<Arc<SourceFile>>,
    /// What is wrong with them.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Whether to say so when a value is given for a variable that is not declared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undeclared {
    /// The value may be meant for another root module.
    Ignore,
    /// Terraform warns.
    Note,
    /// Terraform refuses.
    Refuse,
}

impl Given {
    /// Gathers what is given for the variables of the module in `root`.
    pub(crate) fn gather(loader: &Loader, module: &Module, root: &Path) -> Self {
        let mut given = Self::default();
        let for_this_root = |strict| if loader.has_one_root() { strict } else { Undeclared::Ignore };
        for assignment in loader.environment() {
            given.assign(module, assignment, Undeclared::Ignore);
        }
        let automatic = automatic_files(loader.sources(), root);
        for path in automatic {
            given.read_file(loader.sources(), module, &path, Undeclared::Note);
        }
        for path in loader.variable_files() {
            given.read_file(loader.sources(), module, path, for_this_root(Undeclared::Note));
        }
        for assignment in loader.variables() {
            given.assign(module, assignment, for_this_root(Undeclared::Refuse));
        }
        given
    }

    fn assign(&mut self, module: &Module, assignment: &Assignment, undeclared: Undeclared) {
        self.files.push(Arc::clone(&assignment.file));
        let span = assignment.span();
        let Some(variable) = module.variables.get(&assignment.name) else {
            return self.not_declared(module, &assignment.name, span, undeclared);
        };
        let value = assignment.value(variable);
        self.set(variable, value, span);
    }

    fn set(&mut self, variable: &Variable, value: Result<Value, Box<Diagnostic>>, span: Span) {
        let value = value.unwrap_or_else(|diagnostic| {
            self.diagnostics.push(*diagnostic);
            Value::unknown(Why::Error, Type::Any).written_at(span)
        });
        let step = Step::VariableAssignment(Arc::clone(&variable.name));
        self.values.insert(Arc::clone(&variable.name), at_declaration(value, span, step));
    }

    fn not_declared(&mut self, module: &Module, name: &str, span: Span, undeclared: Undeclared) {
        if module.unread {
            return;
        }
        let message = format!("a value is given for the variable `{name}`, which the root module does not declare");
        let diagnostic = match undeclared {
            Undeclared::Ignore => return,
            Undeclared::Note => Diagnostic::note("terraform-undeclared-variable", span, message),
            Undeclared::Refuse => Diagnostic::error("terraform-undeclared-variable", span, message),
        };
        self.diagnostics.push(diagnostic.with_suggestion(name, module.variables.names()));
    }

    fn read_file(&mut self, sources: &Sources, module: &Module, path: &Path, undeclared: Undeclared) {
        let file = match sources.load(path) {
            Ok(file) => file,
            Err(error) => return self.diagnostics.push(read_error(sources, path, &error)),
        };
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let parsed = if is_json { terravet_hcl::parse_json_values(&file) } else { terravet_hcl::parse_native(&file) };
        self.diagnostics.extend(parsed.diagnostics);
        for block in &parsed.body.blocks {
            let message = "a file of values for variables has no blocks, only assignments as `name = value`";
            self.diagnostics.push(Diagnostic::error("terraform-unsupported-block", block.header, message));
        }
        for Attribute { name, expr, span } in &parsed.body.attributes {
            match module.variables.get(&name.name) {
                Some(variable) => self.set(variable, constant(expr), expr.span),
                None => {
                    if let Err(diagnostic) = constant(expr) {
                        self.diagnostics.push(*diagnostic);
                    }
                    self.not_declared(module, &name.name, *span, undeclared);
                }
            }
        }
        self.files.push(file);
    }
}

/// The files beside a root module that Terraform reads on its own, in the order in which they win.
fn automatic_files(sources: &Sources, root: &Path) -> Vec<PathBuf> {
    let names = sources.file_system().list(root).unwrap_or_default();
    let fixed =
        ["terraform.tfvars", "terraform.tfvars.json"].into_iter().filter(|name| names.iter().any(|n| n == name));
    let automatic = names.iter().map(String::as_str).filter(|name| {
        (name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")) && !name.starts_with('.')
    });
    fixed
        .chain(automatic)
        .map(|name| root.join(name))
        // What leads nowhere, or out of the tree, is told when it is read.
        .filter(|path| sources.file_system().kind(path) != Some(EntryKind::Directory))
        .collect()
}
