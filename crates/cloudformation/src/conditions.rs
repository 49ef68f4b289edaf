//! Conditions, settled as far as they can be.
//!
//! In: the declarations of conditions, and parameters as far as they are known. Out: [`Conditions`], which say of each condition,
//! under whatever is assumed, whether it holds, and if that is open in which cases it does.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html>.
//!
//! A comparison of something unknown with a constant is a choice of that thing: a parameter that three conditions
//! compare with three constants turns out in one of four ways. Other comparisons of unknowns are choices of
//! their own, and so are those of one thing with more than [`MAX_CONSTANTS`] constants. A condition whose formula grows beyond
//! [`MAX_SIZE`] is a choice by its name.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_graph::{Candidate, Guard, Truth, Value};
use terravet_yaml::{Node, NodeKind, Resolved};

use crate::evaluate::{Evaluator, as_text, function};
use crate::formula::{Choices, Formula, Way};
use crate::parameters::{guard, taken};
use crate::sections::text_of;
use crate::template::Template;

/// The most parts that a formula has.
const MAX_SIZE: usize = 512;
/// How deep conditions may refer to each other before they are told apart by their names.
const MAX_CHAIN: usize = 64;
/// With how many constants one thing is compared before each further comparison is a choice of its own.
const MAX_CONSTANTS: usize = 128;
/// The longest text of an expression that is shown.
const MAX_SHOWN: usize = 60;
/// The way of a choice in which it is none of the constants.
pub(crate) const OTHER: &str = "other";
const YES: &str = "yes";
const NO: &str = "no";

/// What conditions hold.
type Assumed = [(Arc<str>, bool)];

/// What is assumed, and the condition that is asked for.
type Question = (Vec<(Arc<str>, bool)>, Arc<str>);

/// Cases, each with whether a condition holds in it.
type Paths = Vec<(Vec<Guard>, bool)>;

/// The conditions of a template.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    formulas: BTreeMap<Arc<str>, Formula>,
    pub(crate) choices: Choices,
    /// The choices of the parent stack that are told apart further here, with all that the parent's [`OTHER`] may be.
    pub(crate) wider: BTreeMap<Arc<str>, Vec<Guard>>,
    /// What stands before the names of choices that are the template's own.
    scope: String,
    decided: RefCell<BTreeMap<Question, Truth>>,
    listed: RefCell<BTreeMap<Question, Paths>>,
}

impl Conditions {
    /// Whether a condition holds under what is assumed.
    pub(crate) fn truth(&self, name: &str, assumed: &Assumed) -> Truth {
        let Some(formula) = self.formulas.get(name) else { return Truth::Unknown };
        if let Formula::Known(value) = formula {
            return (*value).into();
        }
        let key = (assumed.to_vec(), Arc::from(name));
        if let Some(truth) = self.decided.borrow().get(&key) {
            return *truth;
        }
        let truth = self.decide(formula, assumed);
        self.decided.borrow_mut().insert(key, truth);
        truth
    }

    fn decide(&self, formula: &Formula, assumed: &Assumed) -> Truth {
        let context = self.context(assumed);
        if context == Formula::Known(true) {
            return self.choices.decide(formula);
        }
        if self.choices.decide(&Formula::all([context.clone(), formula.clone()])) == Truth::False {
            return Truth::False;
        }
        if self.choices.decide(&Formula::all([context, formula.clone().negated()])) == Truth::False {
            return Truth::True;
        }
        Truth::Unknown
    }

    fn context(&self, assumed: &Assumed) -> Formula {
        Formula::all(assumed.iter().filter_map(|(name, holds)| {
            let formula = self.formulas.get(name)?.clone();
            Some(if *holds { formula } else { formula.negated() })
        }))
    }

    /// Whether guards may hold under what is assumed.
    pub(crate) fn can_be(&self, when: &[Guard], assumed: &Assumed) -> bool {
        let context = self.context(assumed);
        // What is assumed can be; with that, what it does not depend on can turn out any way.
        let known: Vec<Guard> = when.iter().filter(|guard| context.mentions(&guard.choice)).cloned().collect();
        if known.is_empty() {
            return true;
        }
        self.choices.decide(&Formula::all([context, Formula::of_guards(&known)])) != Truth::False
    }

    /// In which cases an open condition holds and does not.
    pub(crate) fn paths(&self, name: &str, assumed: &Assumed) -> Paths {
        let key = (assumed.to_vec(), Arc::from(name));
        if let Some(paths) = self.listed.borrow().get(&key) {
            return paths.clone();
        }
        let paths = self.list(name, assumed);
        self.listed.borrow_mut().insert(key, paths.clone());
        paths
    }

    fn list(&self, name: &str, assumed: &Assumed) -> Paths {
        let found = self.formulas.get(name).and_then(|formula| self.choices.paths(formula));
        match found {
            Some(mut paths) => {
                paths.retain(|(when, _)| assumed.is_empty() || self.can_be(when, assumed));
                paths
            }
            None => {
                let choice: Arc<str> = format!("{}condition {name}", self.scope).into();
                [(YES, "holds", true), (NO, "does not hold", false)]
                    .map(|(taken, words, holds)| {
                        let words = format!("{choice} {words}").into();
                        (vec![Guard { choice: Arc::clone(&choice), taken: taken.into(), words }], holds)
                    })
                    .to_vec()
            }
        }
    }

    /// When a condition holds, in words.
    pub(crate) fn words(&self, name: &str) -> Arc<str> {
        let paths = self.formulas.get(name).and_then(|formula| self.choices.paths(formula)).unwrap_or_default();
        let mut holding = paths.iter().filter(|(_, holds)| *holds);
        match (holding.next(), holding.next()) {
            (Some((when, _)), None) if !when.is_empty() => {
                when.iter().map(|guard| &*guard.words).collect::<Vec<_>>().join(" and ").into()
            }
            _ => format!("condition {name} holds").into(),
        }
    }

    /// The value of a condition, for the graph.
    pub(crate) fn value(&self, name: &str) -> Value {
        match self.truth(name, &[]) {
            Truth::True => Value::bool(true),
            Truth::False => Value::bool(false),
            Truth::Unknown => {
                let candidates = self.paths(name, &[]).into_iter();
                let candidates = candidates.map(|(when, holds)| Candidate { when, value: Value::bool(holds) });
                let why = terravet_graph::Why::Other(format!("the condition {name} is open").into());
                Value::one_of(why, terravet_graph::Type::Bool, candidates.collect())
            }
        }
    }
}

/// Settles the conditions of a template; `evaluator` knows its parameters, and `inherited` are the choices of the parent
/// stack.
pub(crate) fn settle<'e>(evaluator: &'e Evaluator<'_>, inherited: &'e Choices) -> Conditions {
    let mut builder = Builder {
        evaluator,
        inherited,
        choices: inherited.clone(),
        open: BTreeMap::new(),
        done: BTreeMap::new(),
        chain: Vec::new(),
        looked_up: BTreeSet::new(),
        declared: declared(evaluator.template),
    };
    builder.parameter_choices();
    for declaration in &evaluator.template.conditions {
        builder.named(&declaration.name.text);
    }
    builder.lookups(evaluator.template);
    builder.finish()
}

/// What a rule asserts: a formula with the choices that it depends on.
pub(crate) fn assertion(evaluator: &Evaluator<'_>, settled: &Conditions, node: &Node) -> Truth {
    let mut builder = Builder {
        evaluator,
        inherited: &settled.choices,
        choices: settled.choices.clone(),
        open: BTreeMap::new(),
        done: settled.formulas.iter().map(|(name, formula)| (Arc::clone(name), (formula.clone(), 1))).collect(),
        chain: Vec::new(),
        looked_up: BTreeSet::new(),
        declared: declared(evaluator.template),
    };
    let (formula, size) = builder.formula(node);
    if size > MAX_SIZE { Truth::Unknown } else { builder.finish().choices.decide(&formula) }
}

/// The conditions of a template by their names, of which the last is meant.
fn declared(template: &Template) -> BTreeMap<&str, &Node> {
    template.conditions.iter().map(|condition| (&*condition.name.text, &condition.body)).collect()
}

/// What a choice is called, and the constants that it is compared with.
struct Open {
    label: Arc<str>,
    constants: BTreeSet<String>,
}

struct Builder<'e, 't> {
    evaluator: &'e Evaluator<'t>,
    inherited: &'e Choices,
    choices: Choices,
    /// The choices that may also turn out otherwise than any constant.
    open: BTreeMap<Arc<str>, Open>,
    /// The formula of each condition, and its size.
    done: BTreeMap<Arc<str>, (Formula, usize)>,
    /// The conditions that are being built.
    chain: Vec<Arc<str>>,
    /// The choices whose constants the keys of a mapping are already, by the mapping and the level of the keys.
    looked_up: BTreeSet<(Arc<str>, Arc<str>, bool)>,
    declared: BTreeMap<&'e str, &'e Node>,
}

impl Builder<'_, '_> {
    /// The parameters that have finitely many values.
    fn parameter_choices(&mut self) {
        for value in self.evaluator.parameters.values() {
            for candidate in value.as_unknown().map_or(&[][..], |unknown| &unknown.candidates) {
                for guard in &candidate.when {
                    let way = Way { taken: Arc::clone(&guard.taken), words: Arc::clone(&guard.words) };
                    self.choices.add(&guard.choice, way);
                }
            }
        }
    }

    /// The keys by which parameters without value are looked up in mappings: each is a way for the parameter to turn out.
    fn lookups(&mut self, template: &Template) {
        let bodies = template.conditions.iter().map(|condition| &condition.body);
        let bodies = bodies.chain(template.resources.iter().map(|resource| &resource.body));
        let mut open: Vec<&Node> = bodies.chain(template.outputs.iter().map(|output| &output.value)).collect();
        while let Some(node) = open.pop() {
            if let Some(("Fn::FindInMap", argument)) = function(node)
                && let Some([map, first, second, ..]) = argument.as_sequence()
                && let Some(name) = text_of(map)
                && let Some(rows) = template.mappings.get(name).and_then(Node::as_mapping)
            {
                self.lookup(first, (name, true), rows.iter().filter_map(|row| row.key.as_str()));
                let cells = rows.iter().flat_map(|row| row.value.as_mapping().unwrap_or_default());
                self.lookup(second, (name, false), cells.filter_map(|cell| cell.key.as_str()));
            }
            match &node.kind {
                NodeKind::Scalar { .. } => {}
                NodeKind::Sequence(items) => open.extend(items.iter()),
                NodeKind::Mapping(entries) => open.extend(entries.iter().map(|entry| &entry.value)),
            }
        }
    }

    /// Makes the keys of a mapping constants of what they are looked up by.
    fn lookup<'k>(&mut self, node: &Node, (map, outer): (&str, bool), mut keys: impl Iterator<Item = &'k str>) {
        if function(node).is_none_or(|(name, _)| !matches!(name, "Ref" | "Fn::Sub")) {
            return;
        }
        let value = self.evaluator.value(node);
        if let Some(choice) = self.evaluator.choice(node, &value) {
            if self.looked_up.insert((Arc::clone(&choice), map.into(), outer)) {
                // Where there are too many, the result is not known in any case.
                let _ = keys.all(|key| self.constant(&choice, &choice, key));
            }
        }
    }

    /// Adds a constant that something is compared with; false where there are too many to add another.
    fn constant(&mut self, choice: &Arc<str>, label: &Arc<str>, constant: &str) -> bool {
        let open = self.open.entry(Arc::clone(choice));
        let open = open.or_insert_with(|| Open { label: Arc::clone(label), constants: BTreeSet::new() });
        if !open.constants.contains(constant) {
            if open.constants.len() >= MAX_CONSTANTS {
                return false;
            }
            open.constants.insert(constant.to_owned());
        }
        true
    }

    fn finish(mut self) -> Conditions {
        for (choice, open) in &self.open {
            for constant in &open.constants {
                let words = guard(&open.label, constant).words;
                self.choices.add(choice, Way { taken: taken(constant), words });
            }
            let other = self.other(choice, &open.label);
            self.choices.set(choice, other);
        }
        let mut wider = BTreeMap::new();
        for choice in self.inherited.names() {
            let before = self.inherited.ways(choice);
            let is_new = |way: &&Way| &*way.taken == OTHER || !before.contains(way);
            if !before.iter().any(|way| &*way.taken == OTHER) || self.choices.ways(choice).len() == before.len() {
                continue;
            }
            let other = self.other(choice, choice);
            self.choices.set(choice, other);
            let ways = self.choices.ways(choice).iter().filter(is_new);
            wider.insert(Arc::clone(choice), ways.map(|way| self.choices.guard(choice, way)).collect());
        }
        let formulas = self.done.into_iter().map(|(name, (formula, _))| (name, formula)).collect();
        let scope = self.evaluator.scope.to_owned();
        Conditions { formulas, choices: self.choices, wider, scope, ..Conditions::default() }
    }

    /// The way of a choice in which it is none of the constants.
    fn other(&self, choice: &str, label: &str) -> Way {
        let ways = self.choices.ways(choice).iter().map(|way| &*way.taken).filter(|taken| *taken != OTHER);
        let mut constants = ways.map(|taken| format!("{:?}", taken.strip_prefix("is ").unwrap_or(taken)));
        let words = match (constants.next(), constants.next()) {
            (Some(only), None) => format!("{label} is not {only}"),
            (Some(first), Some(second)) => {
                let all: Vec<String> = [first, second].into_iter().chain(constants).collect();
                format!("{label} is none of {}", all.join(", "))
            }
            (None, _) => format!("{label} is anything"),
        };
        Way { taken: OTHER.into(), words: words.into() }
    }

    /// A choice that holds or does not.
    fn yes_or_no(&mut self, choice: &str, label: &str) -> (Formula, usize) {
        let choice: Arc<str> = format!("{}{choice}", self.evaluator.scope).into();
        let ways = [(YES, "holds"), (NO, "does not hold")];
        self.choices.declare(
            &choice,
            ways.map(|(taken, words)| Way { taken: taken.into(), words: format!("{label} {words}").into() }).to_vec(),
        );
        (Formula::Taken(choice, YES.into()), 1)
    }

    fn named(&mut self, name: &str) -> (Formula, usize) {
        if let Some(found) = self.done.get(name) {
            return found.clone();
        }
        let by_name = format!("condition {name}");
        let declaration = self.declared.get(name).copied();
        let circular = self.chain.len() >= MAX_CHAIN || self.chain.iter().any(|open| &**open == name);
        let Some(declaration) = declaration.filter(|_| !circular) else { return self.yes_or_no(&by_name, &by_name) };
        self.chain.push(name.into());
        let (mut formula, mut size) = self.formula(declaration);
        self.chain.pop();
        if size > MAX_SIZE {
            (formula, size) = self.yes_or_no(&by_name, &by_name);
        }
        self.done.insert(name.into(), (formula.clone(), size));
        (formula, size)
    }

    fn formula(&mut self, node: &Node) -> (Formula, usize) {
        let entry = node.as_mapping().filter(|entries| entries.len() == 1).and_then(<[_]>::first);
        let Some((name, argument)) = entry.and_then(|entry| Some((entry.key.as_str()?, &entry.value))) else {
            return match node.resolve() {
                Some(Resolved::Bool(flag)) => (Formula::Known(flag), 1),
                _ => self.opaque(node),
            };
        };
        match (name, argument.as_sequence()) {
            ("Condition", _) => match text_of(argument) {
                Some(name) => self.named(name),
                None => self.opaque(node),
            },
            ("Fn::Not", Some([inner])) => {
                let (formula, size) = self.formula(inner);
                (formula.negated(), size + 1)
            }
            ("Fn::And", Some(parts)) => self.combined(parts, Formula::all),
            ("Fn::Or", Some(parts)) => self.combined(parts, Formula::any),
            ("Fn::Equals", Some([a, b])) => self.equals(a, b),
            ("Fn::Contains" | "Fn::EachMemberIn", Some([a, b])) => {
                let (members, allowed) = if name == "Fn::Contains" { (b, a) } else { (a, b) };
                self.each_in(members, allowed, node)
            }
            ("Fn::EachMemberEquals", Some([list, value])) => self.each_in(list, value, node),
            _ => self.opaque(node),
        }
    }

    fn combined(&mut self, parts: &[Node], join: fn(Vec<Formula>) -> Formula) -> (Formula, usize) {
        let parts: Vec<(Formula, usize)> = parts.iter().map(|part| self.formula(part)).collect();
        let size = parts.iter().map(|(_, size)| *size).sum::<usize>() + 1;
        if size > MAX_SIZE {
            // Its name stands for it in the condition that it belongs to.
            return (Formula::Known(true), size);
        }
        (join(parts.into_iter().map(|(formula, _)| formula).collect()), size)
    }

    /// What cannot be looked into is a choice by its text.
    fn opaque(&mut self, node: &Node) -> (Formula, usize) {
        let text = written(node);
        self.yes_or_no(&text, &shown(&text))
    }

    fn equals(&mut self, a: &Node, b: &Node) -> (Formula, usize) {
        let (left, right) = (self.evaluator.value(a), self.evaluator.value(b));
        let (lefts, rights) = (ways(&left), ways(&right));
        let mut holding = Vec::new();
        let mut size = 1;
        for (when_left, left) in &lefts {
            for (when_right, right) in &rights {
                let Some(when) = Candidate::join(when_left, when_right) else { continue };
                let same = self.same((a, left), (b, right));
                if same != Formula::Known(false) {
                    size += when.len() + 1;
                    holding.push(Formula::all([Formula::of_guards(&when), same]));
                }
            }
        }
        (Formula::any(holding), size)
    }

    /// Whether two values are equal, as text.
    fn same(&mut self, left: (&Node, &Value), right: (&Node, &Value)) -> Formula {
        match (left.1.is_wholly_known(), right.1.is_wholly_known()) {
            (true, true) => Formula::Known(equal(left.1, right.1)),
            (false, true) => self.is_constant(left, right.1),
            (true, false) => self.is_constant(right, left.1),
            (false, false) => {
                let (a, b) = (written(left.0), written(right.0));
                if a == b {
                    return Formula::Known(true);
                }
                let (first, second) = if a < b { (a, b) } else { (b, a) };
                let text = format!("{} = {}", shown(&first), shown(&second));
                self.yes_or_no(&format!("{first} = {second}"), &text).0
            }
        }
    }

    /// Whether something unknown turns out to be a constant.
    fn is_constant(&mut self, (node, value): (&Node, &Value), constant: &Value) -> Formula {
        let Some(constant) = as_text(constant).and_then(|text| text.as_str().map(str::to_owned)) else {
            let text = format!("{} = {}", written(node), kind_text(constant));
            return self.yes_or_no(&text, &shown(&text)).0;
        };
        let unknown = value.as_unknown();
        let prefix = unknown.and_then(|unknown| unknown.prefix.as_deref()).unwrap_or_default();
        if !constant.starts_with(prefix) || unknown.is_none() {
            return Formula::Known(false);
        }
        let (choice, label) = match self.evaluator.choice(node, value) {
            Some(choice) => (Arc::clone(&choice), choice),
            None => {
                let text = written(node);
                (Arc::from(format!("{}{text}", self.evaluator.scope)), Arc::from(shown(&text)))
            }
        };
        if !self.constant(&choice, &label, &constant) {
            let text = format!("{label} = {constant}");
            return self.yes_or_no(&text, &shown(&text)).0;
        }
        Formula::Taken(choice, taken(&constant))
    }

    /// Whether each of some values is one of others.
    fn each_in(&mut self, members: &Node, allowed: &Node, node: &Node) -> (Formula, usize) {
        let (members, allowed) = (self.evaluator.value(members), self.evaluator.value(allowed));
        if members.is_unknown() || allowed.is_unknown() {
            return self.opaque(node);
        }
        let (members, allowed) = (members.elements(), allowed.elements());
        if !members.iter().chain(&allowed).all(Value::is_wholly_known) {
            return self.opaque(node);
        }
        let holds = members.iter().all(|member| allowed.iter().any(|allowed| equal(member, allowed)));
        (Formula::Known(holds), 1)
    }
}

fn ways(value: &Value) -> Vec<(Vec<Guard>, Value)> {
    match value.as_unknown() {
        Some(unknown) if !unknown.candidates.is_empty() => {
            unknown.candidates.iter().map(|candidate| (candidate.when.clone(), candidate.value.clone())).collect()
        }
        _ => vec![(Vec::new(), value.clone())],
    }
}

/// Whether two known values are equal: scalars by their text, lists by their members.
fn equal(a: &Value, b: &Value) -> bool {
    match (as_text(a), as_text(b)) {
        (Some(a), Some(b)) => a.as_str() == b.as_str(),
        (None, None) => match (a.as_items(), b.as_items()) {
            (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
            _ => a == b,
        },
        _ => false,
    }
}

fn kind_text(value: &Value) -> &'static str {
    if value.as_items().is_some() { "a list" } else { "a map" }
}

/// A node as one line.
fn written(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar { text, .. } => text.to_string(),
        NodeKind::Sequence(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        NodeKind::Mapping(entries) => match function(node) {
            Some(("Ref", argument)) => format!("${{{}}}", written(argument)),
            Some(("Fn::Sub", argument)) if argument.as_str().is_some() => format!("{:?}", written(argument)),
            Some((name, argument)) => format!("{name}{}", written(argument)),
            None => {
                let entries = entries.iter().map(|entry| format!("{}: {}", written(&entry.key), written(&entry.value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        },
    }
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
