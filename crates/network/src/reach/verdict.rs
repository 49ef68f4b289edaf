//! From worlds to verdicts, and from verdicts to answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use terravet_graph::Guard;

use super::way::{Found, Hop, Way};
use super::{Answer, Question, Reach, Sender, Verdict};
use crate::topology::SubjectId;
use crate::traffic::Traffic;
use crate::when::World;

/// The most worlds that are tried for one question.
const MAX_WORLDS: usize = 64;

/// The most guards that are told, and tried one by one.
const MAX_GUARDS: usize = 12;

/// What is found about some traffic.
#[derive(Clone, Debug)]
struct Part {
    traffic: Traffic,
    verdict: Verdict,
    when: Option<Arc<str>>,
    hops: Vec<Hop>,
}

/// Whether ways are certain for some traffic.
fn full(found: &Found, asked: &Traffic) -> bool {
    found.ways.iter().any(|way| way.graded.full.intersects(asked))
}

impl Reach<'_> {
    /// Answers a question. Without a target only what is reachable is answered; with one there is at least one answer.
    #[must_use]
    pub fn answers(&self, question: &Question) -> Vec<Answer> {
        if question.transitive {
            return self.transitive(question);
        }
        match question.to {
            Some(to) => self.answer(question.from, to, &question.traffic),
            None => {
                let others = (0..self.topology.subjects.len()).map(SubjectId);
                let others = others.filter(|to| Sender::Subject(*to) != question.from);
                others
                    .flat_map(|to| self.answer(question.from, to, &question.traffic))
                    .filter(|answer| answer.verdict != Verdict::No)
                    .collect()
            }
        }
    }

    fn answer(&self, from: Sender, to: SubjectId, asked: &Traffic) -> Vec<Answer> {
        let (parts, block) = self.decide(from, to, asked);
        if parts.is_empty() {
            return vec![Answer {
                from: self.name(from),
                to: Arc::clone(&self.topology.subject(to).place.address),
                traffic: asked.clone(),
                verdict: Verdict::No,
                when: None,
                path: Vec::new(),
                blocked_by: block,
            }];
        }
        parts.into_iter().map(|part| self.told(from, to, part)).collect()
    }

    fn told(&self, from: Sender, to: SubjectId, part: Part) -> Answer {
        let mut path = Vec::new();
        if let Sender::Subject(from) = from {
            let subject = self.topology.subject(from);
            path.push(Hop::new(&subject.place, subject.what.clone()));
        }
        path.extend(part.hops);
        Answer {
            from: self.name(from),
            to: Arc::clone(&self.topology.subject(to).place.address),
            traffic: part.traffic,
            verdict: part.verdict,
            when: part.when,
            path,
            blocked_by: None,
        }
    }

    fn name(&self, sender: Sender) -> Arc<str> {
        match sender {
            Sender::Internet => "internet".into(),
            Sender::Subject(id) => Arc::clone(&self.topology.subject(id).place.address),
        }
    }

    /// What is reachable, with certainty or perhaps; or the hop that blocks.
    fn decide(&self, from: Sender, to: SubjectId, asked: &Traffic) -> (Vec<Part>, Option<Hop>) {
        let possible = World::possible();
        let found = self.find(&possible, from, to, asked);
        if found.ways.is_empty() {
            return (Vec::new(), found.block.map(|block| block.hop));
        }
        let certain = self.find(&World::certain(Vec::new()), from, to, asked);
        let mut parts: Vec<Part> = Vec::new();
        let mut decided = Traffic::none();
        for way in &certain.ways {
            let traffic = way.graded.full.difference(&decided);
            if !traffic.is_empty() {
                decided = decided.union(&traffic);
                parts.push(Part { traffic, verdict: Verdict::Yes, when: None, hops: way.hops.clone() });
            }
        }
        let mut guards: Option<Vec<Guard>> = None;
        for way in &found.ways {
            let traffic = way.graded.any().difference(&decided);
            if traffic.is_empty() {
                continue;
            }
            let guards = guards.get_or_insert_with(|| possible.asked().into_iter().collect());
            if let Some(part) = self.open_part(from, to, &traffic, way, guards) {
                decided = decided.union(&part.traffic);
                parts.push(part);
            }
        }
        let block = certain.block.or(found.block);
        (parts, block.map(|block| block.hop))
    }

    /// The verdict about traffic that passes in some worlds; none where it passes in no world that can be.
    fn open_part(&self, from: Sender, to: SubjectId, traffic: &Traffic, way: &Way, guards: &[Guard]) -> Option<Part> {
        let part = |verdict, when: Option<Arc<str>>, hops: &[Hop]| {
            Some(Part { traffic: traffic.clone(), verdict, when, hops: hops.to_vec() })
        };
        let partial = || part(Verdict::Maybe, way.partial.clone(), &way.hops);
        if guards.is_empty() {
            return partial();
        }
        let look = |assumed: Vec<Guard>| self.find(&World::certain(assumed), from, to, traffic);
        let mut assumed = first_ways(guards);
        let closed = guards.iter().any(|guard| self.topology.ways.contains_key(&guard.choice));
        if closed && let Some(worlds) = self.worlds(guards) {
            let looked: Vec<(Vec<Guard>, Found)> =
                worlds.into_iter().map(|world| (world.clone(), look(world))).collect();
            let yes: Vec<&(Vec<Guard>, Found)> = looked.iter().filter(|(_, found)| full(found, traffic)).collect();
            match yes.first() {
                Some((_, found)) if yes.len() == looked.len() => {
                    let hops = found.ways.iter().find(|way| way.graded.full.intersects(traffic)).map(|way| &way.hops);
                    return part(Verdict::Yes, None, hops.unwrap_or(&way.hops));
                }
                Some((world, _)) => assumed.clone_from(world),
                None if looked.iter().all(|(_, found)| found.ways.is_empty()) => return None,
                None => return partial(),
            }
        }
        if guards.len() > MAX_GUARDS || !full(&look(assumed.clone()), traffic) {
            let mut words: Vec<&str> = assumed.iter().take(3).map(|guard| &*guard.words).collect();
            words.extend(way.partial.as_deref());
            return part(Verdict::Maybe, Some(words.join(" and ").into()), &way.hops);
        }
        // Leaves out what is not needed.
        let mut at = 0;
        while at < assumed.len() {
            let mut fewer = assumed.clone();
            fewer.remove(at);
            if full(&look(fewer.clone()), traffic) {
                assumed = fewer;
            } else {
                at += 1;
            }
        }
        let words: Vec<&str> = assumed.iter().map(|guard| &*guard.words).collect();
        let when = if words.is_empty() { way.partial.clone() } else { Some(words.join(" and ").into()) };
        part(Verdict::Maybe, when, &way.hops)
    }

    /// All worlds of the choices of some guards; none where they are too many.
    fn worlds(&self, guards: &[Guard]) -> Option<Vec<Vec<Guard>>> {
        let mut worlds: Vec<Vec<Guard>> = vec![Vec::new()];
        let choices: BTreeSet<&Arc<str>> = guards.iter().map(|guard| &guard.choice).collect();
        for choice in choices {
            let ways = match self.topology.ways.get(choice) {
                Some(ways) => ways.clone(),
                None => {
                    let seen: Vec<Guard> = guards.iter().filter(|guard| guard.choice == *choice).cloned().collect();
                    let words: Vec<&str> = seen.iter().map(|guard| &*guard.words).collect();
                    let not: Arc<str> = format!("not {}", words.join(" or ")).into();
                    let otherwise = Guard { choice: Arc::clone(choice), taken: Arc::clone(&not), words: not };
                    seen.into_iter().chain([otherwise]).collect()
                }
            };
            if worlds.len() * ways.len() > MAX_WORLDS {
                return None;
            }
            let with = |world: &Vec<Guard>| {
                let world = world.clone();
                ways.iter()
                    .map(move |way| world.iter().cloned().chain([way.clone()]).collect::<Vec<Guard>>())
                    .collect::<Vec<_>>()
            };
            worlds = worlds.iter().flat_map(with).collect();
        }
        Some(worlds)
    }

    /// Ways over machines that are reached on the way.
    fn transitive(&self, question: &Question) -> Vec<Answer> {
        let mut answers = Vec::new();
        let mut reached: BTreeMap<SubjectId, Part> = BTreeMap::new();
        let mut queue: VecDeque<Sender> = VecDeque::from([question.from]);
        let mut blocked = None;
        while let Some(sender) = queue.pop_front() {
            let before = match sender {
                Sender::Subject(id) => reached.get(&id).cloned(),
                Sender::Internet => None,
            };
            for to in (0..self.topology.subjects.len()).map(SubjectId) {
                let start = question.from == Sender::Subject(to) || sender == Sender::Subject(to);
                if start || (reached.contains_key(&to) && question.to != Some(to)) {
                    continue;
                }
                let asked = question.to.is_none_or(|wanted| wanted == to);
                if asked {
                    let (parts, block) = self.decide(sender, to, &question.traffic);
                    if parts.is_empty() && blocked.is_none() {
                        blocked = block;
                    }
                    let parts = parts.into_iter().map(|part| after(before.as_ref(), part));
                    answers.extend(parts.map(|part| self.told(question.from, to, part)));
                }
                if self.topology.subject(to).acts && !reached.contains_key(&to) {
                    let (parts, _) = self.decide(sender, to, &Traffic::all());
                    let best = parts.into_iter().max_by_key(|part| part.verdict);
                    if let Some(part) = best {
                        reached.insert(to, after(before.as_ref(), part));
                        queue.push_back(Sender::Subject(to));
                    }
                }
            }
        }
        // The shortest way with the best verdict is told.
        let mut best: Vec<Answer> = Vec::new();
        for answer in answers {
            match best.iter_mut().find(|known| known.to == answer.to && known.traffic == answer.traffic) {
                Some(known) if known.verdict >= answer.verdict => {}
                Some(known) => *known = answer,
                None => best.push(answer),
            }
        }
        if let (Some(to), true) = (question.to, best.is_empty()) {
            best.push(Answer {
                blocked_by: blocked,
                ..self.answer(question.from, to, &question.traffic).swap_remove(0)
            });
        }
        best
    }
}

/// A part of a way after the way to its sender.
fn after(before: Option<&Part>, part: Part) -> Part {
    let Some(before) = before else { return part };
    let whens: Vec<&str> = before.when.iter().chain(&part.when).map(|when| &**when).collect();
    let when = (!whens.is_empty()).then(|| whens.join(" and ").into());
    let hops = before.hops.iter().cloned().chain(part.hops).collect();
    Part { traffic: part.traffic, verdict: before.verdict.min(part.verdict), when, hops }
}

/// For each choice of some guards the first way that was asked for.
fn first_ways(guards: &[Guard]) -> Vec<Guard> {
    let mut ways: Vec<Guard> = Vec::new();
    for guard in guards {
        if !ways.iter().any(|known| known.choice == guard.choice) {
            ways.push(guard.clone());
        }
    }
    ways
}
