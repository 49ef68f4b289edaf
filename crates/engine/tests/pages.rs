//! Every example of every rule page does what its fence says, judged by the rules as they lie on disk.
//!
//! A page is `rules/**/<id>.md`; more examples of it may stand in `testdata/rules/<id>.md`. To run some pages only:
//! `TERRAVET_PAGE=aws-s3 cargo test -p terravet-engine --test pages`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use terravet_diagnostics::{Certainty, Diagnostic, Edit, Fix, Outcome};
use terravet_engine::{Options, Session, Silent};
use terravet_graph::{Graph, Language, Mode};
use terravet_kinds::Kind;
use terravet_rules::{Example, ExampleLanguage, Expectation, Page, Registry, examples};
use terravet_source::{Disk, Memory, Sources};

#[test]
fn every_example_does_what_its_fence_says() {
    let pages = Pages::read();
    let wanted = std::env::var("TERRAVET_PAGE").unwrap_or_default();
    let chosen: Vec<&Page> = pages.registry.rules().filter_map(|rule| rule.page().ok()).collect();
    let chosen: Vec<&Page> = chosen.into_iter().filter(|page| page.id.contains(&wanted)).collect();
    assert!(!chosen.is_empty(), "there is no page whose id contains `{wanted}`");
    let problems: Vec<String> = chosen.par_iter().flat_map_iter(|page| pages.problems_of(page)).collect();
    assert!(problems.is_empty(), "\n{} problems in {} pages:\n{}", problems.len(), chosen.len(), problems.join("\n"));
}

/// The pages on disk.
struct Pages {
    root: PathBuf,
    registry: Arc<Registry>,
    /// The files of the registry.
    sources: Sources,
}

/// What running an example gave.
struct Run {
    outcome: Outcome,
    graphs: Vec<Vec<(Language, Mode, Arc<str>)>>,
    sources: Arc<Sources>,
}

impl Pages {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let rules = root.join("rules");
        let sources = Sources::new(Arc::new(Disk));
        let mut paths = Vec::new();
        files_below(&rules, &mut paths);
        paths.sort();
        let files = paths.into_iter().map(|path| {
            let name = path.strip_prefix(&rules).unwrap().to_string_lossy().replace('\\', "/");
            (Arc::from(name), sources.load(&path).unwrap())
        });
        let registry = Arc::new(Registry::from_files(files));
        Self { root, registry, sources }
    }

    /// What is wrong with the examples of a page, as `path:line: message`.
    fn problems_of(&self, page: &Page) -> Vec<String> {
        let Some(rule) = self.registry.rule(&page.id) else { return Vec::new() };
        let Some(kind) = self.registry.vocabulary.kind(&page.kind) else {
            return vec![format!("rules/{}:1: there is no kind {}", rule.path, page.kind)];
        };
        let mut problems: Vec<String> =
            rule.problems(&self.registry.vocabulary).iter().map(|problem| self.in_page(&rule.path, problem)).collect();
        if !problems.is_empty() {
            return problems;
        }
        let mut found = Vec::new();
        for (path, text, first_line) in self.texts(page, &rule.path) {
            let say = |line: u32, message: String| format!("{path}:{}: {message}", line + first_line - 1);
            match examples(&text) {
                Err((line, message)) => problems.push(say(line, message)),
                Ok(examples) => {
                    let judged = examples.iter().flat_map(|example| {
                        let wrong = self.problems_with(page, example);
                        wrong.into_iter().map(|message| say(example.line, message)).collect::<Vec<_>>()
                    });
                    problems.extend(judged);
                    found.extend(examples);
                }
            }
        }
        let path = &rule.path;
        problems.extend(lacking(page, kind, &found).into_iter().map(|lack| format!("rules/{path}:1: {lack}")));
        problems
    }

    /// A problem of the page itself.
    fn in_page(&self, path: &str, problem: &Diagnostic) -> String {
        let span = problem.primary.span;
        let at = self.sources.open(span.file).unwrap().position(span.start);
        format!("rules/{path}:{}:{}: {}", at.line, at.column, problem.message)
    }

    /// The texts with examples of a page: where, what, and the line on which it begins.
    fn texts(&self, page: &Page, path: &str) -> Vec<(String, String, u32)> {
        let mut texts = vec![(format!("rules/{path}"), page.body.to_string(), page.body_line)];
        let more = format!("testdata/rules/{}.md", page.id);
        if let Ok(text) = std::fs::read_to_string(self.root.join(&more)) {
            texts.push((more, text, 1));
        }
        texts
    }

    /// What is wrong with one example.
    fn problems_with(&self, page: &Page, example: &Example) -> Vec<String> {
        let run = self.run(page, example.language, &example.text);
        let mut problems: Vec<String> =
            run.outcome.errors().map(|error| format!("{} ({})", at_line(&run, error), error.message)).collect();
        let known = |resource| self.registry.vocabulary.kinds().any(|kind| is_of(kind, resource));
        if !run.graphs.iter().flatten().any(known) {
            problems.push("nothing in it is of a type that a kind knows; is the type spelled right?".to_owned());
        }
        let lines: Vec<u32> =
            run.certain().map(|finding| run.line(finding)).collect::<BTreeSet<_>>().into_iter().collect();
        match example.expectation {
            Expectation::Fails if lines != example.findings => {
                let (found, wanted) = (in_words(&lines), in_words(&example.findings));
                problems.push(format!("it is flagged at {found}, and marked at {wanted}{}", run.reasons()));
            }
            Expectation::Fails => problems.extend(self.problems_after_fix(page, example, &run)),
            Expectation::Passes if run.outcome.findings().next().is_some() => {
                problems.push(format!("it must pass, and is flagged at {}{}", in_words(&lines), run.reasons()));
            }
            Expectation::Passes if run.outcome.summary.undecided > 0 => {
                problems.push(format!("it must pass, and is undecided{}", run.reasons()));
            }
            Expectation::Undecided if !lines.is_empty() => {
                problems.push(format!("it must be undecided, and is flagged at {}", in_words(&lines)));
            }
            Expectation::Undecided if run.outcome.summary.undecided == 0 => {
                problems.push("it must be undecided, and passes".to_owned());
            }
            Expectation::Passes | Expectation::Undecided => {}
        }
        problems
    }

    /// A failing example passes once its fixes are applied, as far as they have edits.
    fn problems_after_fix(&self, page: &Page, example: &Example, run: &Run) -> Option<String> {
        let fixes: Vec<&Fix> = run.certain().filter_map(|diagnostic| diagnostic.finding()?.fix.as_ref()).collect();
        let edits: BTreeSet<Edit> = fixes.iter().flat_map(|fix| fix.edits.clone()).collect();
        if edits.is_empty() {
            return None;
        }
        let without = fixes.iter().filter(|fix| fix.edits.is_empty()).count();
        let fixed = applied(&example.text, &edits)?;
        let again = self.run(page, example.language, &fixed);
        let left = again.certain().count();
        let broken = again.outcome.errors().next().map(|error| format!(" ({})", error.message)).unwrap_or_default();
        (left > without || !broken.is_empty()).then(|| format!("its fix does not mend it{broken}; it gives\n{fixed}"))
    }

    fn run(&self, page: &Page, language: ExampleLanguage, text: &str) -> Run {
        let path = language.file_name();
        let options = Options {
            paths: vec![PathBuf::from(path)],
            select: vec![page.id.to_string()],
            show_undecided: true,
            ..Options::default()
        };
        let files = Arc::new(Memory::new([(path, text)]));
        let session = Session::with_registry(options, files, Arc::clone(&self.registry)).unwrap();
        let outcome = session.scan(&Silent).unwrap().outcome;
        let units = session.units().unwrap();
        let graphs = units.list.iter().map(|unit| types_of(&session.load(unit).graph)).collect();
        Run { outcome, graphs, sources: session.sources() }
    }
}

impl Run {
    /// The findings that hold for certain.
    fn certain(&self) -> impl Iterator<Item = &Diagnostic> {
        self.outcome
            .findings()
            .filter(|diagnostic| diagnostic.finding().is_some_and(|finding| finding.certainty == Certainty::Certain))
    }

    fn line(&self, diagnostic: &Diagnostic) -> u32 {
        let span = diagnostic.primary.span;
        self.sources.open(span.file).unwrap().position(span.start).line
    }

    /// What was found possible or undecided, to tell why.
    fn reasons(&self) -> String {
        let possible = self.outcome.findings().filter_map(|diagnostic| match &diagnostic.finding()?.certainty {
            Certainty::Possible(when) => Some(format!("\n    line {}: possible {when}", self.line(diagnostic))),
            Certainty::Certain => None,
        });
        let undecided = self.outcome.undecided.iter().map(|note| format!("\n    {}", at_line(self, note)));
        possible.chain(undecided).collect()
    }
}

fn at_line(run: &Run, diagnostic: &Diagnostic) -> String {
    format!("line {}: {}", run.line(diagnostic), diagnostic.message)
}

fn in_words(lines: &[u32]) -> String {
    let words: Vec<String> = lines.iter().map(ToString::to_string).collect();
    if words.is_empty() { "no line".to_owned() } else { format!("line {}", words.join(", ")) }
}

fn types_of(graph: &Graph) -> Vec<(Language, Mode, Arc<str>)> {
    graph.resources.iter().map(|it| (it.language, it.mode, Arc::clone(&it.native_type))).collect()
}

/// Whether a resource is of a type that a kind takes its subjects or companions from.
fn is_of(kind: &Kind, (language, mode, native): &(Language, Mode, Arc<str>)) -> bool {
    // What a module makes is what it is, as its outline has it.
    let mode = if *mode == Mode::Outlined { Mode::Managed } else { *mode };
    let sources = kind
        .sources
        .iter()
        .any(|source| source.language == *language && source.mode == mode && source.types.contains(native));
    let companion = kind.companions.values().any(|it| it.language == *language && it.types.contains(native));
    sources || companion
}

/// The examples that a page should have and has not.
fn lacking(page: &Page, kind: &Kind, found: &[Example]) -> Vec<String> {
    let has = |language: &str, expectation| {
        found.iter().any(|example| {
            let of = if example.language == ExampleLanguage::Hcl { "terraform" } else { "cloudformation" };
            of == language && example.expectation == expectation
        })
    };
    let mut lacks = Vec::new();
    for (language, name) in [(Language::Terraform, "terraform"), (Language::CloudFormation, "cloudformation")] {
        let refused = page.unsupported.iter().any(|(unsupported, _)| &**unsupported == name);
        if refused {
            continue;
        }
        if !kind.speaks(language) {
            lacks.push(format!(
                "{} cannot be written in {name}: say so under `unsupported`, with the reason",
                kind.name
            ));
            continue;
        }
        for (expectation, word) in [(Expectation::Fails, "fails"), (Expectation::Passes, "passes")] {
            if !has(name, expectation) {
                lacks.push(format!("there is no example in {name} that {word}"));
            }
        }
    }
    if !found.iter().any(|example| example.expectation == Expectation::Undecided) {
        lacks.push("there is no undecided example".to_owned());
    }
    lacks
}

/// A text after edits; none where they overlap.
fn applied(text: &str, edits: &BTreeSet<Edit>) -> Option<String> {
    let mut text = text.to_owned();
    let mut before = u32::MAX;
    for edit in edits.iter().rev() {
        if edit.span.end > before {
            return None;
        }
        before = edit.span.start;
        text.replace_range(edit.span.range(), &edit.text);
    }
    Some(text)
}

fn files_below(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, into);
        } else {
            into.push(path);
        }
    }
}
