//! Plan files: what `terraform show -json` prints of a saved plan.
//!
//! In: the text of a plan. Out: the graph of the resources as they will be, with what is known only after apply as unknowns
//! and what must not be shown marked.
//!
//! The plan says what values are, not where they were written. Where the configuration lies beside it, it is evaluated with
//! the plan's variables, and each value takes its way from there; where not, places are those in the plan, and
//! what refers to what comes from its section on the configuration.
//!
//! Source: <https://developer.hashicorp.com/terraform/internals/json-format>.

mod references;
mod shape;
mod values;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Entries, Graph, Index, Language, Mode, Resource, Step, Value};
use terravet_source::{FileId, SourceFile, Span, normalize};
use terravet_yaml::Node;

use terravet_frontend::Loaded;

use crate::loader::{Loader, read_error};
use crate::origins::at_declaration;
use crate::unit::Unit;
use references::References;
use values::{Masks, Reader, value_of};

/// The major versions of the format that can be read. Before 1.0, which came with Terraform 1.1, plans had the same parts,
/// the earliest without marks for what is sensitive.
const MAJOR_VERSIONS: [&str; 2] = ["0", "1"];

/// Whether a text is a plan, told by the names of its properties without reading it as a whole.
#[must_use]
pub fn recognise_plan(text: &str) -> bool {
    text.trim_start().starts_with('{')
        && text.contains("\"format_version\"")
        && text.contains("\"planned_values\"")
        && text.contains("\"terraform_version\"")
}

/// What a JSON text is that was meant as a plan and is none, with what to do; none of anything else.
#[must_use]
pub(crate) fn recognise_no_plan(text: &str) -> Option<(&'static str, &'static str)> {
    const SHOW: &str = "save the plan with `terraform plan -out PLAN`, and print it with `terraform show -json PLAN`";
    let text = text.trim_start();
    let first = text.lines().next().unwrap_or_default();
    let is_plan =
        |text: &str| recognise_plan(text.trim_start_matches(|bracket: char| bracket == '[' || bracket.is_whitespace()));
    if first.contains("\"@level\"") && first.contains("\"@message\"") {
        return Some(("this is the log of a Terraform command, and no plan", SHOW));
    }
    if text.starts_with('[') && is_plan(text) {
        return Some(("this is a list, and a plan is an object", "give each plan a file of its own"));
    }
    let is_state = text.starts_with('{') && text.contains("\"terraform_version\"") && !is_plan(text);
    let of_show = text.contains("\"format_version\"") && text.contains("\"values\"");
    (is_state && (of_show || text.contains("\"lineage\""))).then_some(("this is a state, and no plan", SHOW))
}

/// A property of an object.
fn property<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.as_mapping()?.iter().find(|entry| entry.key.as_str() == Some(name)).map(|entry| &entry.value)
}

/// The text of a property.
fn text<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    property(node, name)?.as_str()
}

/// The elements of a property that is a list.
fn items<'n>(node: &'n Node, name: &str) -> &'n [Node] {
    property(node, name).and_then(Node::as_sequence).unwrap_or_default()
}

impl Loader {
    /// The graph of a plan file.
    pub fn load_plan(&self, path: &Path) -> Loaded {
        let path = normalize(path);
        let id = self.sources().id(&path);
        let file = match self.sources().load_with_utf16(&path) {
            Ok(file) => file,
            Err(error) => {
                let diagnostic = read_error(self.sources(), &path, &error);
                return nothing(&path, id, Vec::new(), vec![diagnostic]);
            }
        };
        let mut parsed = terravet_yaml::parse_json(&file);
        let Some(plan) = parsed.documents.pop() else {
            return nothing(&path, id, vec![file], parsed.diagnostics);
        };
        let version = text(&plan, "format_version").unwrap_or_default();
        if !version.split('.').next().is_some_and(|major| MAJOR_VERSIONS.contains(&major)) {
            let span = property(&plan, "format_version").map_or_else(|| Span::start_of(id), |node| node.span);
            let message = format!("plans of format version {version:?} are not known; this can read 0.x and 1.x");
            let diagnostic = Diagnostic::error("plan-version", span, message)
                .with_help("make the plan with a release of Terraform that writes such a version");
            return nothing(&path, id, vec![file], vec![diagnostic]);
        }
        let written = self.configuration_beside(&path, &plan);
        let reading = Reading::new(&plan, written.as_ref());
        let mut graph = Graph::new(path.to_string_lossy().into(), id, reading.resources());
        graph.outputs = reading.outputs();
        graph.diagnostics = parsed.diagnostics;
        graph.diagnostics.extend(shape::check(&plan));
        let mut files = vec![file];
        files.extend(written.into_iter().flat_map(|written| written.files));
        Loaded { graph, files }
    }

    /// The configuration in the folder of a plan, evaluated with the variables of the plan.
    fn configuration_beside(&self, path: &Path, plan: &Node) -> Option<Loaded> {
        let folder = path.parent().map(normalize)?;
        if self.module(&folder).files.is_empty() {
            return None;
        }
        let mut unit = Unit::new(self, &folder);
        for entry in property(plan, "variables").and_then(Node::as_mapping).unwrap_or_default() {
            if let (Some(name), Some(value)) = (entry.key.as_str(), property(&entry.value, "value")) {
                let step = Step::VariableAssignment(name.into());
                unit.give(name, at_declaration(value_of(value), value.span, step));
            }
        }
        unit.evaluate_all();
        Some(unit.into_loaded())
    }
}

fn nothing(path: &Path, id: FileId, files: Vec<Arc<SourceFile>>, diagnostics: Vec<Diagnostic>) -> Loaded {
    let mut graph = Graph::new(path.to_string_lossy().into(), id, Vec::new());
    graph.diagnostics = diagnostics;
    Loaded { graph, files }
}

/// A plan that is being read.
struct Reading<'p> {
    plan: &'p Node,
    /// The changes of resources by address.
    changes: BTreeMap<&'p str, &'p Node>,
    /// The resources of the configuration beside the plan, by address.
    written: BTreeMap<&'p str, &'p Resource>,
    references: References<'p>,
}

impl<'p> Reading<'p> {
    fn new(plan: &'p Node, written: Option<&'p Loaded>) -> Self {
        let changes = items(plan, "resource_changes").iter();
        let written = written.into_iter().flat_map(|loaded| &loaded.graph.resources);
        Self {
            plan,
            changes: changes.filter_map(|change| Some((text(change, "address")?, change))).collect(),
            written: written.map(|resource| (&*resource.address, resource)).collect(),
            references: References::new(plan),
        }
    }

    /// The resources as they will be, and the data sources that have been read.
    fn resources(&self) -> Vec<Resource> {
        let mut resources = Vec::new();
        let planned = property(self.plan, "planned_values").and_then(|values| property(values, "root_module"));
        let prior = property(self.plan, "prior_state")
            .and_then(|state| property(state, "values"))
            .and_then(|values| property(values, "root_module"));
        let mut seen = std::collections::BTreeSet::new();
        for (module, only_data) in
            planned.map(|module| (module, false)).into_iter().chain(prior.map(|module| (module, true)))
        {
            let mut open = vec![module];
            while let Some(module) = open.pop() {
                for resource in items(module, "resources") {
                    let is_data = text(resource, "mode") == Some("data");
                    let Some(address) = text(resource, "address") else { continue };
                    if (is_data || !only_data) && seen.insert(address) {
                        resources.extend(self.resource(module, resource));
                    }
                }
                open.extend(items(module, "child_modules").iter().rev());
            }
        }
        resources
    }

    fn resource(&self, module: &Node, node: &'p Node) -> Option<Resource> {
        let mode = match text(node, "mode")? {
            "managed" => Mode::Managed,
            "data" => Mode::Data,
            _ => return None,
        };
        let address: Arc<str> = text(node, "address")?.into();
        let module: Arc<str> = text(module, "address").unwrap_or_default().into();
        let change = self.changes.get(&*address).and_then(|change| property(change, "change"));
        let written = self.written.get(&*address).copied();
        let unknown = change.and_then(|change| property(change, "after_unknown"));
        let sensitive = change
            .and_then(|change| property(change, "after_sensitive"))
            .or_else(|| property(node, "sensitive_values"));
        let references = self.references.of(&module, text(node, "type")?, text(node, "name")?, mode);
        let reader = Reader { address: &address, module: &module, place: node.span, is_located: written.is_some() };
        let masks = Masks { unknown, sensitive, expressions: references };
        let attributes =
            reader.object(property(node, "values"), masks, written.map(|resource| &resource.attributes), "");
        let header = property(node, "address").map_or(node.span, |address| address.span);
        Some(Resource {
            native_type: text(node, "type")?.into(),
            written_type: None,
            name: text(node, "name")?.into(),
            index: property(node, "index").and_then(index_of),
            attributes: attributes.written_at(written.map_or(node.span, |resource| resource.block)),
            meta: written.map_or_else(|| Value::object([]), |resource| resource.meta.clone()),
            block: written.map_or(node.span, |resource| resource.block),
            header: written.map_or(header, |resource| resource.header),
            language: Language::Terraform,
            representative: None,
            exists_when: None,
            address,
            module,
            mode,
        })
    }

    fn outputs(&self) -> Entries {
        let outputs = property(self.plan, "planned_values").and_then(|values| property(values, "outputs"));
        let outputs = outputs.and_then(Node::as_mapping).unwrap_or_default();
        let output = |entry: &terravet_yaml::Entry| {
            let sensitive = property(&entry.value, "sensitive").and_then(Node::as_str) == Some("true");
            let value = property(&entry.value, "value").map(value_of)?;
            Some((entry.key.as_str()?.into(), value.marked(sensitive)))
        };
        outputs.iter().filter_map(output).collect()
    }
}

/// The key of an instance: a number or a text.
fn index_of(node: &Node) -> Option<Index> {
    match &node.kind {
        terravet_yaml::NodeKind::Scalar { text, style: terravet_yaml::Style::JsonLiteral } => {
            text.parse().ok().map(Index::Number)
        }
        terravet_yaml::NodeKind::Scalar { text, .. } => Some(Index::Key(Arc::clone(text))),
        _ => None,
    }
}
