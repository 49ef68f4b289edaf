//! Evaluating single values in a template.

use std::path::Path;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Data, Value};
use terravet_source::{ReadError, SourceFile};

use crate::check;
use crate::loader::Loader;
use crate::nested::{Nested, Opener};
use crate::normalise::normalise;
use crate::stack::Stack;
use crate::template::parse_text;

/// A template in which values are evaluated: JSON or YAML with intrinsic functions.
#[derive(Debug)]
pub struct Console<'l> {
    loader: &'l Loader,
    stack: Option<Stack>,
    nested: Nested,
    files: Vec<Arc<SourceFile>>,
    file: Arc<SourceFile>,
    diagnostics: Vec<Diagnostic>,
}

/// What evaluating a value gave.
#[derive(Debug)]
pub struct Evaluated {
    /// The value; none where the text is no JSON and no YAML, or the template is none.
    pub value: Option<Value>,
    /// What is wrong with the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The text as a file, which spans lead to.
    pub file: Arc<SourceFile>,
}

impl<'l> Console<'l> {
    /// Opens a template.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn new(loader: &'l Loader, template: &Path) -> Result<Self, ReadError> {
        let file = loader.sources.load(template)?;
        let mut diagnostics = Vec::new();
        let stack = loader.prepare(&file, &mut diagnostics);
        let mut opener = Opener::new(loader);
        let nested = stack.as_ref().map(|stack| opener.open(stack)).unwrap_or_default();
        diagnostics.append(&mut opener.diagnostics);
        Ok(Self { loader, stack, nested, files: opener.files, file, diagnostics })
    }

    /// What is wrong with the template.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The template.
    #[must_use]
    pub fn file(&self) -> &Arc<SourceFile> {
        &self.file
    }

    /// The templates that are nested in it and the snippets that it includes, which spans may lead to.
    #[must_use]
    pub fn nested_files(&self) -> &[Arc<SourceFile>] {
        &self.files
    }

    /// Evaluates a value that stands in `text`, which is known as `name`.
    #[must_use]
    pub fn evaluate(&self, name: &Path, text: &str) -> Evaluated {
        let file = self.loader.sources.add(name, text);
        // Short forms stand in braces as well: `{a: !Ref X}`.
        let parsed = parse_text(&file);
        let mut diagnostics = parsed.diagnostics;
        let (Some(node), Some(stack)) = (parsed.documents.first(), &self.stack) else {
            return Evaluated { value: None, diagnostics, file };
        };
        let node = normalise(&file, node, &mut diagnostics);
        check::check_value(&stack.template, &node, &mut diagnostics);
        let evaluator = stack.evaluator(&self.nested);
        let value = evaluator.value(&node);
        diagnostics.extend(evaluator.take_diagnostics());
        let value = if value.data == Data::Absent { Value { data: Value::null().data, ..value } } else { value };
        Evaluated { value: Some(value), diagnostics, file }
    }
}
