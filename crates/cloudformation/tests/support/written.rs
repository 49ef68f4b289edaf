//! Templates that stand in the tests, and what they come to in words.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_cloudformation::{Loaded, Loader, Options};
use terravet_diagnostics::Diagnostic;
use terravet_graph::{Resource, Value};
use terravet_source::{Memory, Sources, Span};

/// Files in memory, with the loader that reads them.
pub struct World {
    pub sources: Arc<Sources>,
    pub loader: Loader,
}

impl World {
    /// Files of which those that are called `parameters…` give values to parameters.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let is_parameters = |path: &&str| path.starts_with("parameters");
        let parameter_files = files.iter().map(|(path, _)| *path).filter(is_parameters).map(PathBuf::from).collect();
        let sources = Arc::new(Sources::new(Arc::new(Memory::new(files.iter().copied()))));
        let loader = Loader::new(Arc::clone(&sources), Options { parameter_files });
        Self { sources, loader }
    }

    /// What a template comes to.
    pub fn load(&self, path: &str) -> Template<'_> {
        Template { world: self, loaded: self.loader.load(Path::new(path)) }
    }

    /// `path:line:column`.
    pub fn place(&self, span: Span) -> String {
        let path = self.sources.path(span.file);
        let file = self.sources.load(&path).unwrap();
        let position = file.position(span.start);
        format!("{}:{}:{}", path.display(), position.line, position.column)
    }

    /// The text at a span.
    pub fn text(&self, span: Span) -> String {
        let file = self.sources.load(&self.sources.path(span.file)).unwrap();
        file.slice(span).to_owned()
    }

    /// `path:line:column message (help)`.
    pub fn told(&self, diagnostic: &Diagnostic) -> String {
        let help = diagnostic.help.as_deref().unwrap_or("NO HELP");
        format!("{} {} ({help})", self.place(diagnostic.primary.span), diagnostic.message)
    }
}

/// A loaded template.
pub struct Template<'w> {
    pub world: &'w World,
    pub loaded: Loaded,
}

impl Template<'_> {
    pub fn resource(&self, address: &str) -> &Resource {
        let found = self.loaded.graph.resources.iter().find(|resource| &*resource.address == address);
        found.unwrap_or_else(|| panic!("no {address} in {:?}", self.addresses()))
    }

    /// The addresses of all resources; after one that may not exist, when it does.
    pub fn addresses(&self) -> Vec<String> {
        let resources = self.loaded.graph.resources.iter();
        resources
            .map(|resource| match &resource.exists_when {
                Some(words) => format!("{} when {words}", resource.address),
                None => resource.address.to_string(),
            })
            .collect()
    }

    /// A property, by the path of its keys.
    pub fn value(&self, address: &str, path: &str) -> Value {
        path.split('.').fold(self.resource(address).attributes.clone(), |value, key| match key.parse::<usize>() {
            Ok(at) => value.elements()[at].clone(),
            Err(_) => value.get(key),
        })
    }

    /// A property in words.
    pub fn property(&self, address: &str, path: &str) -> String {
        words(&self.value(address, path))
    }

    /// An output in words.
    pub fn output(&self, name: &str) -> String {
        self.loaded.graph.outputs.get(name).map_or_else(|| "no such output".to_owned(), words)
    }

    /// The way of a property: `place step`, from where it is used to where it was written.
    pub fn way(&self, address: &str, path: &str) -> Vec<String> {
        let value = self.value(address, path);
        let origin = value.origin.as_ref().unwrap();
        origin.chain().map(|link| format!("{} {}", self.world.place(link.span), link.step)).collect()
    }

    /// All diagnostics.
    pub fn told(&self) -> Vec<String> {
        self.loaded.graph.diagnostics.iter().map(|diagnostic| self.world.told(diagnostic)).collect()
    }

    /// What is refused.
    pub fn errors(&self) -> Vec<String> {
        let errors = self.loaded.graph.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
        errors.map(|diagnostic| self.world.told(diagnostic)).collect()
    }
}

/// A value in words: JSON; `?why` for what is not known; `"a" when … / "b" when …` for what may be several.
pub fn words(value: &Value) -> String {
    if let Some(unknown) = value.as_unknown() {
        if let Some(reference) = &unknown.reference {
            return format!("->{reference}");
        }
        let candidates = unknown.candidates.iter().map(|candidate| {
            let when: Vec<&str> = candidate.when.iter().map(|guard| &*guard.words).collect();
            format!("{} when {}", words(&candidate.value), when.join(" and "))
        });
        let candidates: Vec<String> = candidates.collect();
        return if candidates.is_empty() { format!("?{}", unknown.why) } else { candidates.join(" / ") };
    }
    if let Some(items) = value.as_items() {
        return format!("[{}]", items.iter().map(words).collect::<Vec<_>>().join(", "));
    }
    if let Some(entries) = value.as_entries() {
        let entries = entries.iter().map(|(key, value)| format!("{key}: {}", words(value)));
        return format!("{{{}}}", entries.collect::<Vec<_>>().join(", "));
    }
    super::shown(value).to_string()
}
