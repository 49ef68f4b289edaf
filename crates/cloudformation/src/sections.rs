//! Reading the sections of a template, with words for everything that CloudFormation would refuse in their shape.
//!
//! In: the one form of a template. Out: the declarations of a [`Template`]. It looks at no intrinsic function.

use std::collections::BTreeMap;
use std::sync::Arc;

use terravet_diagnostics::{Diagnostic, did_you_mean_or};
use terravet_source::{SourceFile, Span};
use terravet_yaml::{Entry, Node, NodeKind, Resolved};

use crate::evaluate::function;
use crate::for_each::FOR_EACH;
use crate::include::{INCLUDE, TRANSFORM, not_run};
use crate::names::{ParameterType, is_pseudo, is_resource_type, parameter_types};
use crate::template::{
    ConditionDeclaration, LANGUAGE_EXTENSIONS, Name, OutputDeclaration, ParameterDeclaration, ResourceDeclaration,
    Root, RuleDeclaration, Template,
};

const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];
const PARAMETER_KEYS: &[&str] = &[
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];
const RESOURCE_KEYS: &[&str] = &[
    "Condition",
    "Connectors",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Description",
    "IgnoreGlobals",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
    "Version",
];
const OUTPUT_KEYS: &[&str] = &["Condition", "Description", "Export", "Value"];
const EXPORT_KEYS: &[&str] = &["Name"];
const RULE_KEYS: &[&str] = &["Assertions", "RuleCondition"];
/// What may become of a resource that is taken out of the template.
const DELETION_POLICIES: &[&str] = &["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"];
/// What may become of a resource that is replaced.
const REPLACE_POLICIES: &[&str] = &["Delete", "Retain", "Snapshot"];
/// The types of which CloudFormation makes snapshots
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>).
const HAVE_SNAPSHOTS: &[&str] = &[
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
];
/// The keys of a resource that are maps.
const MAP_KEYS: &[&str] = &["CreationPolicy", "Metadata", "UpdatePolicy"];

/// What the directives of Rain begin with (<https://aws-cloudformation.github.io/rain/>).
const RAIN: &str = "Rain::";

/// The longest logical id.
const MAX_ID: usize = 255;
/// The longest description of a template or an output, in bytes.
const MAX_DESCRIPTION: usize = 1024;
/// The longest description of a parameter.
const MAX_PARAMETER_DESCRIPTION: usize = 4000;

/// Reads what the expansion of loops needs: transforms, parameters and mappings. `included` are the files of its snippets.
pub(crate) fn read_inputs(
    file: &Arc<SourceFile>,
    included: Vec<Arc<SourceFile>>,
    Root { node: root, truncated }: &Root,
    diagnostics: &mut Vec<Diagnostic>,
) -> Template {
    let mut template = Template {
        file: Arc::clone(file),
        included,
        open: *truncated,
        span: root.span,
        transforms: Vec::new(),
        parameters: Vec::new(),
        mappings: BTreeMap::new(),
        conditions: Vec::new(),
        rules: Vec::new(),
        resources: Vec::new(),
        outputs: Vec::new(),
        by_id: BTreeMap::new(),
        serverless_types: BTreeMap::new(),
    };
    let mut reader = Reader { diagnostics, lenient: false, extended: false };
    reader.transforms(root, &mut template);
    reader.note_macros(root, &template);
    template.open |= SECTIONS.iter().any(|name| root.get(name).is_some_and(|section| section.get(TRANSFORM).is_some()));
    if template.texts().any(|text| text.contains(RAIN))
        && let Some(note) = rain_note(root)
    {
        template.open = true;
        reader.diagnostics.push(note);
    }
    reader.lenient = template.is_open();
    reader.extended = template.has_transform(LANGUAGE_EXTENSIONS);
    for entry in reader.section(root, "Parameters") {
        reader.parameter(entry, &mut template);
    }
    for entry in reader.section(root, "Mappings") {
        reader.mapping(entry, &mut template);
    }
    template
}

/// Reads everything else, once loops are expanded.
pub(crate) fn read_rest(template: &mut Template, root: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let extended = template.has_transform(LANGUAGE_EXTENSIONS);
    let mut reader = Reader { diagnostics, lenient: template.is_open(), extended };
    if !reader.top(root) {
        return;
    }
    for entry in reader.section(root, "Conditions") {
        if let Some(name) = reader.declared(entry, "condition") {
            template.conditions.push(ConditionDeclaration { name, body: entry.value.clone() });
        }
    }
    for entry in reader.section(root, "Rules") {
        reader.rule(entry, template);
    }
    for entry in reader.section(root, "Resources") {
        reader.resource(entry, template);
    }
    for entry in reader.section(root, "Outputs") {
        reader.output(entry, template);
    }
}

/// A note about the first directive of Rain, a command that makes a template of several files before it is deployed.
fn rain_note(root: &Node) -> Option<Diagnostic> {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::Sequence(items) => open.extend(items.iter().rev()),
            NodeKind::Mapping(entries) => {
                let directive = |entry: &&Entry| entry.key.as_str().is_some_and(|key| key.starts_with(RAIN));
                if let Some(entry) = entries.iter().find(directive) {
                    let name = entry.key.as_str().unwrap_or_default();
                    let message = format!("{name} is a directive of Rain; what it makes is not known");
                    let note = Diagnostic::note("cloudformation-macro", entry.key.span, message);
                    return Some(note.with_help("scan what `rain pkg` makes of this template"));
                }
                open.extend(entries.iter().rev().map(|entry| &entry.value));
            }
        }
    }
    None
}

/// What a node is, in words.
pub(crate) fn kind_of(node: &Node) -> &'static str {
    match (&node.kind, node.resolve()) {
        (NodeKind::Sequence(_), _) => "a list",
        (NodeKind::Mapping(_), _) => "a map",
        (_, Some(Resolved::Bool(_))) => "a boolean",
        (_, Some(Resolved::Integer(_) | Resolved::Float(_))) => "a number",
        (_, Some(Resolved::Null)) => "null",
        _ => "text",
    }
}

/// The text of a scalar that is a string.
pub(crate) fn text_of(node: &Node) -> Option<&str> {
    matches!(node.resolve()?, Resolved::String).then(|| node.as_str())?
}

struct Reader<'d> {
    diagnostics: &'d mut Vec<Diagnostic>,
    /// Whether a macro may make something else of what stands here.
    lenient: bool,
    /// Whether the language extensions are there.
    extended: bool,
}

impl Reader<'_> {
    fn refuse(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error("cloudformation-shape", span, message).with_help(help));
    }

    /// What only CloudFormation itself would refuse, and perhaps not after macros have run.
    fn refuse_unless_macro(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        if !self.lenient {
            self.refuse(span, message, help);
        }
    }

    /// Checks the top level; false where there is nothing to read.
    fn top(&mut self, root: &Node) -> bool {
        let Some(entries) = root.as_mapping() else {
            let message = format!("a template is a map of sections, and this is {}", kind_of(root));
            self.refuse(root.span, message, "write `Resources:` with the resources below it");
            return false;
        };
        self.known_keys(entries, SECTIONS, "section of a template");
        if let Some(version) = root.get("AWSTemplateFormatVersion")
            && version.as_str() != Some("2010-09-09")
        {
            self.refuse(version.span, "there is no such version of the template format", "write '2010-09-09'");
        }
        self.description(root, MAX_DESCRIPTION);
        self.maps(root, &["Metadata"]);
        match root.get("Resources") {
            None => {
                self.refuse_unless_macro(root.span, "the template has no `Resources`", "declare at least one resource");
            }
            Some(resources) if resources.as_mapping().is_some_and(<[Entry]>::is_empty) => {
                self.refuse_unless_macro(resources.span, "`Resources` is empty", "declare at least one resource");
            }
            Some(_) => {}
        }
        true
    }

    /// The description below a node: text, and not too long.
    fn description(&mut self, node: &Node, most: usize) {
        match node.get("Description") {
            Some(description) if description.as_str().is_none() => {
                let message = format!("a description is text, and this is {}", kind_of(description));
                self.refuse_unless_macro(description.span, message, "write text");
            }
            Some(description) if description.as_str().is_some_and(|text| text.len() > most) => {
                let message = format!("a description here has at most {most} bytes");
                self.refuse_unless_macro(description.span, message, "say it in fewer words");
            }
            _ => {}
        }
    }

    /// The keys below a node that hold maps.
    fn maps(&mut self, node: &Node, keys: &[&str]) {
        for key in keys {
            if let Some(value) = node.get(key).filter(|value| value.as_mapping().is_none()) {
                let message = format!("`{key}` is a map, and this is {}", kind_of(value));
                self.refuse_unless_macro(value.span, message, "write its keys below it");
            }
        }
    }

    fn known_keys(&mut self, entries: &[Entry], known: &[&str], what: &str) {
        for entry in entries {
            let key = entry.key.as_str().unwrap_or_default();
            if !known.contains(&key) && !key.starts_with("Fn::") {
                let help = did_you_mean_or(key, known.iter().copied(), &format!("there are {}", known.join(", ")));
                self.refuse_unless_macro(entry.key.span, format!("`{key}` is no {what}"), help);
            }
        }
    }

    /// The members of a section. Functions among them are left out; what a transform would add is a note.
    fn section<'n>(&mut self, root: &'n Node, name: &str) -> impl Iterator<Item = &'n Entry> + use<'n> {
        let entries = match root.get(name) {
            None => &[][..],
            Some(section) => section.as_mapping().unwrap_or_else(|| {
                if !section.is_null() {
                    let message = format!("`{name}` is a map of names, and this is {}", kind_of(section));
                    self.refuse(section.span, message, "write a name, a colon and what it stands for");
                }
                &[]
            }),
        };
        let transform = entries.iter().find(|entry| entry.key.as_str() == Some(TRANSFORM));
        let note = transform.and_then(|entry| not_run(&entry.value, &format!("`{name}`")));
        self.diagnostics.extend(note);
        let is_function = |entry: &&Entry| entry.key.as_str().is_some_and(|key| key.starts_with("Fn::"));
        for entry in entries.iter().filter(is_function) {
            let key = entry.key.as_str().unwrap_or_default();
            if key != TRANSFORM && !key.starts_with(FOR_EACH) {
                self.refuse_unless_macro(
                    entry.key.span,
                    format!("{key} cannot stand here"),
                    "write a name in its place",
                );
            }
        }
        entries.iter().filter(move |entry| !is_function(entry))
    }

    /// The name that an entry declares; none where it cannot be one, which is reported.
    fn declared(&mut self, entry: &Entry, what: &str) -> Option<Name> {
        let text = entry.key.as_str()?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || (what == "condition" && matches!(byte, b'_' | b'&'));
        if text.is_empty() || text.len() > MAX_ID || !text.bytes().all(allowed) {
            let message = format!("`{text}` cannot be the name of a {what}: names are letters and digits");
            self.refuse_unless_macro(
                entry.key.span,
                message,
                "leave the other characters out, here and where it is used",
            );
        }
        Some(Name { text: text.into(), span: entry.key.span })
    }

    /// The map that a member of a section is.
    fn body<'n>(&mut self, entry: &'n Entry, what: &str) -> Option<&'n [Entry]> {
        let body = entry.value.as_mapping();
        if body.is_none() {
            let message = format!("a {what} is a map, and this is {}", kind_of(&entry.value));
            self.refuse_unless_macro(entry.value.span, message, "write its keys below it");
        }
        body
    }

    fn transforms(&mut self, root: &Node, template: &mut Template) {
        let Some(node) = root.get("Transform") else { return };
        for item in node.as_sequence().unwrap_or(std::slice::from_ref(node)) {
            match text_of(item).or_else(|| item.get("Name").and_then(Node::as_str)) {
                Some(text) => {
                    // A snippet that could be had is no transform any more.
                    template.open |= text == INCLUDE && item.get("Parameters").is_some();
                    template.transforms.push(Name { text: text.into(), span: item.span });
                }
                None => self.refuse(item.span, "a transform is the name of a macro", "write the name as text"),
            }
        }
    }

    /// What the template's own macros make of it is not known.
    fn note_macros(&mut self, root: &Node, template: &Template) {
        let Some(node) = root.get("Transform") else { return };
        let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        let unknown = items.iter().filter(|item| template.macros().any(|name| name.span == item.span));
        self.diagnostics.extend(unknown.filter_map(|item| not_run(item, "this template")));
    }

    fn parameter(&mut self, entry: &Entry, template: &mut Template) {
        let Some(name) = self.declared(entry, "parameter") else { return };
        let Some(entries) = self.body(entry, "parameter") else { return };
        self.known_keys(entries, PARAMETER_KEYS, "key of a parameter");
        self.description(&entry.value, MAX_PARAMETER_DESCRIPTION);
        let written = entry.value.get("Type");
        match written.map(|node| (node, text_of(node))) {
            None => self.refuse_unless_macro(name.span, "the parameter has no `Type`", "add `Type: String`"),
            Some((node, text)) if text.and_then(ParameterType::of).is_none() => {
                let shown = text.unwrap_or("this");
                let help = did_you_mean_or(
                    shown,
                    parameter_types(),
                    "use String, Number, CommaDelimitedList or a type of AWS",
                );
                self.refuse_unless_macro(node.span, format!("`{shown}` is no type of a parameter"), help);
            }
            Some(_) => {}
        }
        let ty = written.and_then(Node::as_str).unwrap_or("String").into();
        template.parameters.push(ParameterDeclaration { name, ty, body: entry.value.clone() });
    }

    fn mapping(&mut self, entry: &Entry, template: &mut Template) {
        let Some(name) = self.declared(entry, "mapping") else { return };
        let Some(rows) = self.body(entry, "mapping") else { return };
        for row in rows.iter().filter(|row| row.key.as_str() != Some(TRANSFORM)) {
            self.mapping_key(row, "first", |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
            let Some(cells) = self.body(row, "key of a mapping") else { continue };
            for cell in cells {
                self.mapping_key(cell, "second", |byte| byte.is_ascii_alphanumeric());
                self.mapping_value(&cell.value);
            }
        }
        template.mappings.insert(name.text, entry.value.clone());
    }

    /// A key of a mapping. The language extensions look the keys up themselves, and take any.
    fn mapping_key(&mut self, entry: &Entry, level: &str, allowed: fn(u8) -> bool) {
        let text = entry.key.as_str().unwrap_or_default();
        let macros = self.extended || text.starts_with("Fn::");
        if !macros && (text.is_empty() || !text.bytes().all(allowed)) {
            let and = if level == "first" { ", `-` and `.`" } else { "" };
            let message = format!("`{text}` cannot be a key of the {level} level of a mapping");
            let help = format!("a key there has only letters and digits{and}");
            self.refuse_unless_macro(entry.key.span, message, help);
        }
    }

    /// A value of a mapping: text, or a list of texts.
    fn mapping_value(&mut self, value: &Node) {
        if value.as_mapping().is_some() {
            let message = "a mapping has two levels of keys, and here is a third";
            return self.refuse_unless_macro(value.span, message, "make one key of the two, such as `prod-eu`");
        }
        for item in value.as_sequence().unwrap_or_default() {
            if item.as_str().is_none() {
                let message = format!("a list in a mapping holds texts, and this is {}", kind_of(item));
                self.refuse_unless_macro(item.span, message, "write the text itself; functions are not allowed here");
            }
        }
    }

    fn rule(&mut self, entry: &Entry, template: &mut Template) {
        let Some(entries) = self.body(entry, "rule") else { return };
        self.known_keys(entries, RULE_KEYS, "key of a rule");
        let Some(assertions) = entry.value.get("Assertions") else {
            return self.refuse(entry.key.span, "the rule has no `Assertions`", "say what must hold");
        };
        let assertions = assertions.as_sequence().unwrap_or(std::slice::from_ref(assertions));
        if assertions.is_empty() {
            self.refuse(entry.key.span, "the rule has no `Assertions`", "say what must hold");
        }
        let mut read = |assertion: &Node| {
            let words = assertion.get("AssertDescription").and_then(Node::as_str).map(Arc::from);
            let Some(assert) = assertion.get("Assert") else {
                self.refuse(assertion.span, "the assertion has no `Assert`", "write `Assert:` and a condition");
                return None;
            };
            Some((assert.clone(), words))
        };
        let assertions = assertions.iter().filter_map(&mut read).collect();
        template.rules.push(RuleDeclaration { condition: entry.value.get("RuleCondition").cloned(), assertions });
    }

    fn resource(&mut self, entry: &Entry, template: &mut Template) {
        let Some(name) = self.declared(entry, "resource") else { return };
        let Some(entries) = self.body(entry, "resource") else { return };
        self.known_keys(entries, RESOURCE_KEYS, "key of a resource");
        let ty = match entry.value.get("Type").map(|node| (node, text_of(node))) {
            None if entry.value.get(TRANSFORM).is_some() => return self.note_made(&name, &entry.value, template),
            None => {
                return self.refuse_unless_macro(
                    name.span,
                    format!("the resource {} has no `Type`", name.text),
                    "say what it is, such as `Type: AWS::S3::Bucket`",
                );
            }
            Some((node, None)) => {
                let message = format!("the type of a resource is text, and this is {}", kind_of(node));
                return self.refuse_unless_macro(node.span, message, "write a type such as `AWS::S3::Bucket`");
            }
            Some((node, Some(text))) => {
                if !is_resource_type(text) {
                    let message = format!("`{text}` is no type of a resource");
                    self.refuse_unless_macro(node.span, message, "write a type such as `AWS::S3::Bucket`");
                }
                Name { text: text.into(), span: node.span }
            }
        };
        if let Some(parameter) = template.parameter(&name.text) {
            let message = format!("{} is the name of a resource and of a parameter", name.text);
            let diagnostic = Diagnostic::error("cloudformation-shape", name.span, message)
                .with_related(parameter.name.span, "the parameter")
                .with_help("rename one of the two");
            self.diagnostics.push(diagnostic);
        }
        let properties = entry.value.get("Properties").filter(|node| !node.is_null()).cloned();
        if let Some(node) = properties.as_ref().filter(|node| node.as_mapping().is_none()) {
            let message = format!("`Properties` is a map, and this is {}", kind_of(node));
            self.refuse_unless_macro(node.span, message, "write each property as a key with its value");
        }
        self.maps(&entry.value, MAP_KEYS);
        self.policy(&entry.value, &ty.text, "DeletionPolicy", DELETION_POLICIES);
        self.policy(&entry.value, &ty.text, "UpdateReplacePolicy", REPLACE_POLICIES);
        let condition = self.condition(&entry.value);
        let depends_on = self.depends_on(&entry.value);
        template.by_id.insert(Arc::clone(&name.text), template.resources.len());
        template.resources.push(ResourceDeclaration {
            name,
            ty,
            condition,
            properties,
            depends_on,
            body: entry.value.clone(),
        });
    }

    /// A policy of a resource: one of some words, or a function that gives one.
    fn policy(&mut self, body: &Node, ty: &str, key: &str, known: &[&str]) {
        let Some(node) = body.get(key).filter(|node| function(node).is_none()) else { return };
        let help = format!("write one of {}", known.join(", "));
        match node.as_str() {
            Some("Snapshot") if !HAVE_SNAPSHOTS.contains(&ty) && ty.starts_with("AWS::") => {
                let message = format!("{ty} has no snapshots");
                self.refuse_unless_macro(node.span, message, "write `Retain` to keep the resource");
            }
            Some(word) if known.contains(&word) => {}
            Some(word) => {
                let help = did_you_mean_or(word, known.iter().copied(), &help);
                self.refuse_unless_macro(node.span, format!("`{word}` is no `{key}`"), help);
            }
            None => {
                let message = format!("`{key}` is a word, and this is {}", kind_of(node));
                self.refuse_unless_macro(node.span, message, help);
            }
        }
    }

    /// A resource of which not even the type is known: a transform makes all of it.
    fn note_made(&mut self, name: &Name, body: &Node, template: &mut Template) {
        template.open = true;
        let note = body.get(TRANSFORM).and_then(|transform| not_run(transform, &format!("{}", name.text)));
        self.diagnostics.extend(note);
    }

    fn condition(&mut self, body: &Node) -> Option<Name> {
        let node = body.get("Condition")?;
        let Some(text) = text_of(node) else {
            let message = format!("`Condition` is the name of a condition, and this is {}", kind_of(node));
            self.refuse_unless_macro(node.span, message, "declare it in `Conditions` and write its name here");
            return None;
        };
        Some(Name { text: text.into(), span: node.span })
    }

    fn depends_on(&mut self, body: &Node) -> Vec<Name> {
        let Some(node) = body.get("DependsOn") else { return Vec::new() };
        let mut names = Vec::new();
        for item in node.as_sequence().unwrap_or(std::slice::from_ref(node)) {
            match text_of(item) {
                Some(text) => names.push(Name { text: text.into(), span: item.span }),
                None if self.extended && function(item).is_some() => names.extend(substituted(item)),
                None => {
                    let message = format!("`DependsOn` takes logical ids, and this is {}", kind_of(item));
                    self.refuse_unless_macro(item.span, message, "write the logical id as text");
                }
            }
        }
        names
    }

    fn output(&mut self, entry: &Entry, template: &mut Template) {
        let Some(name) = self.declared(entry, "output") else { return };
        let Some(entries) = self.body(entry, "output") else { return };
        self.known_keys(entries, OUTPUT_KEYS, "key of an output");
        self.description(&entry.value, MAX_DESCRIPTION);
        if let Some(entries) = entry.value.get("Export").and_then(Node::as_mapping) {
            self.known_keys(entries, EXPORT_KEYS, "key of an export");
        }
        let Some(value) = entry.value.get("Value") else {
            let message = format!("the output {} has no `Value`", name.text);
            return self.refuse_unless_macro(name.span, message, "say what it gives");
        };
        let condition = self.condition(&entry.value);
        let export = entry.value.get("Export").and_then(|node| node.get("Name")).cloned();
        if let Some(node) = entry.value.get("Export")
            && export.is_none()
        {
            self.refuse_unless_macro(node.span, "an export needs a `Name`", "write `Name:` below `Export:`");
        }
        template.outputs.push(OutputDeclaration { name, condition, value: value.clone(), export });
    }
}

/// The name that `Fn::Sub` gives where nothing is left to substitute, as in what a loop has made.
fn substituted(node: &Node) -> Option<Name> {
    let text = function(node).filter(|(name, _)| *name == "Fn::Sub").and_then(|(_, argument)| text_of(argument))?;
    (!text.contains("${")).then(|| Name { text: text.into(), span: node.span })
}

/// Whether a name can be referred to: a parameter, a resource or a pseudo parameter.
pub(crate) fn is_referable(template: &Template, name: &str) -> bool {
    is_pseudo(name) || template.by_id.contains_key(name) || template.parameter(name).is_some()
}
