//! The change that mends a finding: a template of the page, placed in the source.
//!
//! In: the page's fix, in terms of the kind. Out: a [`Fix`]: words in the language of the source, and edits where the place is
//! certain: a literal that is replaced, or an attribute that is added to the block it belongs to.
//!
//! What would need a new companion resource, or lies behind a variable, is told in words only.

use std::sync::Arc;

use terravet_diagnostics::{Applicability, Edit, Fix};
use terravet_graph::{Language, Resource, Step, Value};
use terravet_kinds::{Attribute, Body, Kind, Model, NoChoices, Path, PathRoot, Reading, Subject, View};
use terravet_rules::{FixTemplate, FixValue, Page};
use terravet_source::{SourceFile, Span};

/// The fix for a finding, if the page has one.
pub(crate) fn fix(
    page: &Page,
    kind: &Kind,
    model: &Model<'_>,
    subject: &Subject,
    files: &[Arc<SourceFile>],
) -> Option<Fix> {
    let template = page.fix.as_ref()?;
    let resource = model.resource(subject);
    let (Some(name), Some(value)) = (&template.attribute, &template.value) else {
        return Some(words_only(template, resource, None));
    };
    let attribute = kind.attributes.get(name)?;
    let target = attribute.paths(resource.language).iter().find(|path| path.root == PathRoot::Own);
    let choices = NoChoices;
    let view = View::new(model, &choices);
    let edits = match view.read(subject, kind, attribute) {
        Reading::Value { value: written, absent: None, .. } => replace(&written, value, resource, files),
        Reading::Value { .. } => target.and_then(|path| insert(subject, resource, path, value, files)),
        Reading::Subjects { .. } => None,
    };
    let mut fix = words_only(template, resource, Some((attribute, value)));
    match edits {
        Some(edit) => {
            fix.edits = vec![edit];
            fix.applicability = template.applicability;
        }
        None => fix.applicability = Applicability::Display,
    }
    Some(fix)
}

fn words_only(template: &FixTemplate, resource: &Resource, set: Option<(&Attribute, &FixValue)>) -> Fix {
    let words = match (&template.words, set) {
        (Some(words), _) => words.to_string(),
        (None, Some((attribute, value))) => {
            let paths = attribute.paths(resource.language);
            let path = paths
                .iter()
                .rfind(|path| path.root != PathRoot::Owner)
                .map_or_else(|| attribute.name.to_string(), |path| path.segments.join("."));
            match resource.language {
                Language::Terraform => format!("set `{path} = {}`", literal(value, resource.language)),
                Language::CloudFormation => format!("set `{path}: {}`", literal(value, resource.language)),
            }
        }
        (None, None) => String::new(),
    };
    Fix { description: words.into(), applicability: Applicability::Display, edits: Vec::new() }
}

/// A value as the language writes it.
fn literal(value: &FixValue, language: Language) -> String {
    match (value, language) {
        (FixValue::Bool(flag), _) => flag.to_string(),
        (FixValue::Number(number), _) => number.to_string(),
        (FixValue::String(text), Language::Terraform) => format!("\"{text}\""),
        (FixValue::String(text), Language::CloudFormation) => {
            let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'));
            if plain { text.to_string() } else { format!("\"{text}\"") }
        }
    }
}

/// Replaces a literal that stands in the resource itself.
fn replace(written: &Value, value: &FixValue, resource: &Resource, files: &[Arc<SourceFile>]) -> Option<Edit> {
    let origin = written.origin.as_ref()?;
    let is_literal = origin.from.is_none() && origin.step == Step::Written && resource.block.contains(origin.span);
    let file = files.iter().find(|file| file.id() == origin.span.file)?;
    let text = file.slice(origin.span);
    let one_line = !text.is_empty() && !text.contains('\n');
    let json = text.starts_with('"') && file.text().trim_start().starts_with('{');
    (is_literal && one_line).then(|| {
        let text = if json { json_literal(value) } else { literal(value, resource.language) };
        Edit { span: origin.span, text }
    })
}

fn json_literal(value: &FixValue) -> String {
    match value {
        FixValue::Bool(flag) => flag.to_string(),
        FixValue::Number(number) => number.to_string(),
        FixValue::String(text) => format!("\"{text}\""),
    }
}

/// Adds an attribute to the block that it belongs to, which must be there.
fn insert(
    subject: &Subject,
    resource: &Resource,
    path: &Path,
    value: &FixValue,
    files: &[Arc<SourceFile>],
) -> Option<Edit> {
    let (last, before) = path.segments.split_last()?;
    let mut container = match &subject.body {
        Body::Part(part) => part.clone(),
        Body::Resource => resource.attributes.clone(),
        Body::Companion | Body::Document(..) | Body::Statement(..) => return None,
    };
    for segment in before {
        container = container.elements().first()?.get(segment);
        container = container.elements().into_iter().next()?;
    }
    let file = files.iter().find(|file| file.id() == resource.block.file)?;
    match resource.language {
        Language::Terraform => {
            let block = if before.is_empty() && matches!(subject.body, Body::Resource) {
                resource.block
            } else {
                container.origin.as_ref().filter(|origin| origin.from.is_none())?.span
            };
            insert_in_block(file, block, resource, last, value)
        }
        Language::CloudFormation => insert_in_mapping(file, &container, resource, last, value),
    }
}

/// Terraform: a line after the brace that opens the block, as far in as the next line.
fn insert_in_block(file: &SourceFile, block: Span, resource: &Resource, name: &str, value: &FixValue) -> Option<Edit> {
    let text = file.text();
    let start = block.start as usize;
    let brace = start + text.get(start..resource.block.end as usize)?.find('{')?;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text[line_start..].chars().take_while(|c| c.is_whitespace() && *c != '\n').collect();
    let assignment = format!("{name} = {}", literal(value, Language::Terraform));
    let after = &text[brace + 1..];
    let rest_of_line = after.split('\n').next().unwrap_or_default();
    let text = if rest_of_line.trim().is_empty() || rest_of_line.trim_start().starts_with(['#', '/']) {
        let at = brace + 1 + rest_of_line.len();
        let place = Span::new(file.id(), at..at);
        return Some(Edit { span: place, text: format!("\n{indent}  {assignment}") });
    } else if rest_of_line.trim_start().starts_with('}') {
        format!("\n{indent}  {assignment}\n{indent}")
    } else {
        // A block on one line holds one attribute at most: it becomes several lines.
        let closing = brace + 1 + rest_of_line.find('}')?;
        let inner = text.get(brace + 1..closing)?.trim();
        let place = Span::new(file.id(), brace + 1..closing);
        return Some(Edit { span: place, text: format!("\n{indent}  {inner}\n{indent}  {assignment}\n{indent}") });
    };
    Some(Edit { span: Span::new(file.id(), brace + 1..brace + 1), text })
}

/// CloudFormation: an entry before the first of the mapping, as far in as that one. A resource without properties and a
/// mapping in flow style are told in words only.
fn insert_in_mapping(
    file: &SourceFile,
    container: &Value,
    resource: &Resource,
    name: &str,
    value: &FixValue,
) -> Option<Edit> {
    let origin =
        container.origin.as_ref().filter(|origin| origin.from.is_none() && resource.block.contains(origin.span))?;
    if origin.span == resource.header {
        // Without properties there is no mapping to add to.
        return None;
    }
    let text = file.text();
    let start = origin.span.start as usize;
    let first = text.get(start..)?.chars().next()?;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line_start..start];
    if first == '{' {
        let inner = text.get(start + 1..)?;
        let gap: String = inner.chars().take_while(|c| c.is_whitespace()).collect();
        let comma = if inner.trim_start().starts_with('}') { "" } else { "," };
        let quoted = format!("{gap}\"{name}\": {}{comma}", json_literal(value));
        return Some(Edit { span: Span::new(file.id(), start + 1..start + 1), text: quoted });
    }
    let indent: String = before.chars().map(|c| if c == '-' { ' ' } else { c }).collect();
    indent.trim().is_empty().then(|| Edit {
        span: Span::new(file.id(), start..start),
        text: format!("{name}: {}\n{indent}", literal(value, Language::CloudFormation)),
    })
}
