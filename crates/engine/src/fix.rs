//! The change that mends a finding: a template of the page, placed in the source.
//!
//! In: the page's fix, in terms of the kind. Out: a [`Fix`]: words in the language of the source, and edits where the place is
//! certain: a literal that is replaced, or an attribute that is added to the block it belongs to.
//!
//! What would need a new companion resource, or lies behind a variable, is told in words only.

use std::sync::Arc;

use terravet_diagnostics::{Applicability, Edit, Fix};
use terravet_frontend::Frontend;
use terravet_frontend::notation::{Insertion, Literal};
use terravet_graph::{Data, Mode, Origin, Resource, Step, Value};
use terravet_kinds::{Attribute, Kind, Model, NoChoices, Path, PathRoot, Reading, Subject, View};
use terravet_rules::{FixTemplate, FixValue, Page};
use terravet_source::SourceFile;

/// Where a fix is written.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    /// The files of the unit.
    pub(crate) files: &'p [Arc<SourceFile>],
    /// Its language.
    pub(crate) frontend: &'p dyn Frontend,
}

/// The fix for a finding, if the page has one.
pub(crate) fn fix(page: &Page, kind: &Kind, model: &Model<'_>, subject: &Subject, at: &Place<'_>) -> Option<Fix> {
    let template = page.fix.as_ref()?;
    let resource = model.resource(subject);
    let (Some(name), Some(value)) = (&template.attribute, &template.value) else {
        return Some(words_only(template, resource, None, at.frontend));
    };
    let value = &literal(value);
    let attribute = kind.attributes.get(name)?;
    let choices = NoChoices;
    let view = View::new(model, &choices);
    let holders = attribute.paths(resource.language).iter();
    // What a module that is not on this machine takes, and under which name, is not known well enough to write it.
    let is_written = |holder: &Resource| holder.mode != Mode::Outlined;
    let mut holders = holders
        .filter_map(|path| Some((path, view.holder(subject, kind, path)?)))
        .filter(|(_, (holder, _))| is_written(holder));
    let edit = match view.read(subject, kind, attribute) {
        Reading::Value { value: written, absent: None, .. } => {
            holders.find_map(|(_, (holder, _))| replace(at, &written, value, holder))
        }
        Reading::Value { .. } => {
            holders.find_map(|(path, (holder, whole))| insert(at, holder, &whole, &path.segments, value))
        }
        Reading::Subjects { .. } => None,
    };
    let mut fix = words_only(template, resource, Some((attribute, value)), at.frontend);
    if let Some(edit) = edit {
        fix.edits = vec![edit];
        fix.applicability = template.applicability;
    }
    Some(fix)
}

fn literal(value: &FixValue) -> Literal {
    match value {
        FixValue::Bool(flag) => Literal::Bool(*flag),
        FixValue::Number(number) => Literal::Number(Arc::clone(number)),
        FixValue::String(text) => Literal::String(Arc::clone(text)),
    }
}

fn words_only(
    template: &FixTemplate,
    resource: &Resource,
    set: Option<(&Attribute, &Literal)>,
    frontend: &dyn Frontend,
) -> Fix {
    let words = match (&template.words, set) {
        (Some(words), _) => words.to_string(),
        (None, Some((attribute, value))) => {
            let paths = attribute.paths(resource.language).iter().filter(|path| path.root != PathRoot::Owner);
            let is_begun =
                |path: &&Path| path.segments.first().is_some_and(|first| !resource.attributes.get(first).is_unset());
            let path = paths.clone().find(is_begun).or_else(|| paths.clone().next_back());
            let path = path.map_or_else(|| attribute.name.to_string(), Path::names);
            let assignment = frontend.common_notation().assignment(&path, value);
            match resource.mode {
                Mode::Outlined => format!("have the module set `{assignment}` in its {}", resource.native_type),
                _ => format!("set `{assignment}`"),
            }
        }
        (None, None) => String::new(),
    };
    Fix { description: words.into(), applicability: Applicability::Display, edits: Vec::new() }
}

/// Replaces a literal that stands in the resource itself.
fn replace(at: &Place<'_>, written: &Value, value: &Literal, resource: &Resource) -> Option<Edit> {
    let origin = written.origin.as_ref()?;
    if written.is_unknown() || written.as_items().is_some() || written.as_entries().is_some() {
        return None;
    }
    let is_literal = origin.from.is_none() && origin.step == Step::Written && resource.block.contains(origin.span);
    let file = at.files.iter().find(|file| file.id() == origin.span.file)?;
    let text = file.slice(origin.span);
    let one_line = !text.is_empty() && !text.contains('\n');
    let notation = at.frontend.notation(file)?;
    (is_literal && one_line).then(|| Edit { span: origin.span, text: notation.literal(value) })
}

/// Adds an attribute to the block that it belongs to, which must be there: what `segments` but the last lead to in `whole`.
fn insert(at: &Place<'_>, resource: &Resource, whole: &Value, segments: &[Arc<str>], value: &Literal) -> Option<Edit> {
    let (last, before) = segments.split_last()?;
    let mut container = whole.clone();
    for segment in before {
        container = container.elements().first()?.get(segment);
        container = container.elements().into_iter().next()?;
    }
    let present = container.get(last);
    if !matches!(present.data, Data::Absent) {
        // It is written, as null; adding it would set it twice.
        return replace(at, &present, value, resource);
    }
    let file = at.files.iter().find(|file| file.id() == resource.block.file)?;
    let is_here = |origin: &&Arc<Origin>| origin.from.is_none() && resource.block.contains(origin.span);
    at.frontend.notation(file)?.insert(&Insertion {
        file,
        resource,
        is_top_level: before.is_empty() && whole.origin == resource.attributes.origin,
        container: container.origin.as_ref().filter(is_here).map(|origin| origin.span),
        name: last,
        value,
    })
}
