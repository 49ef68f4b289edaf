//! A tree that can be changed: what the transform works on.
//!
//! In: the one form of a template. Out: the same form, changed. Every part keeps the place of the source that it comes from; what is
//! made has the place of what it was made for.

use std::sync::Arc;

use terravet_source::Span;
use terravet_yaml::{Entry, Node, NodeKind, Resolved, Style};

/// A value.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Scalar(Arc<str>, Style),
    List(Vec<Tree>),
    Map(Vec<Field>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) key: Arc<str>,
    pub(crate) key_span: Span,
    pub(crate) value: Tree,
}

impl Tree {
    pub(crate) fn from_node(node: &Node) -> Self {
        let kind = match &node.kind {
            NodeKind::Scalar { text, style } => Kind::Scalar(Arc::clone(text), *style),
            NodeKind::Sequence(items) => Kind::List(items.iter().map(Self::from_node).collect()),
            NodeKind::Mapping(entries) => {
                let mut fields: Vec<Field> = Vec::with_capacity(entries.len());
                for entry in entries.iter() {
                    let key: Arc<str> = entry.key.as_str().unwrap_or_default().into();
                    let value = Self::from_node(&entry.value);
                    fields.push(Field { key, key_span: entry.key.span, value });
                }
                Kind::Map(fields)
            }
        };
        Self { kind, span: node.span }
    }

    pub(crate) fn to_node(&self) -> Node {
        let kind = match &self.kind {
            Kind::Scalar(text, style) => NodeKind::Scalar { text: Arc::clone(text), style: *style },
            Kind::List(items) => NodeKind::Sequence(items.iter().map(Self::to_node).collect()),
            Kind::Map(fields) => NodeKind::Mapping(fields.iter().map(Field::to_entry).collect()),
        };
        Node { kind, span: self.span, tag: None }
    }

    /// The entries of a map; none of anything else.
    pub(crate) fn fields(&self) -> &[Field] {
        match &self.kind {
            Kind::Map(fields) => fields,
            _ => &[],
        }
    }

    pub(crate) fn fields_mut(&mut self) -> Option<&mut Vec<Field>> {
        match &mut self.kind {
            Kind::Map(fields) => Some(fields),
            _ => None,
        }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }

    /// The elements of a list.
    pub(crate) fn items(&self) -> Option<&[Tree]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn items_mut(&mut self) -> Option<&mut Vec<Tree>> {
        match &mut self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The elements of a list; anything else as its own only element.
    pub(crate) fn as_list(&self) -> &[Tree] {
        self.items().unwrap_or(std::slice::from_ref(self))
    }

    fn resolve(&self) -> Option<Resolved<'_>> {
        // The meaning of a scalar is that of its node.
        let Kind::Scalar(text, style) = &self.kind else { return None };
        let node =
            Node { kind: NodeKind::Scalar { text: Arc::clone(text), style: *style }, span: self.span, tag: None };
        Some(match node.resolve()? {
            Resolved::Null => Resolved::Null,
            Resolved::Bool(flag) => Resolved::Bool(flag),
            Resolved::Integer(_) => Resolved::Integer(text),
            Resolved::Float(_) => Resolved::Float(text),
            Resolved::String => Resolved::String,
        })
    }

    pub(crate) fn is_null(&self) -> bool {
        self.resolve() == Some(Resolved::Null)
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self.resolve(), Some(Resolved::Integer(_) | Resolved::Float(_)))
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self.resolve() {
            Some(Resolved::Bool(flag)) => Some(flag),
            _ => None,
        }
    }

    /// The text of a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match (&self.kind, self.resolve()) {
            (Kind::Scalar(text, _), Some(Resolved::String)) => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar, whatever it stands for.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Whether there is something: neither null, false, 0 nor empty.
    pub(crate) fn is_truthy(&self) -> bool {
        match (&self.kind, self.resolve()) {
            (Kind::List(items), _) => !items.is_empty(),
            (Kind::Map(fields), _) => !fields.is_empty(),
            (_, Some(Resolved::Null) | None) => false,
            (_, Some(Resolved::Bool(flag))) => flag,
            (_, Some(Resolved::Integer(text) | Resolved::Float(text))) => {
                !text.trim_matches(['0', '.', '-', '+']).is_empty()
            }
            (Kind::Scalar(text, _), Some(Resolved::String)) => !text.is_empty(),
        }
    }

    fn field(&self, key: &str) -> Option<&Field> {
        self.fields().iter().rfind(|field| &*field.key == key)
    }

    /// Whether a map has a key, even if null.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.field(key).is_some()
    }

    /// The value of a key, unless it is null.
    pub(crate) fn get(&self, key: &str) -> Option<&Tree> {
        self.field(key).map(|field| &field.value).filter(|value| !value.is_null())
    }

    /// The value of a key, if there is something in it.
    pub(crate) fn truthy(&self, key: &str) -> Option<&Tree> {
        self.get(key).filter(|value| value.is_truthy())
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Tree> {
        let fields = self.fields_mut()?;
        fields.iter_mut().rfind(|field| &*field.key == key).map(|field| &mut field.value)
    }

    /// Follows keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Tree> {
        path.iter().try_fold(self, |tree, key| tree.get(key))
    }

    /// Sets the value of a key; a new key has the place of the value.
    pub(crate) fn set(&mut self, key: &str, value: Tree) {
        match self.get_mut(key) {
            Some(there) => *there = value,
            None => {
                let key_span = value.span;
                if let Some(fields) = self.fields_mut() {
                    fields.push(Field { key: key.into(), key_span, value });
                }
            }
        }
    }

    /// Sets the value of a key where there is one.
    pub(crate) fn set_some(&mut self, key: &str, value: Option<Tree>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<Tree> {
        let fields = self.fields_mut()?;
        let at = fields.iter().rposition(|field| &*field.key == key)?;
        Some(fields.remove(at).value)
    }

    /// The map below a key, made where there is none.
    pub(crate) fn map_at(&mut self, key: &str) -> Option<&mut Tree> {
        if self.get(key).is_none() {
            let empty = Tree { kind: Kind::Map(Vec::new()), span: self.span };
            self.set(key, empty);
        }
        self.get_mut(key)
    }

    /// A function and its argument. `Condition` counts as one: it refers to a condition.
    pub(crate) fn function(&self) -> Option<(&str, &Tree)> {
        let [field] = self.fields() else { return None };
        let name = &*field.key;
        (matches!(name, "Ref" | "Condition") || name.starts_with("Fn::")).then_some((name, &field.value))
    }

    pub(crate) fn is_intrinsic(&self) -> bool {
        self.function().is_some()
    }

    /// The arguments of `Fn::If`, if it is one.
    pub(crate) fn as_if(&self) -> Option<&[Tree]> {
        match self.function() {
            Some(("Fn::If", argument)) => argument.items(),
            _ => None,
        }
    }

    pub(crate) fn is_no_value(&self) -> bool {
        matches!(self.function(), Some(("Ref", name)) if name.as_str() == Some("AWS::NoValue"))
    }

    /// The name in a `Ref`.
    pub(crate) fn as_ref_name(&self) -> Option<&str> {
        match self.function() {
            Some(("Ref", name)) => name.as_str(),
            _ => None,
        }
    }

    /// The logical id in a `Ref` or `Fn::GetAtt`.
    pub(crate) fn referred_id(&self) -> Option<&str> {
        match self.function()? {
            ("Ref", name) => name.as_str(),
            ("Fn::GetAtt", argument) => match argument.items() {
                Some([id, _]) => id.as_str(),
                Some(_) => None,
                None => argument.as_str()?.split_once('.').map(|(id, _)| id),
            },
            _ => None,
        }
    }

    /// Whether both are the same, wherever they stand.
    pub(crate) fn same(&self, other: &Tree) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Scalar(a, _), Kind::Scalar(b, _)) => a == b && self.resolve() == other.resolve(),
            (Kind::List(a), Kind::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Kind::Map(a), Kind::Map(b)) => {
                a.len() == b.len()
                    && a.iter().all(|field| other.field(&field.key).is_some_and(|b| field.value.same(&b.value)))
            }
            _ => false,
        }
    }

    /// As JSON on one line with sorted keys, for hashes.
    pub(crate) fn canonical(&self) -> String {
        let mut text = String::new();
        self.write_canonical(&mut text);
        text
    }

    fn write_canonical(&self, out: &mut String) {
        match &self.kind {
            Kind::Scalar(text, _) => match self.resolve() {
                Some(Resolved::Null) | None => out.push_str("null"),
                Some(Resolved::Bool(flag)) => out.push_str(if flag { "true" } else { "false" }),
                Some(Resolved::Integer(number) | Resolved::Float(number)) => out.push_str(number),
                Some(Resolved::String) => write_string(text, out),
            },
            Kind::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write_canonical(out);
                }
                out.push(']');
            }
            Kind::Map(fields) => {
                let mut sorted: Vec<&Field> = fields.iter().collect();
                sorted.sort_by(|a, b| a.key.cmp(&b.key));
                out.push('{');
                for (at, field) in sorted.into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_string(&field.key, out);
                    out.push(':');
                    field.value.write_canonical(out);
                }
                out.push('}');
            }
        }
    }

    /// Changes every part, the innermost first.
    pub(crate) fn visit_mut(&mut self, change: &mut impl FnMut(&mut Tree)) {
        match &mut self.kind {
            Kind::Scalar(..) => {}
            Kind::List(items) => items.iter_mut().for_each(|item| item.visit_mut(change)),
            Kind::Map(fields) => fields.iter_mut().for_each(|field| field.value.visit_mut(change)),
        }
        change(self);
    }
}

impl Field {
    fn to_entry(&self) -> Entry {
        let kind = NodeKind::Scalar { text: Arc::clone(&self.key), style: Style::DoubleQuoted };
        Entry { key: Node { kind, span: self.key_span, tag: None }, value: self.value.to_node() }
    }
}

/// Text as JSON has it, with everything beyond ASCII escaped.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
}

/// Makes values that stand at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At(pub(crate) Span);

impl At {
    pub(crate) fn text(self, text: impl Into<Arc<str>>) -> Tree {
        Tree { kind: Kind::Scalar(text.into(), Style::DoubleQuoted), span: self.0 }
    }

    pub(crate) fn bool(self, flag: bool) -> Tree {
        Tree { kind: Kind::Scalar(if flag { "true" } else { "false" }.into(), Style::JsonLiteral), span: self.0 }
    }

    pub(crate) fn number(self, number: i64) -> Tree {
        Tree { kind: Kind::Scalar(number.to_string().into(), Style::JsonLiteral), span: self.0 }
    }

    pub(crate) fn list(self, items: impl IntoIterator<Item = Tree>) -> Tree {
        Tree { kind: Kind::List(items.into_iter().collect()), span: self.0 }
    }

    pub(crate) fn texts<'t>(self, items: impl IntoIterator<Item = &'t str>) -> Tree {
        self.list(items.into_iter().map(|item| self.text(item)))
    }

    pub(crate) fn map<'k>(self, fields: impl IntoIterator<Item = (&'k str, Tree)>) -> Tree {
        let field = |(key, value): (&str, Tree)| Field { key: key.into(), key_span: value.span, value };
        Tree { kind: Kind::Map(fields.into_iter().map(field).collect()), span: self.0 }
    }

    pub(crate) fn empty(self) -> Tree {
        self.map([])
    }

    pub(crate) fn reference(self, name: &str) -> Tree {
        self.map([("Ref", self.text(name))])
    }

    pub(crate) fn get_att(self, id: &str, attribute: &str) -> Tree {
        self.map([("Fn::GetAtt", self.list([self.text(id), self.text(attribute)]))])
    }

    pub(crate) fn sub(self, text: impl Into<Arc<str>>) -> Tree {
        self.map([("Fn::Sub", self.text(text))])
    }

    /// `Fn::Sub` with variables of its own.
    pub(crate) fn sub_with<'k>(
        self,
        text: impl Into<Arc<str>>,
        variables: impl IntoIterator<Item = (&'k str, Tree)>,
    ) -> Tree {
        self.map([("Fn::Sub", self.list([self.text(text), self.map(variables)]))])
    }

    pub(crate) fn join(self, delimiter: &str, items: Tree) -> Tree {
        self.map([("Fn::Join", self.list([self.text(delimiter), items]))])
    }

    /// A value that is there only when a condition holds.
    pub(crate) fn when(self, condition: &str, value: Tree) -> Tree {
        self.choose(condition, value, self.reference("AWS::NoValue"))
    }

    pub(crate) fn choose(self, condition: &str, yes: Tree, no: Tree) -> Tree {
        self.map([("Fn::If", self.list([self.text(condition), yes, no]))])
    }

    /// One of several conditions holds.
    pub(crate) fn any_condition<'c>(self, names: impl IntoIterator<Item = &'c str>) -> Tree {
        let conditions = names.into_iter().map(|name| self.map([("Condition", self.text(name))]));
        self.map([("Fn::Or", self.list(conditions.collect::<Vec<_>>()))])
    }

    /// `{Key, Value}` for each entry of a map, as most resources take tags.
    pub(crate) fn tags(self, tags: &Tree) -> Vec<Tree> {
        let tag = |field: &Field| {
            // A tag without a value is one whose value is empty.
            let empty = || At(field.value.span).text("");
            let value = if field.value.is_null() { empty() } else { field.value.clone() };
            self.map([("Key", At(field.key_span).text(Arc::clone(&field.key))), ("Value", value)])
        };
        tags.fields().iter().map(tag).collect()
    }
}
