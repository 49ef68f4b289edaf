//! What an expression is evaluated in.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use terravet_diagnostics::{Diagnostic, cut, did_you_mean};
use terravet_graph::{Spent, Step as OriginStep, Value, Work};
use terravet_hcl::{Ident, Step};
use terravet_source::{SourceFile, Span};
use terravet_terraform_functions::Files;

/// How many expressions one unit may evaluate, loops counted by their rounds. Each may keep a value of about a hundred bytes,
/// so that this bounds memory as well.
pub(crate) const MAX_STEPS: u64 = 5_000_000;
/// How deeply collections may be within each other.
pub(crate) const MAX_VALUE_DEPTH: u32 = 300;
/// How deeply expressions may be within each other, templates that render templates included.
pub(crate) const MAX_DEPTH: u32 = 1_000;

/// What a name stands for.
pub(crate) struct Resolved {
    /// The value.
    pub(crate) value: Value,
    /// How many of the steps after the name it took to get there.
    pub(crate) consumed: usize,
}

/// What an expression can refer to.
pub(crate) trait Scope {
    /// What the beginning of a traversal means: the first name and as many steps as belong to it. The scope adds to the
    /// value's origin where it came from and that it is named at `span`, the place of the whole traversal.
    fn resolve(&self, root: &str, steps: &[Step], span: Span) -> Result<Resolved, EvaluationError>;

    /// The files that functions may read.
    fn files(&self) -> &dyn Files;

    /// The work that is left.
    fn budget(&self) -> &Budget;

    /// The source text at a span, where it is at hand.
    fn text(&self, span: Span) -> Option<String>;

    /// The address of the module instance that expressions stand in; empty for the root.
    fn module(&self) -> &str;

    /// The functions that may not be called here, if any, with the reason.
    fn refuses_function(&self, _name: &str) -> Option<&'static str> {
        None
    }

    /// Whether what a name and the steps after it mean exists only while Terraform runs.
    fn is_ephemeral(&self, _root: &str, _steps: &[Step]) -> bool {
        false
    }
}

/// The work that one unit may still cause: steps, levels of nesting, and bytes.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    steps: Cell<u64>,
    depth: Cell<u32>,
    work: Work,
}

impl Budget {
    /// What may still be read and made.
    pub(crate) fn work(&self) -> &Work {
        &self.work
    }

    /// Takes off what it takes to go through a value.
    pub(crate) fn read(&self, value: &Value, span: Span) -> Result<(), EvaluationError> {
        self.work.read_through(value).map_err(|spent| EvaluationError::spent(span, spent))
    }

    /// Takes off so many bytes that are made.
    pub(crate) fn make(&self, bytes: u64, span: Span) -> Result<(), EvaluationError> {
        self.work.make(bytes).map_err(|spent| EvaluationError::spent(span, spent))
    }

    /// Takes one step.
    pub(crate) fn step(&self, span: Span) -> Result<(), EvaluationError> {
        self.steps(1, span)
    }

    /// Takes several steps.
    pub(crate) fn steps(&self, count: u64, span: Span) -> Result<(), EvaluationError> {
        let taken = self.steps.get().saturating_add(count);
        self.steps.set(taken);
        if taken > MAX_STEPS {
            let message = format!("evaluation stops here: the limit of {MAX_STEPS} steps for one unit is reached");
            return Err(EvaluationError { spent: true, ..EvaluationError::limit(span, message) });
        }
        Ok(())
    }

    /// Takes the steps that going through a value will take, since one value can stand in many places at no cost, and so
    /// grow without bounds.
    pub(crate) fn weigh(&self, value: &Value, span: Span) -> Result<(), EvaluationError> {
        let left = MAX_STEPS.saturating_sub(self.steps.get());
        match weight(value, left, MAX_VALUE_DEPTH) {
            Ok(parts) => self.steps(parts, span),
            Err(TooHeavy::Deep) => {
                let message =
                    format!("evaluation stops here: the limit of {MAX_VALUE_DEPTH} levels of one value is reached");
                Err(EvaluationError::limit(span, message))
            }
            Err(TooHeavy::Wide) => {
                let message = format!(
                    "evaluation stops here: to go through this value takes more than the limit of {MAX_STEPS} steps for one unit"
                );
                Err(EvaluationError { spent: true, ..EvaluationError::limit(span, message) })
            }
        }
    }

    /// Goes one level deeper for the time of `inside`.
    pub(crate) fn deeper<T>(
        &self,
        span: Span,
        inside: impl FnOnce() -> Result<T, EvaluationError>,
    ) -> Result<T, EvaluationError> {
        let depth = self.depth.get() + 1;
        if depth > MAX_DEPTH {
            let message = format!("evaluation stops here: the limit of {MAX_DEPTH} levels of nesting is reached");
            return Err(EvaluationError::limit(span, message));
        }
        self.depth.set(depth);
        let result = inside();
        self.depth.set(depth - 1);
        result
    }
}

/// Why a value is not gone through.
enum TooHeavy {
    /// It is nested too deep.
    Deep,
    /// It has too many parts.
    Wide,
}

/// How many parts a value has, itself included, where they are not more, or nested deeper, than is allowed.
fn weight(value: &Value, most: u64, depth: u32) -> Result<u64, TooHeavy> {
    let (items, entries) = (value.as_items(), value.as_entries());
    if items.is_none() && entries.is_none() {
        return Ok(1);
    }
    let depth = depth.checked_sub(1).ok_or(TooHeavy::Deep)?;
    let parts = items.into_iter().flatten().chain(entries.into_iter().flat_map(|entries| entries.values()));
    parts.into_iter().try_fold(1u64, |total, part| {
        let left = most.checked_sub(total).ok_or(TooHeavy::Wide)?;
        Ok(total + weight(part, left, depth)?)
    })
}

/// Why an expression is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EvaluationError {
    /// Where.
    pub(crate) span: Span,
    /// What is wrong, in a sentence without a final point.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: Option<String>,
    /// Whether it is ours and not Terraform's: a limit is hit, so that nothing is known about what Terraform would say.
    pub(crate) limit: bool,
    /// Whether the limit is that of the whole unit, so that more is refused for the same reason.
    pub(crate) spent: bool,
}

impl EvaluationError {
    /// An error at a place.
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: cut(message.into()), help: None, limit: false, spent: false }
    }

    /// A limit that is hit at a place: no `try()` and no choice hides it.
    pub(crate) fn limit(span: Span, message: impl Into<String>) -> Self {
        Self { limit: true, ..Self::new(span, message) }
    }

    /// The limit of a whole unit that is hit at a place.
    pub(crate) fn spent(span: Span, spent: Spent) -> Self {
        Self { spent: true, ..Self::limit(span, format!("evaluation stops here: {spent}")) }
    }

    /// With a word on what to do.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(cut(help.into()));
        self
    }

    /// With the question whether the nearest of the known names was meant, where one is near enough.
    pub(crate) fn with_suggestion<'n>(self, given: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        match did_you_mean(given, known) {
            Some(question) => self.with_help(question),
            None => self,
        }
    }

    /// The diagnostic for it.
    pub(crate) fn into_diagnostic(self) -> Diagnostic {
        let diagnostic = Diagnostic::error("terraform-evaluation", self.span, self.message);
        match self.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A scope that adds names of its own to another one, and is like that in everything else.
pub(crate) trait InnerScope {
    /// The scope around it.
    fn outer(&self) -> &dyn Scope;

    /// What one of its own names means; none where the name is not its own.
    fn own(&self, root: &str, steps: &[Step], span: Span) -> Option<Resolved>;
}

impl<S: InnerScope> Scope for S {
    fn resolve(&self, root: &str, steps: &[Step], span: Span) -> Result<Resolved, EvaluationError> {
        self.own(root, steps, span).map_or_else(|| self.outer().resolve(root, steps, span), Ok)
    }

    fn files(&self) -> &dyn Files {
        self.outer().files()
    }

    fn budget(&self) -> &Budget {
        self.outer().budget()
    }

    fn text(&self, span: Span) -> Option<String> {
        self.outer().text(span)
    }

    fn module(&self) -> &str {
        self.outer().module()
    }

    fn refuses_function(&self, name: &str) -> Option<&'static str> {
        self.outer().refuses_function(name)
    }

    fn is_ephemeral(&self, root: &str, steps: &[Step]) -> bool {
        self.outer().is_ephemeral(root, steps)
    }
}

/// The scope inside a `for`: two more names.
pub(crate) struct LoopScope<'s> {
    /// The scope around.
    pub(crate) outer: &'s dyn Scope,
    /// The variable for the key, with its value.
    pub(crate) key: Option<(&'s Ident, Value)>,
    /// The variable for the value, with its value.
    pub(crate) value: (&'s Ident, Value),
}

impl InnerScope for LoopScope<'_> {
    fn outer(&self) -> &dyn Scope {
        self.outer
    }

    fn own(&self, root: &str, _: &[Step], span: Span) -> Option<Resolved> {
        let value = if *self.value.0.name == *root {
            &self.value.1
        } else {
            self.key.as_ref().filter(|(name, _)| *name.name == *root).map(|(_, value)| value)?
        };
        Some(Resolved { value: value.clone().through(span, OriginStep::Named(root.into())), consumed: 0 })
    }
}

/// The scope inside a template that a function renders: the variables that it is given and nothing else.
pub(crate) struct TemplateScope<'s> {
    /// The scope of the call.
    pub(crate) outer: &'s dyn Scope,
    /// The variables, a map or object.
    pub(crate) variables: &'s Value,
    /// The file of the template, for its source text.
    pub(crate) file: Option<&'s Arc<SourceFile>>,
    /// Whether the template is a string, which may read no files.
    pub(crate) is_text: bool,
}

impl Scope for TemplateScope<'_> {
    fn resolve(&self, root: &str, _: &[Step], span: Span) -> Result<Resolved, EvaluationError> {
        match self.variables.as_entries().and_then(|entries| entries.get(root)) {
            Some(value) => {
                let value = self.variables.part(value).through(span, OriginStep::Named(root.into()));
                Ok(Resolved { value, consumed: 0 })
            }
            None => Err(EvaluationError::new(span, format!("the template uses `{root}`, which it is not given"))
                .with_help("pass it in the second argument of the call")),
        }
    }

    fn files(&self) -> &dyn Files {
        self.outer.files()
    }

    fn budget(&self) -> &Budget {
        self.outer.budget()
    }

    fn text(&self, span: Span) -> Option<String> {
        match self.file {
            Some(file) if file.id() == span.file => Some(file.slice(span).to_owned()),
            _ => self.outer.text(span),
        }
    }

    fn module(&self) -> &str {
        self.outer.module()
    }

    fn refuses_function(&self, name: &str) -> Option<&'static str> {
        let plain = name.strip_prefix("core::").unwrap_or(name);
        if matches!(plain, "templatefile" | "templatestring") {
            return Some("a template cannot render another one");
        }
        (self.is_text && terravet_terraform_functions::reads_files(name))
            .then_some("a template string cannot read files")
    }
}
