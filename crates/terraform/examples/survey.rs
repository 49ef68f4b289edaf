//! How much of a tree of Terraform files is known: loads every root module below the given folders and prints counts, times and
//! the main reasons why values are unknown.
//!
//! `cargo run --release -p terravet-terraform --example survey -- FOLDER...`

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use terravet_graph::{Data, Value, Why};
use terravet_source::{Boundary, Disk, Sources, discovery};
use terravet_terraform::{Loader, Options};

#[derive(Default)]
struct Tally {
    resources: usize,
    known: usize,
    unknown: usize,
    reasons: BTreeMap<String, usize>,
    details: BTreeMap<String, usize>,
    messages: BTreeMap<String, usize>,
    slowest: (u128, PathBuf),
}

impl Tally {
    fn count(&mut self, value: &Value) {
        match &value.data {
            Data::Unknown(unknown) => {
                self.unknown += 1;
                let detail =
                    unknown.reference.as_ref().map(|reference| detail(&reference.resource, &reference.attribute));
                let reason = match &unknown.why {
                    Why::Computed => "computed",
                    Why::Input(_) => "input without value",
                    Why::Data(_) => "data source",
                    Why::Module(_) => "module elsewhere",
                    Why::Import(_) => "import",
                    Why::Function(_) => "function",
                    Why::Error => "error",
                    Why::Limit(_) => "limit",
                    Why::Other(words) => words,
                };
                *self.reasons.entry(reason.to_owned()).or_default() += 1;
                if !unknown.candidates.is_empty() {
                    *self.reasons.entry("  of all: one of several known values".to_owned()).or_default() += 1;
                }
                let detail = detail.unwrap_or_else(|| "a value made of it".into());
                *self.details.entry(format!("{reason}: {detail}")).or_default() += 1;
            }
            _ => match (value.as_items(), value.as_entries()) {
                (Some(items), _) => items.iter().for_each(|item| self.count(item)),
                (_, Some(entries)) => entries.values().for_each(|entry| self.count(entry)),
                _ => self.known += 1,
            },
        }
    }

    fn add(mut self, other: Self) -> Self {
        self.resources += other.resources;
        self.known += other.known;
        self.unknown += other.unknown;
        other.reasons.into_iter().for_each(|(reason, count)| *self.reasons.entry(reason).or_default() += count);
        other.details.into_iter().for_each(|(detail, count)| *self.details.entry(detail).or_default() += count);
        other.messages.into_iter().for_each(|(message, count)| *self.messages.entry(message).or_default() += count);
        self.slowest = self.slowest.max(other.slowest);
        self
    }
}

/// What kind of thing is referred to: the type of the resource with the attribute, without names and keys.
fn detail(resource: &str, attribute: &str) -> String {
    let plain: String = resource.split('[').next().unwrap_or_default().to_owned();
    let words: Vec<&str> = plain.split('.').collect();
    let ty = match words.as_slice() {
        ["module", ..] => match words.iter().rev().nth(1) {
            Some(&"module") | None => "module",
            Some(ty) => ty,
        },
        ["data", ty, ..] => return format!("data {ty}.{}", attribute.split('[').next().unwrap_or_default()),
        [ty, ..] => ty,
        [] => "",
    };
    format!("{ty}.{}", attribute.split(['[', '.']).next().unwrap_or_default())
}

fn main() {
    let paths: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let start = Instant::now();
    let sources = Arc::new(Sources::within(Arc::new(Disk), Boundary::around(&Disk, &paths)));
    let Ok(found) = discovery::discover(&sources, &paths) else {
        println!("one of the folders does not exist");
        return;
    };
    let loader = Loader::new(Arc::clone(&sources), Options::default());
    println!("{:>8} ms  {} folders found", start.elapsed().as_millis(), found.terraform_folders.len());
    let roots = loader.roots(&found.terraform_folders);
    println!("{:>8} ms  {} root modules", start.elapsed().as_millis(), roots.len());
    let tally = roots
        .par_iter()
        .map(|root| {
            let begin = Instant::now();
            let loaded = loader.load(root);
            let mut tally = Tally { resources: loaded.graph.resources.len(), ..Tally::default() };
            loaded.graph.resources.iter().for_each(|resource| tally.count(&resource.attributes));
            for problem in loaded.graph.diagnostics.iter().filter(|problem| problem.is_error()) {
                let place = sources.open(problem.primary.span.file).map_or_else(
                    |_| String::new(),
                    |file| format!("{}:{}", file.path().display(), file.position(problem.primary.span.start).line),
                );
                *tally.messages.entry(format!("{}: {} ({place})", problem.id, problem.message)).or_default() += 1;
            }
            tally.slowest = (begin.elapsed().as_micros(), root.clone());
            tally
        })
        .reduce(Tally::default, Tally::add);
    println!("{:>8} ms  {} resources", start.elapsed().as_millis(), tally.resources);
    println!("slowest: {} us in {}", tally.slowest.0, tally.slowest.1.display());
    let total = (tally.known + tally.unknown).max(1);
    println!("{} of {total} leaves unknown ({:.1} %)", tally.unknown, 100.0 * tally.unknown as f64 / total as f64);
    let by_count = |counts: BTreeMap<String, usize>| {
        let mut list: Vec<_> = counts.into_iter().map(|(text, count)| (count, text)).collect();
        list.sort_by(|a, b| b.cmp(a));
        list
    };
    by_count(tally.reasons).iter().take(20).for_each(|(count, reason)| println!("{count:>8}  {reason}"));
    println!("in detail:");
    by_count(tally.details).iter().take(40).for_each(|(count, detail)| println!("{count:>8}  {detail}"));
    println!("errors:");
    let messages = by_count(tally.messages);
    messages.iter().take(400).for_each(|(count, message)| println!("{count:>8}  {message}"));
    println!("{} different errors", messages.len());
}
