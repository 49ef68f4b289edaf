//! A scope for tests: the variables and locals of one file, and files below a folder or in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_graph::{Content, ObjectType, Reference, Step as OriginStep, Type, Unknown, Value, Why};
use terravet_hcl::{Expr, ExprKind, ObjectKey, Step, StepKind};
use terravet_source::{EntryKind, FileSystem, Memory, SourceFile, Sources, Span};
use terravet_terraform_functions::convert::{Defaults, convert};
use terravet_terraform_functions::{FileEntry, FileProblem, Files};

use super::super::{Budget, Evaluated, EvaluationError, Resolved, Scope, evaluate};

/// Files below a root folder.
pub(crate) struct TestFiles {
    sources: Sources,
    root: PathBuf,
}

impl TestFiles {
    pub(crate) fn new(file_system: Arc<dyn FileSystem>, root: impl Into<PathBuf>) -> Self {
        Self { sources: Sources::new(file_system), root: root.into() }
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        self.sources.file_system().kind(&self.root.join(path))
    }
}

fn refused(error: impl ToString) -> FileProblem {
    FileProblem::Refused(error.to_string())
}

impl Files for TestFiles {
    fn read_text(&self, path: &str) -> Result<Arc<SourceFile>, FileProblem> {
        self.sources.load(&self.root.join(path)).map_err(refused)
    }

    fn read_bytes(&self, path: &str) -> Result<Vec<u8>, FileProblem> {
        self.sources.file_system().read(&self.root.join(path), 1 << 20).map_err(refused)
    }

    fn exists(&self, path: &str) -> Result<bool, FileProblem> {
        match self.kind(path) {
            Some(EntryKind::Directory) => Err(refused(format!("{path} is a directory, not a file"))),
            kind => Ok(kind == Some(EntryKind::File)),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem> {
        let names = self.sources.file_system().list(&self.root.join(folder)).map_err(refused)?;
        let entry = |name: String| {
            let is_folder = self.kind(&format!("{folder}/{name}")) == Some(EntryKind::Directory);
            FileEntry { name, is_folder }
        };
        Ok(names.into_iter().map(entry).collect())
    }

    fn absolute(&self, path: &str) -> Result<String, FileProblem> {
        Ok(self.root.join(path).to_string_lossy().into_owned())
    }

    fn home(&self) -> Option<String> {
        Some("/home/user".into())
    }
}

/// A module of one file.
pub(crate) struct TestModule {
    sources: Sources,
    files: TestFiles,
    budget: Budget,
    locals: BTreeMap<Arc<str>, Expr>,
    variables: BTreeMap<Arc<str>, Value>,
    evaluated: RefCell<BTreeMap<Arc<str>, Value>>,
    texts: RefCell<Vec<Arc<SourceFile>>>,
}

impl TestModule {
    /// The module that this configuration is. A variable without default is unknown.
    pub(crate) fn new(configuration: &str, files: TestFiles) -> Self {
        let sources = Sources::new(Arc::new(Memory::default()));
        let file = sources.add(Path::new("main.tf"), configuration);
        let parsed = terravet_hcl::parse_native(&file);
        assert_eq!(parsed.diagnostics, []);
        let mut module = Self {
            sources,
            files,
            budget: Budget::default(),
            locals: BTreeMap::new(),
            variables: BTreeMap::new(),
            evaluated: RefCell::default(),
            texts: RefCell::new(vec![file]),
        };
        for block in parsed.body.blocks {
            if &*block.kind.name == "locals" {
                let attributes = block.body.attributes.into_iter();
                module.locals.extend(attributes.map(|attribute| (attribute.name.name, attribute.expr)));
                continue;
            }
            let name = &block.labels[0].text;
            let constraint = block.body.attribute("type").map(|attribute| constraint(&attribute.expr, &module));
            let sensitive = block.body.attribute("sensitive").is_some();
            let (ty, defaults) = constraint.unwrap_or_default();
            let value = match block.body.attribute("default") {
                Some(default) => {
                    let value = evaluate(&default.expr, &module).unwrap();
                    convert(&defaults.apply(&value), &ty).unwrap()
                }
                None => Value::unknown(Why::Input(format!("var.{name}").into()), ty),
            };
            module.variables.insert(Arc::clone(name), value.marked(sensitive));
        }
        module
    }

    /// A module with these declarations and no files.
    pub(crate) fn without_files(configuration: &str) -> Self {
        Self::new(configuration, TestFiles::new(Arc::new(Memory::default()), ""))
    }

    /// The value of an expression.
    pub(crate) fn value(&self, expression: &str) -> Evaluated {
        evaluate(&self.parse(expression)?, self)
    }

    /// An expression of this module.
    pub(crate) fn parse(&self, expression: &str) -> Result<Expr, EvaluationError> {
        let name = format!("expression-{}.tf", self.texts.borrow().len());
        // A heredoc's last line ends with a line break.
        let text = format!("{expression}\n");
        let file = self.sources.add(Path::new(&name), text.as_str());
        let span = Span::new(file.id(), 0..text.len());
        self.texts.borrow_mut().push(file);
        terravet_hcl::parse_expression_text(&text, span)
            .map_err(|diagnostic| EvaluationError::new(span, diagnostic.message))
    }
}

impl Scope for TestModule {
    fn resolve(&self, root: &str, steps: &[Step], span: Span) -> Result<Resolved, EvaluationError> {
        let unknown_name = || EvaluationError::new(span, format!("there is no {root} here"));
        let Some(Step { kind: StepKind::Attribute(name), .. }) = steps.first() else { return Err(unknown_name()) };
        let value = match root {
            "var" => self.variables.get(name).cloned().ok_or_else(unknown_name)?,
            "local" => {
                let known = self.evaluated.borrow().get(name).cloned();
                match known {
                    Some(value) => value,
                    None => {
                        let value = evaluate(self.locals.get(name).ok_or_else(unknown_name)?, self)?;
                        self.evaluated.borrow_mut().insert(Arc::clone(name), value.clone());
                        value
                    }
                }
            }
            "thing" => thing(name),
            "path" if matches!(&**name, "module" | "root" | "cwd") => Value::string("."),
            "terraform" if &**name == "workspace" => Value::string("default"),
            "terraform" if &**name == "applying" => Value::bool(false),
            _ => return Err(unknown_name()),
        };
        let value = value.through(span, OriginStep::Named(format!("{root}.{name}").into()));
        Ok(Resolved { value, consumed: 1 })
    }

    fn files(&self) -> &dyn Files {
        &self.files
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }

    fn text(&self, span: Span) -> Option<String> {
        let texts = self.texts.borrow();
        texts.iter().find(|file| file.id() == span.file).map(|file| file.slice(span).to_owned())
    }

    fn module(&self) -> &'static str {
        ""
    }
}

/// A resource of this name, of which one attribute is written.
fn thing(name: &str) -> Value {
    let reference = Reference { resource: format!("thing.{name}").into(), attribute: "".into() };
    let behind = Unknown { reference: Some(reference), not_null: true, ..Unknown::new(Why::Computed, Type::Any) };
    Value::object([("name".into(), Value::string(name))]).with_content(Content::Open(behind))
}

/// The type that a constraint says, with its defaults.
fn constraint(expr: &Expr, scope: &dyn Scope) -> (Type, Defaults) {
    let ty = match &expr.kind {
        ExprKind::Variable(name) => match &**name {
            "string" => Type::String,
            "number" => Type::Number,
            "bool" => Type::Bool,
            _ => Type::Any,
        },
        ExprKind::FunctionCall(call) => return constructed(&call.name, &call.arguments, scope),
        _ => panic!("this is no type"),
    };
    (ty.clone(), Defaults { ty, ..Defaults::default() })
}

fn constructed(name: &str, arguments: &[Expr], scope: &dyn Scope) -> (Type, Defaults) {
    let mut defaults = Defaults::default();
    let ty = match (name, &arguments[0].kind) {
        ("object", ExprKind::Object(items)) => {
            let mut object = ObjectType::default();
            for item in items {
                let ObjectKey::Name(name) = &item.key else { panic!("this is no attribute") };
                let name = &name.name;
                let (ty, inner) = match &item.value.kind {
                    ExprKind::FunctionCall(call) if &*call.name == "optional" => {
                        object.optional.insert(Arc::clone(name));
                        if let Some(default) = call.arguments.get(1) {
                            defaults.values.insert(Arc::clone(name), evaluate(default, scope).unwrap());
                        }
                        constraint(&call.arguments[0], scope)
                    }
                    _ => constraint(&item.value, scope),
                };
                object.attributes.insert(Arc::clone(name), ty);
                defaults.children.insert(Arc::clone(name), inner);
            }
            Type::Object(Arc::new(object))
        }
        ("tuple", ExprKind::Tuple(items)) => Type::Tuple(items.iter().map(|item| constraint(item, scope).0).collect()),
        _ => {
            let (element, inner) = constraint(&arguments[0], scope);
            defaults.children.insert("".into(), inner);
            match name {
                "list" => Type::list(element),
                "set" => Type::set(element),
                _ => Type::map(element),
            }
        }
    };
    (ty.clone(), Defaults { ty, ..defaults })
}
