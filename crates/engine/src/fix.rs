//! The fix of a finding: the remedy of the page in the language of the source, and the edits that carry it out.
//!
//! In: the page's remedy and its fix, in terms of the kind. Out: a [`Fix`]. It has edits only where the place is certain: a literal
//! that is replaced, or an attribute that is added to the block it belongs to. Where a new satellite resource would be needed,
//! or the value comes from a variable, the description alone says what to do.

use std::sync::Arc;

use terravet_diagnostics::{Applicability, Edit, Fix};
use terravet_graph::{Data, Language, Mode, Origin, Resource, Step, Value};
use terravet_model::{Model, NoChoices, Reading, Subject, View};
use terravet_rules::{FixValue, Page};
use terravet_schema::{Attribute, Kind, Path, PathRoot};
use terravet_source::{SourceFile, Span};

use crate::files::Files;

/// The fix for a finding, if the page has one.
pub(crate) fn fix(page: &Page, kind: &Kind, model: &Model<'_>, subject: &Subject, files: &Files<'_>) -> Option<Fix> {
    let resource = model.resource(subject);
    let remedy = match resource.language {
        Language::Terraform => page.remedy.terraform.as_deref(),
        Language::CloudFormation => page.remedy.cloudformation.as_deref(),
    };
    let template = page.fix.as_ref();
    let set = template.and_then(|template| Some((template, template.attribute.as_ref()?, template.value.as_ref()?)));
    let Some((template, name, value)) = set else { return remedy.map(|text| description(text, resource)) };
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
            holders.find_map(|(_, (holder, _))| replace(&written, value, holder, files))
        }
        Reading::Value { .. } => {
            holders.find_map(|(path, (holder, whole))| insert(holder, &whole, &path.segments, value, files))
        }
        Reading::Subjects { .. } => None,
    };
    let mut fix = match remedy {
        Some(text) => description(text, resource),
        None => set_in_words(attribute, value, resource),
    };
    if let Some(edit) = edit {
        fix.edits = vec![edit];
        fix.applicability = template.applicability;
    }
    Some(fix)
}

/// What the page says, for a resource.
fn description(text: &str, resource: &Resource) -> Fix {
    // The reader cannot edit the resource of a registry module, only the call.
    let text = match resource.mode {
        Mode::Outlined => format!("In the module's `{}`: {text}", resource.native_type),
        _ => text.to_owned(),
    };
    words_only(text)
}

/// The same, made from the attribute to set.
fn set_in_words(attribute: &Attribute, value: &FixValue, resource: &Resource) -> Fix {
    let paths = attribute.paths(resource.language).iter().filter(|path| path.root != PathRoot::Owner);
    let is_begun = |path: &&Path| path.segments.first().is_some_and(|first| !resource.attributes.get(first).is_unset());
    let path = paths.clone().find(is_begun).or_else(|| paths.clone().next_back());
    let path = path.map_or_else(|| attribute.name.to_string(), Path::names);
    let text = match resource.language {
        Language::Terraform => format!("Set `{path} = {}`", literal(value, Notation::Hcl)),
        Language::CloudFormation => format!("Set `{path}: {}`", literal(value, Notation::Yaml)),
    };
    description(&text, resource)
}

fn words_only(text: String) -> Fix {
    Fix { description: text.into(), applicability: Applicability::Display, edits: Vec::new() }
}

/// How values are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notation {
    Hcl,
    Yaml,
    Json,
}

impl Notation {
    /// The notation of a resource's file; none for a file that people do not write, such as a plan.
    fn of(file: &SourceFile, language: Language) -> Option<Self> {
        let name = file.path().to_string_lossy();
        match language {
            Language::Terraform if name.ends_with(".tf.json") || name.ends_with(".tofu.json") => Some(Self::Json),
            Language::Terraform if name.ends_with(".json") => None,
            Language::Terraform => Some(Self::Hcl),
            Language::CloudFormation if file.text().trim_start().starts_with('{') => Some(Self::Json),
            Language::CloudFormation => Some(Self::Yaml),
        }
    }
}

/// A value as it is written.
fn literal(value: &FixValue, notation: Notation) -> String {
    match (value, notation) {
        (FixValue::Bool(flag), _) => flag.to_string(),
        (FixValue::Number(number), _) => number.to_string(),
        (FixValue::String(text), Notation::Yaml) if is_plain(text) => text.to_string(),
        (FixValue::String(text), notation) => {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            let escaped = match notation {
                Notation::Hcl => escaped.replace("${", "$${").replace("%{", "%%{"),
                Notation::Yaml | Notation::Json => escaped,
            };
            format!("\"{escaped}\"")
        }
    }
}

/// Whether YAML reads a text without quotes as this text.
fn is_plain(text: &str) -> bool {
    let like_another_type = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'))
        && !like_another_type.contains(&text.to_ascii_lowercase().as_str())
}

/// Replaces a literal that stands in the resource itself.
fn replace(written: &Value, value: &FixValue, resource: &Resource, files: &Files<'_>) -> Option<Edit> {
    let origin = written.origin.as_ref()?;
    if written.is_unknown() || written.as_items().is_some() || written.as_entries().is_some() {
        return None;
    }
    let is_literal = origin.from.is_none() && origin.step == Step::Written && resource.block.contains(origin.span);
    let file = files.of(origin.span)?;
    let text = file.slice(origin.span);
    let one_line = !text.is_empty() && !text.contains('\n');
    let notation = Notation::of(file, resource.language)?;
    (is_literal && one_line).then(|| Edit { span: origin.span, text: literal(value, notation) })
}

/// Adds an attribute to the block that it belongs to, which must be there: what `segments` but the last lead to in `whole`.
fn insert(
    resource: &Resource,
    whole: &Value,
    segments: &[Arc<str>],
    value: &FixValue,
    files: &Files<'_>,
) -> Option<Edit> {
    let (last, before) = segments.split_last()?;
    let mut container = whole.clone();
    for segment in before {
        container = container.elements().first()?.get(segment);
        container = container.elements().into_iter().next()?;
    }
    let present = container.get(last);
    if !matches!(present.data, Data::Absent) {
        // It is written, as null; adding it would set it twice.
        return replace(&present, value, resource, files);
    }
    let file = files.of(resource.block)?;
    let notation = Notation::of(file, resource.language)?;
    let is_whole_resource = before.is_empty() && whole.origin == resource.attributes.origin;
    let is_terraform = resource.language == Language::Terraform;
    let is_here = |origin: &&Arc<Origin>| origin.from.is_none() && resource.block.contains(origin.span);
    let written = || container.origin.as_ref().filter(is_here).map(|origin| origin.span);
    let block = if is_whole_resource && is_terraform { resource.block } else { written()? };
    if notation == Notation::Hcl {
        return insert_in_block(file, block, resource, last, value);
    }
    // The object of a block in Terraform's JSON syntax stands behind its labels.
    let object = file.slice(block).find('{').filter(|_| is_terraform).map_or(block, |at| block.slice(at, usize::MAX));
    insert_in_mapping(file, object, resource, last, value, notation)
}

/// Terraform: a line after the brace that opens the block, as far in as the next line.
fn insert_in_block(file: &SourceFile, block: Span, resource: &Resource, name: &str, value: &FixValue) -> Option<Edit> {
    let text = file.text();
    let start = block.start as usize;
    let brace = start + text.get(start..resource.block.end as usize)?.find('{')?;
    let line_start = file.lines().bounds(text, block.start).start;
    let indent: String = text[line_start..].chars().take_while(|c| c.is_whitespace() && *c != '\n').collect();
    let assignment = format!("{name} = {}", literal(value, Notation::Hcl));
    let line_end = file.lines().bounds(text, u32::try_from(brace).ok()?).end;
    let rest_of_line = text.get(brace + 1..line_end)?;
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

/// YAML and JSON: an entry before the first of the mapping, as far in as that one. A resource without properties, a key that
/// is there though its value is not (`!Ref AWS::NoValue`), and a mapping in flow style of YAML are told in words only.
fn insert_in_mapping(
    file: &SourceFile,
    mapping: Span,
    resource: &Resource,
    name: &str,
    value: &FixValue,
    notation: Notation,
) -> Option<Edit> {
    if mapping == resource.header {
        // Without properties there is no mapping to add to.
        return None;
    }
    let begins_with_name = |line: &str| line.trim_start_matches([' ', '\t', '"', '\'', '-']).starts_with(name);
    if file.slice(mapping).split(['\n', '{', ',']).any(begins_with_name) {
        return None;
    }
    let text = file.text();
    let start = mapping.start as usize;
    let first = text.get(start..)?.chars().next()?;
    let line_start = file.lines().bounds(text, mapping.start).start;
    let before = &text[line_start..start];
    match (first, notation) {
        ('{', Notation::Json) => {
            let inner = text.get(start + 1..)?;
            let gap: String = inner.chars().take_while(|c| c.is_whitespace()).collect();
            let comma = if inner.trim_start().starts_with('}') { "" } else { "," };
            let entry = format!("{gap}\"{name}\": {}{comma}", literal(value, notation));
            Some(Edit { span: Span::new(file.id(), start + 1..start + 1), text: entry })
        }
        ('{', _) | (_, Notation::Json | Notation::Hcl) => None,
        (_, Notation::Yaml) => {
            let indent: String = before.chars().map(|c| if c == '-' { ' ' } else { c }).collect();
            indent.trim().is_empty().then(|| Edit {
                span: Span::new(file.id(), start..start),
                text: format!("{name}: {}\n{indent}", literal(value, notation)),
            })
        }
    }
}
