//! One form for every template.
//!
//! In: the syntax tree of a YAML or JSON text. Out: the same tree in which every short form (`!Sub x`) is the long one
//! (`{"Fn::Sub": x}`), merge keys (`<<`) are merged and no tag is left, so that what follows knows one form only.
//!
//! What no template may hold anywhere is reported here: null, keys that are no strings, nesting beyond [`MAX_DEPTH`].

use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::SourceFile;
use terravet_yaml::{Entry, Node, NodeKind, Resolved, Style, Tag};

/// The deepest nesting that is evaluated.
pub(crate) const MAX_DEPTH: usize = 100;

/// The beginnings of the tags that YAML itself defines.
const YAML_TAGS: [&str; 2] = ["!!", "!<tag:yaml.org,2002:"];

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
                NodeKind::Scalar { text: Arc::clone(text), style: *style }
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
            Some(Resolved::Integer(_) | Resolved::Float(_)) => "a number",
            Some(Resolved::Bool(_)) => "a boolean",
            Some(Resolved::Null) => "null",
            Some(Resolved::String) => return,
        };
        let message = format!("the keys of a map must be strings; this one is {received}");
        let diagnostic = Diagnostic::error("cloudformation-key", key.span, message).with_help("put the key in quotes");
        self.diagnostics.push(diagnostic);
    }

    fn tagged(&self, node: &Node, kind: NodeKind, tag: &Tag) -> Node {
        let plain = |kind| Node { kind, span: node.span, tag: None };
        if let Some(name) = YAML_TAGS.iter().find_map(|start| tag.text.strip_prefix(start)) {
            return plain(match kind {
                NodeKind::Scalar { text, .. } if name.trim_end_matches('>') == "str" => {
                    NodeKind::Scalar { text, style: Style::DoubleQuoted }
                }
                other => other,
            });
        }
        let Some(name) = tag.text.strip_prefix('!').filter(|name| !name.is_empty()) else {
            // The lone `!` says that the scalar is a string.
            return plain(kind);
        };
        let function: Arc<str> = match name {
            "Ref" | "Condition" => name.into(),
            _ if name.contains("::") => name.into(),
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
