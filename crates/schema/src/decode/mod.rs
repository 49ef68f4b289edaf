//! Reading `kinds.yaml`.
//!
//! In: a YAML file. Out: its [`Kind`]s; whatever is wrong is a diagnostic at its place, with what was probably meant.

mod native;

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Language, Mode, Number, Releases};
use terravet_source::{SourceFile, Span};
use terravet_yaml::{Entry, Node, Resolved};

use crate::check::at_offset;
use crate::kind::{Attribute, AttributeType, Computed, DerivedCondition, Filter, Kind, KindSource, Satellite};
use crate::literal::{Default, Literal};
use crate::path::{Path, PathRoot};
use crate::signature::{DerivationSignature, Signatures};

const KIND_KEYS: &[&str] =
    &["doc", "terraform", "cloudformation", "derived", "once", "identity", "satellites", "attributes"];
const SOURCE_KEYS: &[&str] = &["type", "at", "where", "as"];
const SATELLITE_KEYS: &[&str] = &["terraform", "cloudformation", "links", "stands_alone"];
const ATTRIBUTE_KEYS: &[&str] = &[
    "doc",
    "type",
    "terraform",
    "cloudformation",
    "default",
    "computed",
    "condition",
    "reverse",
    "same_resource",
    "all",
];

/// Reads the kinds of a file.
pub(crate) fn decode(file: &SourceFile, signatures: &'static Signatures) -> (Vec<Kind>, Vec<Diagnostic>) {
    let parsed = terravet_yaml::parse_yaml(file);
    let mut problems = parsed.diagnostics;
    let mut decoder = Decoder { file, problems: &mut problems, signatures };
    let mut kinds = Vec::new();
    for document in &parsed.documents {
        kinds.extend(decoder.entries(document, &[]).iter().map(|entry| decoder.kind(entry)));
    }
    (kinds, problems)
}

/// The native types and paths in a file of kinds that there are not.
pub(crate) fn unknown_names(file: &SourceFile, signatures: &'static Signatures) -> Vec<Diagnostic> {
    let parsed = terravet_yaml::parse_yaml(file);
    let (mut problems, mut wrong_otherwise) = (Vec::new(), Vec::new());
    let mut decoder = Decoder { file, problems: &mut wrong_otherwise, signatures };
    for entry in parsed.documents.iter().filter_map(Node::as_mapping).flatten() {
        let kind = decoder.kind(entry);
        native::check(&kind, &entry.value, &mut problems);
    }
    problems
}

struct Decoder<'p> {
    file: &'p SourceFile,
    signatures: &'static Signatures,
    problems: &'p mut Vec<Diagnostic>,
}

impl Decoder<'_> {
    fn refuse(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Diagnostic::error("kinds", span, message));
    }

    fn refuse_name<'n>(&mut self, span: Span, message: String, name: &str, known: impl IntoIterator<Item = &'n str>) {
        self.problems.push(Diagnostic::error("kinds", span, message).with_suggestion(name, known));
    }

    /// The entries of a mapping whose keys must be among `keys` (any key where there are none).
    fn entries<'n>(&mut self, node: &'n Node, keys: &[&str]) -> &'n [Entry] {
        let Some(entries) = node.as_mapping() else {
            self.refuse(node.span, "a mapping is needed here");
            return &[];
        };
        for entry in entries {
            let key = entry.key.as_str().unwrap_or_default();
            if !keys.is_empty() && !keys.contains(&key) {
                self.refuse_name(entry.key.span, format!("`{key}` is not understood here"), key, keys.iter().copied());
            }
        }
        entries
    }

    fn text(&mut self, node: Option<&Node>) -> Arc<str> {
        match node.map(|node| (node, node.as_str())) {
            Some((_, Some(text))) => text.into(),
            Some((node, None)) => {
                self.refuse(node.span, "text is needed here");
                "".into()
            }
            None => "".into(),
        }
    }

    /// One text, or a list of them.
    fn texts(&mut self, node: Option<&Node>) -> Vec<Arc<str>> {
        match node {
            None => Vec::new(),
            Some(node) => match node.as_sequence() {
                Some(items) => items.iter().map(|item| self.text(Some(item))).collect(),
                None => vec![self.text(Some(node))],
            },
        }
    }

    fn paths(&mut self, node: Option<&Node>) -> Vec<Path> {
        let items = node.map(items).unwrap_or_default();
        items.iter().filter_map(|item| self.path(item)).collect()
    }

    fn path(&mut self, node: &Node) -> Option<Path> {
        let text = self.text(Some(node));
        let error = match Path::parse(&text) {
            Ok(path) => return Some(path),
            Err(error) => error,
        };
        self.problems.push(at_offset("kinds", error.message, self.file, node.span, error.offset));
        None
    }

    fn kind(&mut self, entry: &Entry) -> Kind {
        let node = &entry.value;
        self.entries(node, KIND_KEYS);
        let mut sources = Vec::new();
        for (language, key) in LANGUAGES {
            sources.extend(node.get(key).map(|node| self.sources(language, node)).unwrap_or_default());
        }
        let identity = node.get("identity").map(|identity| self.identity(identity)).unwrap_or_default();
        let mut satellites = BTreeMap::new();
        for satellite in node.get("satellites").map(|node| self.entries(node, &[])).unwrap_or_default() {
            satellites.insert(self.text(Some(&satellite.key)), self.satellite(&satellite.value));
        }
        let mut attributes = BTreeMap::new();
        for attribute in node.get("attributes").map(|node| self.entries(node, &[])).unwrap_or_default() {
            let attribute = self.attribute(attribute);
            attributes.insert(Arc::clone(&attribute.name), attribute);
        }
        for attribute in attributes.values() {
            for path in attribute.terraform.iter().chain(&attribute.cloudformation) {
                if let PathRoot::Satellite(name) = &path.root
                    && !satellites.contains_key(name)
                {
                    self.refuse(
                        entry.key.span,
                        format!("{} reads a satellite `{name}` that is not declared", attribute.name),
                    );
                }
            }
        }
        let doc = self.text(node.get("doc"));
        if doc.is_empty() {
            self.refuse(entry.key.span, "a kind needs a line of documentation (`doc`)");
        }
        let name = self.text(Some(&entry.key));
        let once = node.get("once").and_then(Node::resolve) == Some(Resolved::Bool(true));
        let derivation = node.get("derived").and_then(|node| self.derivation(node));
        if let Some(derivation) = derivation {
            // Derived parts have facts of their own.
            let facts = derivation.facts.iter();
            attributes.extend(facts.map(|fact| (Arc::from(fact.name), Attribute::of_fact(fact, entry.key.span))));
        }
        self.check_roles(&sources, derivation, entry.key.span);
        let derived = derivation.map(|derivation| derivation.name.into());
        Kind { name, doc, sources, derived, once, satellites, identity, attributes, span: entry.key.span }
    }

    fn sources(&mut self, language: Language, node: &Node) -> Vec<KindSource> {
        let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        let plain: Vec<Arc<str>> = items.iter().filter_map(|item| item.as_str()).map(Arc::from).collect();
        let mut sources = Vec::new();
        if !plain.is_empty() {
            sources.extend(by_mode(plain).map(|(mode, types)| KindSource {
                language,
                mode,
                types,
                at: None,
                filters: Vec::new(),
                role: None,
            }));
        }
        for item in items.iter().filter(|item| item.as_str().is_none()) {
            self.entries(item, SOURCE_KEYS);
            let at = item.get("at").and_then(|node| self.path(node));
            let filters = item.get("where").map(|node| self.filters(node)).unwrap_or_default();
            let role = item.get("as").map(|node| self.text(Some(node)));
            let types = self.texts(item.get("type"));
            sources.extend(by_mode(types).map(|(mode, types)| KindSource {
                language,
                mode,
                types,
                at: at.clone(),
                filters: filters.clone(),
                role: role.clone(),
            }));
        }
        sources
    }

    fn derivation(&mut self, node: &Node) -> Option<&'static DerivationSignature> {
        let name = self.text(Some(node));
        let found = self.signatures.derivations.get(&*name);
        if found.is_none() {
            let known = self.signatures.derivations.keys().copied();
            self.refuse_name(node.span, format!("nothing is derived in a way called `{name}`"), &name, known);
        }
        found
    }

    /// The roles of sources are those that the derivation knows.
    fn check_roles(&mut self, sources: &[KindSource], derivation: Option<&'static DerivationSignature>, span: Span) {
        for role in sources.iter().filter_map(|source| source.role.as_deref()) {
            match derivation {
                None => self.refuse(span, format!("`as: {role}` needs a kind that is `derived`")),
                Some(derivation) if !derivation.roles.contains(&role) => {
                    let roles = derivation.roles.join(", ");
                    let message = format!("`{role}` is no role of {}; use one of {roles}", derivation.name);
                    self.refuse(span, message);
                }
                Some(_) => {}
            }
        }
    }

    fn filters(&mut self, node: &Node) -> Vec<Filter> {
        let entries = self.entries(node, &[]);
        entries
            .iter()
            .filter_map(|entry| {
                let path = self.path(&entry.key)?;
                let items = entry.value.as_sequence().unwrap_or(std::slice::from_ref(&entry.value));
                let mut filter = Filter { path, texts: Vec::new(), refused: Vec::new(), unset: false, set: false };
                for item in items {
                    match item.as_str() {
                        _ if item.is_null() => filter.unset = true,
                        Some("present") => filter.set = true,
                        Some(text) => match text.strip_prefix('!') {
                            Some(refused) => filter.refused.push(refused.into()),
                            None => filter.texts.push(text.into()),
                        },
                        None => self.refuse(item.span, "text, ~ or `present` is needed here"),
                    }
                }
                Some(filter)
            })
            .collect()
    }

    fn identity(&mut self, node: &Node) -> Vec<(Language, Path)> {
        self.entries(node, &["terraform", "cloudformation"]);
        let mut found = Vec::new();
        for (language, key) in LANGUAGES {
            found.extend(self.paths(node.get(key)).into_iter().map(|path| (language, path)));
        }
        found
    }

    fn satellite(&mut self, node: &Node) -> Satellite {
        self.entries(node, SATELLITE_KEYS);
        let (language, key) = LANGUAGES.into_iter().find(|(_, key)| node.get(key).is_some()).unwrap_or(LANGUAGES[0]);
        Satellite {
            language,
            types: self.texts(node.get(key)),
            links: self.paths(node.get("links")),
            stands_alone: node.get("stands_alone").and_then(Node::resolve) == Some(Resolved::Bool(true)),
        }
    }

    fn attribute(&mut self, entry: &Entry) -> Attribute {
        let node = &entry.value;
        self.entries(node, ATTRIBUTE_KEYS);
        let name = self.text(Some(&entry.key));
        let computed = self.computed(node);
        let ty = self.type_of(node, computed.as_ref(), entry.key.span);
        let doc = match &computed {
            Some(Computed::Fact(fact)) if node.get("doc").is_none() => {
                self.signatures.facts.get(&**fact).map_or("", |fact| fact.doc).into()
            }
            _ => self.text(node.get("doc")),
        };
        let (terraform_default, cloudformation_default) = self.defaults(node.get("default"));
        let attribute = Attribute {
            name,
            doc,
            ty,
            terraform: self.paths(node.get("terraform")),
            cloudformation: self.paths(node.get("cloudformation")),
            terraform_default,
            cloudformation_default,
            computed,
            span: entry.key.span,
        };
        self.check_attribute(&attribute, entry.key.span);
        attribute
    }

    fn check_attribute(&mut self, attribute: &Attribute, span: Span) {
        if attribute.doc.is_empty() {
            self.refuse(span, "an attribute needs a line of documentation (`doc`)");
        }
        if matches!(attribute.computed, Some(Computed::Condition(_))) && attribute.ty != AttributeType::Bool {
            self.refuse(span, "an attribute with a `condition` is a bool");
        }
        let has_paths = !attribute.terraform.is_empty() || !attribute.cloudformation.is_empty();
        if has_paths && attribute.computed.is_some() {
            self.refuse(span, "an attribute is computed or has paths, and not both");
        }
        if attribute.ty == AttributeType::Bool && attribute.computed.is_none() {
            // A switch that is not written is on or off; which, must be said.
            let lacks = |paths: &[Path], default: &Option<Default>| !paths.is_empty() && default.is_none();
            if lacks(&attribute.terraform, &attribute.terraform_default)
                || lacks(&attribute.cloudformation, &attribute.cloudformation_default)
            {
                self.refuse(span, "a bool needs a `default`: its value when the argument is not set");
            }
        }
    }

    /// The type that is written; a fact has its own, which need not be written.
    fn type_of(&mut self, node: &Node, computed: Option<&Computed>, span: Span) -> AttributeType {
        let fact = match computed {
            Some(Computed::Fact(name)) => self.signatures.facts.get(&**name),
            _ => None,
        };
        match (fact, node.get("type")) {
            (None, None) if matches!(computed, Some(Computed::Condition(_))) => AttributeType::Bool,
            (Some(fact), None) => fact.result.clone(),
            (Some(fact), Some(written)) => {
                let ty = self.attribute_type(Some(written), span);
                if *fact.result != ty {
                    self.refuse(written.span, format!("the fact {} is {}", fact.name, fact.result));
                }
                ty
            }
            (None, written) => self.attribute_type(written, span),
        }
    }

    fn attribute_type(&mut self, node: Option<&Node>, span: Span) -> AttributeType {
        let word = self.text(node);
        match &*word {
            "bool" => AttributeType::Bool,
            "number" => AttributeType::Number,
            "string" => AttributeType::String,
            "list of string" => AttributeType::Strings,
            "date" => AttributeType::Date,
            "any" => AttributeType::Any,
            other => match (other.strip_prefix("list of "), other.contains('.')) {
                (Some(kind), true) => AttributeType::Subjects(kind.into()),
                (None, true) => AttributeType::Subject(other.into()),
                _ => {
                    let hint = "use bool, number, string, list of string, date, any, a kind, or list of a kind";
                    self.refuse(node.map_or(span, |node| node.span), format!("`{other}` is no type; {hint}"));
                    AttributeType::Any
                }
            },
        }
    }

    fn computed(&mut self, node: &Node) -> Option<Computed> {
        let on = |key: &str| node.get(key).and_then(Node::resolve) == Some(Resolved::Bool(true));
        if on("same_resource") {
            return Some(Computed::SameResource);
        }
        if on("all") {
            return Some(Computed::All);
        }
        if let Some(back) = node.get("reverse") {
            return Some(Computed::Reverse(self.text(Some(back))));
        }
        if let Some(condition) = node.get("condition") {
            let text = self.text(Some(condition));
            return Some(Computed::Condition(DerivedCondition { text, span: condition.span }));
        }
        let fact = node.get("computed")?;
        let name = self.text(Some(fact));
        if self.signatures.facts.contains_key(&*name) {
            return Some(Computed::Fact(name));
        }
        let known = self.signatures.facts.keys().copied();
        self.refuse_name(fact.span, format!("there is no fact `{name}`"), &name, known);
        None
    }

    fn defaults(&mut self, node: Option<&Node>) -> (Option<Default>, Option<Default>) {
        let Some(node) = node else { return (None, None) };
        if node.as_mapping().is_some() {
            self.entries(node, &["terraform", "cloudformation"]);
            let mut one = |key| node.get(key).and_then(|node| self.default(node));
            return (one("terraform"), one("cloudformation"));
        }
        let both = self.literal(node).map(Default::Always);
        (both.clone(), both)
    }

    /// One value, or one for each range of the provider's releases, or for each native type.
    fn default(&mut self, node: &Node) -> Option<Default> {
        let Some(entries) = node.as_mapping() else { return self.literal(node).map(Default::Always) };
        let key = |entry: &Entry| entry.key.as_str().map(str::to_owned).unwrap_or_default();
        if entries.iter().all(|entry| key(entry).starts_with(|c: char| c.is_ascii_alphabetic())) {
            let of_type = |entry: &Entry| Some((Arc::from(key(entry)), self.default(&entry.value)?));
            return Some(Default::ByType(entries.iter().filter_map(of_type).collect()));
        }
        let mut ranges = Vec::new();
        for entry in entries {
            match Releases::parse(&key(entry)) {
                Some(range) => ranges.push((range, self.literal(&entry.value).unwrap_or(Literal::Null))),
                None => {
                    self.refuse(entry.key.span, format!("`{}` is no range of releases, such as \">=6\"", key(entry)))
                }
            }
        }
        ranges.sort_by_key(|(range, _)| range.least);
        let mut next = Some(0);
        for (range, _) in &ranges {
            if next != Some(range.least) {
                self.refuse(node.span, "these releases leave a gap, or overlap; each release has one default");
                return None;
            }
            next = range.most.checked_add(1);
        }
        if next.is_some() {
            self.refuse(node.span, "the last of these releases have no default");
        }
        Some(Default::ByRelease(ranges))
    }

    fn literal(&mut self, node: &Node) -> Option<Literal> {
        let literal = match (node.resolve()?, node.as_str()?) {
            (Resolved::Bool(flag), _) => Literal::Bool(flag),
            (Resolved::Integer(_) | Resolved::Float(_), text) => match text.parse::<Number>() {
                Ok(number) => Literal::Number(number),
                Err(_) => {
                    self.refuse(node.span, "this is no number");
                    return None;
                }
            },
            (Resolved::Null, _) => return None,
            (Resolved::String, text) => Literal::Text(text.into()),
        };
        Some(literal)
    }
}

/// The items of a list, or the one thing that is written without one.
fn items(node: &Node) -> &[Node] {
    node.as_sequence().unwrap_or(std::slice::from_ref(node))
}

const LANGUAGES: [(Language, &str); 2] =
    [(Language::Terraform, "terraform"), (Language::CloudFormation, "cloudformation")];

/// Native types by mode: those of data sources are written with `data.` before them.
fn by_mode(types: Vec<Arc<str>>) -> impl Iterator<Item = (Mode, Vec<Arc<str>>)> {
    let (data, managed): (Vec<_>, Vec<_>) = types.into_iter().partition(|native| native.starts_with("data."));
    let data = data.iter().map(|native| Arc::from(&native["data.".len()..])).collect();
    [(Mode::Managed, managed), (Mode::Data, data)].into_iter().filter(|(_, types)| !types.is_empty())
}
