//! One form for every template.
//!
//! In: the syntax tree of a YAML or JSON text. Out: the same tree in which every short form (`!Sub x`) is the long one
//! (`{"Fn::Sub": x}`), merge keys (`<<`) are merged, numbers are in decimal and no tag is left, so that what follows knows
//! one form only.
//!
//! What no template may hold anywhere is reported here: null, keys that are no strings, tags that CloudFormation does not
//! support, nesting beyond [`MAX_DEPTH`].
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>.

use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::SourceFile;
use terravet_yaml::{Entry, Node, NodeKind, Resolved, Style, Tag};

use crate::evaluate::function;
use crate::numbers;

/// The deepest nesting that is evaluated.
pub(crate) const MAX_DEPTH: usize = 100;

/// The beginnings of the tags that YAML itself defines.
const YAML_TAGS: [&str; 2] = ["!!", "!<tag:yaml.org,2002:"];
/// The tags of YAML that CloudFormation does not support.
const UNSUPPORTED_TAGS: [&str; 5] = ["binary", "omap", "pairs", "set", "timestamp"];

/// Brings a tree into the one form; adds what is wrong to `diagnostics`.
pub(crate) fn normalise(file: &SourceFile, node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Node {
    Normaliser { file, diagnostics, too_deep: false }.node(node, 0)
}

struct Normaliser<'a> {
    file: &'a SourceFile,
    diagnostics: &'a mut Vec<Diagnostic>,
    too_deep: bool,
}

impl Normaliser<'_> {
    fn node(&mut self, node: &Node, depth: usize) -> Node {
        if depth > MAX_DEPTH {
            return self.refuse_depth(node);
        }
        let kind = match &node.kind {
            NodeKind::Scalar { text, style } => {
                self.refuse_null(node);
                let decimal = if node.tag.is_none() { numbers::decimal(text, *style) } else { None };
                NodeKind::Scalar { text: decimal.map_or_else(|| Arc::clone(text), Arc::from), style: *style }
            }
            NodeKind::Sequence(items) => {
                NodeKind::Sequence(items.iter().map(|item| self.node(item, depth + 1)).collect())
            }
            NodeKind::Mapping(entries) => NodeKind::Mapping(self.entries(entries, depth).into()),
        };
        match &node.tag {
            None => Node { kind, span: node.span, tag: None },
            Some(tag) => self.tagged(node, kind, tag),
        }
    }

    fn refuse_depth(&mut self, node: &Node) -> Node {
        if !self.too_deep {
            self.too_deep = true;
            let message = format!("the template is nested more than {MAX_DEPTH} levels deep");
            let diagnostic = Diagnostic::error("cloudformation-limit", node.span, message)
                .with_help("what lies deeper was not judged; take some of the nesting away");
            self.diagnostics.push(diagnostic);
        }
        Node { kind: NodeKind::Scalar { text: "".into(), style: Style::DoubleQuoted }, span: node.span, tag: None }
    }

    fn refuse_null(&mut self, node: &Node) {
        if node.is_null() {
            let message = "null is not allowed in a template";
            let diagnostic = Diagnostic::error("cloudformation-null", node.span, message)
                .with_help("write a value, or leave the key out; `!Ref AWS::NoValue` removes a property");
            self.diagnostics.push(diagnostic);
        }
    }

    fn entries(&mut self, entries: &[Entry], depth: usize) -> Vec<Entry> {
        let mut own: Vec<Entry> = Vec::with_capacity(entries.len());
        let mut merged: Vec<Entry> = Vec::new();
        for entry in entries {
            let value = self.node(&entry.value, depth + 1);
            if is_merge(&entry.key) {
                if !is_mergeable(&value) {
                    let message = "a merge key takes a map, or a list of maps";
                    let diagnostic = Diagnostic::error("cloudformation-key", entry.value.span, message)
                        .with_help("write an alias to a map, `<<: *name`");
                    self.diagnostics.push(diagnostic);
                }
                merged.extend(merge_sources(value));
                continue;
            }
            self.check_key(&entry.key);
            own.push(Entry { key: plain_key(&entry.key), value });
        }
        // What is written wins over what is merged, and what is merged first over what is merged later.
        for entry in merged {
            if !own.iter().any(|known| known.key.as_str() == entry.key.as_str()) {
                own.push(entry);
            }
        }
        own
    }

    fn check_key(&mut self, key: &Node) {
        let received = match key.resolve() {
            None => "a collection",
            Some(_) if key.tag_text().is_some_and(|tag| !tag.starts_with("!!") && tag != "!") => "a function",
            Some(Resolved::String) if is_number(key) => "a number",
            Some(Resolved::Integer(_) | Resolved::Float(_)) => "a number",
            Some(Resolved::Bool(_)) => "a boolean",
            Some(Resolved::Null) => "null",
            Some(Resolved::String) => return,
        };
        let message = format!("the keys of a map must be strings; this one is {received}");
        let diagnostic = Diagnostic::error("cloudformation-key", key.span, message).with_help("put the key in quotes");
        self.diagnostics.push(diagnostic);
    }

    fn tagged(&mut self, node: &Node, kind: NodeKind, tag: &Tag) -> Node {
        let plain = |kind| Node { kind, span: node.span, tag: None };
        if let Some(name) = YAML_TAGS.iter().find_map(|start| tag.text.strip_prefix(start)) {
            let name = name.trim_end_matches('>');
            if UNSUPPORTED_TAGS.contains(&name) {
                let message = format!("CloudFormation does not support the tag `{}`", tag.text);
                let diagnostic = Diagnostic::error("cloudformation-tag", tag.span, message)
                    .with_help("take the tag away, and write the value as text, a list or a map");
                self.diagnostics.push(diagnostic);
            }
            return plain(match (name, kind) {
                ("str", NodeKind::Scalar { text, .. }) => NodeKind::Scalar { text, style: Style::DoubleQuoted },
                ("bool" | "int" | "float", NodeKind::Scalar { text, .. }) => {
                    let decimal = numbers::decimal(&text, Style::Plain).map_or(text, Arc::from);
                    NodeKind::Scalar { text: decimal, style: Style::Plain }
                }
                (_, other) => other,
            });
        }
        let Some(name) = tag.text.strip_prefix('!').filter(|name| !name.is_empty()) else {
            // The lone `!` says that the scalar is a string.
            return plain(match kind {
                NodeKind::Scalar { text, .. } => NodeKind::Scalar { text, style: Style::DoubleQuoted },
                other => other,
            });
        };
        let function: Arc<str> = match name {
            "Ref" | "Condition" => name.into(),
            // Rain's directives are told from functions by their own names.
            _ if name.starts_with("Fn::") || name.starts_with("Rain::") => name.into(),
            _ => format!("Fn::{name}").into(),
        };
        // What stands after a function's tag is text, even where it looks like a number.
        let kind = match kind {
            NodeKind::Scalar { text, style: Style::Plain } => NodeKind::Scalar { text, style: Style::DoubleQuoted },
            other => other,
        };
        let key_kind = NodeKind::Scalar { text: function, style: Style::DoubleQuoted };
        let key = Node { kind: key_kind, span: tag.span, tag: None };
        let value = Node { kind, span: self.after_tag(node, tag), tag: None };
        Node { kind: NodeKind::Mapping([Entry { key, value }].into()), span: node.span, tag: None }
    }

    /// The span of a tagged node without its tag, an anchor and the white space around it.
    fn after_tag(&self, node: &Node, tag: &Tag) -> terravet_source::Span {
        let mut span = node.span;
        if tag.span.end <= span.start || tag.span.end > span.end {
            return span;
        }
        span.start = tag.span.end;
        let mut rest = self.file.slice(span);
        let length = rest.len();
        rest = rest.trim_start();
        if let Some(anchored) = rest.strip_prefix('&') {
            rest = anchored.trim_start_matches(|character: char| !character.is_whitespace()).trim_start();
        }
        span.start += u32::try_from(length - rest.len()).unwrap_or(0);
        span
    }
}

fn is_merge(key: &Node) -> bool {
    matches!(&key.kind, NodeKind::Scalar { text, style: Style::Plain } if &**text == "<<")
}

/// Whether a key looks like a number in a base other than ten.
fn is_number(key: &Node) -> bool {
    matches!(&key.kind, NodeKind::Scalar { text, style } if key.tag.is_none() && numbers::decimal(text, *style).is_some())
}

fn is_mergeable(value: &Node) -> bool {
    let is_map = |node: &Node| node.as_mapping().is_some() && function(node).is_none();
    is_map(value) || value.as_sequence().is_some_and(|items| items.iter().all(is_map))
}

fn merge_sources(value: Node) -> Vec<Entry> {
    match value.kind {
        NodeKind::Mapping(entries) => entries.to_vec(),
        NodeKind::Sequence(items) => items.iter().cloned().flat_map(merge_sources).collect(),
        NodeKind::Scalar { .. } => Vec::new(),
    }
}

/// A key as a string, whatever it looked like.
fn plain_key(key: &Node) -> Node {
    let text: Arc<str> = key.as_str().unwrap_or_default().into();
    Node { kind: NodeKind::Scalar { text, style: Style::DoubleQuoted }, span: key.span, tag: None }
}
