//! How a fix is written in native syntax and in Terraform's JSON.

use std::path::Path;

use terravet_diagnostics::Edit;
use terravet_frontend::notation::{Insertion, Literal, Notation, insert_in_object, json_assignment, quoted};
use terravet_graph::Resource;
use terravet_source::{SourceFile, Span};

/// The notation of a file, by its name; none for a plan.
pub(crate) fn of(path: &Path) -> Option<&'static dyn Notation> {
    let name = path.to_string_lossy();
    if name.ends_with(".tf.json") || name.ends_with(".tofu.json") {
        Some(&Json)
    } else if name.ends_with(".json") {
        None
    } else {
        Some(&Hcl)
    }
}

/// Where the block or object stands that an attribute is added to.
fn block(insertion: &Insertion<'_>) -> Option<Span> {
    if insertion.is_top_level { Some(insertion.resource.block) } else { insertion.container }
}

/// Native syntax.
pub(crate) struct Hcl;

impl Notation for Hcl {
    fn literal(&self, value: &Literal) -> String {
        let quoted = quoted(value);
        match value {
            // A template would begin here.
            Literal::String(_) => quoted.replace("${", "$${").replace("%{", "%%{"),
            Literal::Bool(_) | Literal::Number(_) => quoted,
        }
    }

    fn assignment(&self, name: &str, value: &Literal) -> String {
        format!("{name} = {}", self.literal(value))
    }

    fn insert(&self, insertion: &Insertion<'_>) -> Option<Edit> {
        let assignment = self.assignment(insertion.name, insertion.value);
        insert_in_block(insertion.file, block(insertion)?, insertion.resource, &assignment)
    }
}

/// A line after the brace that opens the block, as far in as the next line.
fn insert_in_block(file: &SourceFile, block: Span, resource: &Resource, assignment: &str) -> Option<Edit> {
    let text = file.text();
    let start = block.start as usize;
    let brace = start + text.get(start..resource.block.end as usize)?.find('{')?;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text[line_start..].chars().take_while(|c| c.is_whitespace() && *c != '\n').collect();
    let after = &text[brace + 1..];
    let rest_of_line = after.split('\n').next().unwrap_or_default();
    let (range, text) = if rest_of_line.trim().is_empty() || rest_of_line.trim_start().starts_with(['#', '/']) {
        let at = brace + 1 + rest_of_line.len();
        (at..at, format!("\n{indent}  {assignment}"))
    } else if rest_of_line.trim_start().starts_with('}') {
        (brace + 1..brace + 1, format!("\n{indent}  {assignment}\n{indent}"))
    } else {
        // A block on one line holds one attribute at most: it becomes several lines.
        let closing = brace + 1 + rest_of_line.find('}')?;
        let inner = text.get(brace + 1..closing)?.trim();
        (brace + 1..closing, format!("\n{indent}  {inner}\n{indent}  {assignment}\n{indent}"))
    };
    Some(Edit { span: Span::new(file.id(), range), text })
}

/// Terraform's JSON syntax.
struct Json;

impl Notation for Json {
    fn literal(&self, value: &Literal) -> String {
        quoted(value)
    }

    fn assignment(&self, name: &str, value: &Literal) -> String {
        json_assignment(name, value)
    }

    fn insert(&self, insertion: &Insertion<'_>) -> Option<Edit> {
        let block = block(insertion)?;
        // The object of a block stands behind its labels.
        let object = insertion.file.slice(block).find('{').map_or(block, |at| block.slice(at, usize::MAX));
        if object == insertion.resource.header {
            return None;
        }
        insert_in_object(insertion.file, object, insertion.name, insertion.value)
    }
}
