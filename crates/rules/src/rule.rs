//! One rule: its page, parsed when first needed, and its condition, compiled when first used.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use terravet_diagnostics::{Diagnostic, Profile};
use terravet_model::{Checked, Condition, Model, Subject, Verdict};
use terravet_schema::{Schema, at_condition, check_condition};
use terravet_source::{SourceFile, Sources, Span};

use crate::page::Page;

/// The text of a page, kinds or standards file.
#[derive(Debug)]
pub(crate) enum Text {
    /// A file that has been read.
    File(Arc<SourceFile>),
    /// A text that the binary carries; it becomes a file when something about it must be told.
    Embedded { sources: Arc<Sources>, path: PathBuf, text: &'static str, file: OnceLock<Arc<SourceFile>> },
}

impl Text {
    pub(crate) fn embedded(sources: &Arc<Sources>, path: PathBuf, text: &'static str) -> Self {
        Self::Embedded { sources: Arc::clone(sources), path, text, file: OnceLock::new() }
    }

    pub(crate) fn file(&self) -> Arc<SourceFile> {
        match self {
            Self::File(file) => Arc::clone(file),
            Self::Embedded { sources, path, text, file } => Arc::clone(file.get_or_init(|| sources.add(path, *text))),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::File(file) => file.path().to_path_buf(),
            Self::Embedded { path, .. } => path.clone(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::File(file) => file.text(),
            Self::Embedded { text, .. } => text,
        }
    }
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// The rule id: the page's file name without `.md`.
    pub id: Arc<str>,
    /// The kind that it checks.
    pub kind: Arc<str>,
    /// Whom it is for.
    pub profile: Profile,
    /// Path of the page below the rules folder.
    pub path: Arc<str>,
    text: Text,
    page: OnceLock<Result<Page, Vec<Diagnostic>>>,
    condition: OnceLock<Result<Condition, Box<Diagnostic>>>,
}

impl Rule {
    /// The rule of a page.
    pub(crate) fn new(path: Arc<str>, text: Text) -> Self {
        let name = path.rsplit('/').next().unwrap_or(&path);
        let id = Arc::from(name.trim_end_matches(".md"));
        let outline = Page::outline(text.text()).map(|(kind, profile)| (Arc::from(kind), profile));
        let mut rule = Self {
            id,
            kind: "".into(),
            profile: Profile::Recommended,
            path,
            text,
            page: OnceLock::new(),
            condition: OnceLock::new(),
        };
        let parsed = || rule.page().ok().map(|page| (Arc::clone(&page.kind), page.profile));
        // A broken page counts as one for everybody, so that its errors are told.
        if let Some((kind, profile)) = outline.or_else(parsed) {
            (rule.kind, rule.profile) = (kind, profile);
        }
        rule
    }

    /// The page.
    ///
    /// # Errors
    /// Everything that is wrong with its form.
    pub fn page(&self) -> Result<&Page, &[Diagnostic]> {
        self.page.get_or_init(|| Page::parse(&self.text.file())).as_ref().map_err(Vec::as_slice)
    }

    /// The page, where the rule can check.
    ///
    /// # Errors
    /// What is wrong with the form of the page, its kind or its condition.
    pub fn ready(&self, schema: &Schema) -> Result<&Page, &[Diagnostic]> {
        let page = self.page()?;
        self.condition(page, schema).as_ref().map(|_| page).map_err(|problem| std::slice::from_ref(&**problem))
    }

    /// The text between the lines of `---`.
    pub(crate) fn front_matter(&self) -> &str {
        Page::front_matter(self.text.text())
    }

    /// The page as a file.
    #[must_use]
    pub fn file(&self) -> Arc<SourceFile> {
        self.text.file()
    }

    /// The beginning of the page, for diagnostics about it as a whole.
    pub(crate) fn place(&self) -> Span {
        Span::start_of(self.text.file().id())
    }

    /// Checks a subject of the rule's kind. A rule whose page or condition is broken can tell nothing.
    #[must_use]
    pub fn check(&self, model: &Model<'_>, subject: &Subject) -> Checked {
        let page = self.page().ok();
        match page.and_then(|page| Some((page, self.condition(page, model.schema).as_ref().ok()?))) {
            Some((page, condition)) => condition.check(model, subject, &page.message_attributes()),
            None => Checked { verdict: Verdict::Unknown, evidence: Vec::new(), texts: Vec::new() },
        }
    }

    fn condition(&self, page: &Page, schema: &Schema) -> &Result<Condition, Box<Diagnostic>> {
        self.condition.get_or_init(|| compile(page, &self.text.file(), schema))
    }

    /// Everything that is wrong with the page: its form, kind, condition, the attributes in the message and the fix.
    #[must_use]
    pub fn problems(&self, schema: &Schema) -> Vec<Diagnostic> {
        let page = match self.page() {
            Ok(page) => page,
            Err(errors) => return errors.to_vec(),
        };
        let Some(kind) = schema.kind(&page.kind) else { return vec![no_kind(page, schema)] };
        let checked = check_condition(&page.condition, kind, schema);
        let wrong = checked.err().map(|error| at_condition("rule-page", &error, &self.file(), page.condition_span));
        let mut problems: Vec<Diagnostic> = wrong.into_iter().collect();
        let in_message = page.message_attributes().into_iter().map(|name| (name, page.message_span));
        let fixed = page.fix.iter().filter_map(|fix| Some((&**fix.attribute.as_ref()?, fix.span)));
        for (name, span) in in_message.chain(fixed) {
            if name != "address" && !kind.attributes.contains_key(name) {
                let message = format!("the kind {} has no attribute `{name}`", kind.name);
                let problem = Diagnostic::error("rule-page", span, message);
                problems.push(problem.with_suggestion(name, kind.attribute_names()));
            }
        }
        problems
    }
}

fn no_kind(page: &Page, schema: &Schema) -> Diagnostic {
    let error = Diagnostic::error("rule-page", page.kind_span, format!("there is no kind `{}`", page.kind));
    error.with_suggestion(&page.kind, schema.names())
}

fn compile(page: &Page, file: &SourceFile, schema: &Schema) -> Result<Condition, Box<Diagnostic>> {
    let Some(kind) = schema.kind(&page.kind) else { return Err(Box::new(no_kind(page, schema))) };
    Condition::parse(&page.condition, kind, schema)
        .map_err(|error| Box::new(at_condition("rule-page", &error, file, page.condition_span)))
}
