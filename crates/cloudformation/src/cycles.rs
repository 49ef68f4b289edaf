//! Resources that wait for each other.
//!
//! In: who refers to whom. Out: the groups of resources that can never be created, since each waits for another of them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Who refers to whom, by logical id.
pub(crate) type Edges = BTreeMap<Arc<str>, Vec<Arc<str>>>;

/// The groups of two and more that reach each other, and those that reach themselves; each sorted, in the order of their
/// first members. Tarjan's algorithm, without recursion.
pub(crate) fn cycles(edges: &Edges) -> Vec<Vec<Arc<str>>> {
    let mut search = Search { edges, next: 0, marks: BTreeMap::new(), open: Vec::new(), found: Vec::new() };
    for id in edges.keys() {
        if !search.marks.contains_key(id) {
            search.visit(id);
        }
    }
    search.found.sort();
    search.found
}

#[derive(Clone, Copy)]
struct Mark {
    index: usize,
    low: usize,
    open: bool,
}

struct Search<'e> {
    edges: &'e Edges,
    next: usize,
    marks: BTreeMap<Arc<str>, Mark>,
    open: Vec<Arc<str>>,
    found: Vec<Vec<Arc<str>>>,
}

impl Search<'_> {
    fn begin(&mut self, id: &Arc<str>) {
        self.marks.insert(Arc::clone(id), Mark { index: self.next, low: self.next, open: true });
        self.next += 1;
        self.open.push(Arc::clone(id));
    }

    fn lower(&mut self, id: &Arc<str>, to: usize) {
        if let Some(mark) = self.marks.get_mut(id) {
            mark.low = mark.low.min(to);
        }
    }

    fn visit(&mut self, root: &Arc<str>) {
        let mut path: Vec<(Arc<str>, usize)> = vec![(Arc::clone(root), 0)];
        self.begin(root);
        while let Some((id, at)) = path.last_mut() {
            let id = Arc::clone(id);
            let targets = self.edges.get(&id).map_or(&[][..], Vec::as_slice);
            if let Some(target) = targets.get(*at) {
                *at += 1;
                match self.marks.get(target).copied() {
                    None => {
                        let target = Arc::clone(target);
                        self.begin(&target);
                        path.push((target, 0));
                    }
                    Some(mark) if mark.open => self.lower(&id, mark.index),
                    Some(_) => {}
                }
                continue;
            }
            path.pop();
            let Some(mark) = self.marks.get(&id).copied() else { continue };
            if let Some((parent, _)) = path.last() {
                let parent = Arc::clone(parent);
                self.lower(&parent, mark.low);
            }
            if mark.low == mark.index {
                self.close(&id, targets);
            }
        }
    }

    /// A group is complete whose first member is `id`.
    fn close(&mut self, id: &Arc<str>, targets: &[Arc<str>]) {
        let from = self.open.iter().rposition(|open| open == id).unwrap_or(0);
        let mut group = self.open.split_off(from);
        for member in &group {
            if let Some(mark) = self.marks.get_mut(member) {
                mark.open = false;
            }
        }
        if group.len() > 1 || targets.contains(id) {
            group.sort();
            self.found.push(group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Vec<String> {
        let mut edges = Edges::new();
        for (from, to) in pairs {
            edges.entry((*from).into()).or_default().push((*to).into());
        }
        cycles(&edges).iter().map(|group| group.join(" ")).collect()
    }

    #[test]
    fn groups_that_wait_for_each_other_are_found() {
        assert_eq!(of(&[("a", "b"), ("b", "c"), ("a", "c")]), Vec::<String>::new());
        assert_eq!(of(&[("a", "b"), ("b", "a"), ("b", "c"), ("d", "d")]), ["a b", "d"]);
        assert_eq!(of(&[("a", "b"), ("b", "c"), ("c", "a"), ("x", "a")]), ["a b c"]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let mut edges = Edges::new();
        for at in 0..100_000 {
            edges.insert(format!("r{at:06}").into(), vec![format!("r{:06}", (at + 1) % 100_000).into()]);
        }
        assert_eq!(cycles(&edges).len(), 1);
    }
}
