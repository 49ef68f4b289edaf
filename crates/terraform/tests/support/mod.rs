//! A tree of files in memory, loaded.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test file uses its own part; tests may fail"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terravet_graph::{Graph, Resource, Value};
use terravet_report::evaluation::value_json;
use terravet_source::{Memory, SourceFile, Sources, Span, discovery};
use terravet_terraform::{Loaded, Loader, Options};

/// A tree of files, and what was loaded from it.
pub struct Tree {
    pub sources: Arc<Sources>,
    pub graph: Graph,
    files: Vec<Arc<SourceFile>>,
}

pub fn sources(files: &[(&str, &str)]) -> Arc<Sources> {
    Arc::new(Sources::new(Arc::new(Memory::new(files.iter().map(|(path, text)| (*path, *text))))))
}

/// The root modules of a tree.
pub fn roots(files: &[(&str, &str)]) -> Vec<String> {
    let sources = sources(files);
    let found = discovery::discover(&sources, &[PathBuf::from(".")]).unwrap();
    let loader = Loader::new(Arc::clone(&sources), Options::default());
    loader.roots(&found.terraform_folders).iter().map(|root| root.display().to_string()).collect()
}

/// Loads the root module in the working directory.
pub fn load(files: &[(&str, &str)]) -> Tree {
    load_with(files, Options::default())
}

/// Loads the root module that is one file.
pub fn load_text(text: &str) -> Tree {
    load(&[("main.tf", text)])
}

pub fn load_with(files: &[(&str, &str)], options: Options) -> Tree {
    load_folder(files, ".", options)
}

pub fn load_folder(files: &[(&str, &str)], folder: &str, options: Options) -> Tree {
    load_from(sources(files), folder, options)
}

pub fn load_from(sources: Arc<Sources>, folder: &str, options: Options) -> Tree {
    let Loaded { graph, files } = Loader::new(Arc::clone(&sources), options).load(Path::new(folder));
    Tree { sources, graph, files }
}

pub fn load_plan(files: &[(&str, &str)], plan: &str) -> Tree {
    let sources = sources(files);
    let Loaded { graph, files } = Loader::new(Arc::clone(&sources), Options::default()).load_plan(Path::new(plan));
    Tree { sources, graph, files }
}

impl Tree {
    /// The addresses of all resources.
    pub fn addresses(&self) -> Vec<&str> {
        self.graph.resources.iter().map(|resource| &*resource.address).collect()
    }

    pub fn resource(&self, address: &str) -> &Resource {
        let found = self.graph.resources.iter().find(|resource| &*resource.address == address);
        found.unwrap_or_else(|| panic!("no {address} among {:?}", self.addresses()))
    }

    /// The attributes of a resource as JSON.
    pub fn json(&self, address: &str) -> String {
        value_json(&self.resource(address).attributes)
    }

    /// An output as JSON.
    pub fn output(&self, name: &str) -> String {
        value_json(self.graph.outputs.get(name).unwrap())
    }

    /// The errors, each with its line and the text that it points to.
    pub fn errors(&self) -> Vec<String> {
        self.problems(true)
    }

    pub fn notes(&self) -> Vec<String> {
        self.problems(false)
    }

    fn problems(&self, errors: bool) -> Vec<String> {
        let problems = self.graph.diagnostics.iter().filter(|problem| problem.is_error() == errors);
        problems.map(|problem| format!("{}: {}", self.place(problem.primary.span), problem.message)).collect()
    }

    /// `main.tf:3 "text"`.
    pub fn place(&self, span: Span) -> String {
        let path = self.sources.path(span.file);
        let Some(file) = self.files.iter().find(|file| file.id() == span.file) else {
            return path.display().to_string();
        };
        format!("{}:{} `{}`", path.display(), file.position(span.start).line, file.slice(span).replace('\n', " "))
    }

    /// The way of a value: every hop with its place.
    pub fn way(&self, value: &Value) -> Vec<String> {
        let chain = value.origin.iter().flat_map(|origin| origin.chain());
        chain.map(|link| format!("{} ({})", self.place(link.span), link.step)).collect()
    }
}
