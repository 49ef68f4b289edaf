//! Which suppressions reach a finding, found without asking each of them.
//!
//! In: the suppressions of a unit. Out: for a finding the first of those that reach it, and the news which others do, each told
//! once: many comments may reach many findings.
//!
//! Invariant: the answers are those of asking every suppression about every finding.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_diagnostics::{Diagnostic, Finding};
use terravet_source::{FileId, Span};

use super::{Region, Suppression};

/// Those that name the same rules.
#[derive(Debug, Default)]
struct Group {
    /// None for all rules.
    rules: Option<Arc<BTreeSet<Arc<str>>>>,
    files: BTreeMap<FileId, Regions>,
    /// By the name of a module that is called, and whether the call is one of the root's.
    calls: BTreeMap<(Arc<str>, bool), Members>,
}

/// The suppressions with the same region, by their numbers.
#[derive(Debug)]
struct Members {
    first: usize,
    /// Those of which it was not yet told that they reach something.
    untold: Vec<usize>,
}

impl Members {
    fn add(&mut self, number: usize) {
        self.first = self.first.min(number);
        self.untold.push(number);
    }

    fn hit(&mut self, hits: &mut Hits) {
        hits.first = Some(hits.first.map_or(self.first, |first| first.min(self.first)));
        hits.told.append(&mut self.untold);
    }
}

impl Default for Members {
    fn default() -> Self {
        Self { first: usize::MAX, untold: Vec::new() }
    }
}

/// The suppressions that reach a finding.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// The first.
    pub(super) first: Option<usize>,
    /// Those that had reached nothing before, the first included.
    pub(super) told: Vec<usize>,
}

/// An index of suppressions by what they reach.
#[derive(Debug, Default)]
pub(super) struct Index {
    groups: Vec<Group>,
}

impl Index {
    pub(super) fn new(all: &[Suppression]) -> Self {
        let mut by_rules: BTreeMap<Option<Arc<BTreeSet<Arc<str>>>>, Group> = BTreeMap::new();
        for (number, one) in all.iter().enumerate() {
            let rules = (!one.names_all()).then(|| Arc::clone(&one.rules));
            let group = by_rules.entry(rules.clone()).or_insert_with(|| Group { rules, ..Group::default() });
            for region in &one.regions {
                group.files.entry(region.span.file).or_default().add(region, number);
                if let Some(call) = region.call.as_ref().filter(|_| !region.line_only) {
                    group.calls.entry((Arc::clone(call), one.in_root)).or_default().add(number);
                }
            }
        }
        let mut groups: Vec<Group> = by_rules.into_values().collect();
        for regions in groups.iter_mut().flat_map(|group| group.files.values_mut()) {
            regions.finish();
        }
        Self { groups }
    }

    /// The suppressions that reach a finding.
    pub(super) fn hits(&mut self, diagnostic: &Diagnostic, finding: &Finding) -> Hits {
        let mut hits = Hits::default();
        let (place, block) = (diagnostic.primary.span, finding.resource.block);
        let meant = |group: &&mut Group| group.rules.as_ref().is_none_or(|rules| rules.contains(&diagnostic.id));
        for group in self.groups.iter_mut().filter(meant) {
            if let Some(regions) = group.files.get_mut(&place.file) {
                regions.around(place.slice(0, 0), true, &mut hits);
                regions.around(place, false, &mut hits);
            }
            if let Some(regions) = group.files.get_mut(&block.file) {
                regions.around(block, false, &mut hits);
            }
            if !group.calls.is_empty() {
                for call in calls(&finding.resource.address) {
                    if let Some(members) = group.calls.get_mut(&call) {
                        members.hit(&mut hits);
                    }
                }
            }
        }
        hits
    }
}

/// The module calls that an address lies in: each with whether it is one of the root's.
fn calls(address: &str) -> impl Iterator<Item = (Arc<str>, bool)> {
    let of_root = address.strip_prefix("module.").into_iter().map(|rest| (rest, true));
    let inner = address.match_indices(".module.").map(|(at, found)| (&address[at + found.len()..], false));
    let name = |rest: &str| -> Arc<str> { rest.split(['.', '[']).next().unwrap_or_default().into() };
    of_root.chain(inner).map(move |(rest, in_root)| (name(rest), in_root))
}

/// Parts of one file, to be found by what lies in them.
#[derive(Debug, Default)]
struct Regions {
    building: BTreeMap<(u32, u32, bool), Members>,
    /// In the order of where they begin.
    all: Vec<((u32, u32, bool), Members)>,
    /// A binary tree over them: where the last of a half ends. The root is at 1, the children of `n` at `2n` and `2n + 1`.
    ends: Vec<u32>,
}

impl Regions {
    fn add(&mut self, region: &Region, number: usize) {
        self.building.entry((region.span.start, region.span.end, region.line_only)).or_default().add(number);
    }

    fn finish(&mut self) {
        self.all = std::mem::take(&mut self.building).into_iter().collect();
        let leaves = self.all.len().next_power_of_two();
        self.ends = vec![0; 2 * leaves];
        for (at, ((_, end, _), _)) in self.all.iter().enumerate() {
            self.ends[leaves + at] = *end;
        }
        for at in (1..leaves).rev() {
            self.ends[at] = self.ends[2 * at].max(self.ends[2 * at + 1]);
        }
    }

    /// Hits the regions around a place, of lines alone or of others alone.
    fn around(&mut self, place: Span, line_only: bool, hits: &mut Hits) {
        let leaves = self.ends.len() / 2;
        // Those after the last that begins early enough are cut off by their numbers.
        let count = self.all.partition_point(|((start, ..), _)| *start <= place.start);
        let mut open = vec![(1usize, 0usize, leaves)];
        while let Some((node, from, to)) = open.pop() {
            if from >= count || self.ends.get(node).is_none_or(|end| *end < place.end) {
                continue;
            }
            if to - from == 1 {
                if let Some(((.., of_line), members)) = self.all.get_mut(from)
                    && *of_line == line_only
                {
                    members.hit(hits);
                }
                continue;
            }
            let middle = usize::midpoint(from, to);
            open.push((2 * node, from, middle));
            open.push((2 * node + 1, middle, to));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(address: &str) -> Vec<String> {
        calls(address).map(|(name, in_root)| format!("{name} {in_root}")).collect()
    }

    #[test]
    fn a_call_is_meant_by_its_name_and_where_it_stands() {
        assert_eq!(called("module.db.aws_db_instance.i"), ["db true"]);
        assert_eq!(called("module.db[\"a\"].aws_db_instance.i"), ["db true"]);
        assert_eq!(called("module.db"), ["db true"]);
        assert_eq!(called("module.app.module.db[0].aws_db_instance.i"), ["app true", "db false"]);
        assert_eq!(called("aws_db_instance.i"), Vec::<String>::new());
    }
}
