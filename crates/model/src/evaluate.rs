//! Evaluation of a checked expression for one subject in one world.
//!
//! Every result carries its evidence: the values because of which it is what it is. For a conjunction that holds these are
//! the evidence of both sides, for one that fails those of the side that fails, and so on.

use std::sync::Arc;

use terravet_graph::{Data, Number, Truth, Type, Value, Why};
use terravet_schema::{Attribute, AttributeType, Cell, Comparison, Computed, Expression, Kind, Literal, Row};

use crate::subject::Subject;
use crate::texts;
use crate::view::{Reading, View};

/// What an expression is worth.
#[derive(Clone, Debug)]
enum Item {
    /// A value, and whether it is written rather than a default (with the absent value where it is not).
    Value(Value, Option<Value>),
    /// Subjects of a kind, whether these are all, and where their absence shows.
    Subjects(Arc<str>, Vec<Subject>, bool, Value),
}

/// An item with its evidence.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    item: Item,
    pub(crate) evidence: Vec<Value>,
}

impl Outcome {
    fn value(value: Value, evidence: Vec<Value>) -> Self {
        Self { item: Item::Value(value, None), evidence }
    }

    fn truth_of(truth: Truth, evidence: Vec<Value>) -> Self {
        let value = match truth {
            Truth::True => Value::bool(true),
            Truth::False => Value::bool(false),
            Truth::Unknown => Value::unknown(Why::Other("undecided".into()), Type::Bool),
        };
        Self::value(value, evidence)
    }

    /// The truth of a bool. What is not set is not true: both languages treat an unset switch as off.
    pub(crate) fn truth(&self) -> Truth {
        match &self.item {
            Item::Value(value, _) => match &value.data {
                Data::Bool(flag) => (*flag).into(),
                Data::Absent | Data::Null(_) => Truth::False,
                _ => Truth::Unknown,
            },
            Item::Subjects(..) => Truth::Unknown,
        }
    }
}

/// Evaluates for one subject.
pub(crate) struct Evaluator<'a> {
    view: &'a View<'a>,
    kind: &'a Kind,
    subject: &'a Subject,
    /// The elements of the loops around, outermost first.
    loops: Vec<Item>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(view: &'a View<'a>, kind: &'a Kind, subject: &'a Subject) -> Self {
        Self { view, kind, subject, loops: Vec::new() }
    }

    /// The truth of a condition.
    pub(crate) fn check(&mut self, expression: &Expression) -> Outcome {
        self.evaluate(expression)
    }

    fn evaluate(&mut self, expression: &Expression) -> Outcome {
        match expression {
            Expression::Literal(value) => Outcome::value(value.value(), Vec::new()),
            Expression::List(items) => {
                let items: Vec<Outcome> = items.iter().map(|item| self.evaluate(item)).collect();
                let values = items.iter().map(scalar);
                Outcome::value(Value::tuple(values), Vec::new())
            }
            Expression::Variable(at) => self.variable(*at),
            Expression::Attribute { of, kind, name, arguments } => self.attribute(of, kind, name, arguments),
            Expression::Today => Outcome::value(Value::number(self.view.model.today.number()), Vec::new()),
            Expression::HasRow { table, keys } => self.has_row(table, keys),
            Expression::Cell { table, keys, column } => self.cell(table, keys, column),
            Expression::Entry(of, name) => {
                let of = scalar(&self.evaluate(of));
                let value = match of.as_items() {
                    // A nested block of Terraform is a list of one.
                    Some([only]) => self.view.settle(&of.part(only)).get(name),
                    Some(_) => Value::tuple(of.elements().iter().map(|element| self.view.settle(element).get(name))),
                    None => of.get(name),
                };
                let value = self.view.settle(&value);
                Outcome::value(value.clone(), vec![value])
            }
            Expression::Has(inner) => self.has(inner),
            Expression::Not(inner) => {
                let inner = self.evaluate(inner);
                Outcome::truth_of(!inner.truth(), inner.evidence)
            }
            Expression::And(a, b) => self.both(a, b, Truth::False),
            Expression::Or(a, b) => self.both(a, b, Truth::True),
            Expression::Choose(condition, then, otherwise) => self.choose(condition, then, otherwise),
            Expression::Compare(comparison, a, b) => match (&**a, &**b) {
                (Expression::Size(list), Expression::Literal(Literal::Number(number))) => {
                    self.compare_size(*comparison, list, number)
                }
                _ => self.compare(*comparison, a, b),
            },
            Expression::In(item, list) => self.member(item, list),
            Expression::Quantifier { all, over, body } => self.quantifier(*all, over, body),
            Expression::Filter(over, body) => self.filter(over, body),
            Expression::Size(list) => self.size(list),
            Expression::Lower(inner) => {
                let inner = self.evaluate(inner);
                let value = scalar(&inner);
                match value.as_str().map(str::to_ascii_lowercase) {
                    Some(lower) => {
                        let value = Value { data: Data::String(lower.into()), ..value };
                        Outcome::value(value, inner.evidence)
                    }
                    None => Outcome::value(value, inner.evidence),
                }
            }
            Expression::Test(test, inner) => {
                let inner = self.evaluate(inner);
                let (truth, part) = texts::test(test, &scalar(&inner));
                Outcome::truth_of(truth, part.map_or(inner.evidence, |part| vec![part]))
            }
        }
    }

    /// The row that keys find, with the values of the keys; none where a key is not known.
    fn row(&mut self, table: &str, keys: &[Expression]) -> (Option<Option<&'a Row>>, Vec<Value>) {
        let (mut texts, mut evidence) = (Vec::with_capacity(keys.len()), Vec::new());
        let mut is_open = false;
        for key in keys {
            let key = self.evaluate(key);
            let value = scalar(&key);
            is_open |= value.is_unknown();
            texts.push(match &value.data {
                Data::String(text) => Some(text.to_string()),
                Data::Number(number) => Some(number.to_string()),
                _ => None,
            });
            evidence.extend(key.evidence);
        }
        if is_open {
            return (None, evidence);
        }
        let texts: Option<Vec<&str>> = texts.iter().map(Option::as_deref).collect();
        let table = self.view.model.schema.table(table);
        (Some(table.zip(texts).and_then(|(table, keys)| table.row(&keys))), evidence)
    }

    fn has_row(&mut self, table: &str, keys: &[Expression]) -> Outcome {
        let (row, evidence) = self.row(table, keys);
        Outcome::truth_of(row.map_or(Truth::Unknown, |row| row.is_some().into()), evidence)
    }

    fn cell(&mut self, table: &str, keys: &[Expression], column: &str) -> Outcome {
        let (row, evidence) = self.row(table, keys);
        let value = match row {
            Some(row) => row.and_then(|row| row.get(column)).map_or_else(|| Value::absent(None), Cell::value),
            None => {
                let why = evidence.iter().find_map(Value::as_unknown).map(|unknown| unknown.why.clone());
                Value::unknown(why.unwrap_or_else(|| Why::Other("a key is not known".into())), Type::Any)
            }
        };
        Outcome::value(value, evidence)
    }

    fn variable(&self, at: usize) -> Outcome {
        let Some(item) = at.checked_sub(1).and_then(|at| self.loops.get(at)) else {
            let place = Value::absent(Some(self.view.place(self.subject)));
            let item = Item::Subjects(Arc::clone(&self.kind.name), vec![self.subject.clone()], true, place);
            return Outcome { item, evidence: Vec::new() };
        };
        let evidence = match item {
            Item::Value(value, _) => vec![value.clone()],
            Item::Subjects(_, _, _, place) => vec![place.clone()],
        };
        Outcome { item: item.clone(), evidence }
    }

    fn attribute(&mut self, of: &Expression, kind: &str, name: &Arc<str>, arguments: &[Literal]) -> Outcome {
        let of = self.evaluate(of);
        let (subjects, complete, place) = match of.item {
            Item::Subjects(_, subjects, complete, place) => (subjects, complete, place),
            Item::Value(value, _) => (Vec::new(), !value.is_unknown(), value),
        };
        if subjects.is_empty() {
            // The attribute of nothing is not there; of what cannot be told, it is not known.
            let value = if complete { place } else { Value::unknown(Why::Other("not resolved".into()), Type::Any) };
            return Outcome { item: Item::Value(value.clone(), Some(value.clone())), evidence: vec![value] };
        }
        let schema = self.view.model.schema;
        let Some((kind, attribute)) = schema.kind(kind).and_then(|kind| Some((kind, kind.attributes.get(name)?)))
        else {
            return Outcome::truth_of(Truth::Unknown, Vec::new());
        };
        let mut outcomes = subjects.iter().map(|subject| self.read(subject, kind, attribute, arguments));
        let Some(first) = outcomes.next() else { return Outcome::truth_of(Truth::Unknown, Vec::new()) };
        // Which of several instances is meant is open: only what they agree on is known.
        match outcomes.find(|other| !same(&first.item, &other.item)) {
            None => first,
            Some(_) => {
                let value = Value::unknown(Why::Other("it differs between instances".into()), Type::Any);
                Outcome { item: Item::Value(value.clone(), None), evidence: vec![value] }
            }
        }
    }

    fn read(&self, subject: &Subject, kind: &Kind, attribute: &Attribute, arguments: &[Literal]) -> Outcome {
        let reading = match &attribute.computed {
            Some(Computed::Fact(fact)) => self.view.fact(subject, kind, fact, arguments),
            _ => self.view.read(subject, kind, attribute),
        };
        match reading {
            Reading::Value { value, absent, evidence } => {
                let evidence =
                    if evidence.is_empty() { vec![absent.clone().unwrap_or_else(|| value.clone())] } else { evidence };
                Outcome { item: Item::Value(value, absent), evidence }
            }
            Reading::Subjects { subjects, complete, place } => {
                let other = match &attribute.ty {
                    AttributeType::Subject(other) | AttributeType::Subjects(other) => Arc::clone(other),
                    _ => Arc::clone(&kind.name),
                };
                Outcome { item: Item::Subjects(other, subjects, complete, place.clone()), evidence: vec![place] }
            }
        }
    }

    fn choose(&mut self, condition: &Expression, then: &Expression, otherwise: &Expression) -> Outcome {
        let condition = self.evaluate(condition);
        match condition.truth() {
            Truth::Unknown => {
                let (then, otherwise) = (self.evaluate(then), self.evaluate(otherwise));
                let agreed = then.truth() == otherwise.truth() && then.truth() != Truth::Unknown;
                if agreed { then } else { Outcome::truth_of(Truth::Unknown, condition.evidence) }
            }
            truth => {
                let mut outcome = self.evaluate(if truth.is_true() { then } else { otherwise });
                outcome.evidence.extend(condition.evidence);
                outcome
            }
        }
    }

    fn has(&mut self, inner: &Expression) -> Outcome {
        let inner = self.evaluate(inner);
        let truth = match &inner.item {
            Item::Value(_, Some(absent)) if absent.is_unset() => Truth::False,
            Item::Value(value, _) if value.is_unset() => Truth::False,
            Item::Value(value, _) => is_there(value),
            Item::Subjects(_, subjects, complete, _) => match (subjects.is_empty(), complete) {
                (false, _) => Truth::True,
                (true, true) => Truth::False,
                (true, false) => Truth::Unknown,
            },
        };
        Outcome::truth_of(truth, inner.evidence)
    }

    /// Conjunction (`deciding` false) or disjunction (`deciding` true).
    fn both(&mut self, a: &Expression, b: &Expression, deciding: Truth) -> Outcome {
        let mut first = self.evaluate(a);
        let truth = first.truth();
        if truth == deciding {
            return first;
        }
        let second = self.evaluate(b);
        let other = second.truth();
        if other == deciding {
            return second;
        }
        let joined = if deciding.is_true() { truth.or(other) } else { truth.and(other) };
        first.evidence.extend(second.evidence);
        Outcome::truth_of(joined, first.evidence)
    }

    fn compare(&mut self, comparison: Comparison, a: &Expression, b: &Expression) -> Outcome {
        let (a, b) = (self.evaluate(a), self.evaluate(b));
        let (left, right) = (scalar(&a), scalar(&b));
        let truth = match comparison {
            Comparison::Equal => equal(&left, &right),
            Comparison::NotEqual => !equal(&left, &right),
            _ => order(&left, &right, |a, b| comparison.holds(a, b)),
        };
        let evidence = a.evidence.into_iter().chain(b.evidence).collect();
        Outcome::truth_of(truth, evidence)
    }

    fn member(&mut self, item: &Expression, list: &Expression) -> Outcome {
        let (item, list) = (self.evaluate(item), self.evaluate(list));
        let value = scalar(&item);
        let mut truth = Truth::False;
        let mut found = None;
        for element in scalar(&list).elements() {
            let same = equal(&value, &element);
            if same.is_true() && found.is_none() {
                found = Some(element);
            }
            truth = truth.or(same);
        }
        let evidence = match found.filter(|element| element.span().is_some()) {
            Some(element) => vec![element],
            None => item.evidence.into_iter().chain(list.evidence).collect(),
        };
        Outcome::truth_of(truth, evidence)
    }

    /// The elements to loop over, whether these are all, and the evidence of there being none.
    fn elements(&mut self, over: &Expression) -> (Vec<Item>, bool, Vec<Value>) {
        let over = self.evaluate(over);
        match over.item {
            Item::Value(value, _) => {
                if value.is_unknown() {
                    return (Vec::new(), false, over.evidence);
                }
                let items =
                    value.elements().iter().map(|element| Item::Value(self.view.settle(element), None)).collect();
                (items, true, over.evidence)
            }
            Item::Subjects(kind, subjects, complete, _) => {
                let view = self.view;
                let one = |subject: Subject| {
                    let place = Value::absent(Some(view.place(&subject)));
                    Item::Subjects(Arc::clone(&kind), vec![subject], true, place)
                };
                (subjects.into_iter().map(one).collect(), complete, over.evidence)
            }
        }
    }

    fn quantifier(&mut self, all: bool, over: &Expression, body: &Expression) -> Outcome {
        let (elements, complete, empty) = self.elements(over);
        let deciding = Truth::from(!all);
        let mut truth = if complete { !deciding } else { Truth::Unknown };
        let (mut decided, mut rest) = (Vec::new(), Vec::new());
        for element in elements {
            self.loops.push(element);
            let outcome = self.evaluate(body);
            self.loops.pop();
            let holds = outcome.truth();
            truth = if all { truth.and(holds) } else { truth.or(holds) };
            if holds == deciding { decided.extend(outcome.evidence) } else { rest.extend(outcome.evidence) }
        }
        let evidence = if truth == deciding { decided } else { rest };
        Outcome::truth_of(truth, if evidence.is_empty() { empty } else { evidence })
    }

    fn filter(&mut self, over: &Expression, body: &Expression) -> Outcome {
        let (elements, complete, empty) = self.elements(over);
        let mut kept = Vec::new();
        let (mut all_known, mut evidence) = (complete, Vec::new());
        for element in elements {
            self.loops.push(element.clone());
            let outcome = self.evaluate(body);
            self.loops.pop();
            match outcome.truth() {
                Truth::True => {
                    evidence.extend(outcome.evidence);
                    kept.push(element);
                }
                Truth::Unknown => all_known = false,
                Truth::False => {}
            }
        }
        let place = empty.first().cloned().unwrap_or_else(|| Value::absent(None));
        let item = match kept.first() {
            Some(Item::Subjects(kind, ..)) => {
                let kind = Arc::clone(kind);
                let subjects = kept.into_iter().filter_map(|item| match item {
                    Item::Subjects(_, mut subjects, _, _) => subjects.pop(),
                    Item::Value(..) => None,
                });
                Item::Subjects(kind, subjects.collect(), all_known, place)
            }
            _ if !all_known => Item::Value(Value::unknown(Why::Other("not all known".into()), Type::Any), None),
            _ => {
                let values = kept.into_iter().filter_map(|item| match item {
                    Item::Value(value, _) => Some(value),
                    Item::Subjects(..) => None,
                });
                Item::Value(Value::tuple(values), None)
            }
        };
        Outcome { item, evidence: if evidence.is_empty() { empty } else { evidence } }
    }

    fn size(&mut self, list: &Expression) -> Outcome {
        let list = self.evaluate(list);
        let value = match size_of(&list.item) {
            (least, Some(most)) if least == most => Value::number(least),
            _ => Value::unknown(Why::Other("not all known".into()), Type::Number),
        };
        Outcome::value(value, list.evidence)
    }

    /// The comparison of a size, which may be decided by bounds alone, with a number.
    fn compare_size(&mut self, comparison: Comparison, list: &Expression, number: &Number) -> Outcome {
        let list = self.evaluate(list);
        let (least, most) = size_of(&list.item);
        let holds = |size: usize| comparison.holds(&Number::from(size), number);
        let truth = match most {
            Some(most) if least == most => holds(least).into(),
            // Where it holds at both ends of an order, it holds between them.
            _ => {
                let end = most.unwrap_or(usize::MAX);
                match (comparison, holds(least), holds(end)) {
                    (Comparison::Equal | Comparison::NotEqual, ..) => {
                        let size = number.to_i64().and_then(|size| usize::try_from(size).ok());
                        let may_be = size.is_some_and(|size| least <= size && size <= end);
                        let never_equal = Truth::from(comparison == Comparison::NotEqual);
                        if may_be { Truth::Unknown } else { never_equal }
                    }
                    (_, at_least, at_most) if at_least == at_most => at_least.into(),
                    _ => Truth::Unknown,
                }
            }
        };
        Outcome::truth_of(truth, list.evidence)
    }
}

/// The least and the greatest number of elements of an item, or of characters of text.
fn size_of(item: &Item) -> (usize, Option<usize>) {
    let value = match item {
        Item::Subjects(_, subjects, complete, _) => return (subjects.len(), complete.then_some(subjects.len())),
        Item::Value(value, _) => value,
    };
    match (&value.data, value.as_items()) {
        (Data::String(text), _) => (text.chars().count(), Some(text.chars().count())),
        (Data::Unknown(unknown), _) => (unknown.min_length, unknown.max_length),
        (_, Some(items)) => {
            let open = items.iter().any(|item| item.is_unknown() && !is_one(item));
            let least = items.iter().filter(|item| is_one(item)).count();
            (least, (!open).then_some(items.len()))
        }
        (_, None) => {
            if value.is_unset() {
                (0, Some(0))
            } else {
                (1, Some(1))
            }
        }
    }
}

/// Whether an element of a gathered list is certainly one element; an unknown one may stand for a list of any length.
fn is_one(item: &Value) -> bool {
    item.as_unknown().is_none_or(|unknown| unknown.not_null && unknown.ty.is_primitive())
}

/// Whether something is there. An empty list is nothing, as providers have it.
fn is_there(value: &Value) -> Truth {
    match (&value.data, value.as_items()) {
        (Data::Absent | Data::Null(_), _) => Truth::False,
        (Data::Unknown(unknown), _) => {
            let may_be_empty =
                matches!(unknown.ty, Type::List(_) | Type::Set(_) | Type::Map(_)) && unknown.min_length == 0;
            if unknown.not_null && !may_be_empty { Truth::True } else { Truth::Unknown }
        }
        (_, Some(items)) if items.iter().any(is_one) => Truth::True,
        (_, Some([])) => Truth::False,
        (_, Some(_)) => Truth::Unknown,
        (_, None) => Truth::True,
    }
}

/// Whether two readings say the same.
fn same(a: &Item, b: &Item) -> bool {
    match (a, b) {
        (Item::Value(a, _), Item::Value(b, _)) => a == b,
        (Item::Subjects(_, a, ..), Item::Subjects(_, b, ..)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is(b))
        }
        _ => false,
    }
}

/// The value of an item that is one.
fn scalar(outcome: &Outcome) -> Value {
    match &outcome.item {
        Item::Value(value, _) => value.clone(),
        // A subject has no value, but it is there.
        Item::Subjects(_, subjects, _, place) if !subjects.is_empty() => {
            Value { origin: place.origin.clone(), ..Value::object([]) }
        }
        Item::Subjects(_, _, complete, place) if *complete => place.clone(),
        Item::Subjects(..) => Value::unknown(Why::Other("not resolved".into()), Type::Any),
    }
}

/// Whether two values are equal; what is not set equals only what is not set.
fn equal(a: &Value, b: &Value) -> Truth {
    match (&a.data, &b.data) {
        (Data::Unknown(unknown), other) | (other, Data::Unknown(unknown)) => match other {
            Data::Absent | Data::Null(_) if unknown.not_null => Truth::False,
            Data::String(text) => match &unknown.prefix {
                Some(prefix) if !text.starts_with(&**prefix) => Truth::False,
                _ => Truth::Unknown,
            },
            _ => Truth::Unknown,
        },
        _ if a.is_unset() || b.is_unset() => (a.is_unset() && b.is_unset()).into(),
        (x, y) => (x == y).into(),
    }
}

/// Whether two numbers are in an order; what is not set is in none.
fn order(a: &Value, b: &Value, holds: impl Fn(&Number, &Number) -> bool) -> Truth {
    match (a.as_number(), b.as_number()) {
        (Some(a), Some(b)) => holds(a, b).into(),
        _ if a.is_unknown() || b.is_unknown() => Truth::Unknown,
        _ => Truth::False,
    }
}
