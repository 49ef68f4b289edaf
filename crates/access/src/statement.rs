//! Policies ready to be asked: statements with their texts as patterns.
//!
//! In: the value of a policy, and [`Names`]. Out: a [`Policy`] of [`Clause`]s, and for a request how far a clause applies. The cost
//! of asking is that of the statements, whatever their number.

use std::sync::Arc;

use terravet_graph::{Guard, Truth, Value};
use terravet_policy::{Bound, Condition, Letters, Listing, Pattern, PrincipalKind, Statement, read};
use terravet_source::Span;

use crate::answer::{Basis, Layer};
use crate::degree::Degree;
use crate::names::{Names, Text, reason};

/// Some texts, any of which may be meant.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    pub(crate) certain: Vec<Text>,
    pub(crate) possible: Vec<Text>,
    /// Why there may be more.
    pub(crate) open: Option<Arc<str>>,
    pub(crate) present: Truth,
}

/// A principal of a statement.
#[derive(Clone, Debug)]
pub(crate) struct Whom {
    pub(crate) kind: PrincipalKind,
    pub(crate) text: Text,
}

/// The principals of a statement.
#[derive(Clone, Debug)]
pub(crate) struct Whoms {
    pub(crate) certain: Vec<Whom>,
    pub(crate) possible: Vec<Whom>,
    pub(crate) open: Option<Arc<str>>,
    pub(crate) present: Truth,
}

/// A condition of a statement.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) operator: Arc<str>,
    pub(crate) key: Arc<str>,
    pub(crate) values: Texts,
}

/// A statement.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub(crate) allows: Truth,
    /// How certainly it is there.
    pub(crate) there: Degree,
    pub(crate) basis: Basis,
    pub(crate) principals: Whoms,
    pub(crate) not_principals: Whoms,
    actions: Texts,
    not_actions: Texts,
    pub(crate) resources: Texts,
    not_resources: Texts,
    pub(crate) tests: Vec<Test>,
    /// Conditions that may be there, and why that is open.
    tests_open: Option<Arc<str>>,
}

/// A policy.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) clauses: Vec<Clause>,
    /// Why there may be more statements.
    pub(crate) open: Option<Arc<str>>,
    /// Whether what is open may only allow, as with the policies of AWS.
    pub(crate) allows_only: bool,
    pub(crate) basis: Basis,
}

/// What a clause is asked for.
pub(crate) struct Asked<'a> {
    pub(crate) action: &'a Pattern,
    pub(crate) resource: &'a Pattern,
    /// What policy variables stand for.
    pub(crate) variable: &'a dyn Fn(&str) -> Bound,
}

impl Policy {
    /// The policy that a value is.
    pub(crate) fn read(names: &Names<'_>, value: &Value, address: &Arc<str>, place: Span, layer: Layer) -> Self {
        let basis =
            Basis { address: Arc::clone(address), span: value.span().or(Some(place)), statement: "".into(), layer };
        let mut policy = Self { clauses: Vec::new(), open: None, allows_only: false, basis };
        for document in read(value).documents {
            let variables = document.version.as_str() == Some("2012-10-17") || document.version.is_unknown();
            let statements = &document.statements;
            for (at, statement) in statements.items.iter().chain(&statements.possible).enumerate() {
                let possible = at >= statements.items.len();
                let there = certainty(possible, &document.when, &statement.when);
                policy.clauses.push(clause(names, statement, there, &policy.basis, at, variables));
            }
            if !statements.complete {
                policy.open = reason(&document.value)
                    .or_else(|| reason(&statements.value))
                    .or_else(|| Some("a statement is not known before apply".into()));
            }
        }
        policy
    }

    /// A policy of which nothing is known.
    pub(crate) fn unknown(why: Arc<str>, allows_only: bool, basis: Basis) -> Self {
        Self { clauses: Vec::new(), open: Some(why), allows_only, basis }
    }
}

fn certainty(possible: bool, document: &[Guard], statement: &[Guard]) -> Degree {
    let words: Vec<&str> = document.iter().chain(statement).map(|guard| &*guard.words).collect();
    match words.as_slice() {
        [] if possible => Degree::maybe("whether the statement is there is not known before apply"),
        [] => Degree::yes(),
        words => Degree::maybe(format!("where {}", words.join(" and "))),
    }
}

fn clause(
    names: &Names<'_>,
    statement: &Statement,
    there: Degree,
    basis: &Basis,
    at: usize,
    variables: bool,
) -> Clause {
    let label = match statement.sid.as_str() {
        Some(sid) if !sid.is_empty() => sid.to_owned(),
        _ => format!("statement {}", at + 1),
    };
    let basis = Basis { span: statement.value.span().or(basis.span), statement: label.into(), ..basis.clone() };
    let texts = |values: &Listing<Value>, letters: Letters| texts(names, values, letters, variables);
    Clause {
        allows: statement.is_allow(),
        there,
        basis,
        principals: whoms(names, &statement.principals),
        not_principals: whoms(names, &statement.not_principals),
        actions: texts(&statement.actions, Letters::AnyCase),
        not_actions: texts(&statement.not_actions, Letters::AnyCase),
        resources: texts(&statement.resources, Letters::Exact),
        not_resources: texts(&statement.not_resources, Letters::Exact),
        tests: statement.conditions.items.iter().map(|condition| test(names, condition, variables)).collect(),
        tests_open: if statement.conditions.complete && statement.conditions.possible.is_empty() {
            None
        } else {
            let words = "the conditions of the statement are not known before apply";
            Some(reason(&statement.conditions.value).unwrap_or_else(|| words.into()))
        },
    }
}

fn test(names: &Names<'_>, condition: &Condition, variables: bool) -> Test {
    Test {
        operator: Arc::clone(&condition.operator),
        key: Arc::clone(&condition.key),
        values: texts(names, &condition.values, Letters::Exact, variables),
    }
}

fn texts(names: &Names<'_>, values: &Listing<Value>, letters: Letters, variables: bool) -> Texts {
    let text = |value: &Value| {
        let mut text = names.text(value, letters);
        if text.has_variable && !variables {
            text.ways = text.ways.into_iter().map(Pattern::without_variables).collect();
            text.has_variable = false;
        }
        text
    };
    Texts {
        certain: values.items.iter().map(text).collect(),
        possible: values.possible.iter().map(text).collect(),
        open: open(values),
        present: values.present,
    }
}

fn whoms(names: &Names<'_>, principals: &Listing<terravet_policy::Principal>) -> Whoms {
    let whom = |principal: &terravet_policy::Principal| Whom {
        kind: principal.kind.clone(),
        text: names.text(&principal.value, Letters::Exact),
    };
    Whoms {
        certain: principals.items.iter().map(whom).collect(),
        possible: principals.possible.iter().map(whom).collect(),
        open: open(principals),
        present: principals.present,
    }
}

fn open<T>(list: &Listing<T>) -> Option<Arc<str>> {
    (!list.complete)
        .then(|| reason(&list.value).unwrap_or_else(|| "a part of the list is not known before apply".into()))
}

impl Text {
    /// Whether `look` holds of it, with its policy variables as they are in the request.
    pub(crate) fn judge(&self, variable: &dyn Fn(&str) -> Bound, look: &dyn Fn(&Pattern) -> Truth) -> Degree {
        let of = |pattern: &Pattern| {
            if !self.has_variable {
                return self.degree(look(pattern), pattern);
            }
            match pattern.bind(variable) {
                Some(bound) => self.degree(look(&bound), &bound),
                None => Degree::no(),
            }
        };
        let mut degrees = self.ways.iter().map(of);
        let Some(first) = degrees.next() else { return Degree::no() };
        degrees.fold(first, |all, one| if all.verdict == one.verdict { all } else { Degree::maybe(self.words()) })
    }

    fn degree(&self, truth: Truth, pattern: &Pattern) -> Degree {
        match truth {
            Truth::True => Degree::yes(),
            Truth::False => Degree::no(),
            Truth::Unknown if self.has_variable && pattern.has_variable_of_the_caller() => {
                let shown = self.shown.as_deref().unwrap_or("the text with policy variables");
                Degree::conditional(format!("the request makes `{shown}` match"))
            }
            Truth::Unknown => Degree::maybe(self.words()),
        }
    }

    fn words(&self) -> Arc<str> {
        match (&self.why, &self.shown) {
            (Some(why), _) => Arc::clone(why),
            (None, Some(shown)) => format!("whether `{shown}` is meant is not known before apply").into(),
            (None, None) => "a name is not known before apply".into(),
        }
    }
}

impl Texts {
    /// Whether `look` holds of one of them.
    pub(crate) fn any(&self, variable: &dyn Fn(&str) -> Bound, look: &dyn Fn(&Pattern) -> Truth) -> Degree {
        let mut found = Degree::no();
        for text in &self.certain {
            found = found.or(text.judge(variable, look));
            if found.is_yes() {
                return found;
            }
        }
        for text in &self.possible {
            let judged = text.judge(variable, look);
            if !judged.is_no() {
                found = found.or(Degree::maybe("whether it is in the list is not known before apply"));
            }
        }
        match &self.open {
            Some(why) => found.or(Degree::maybe(Arc::clone(why))),
            None => found,
        }
    }
}

impl Clause {
    /// Whether it is about the action and the resource, as an allow must be: about all that is asked for.
    pub(crate) fn covers(&self, asked: &Asked<'_>) -> Degree {
        let action =
            listed(&self.actions, &self.not_actions, asked, &|p| p.covers(asked.action), &|p| p.overlaps(asked.action));
        self.there
            .clone()
            .and(action)
            .and_then(|| self.about_resource(asked, &|p| p.covers(asked.resource), &|p| p.overlaps(asked.resource)))
    }

    /// Whether it is about the action and the resource, as a denial is: about some of what is asked for.
    pub(crate) fn touches(&self, asked: &Asked<'_>) -> Degree {
        let action =
            listed(&self.actions, &self.not_actions, asked, &|p| p.overlaps(asked.action), &|p| p.covers(asked.action));
        self.there
            .clone()
            .and(action)
            .and_then(|| self.about_resource(asked, &|p| p.overlaps(asked.resource), &|p| p.covers(asked.resource)))
    }

    fn about_resource(
        &self,
        asked: &Asked<'_>,
        listed_by: &dyn Fn(&Pattern) -> Truth,
        excluded_by: &dyn Fn(&Pattern) -> Truth,
    ) -> Degree {
        if self.resources.present.is_false() && self.not_resources.present.is_false() {
            // A statement without resources is about the resource that its policy belongs to.
            return Degree::yes();
        }
        listed(&self.resources, &self.not_resources, asked, listed_by, excluded_by)
    }

    /// Why its conditions are not all known, if they are not.
    pub(crate) fn open_conditions(&self) -> Degree {
        match &self.tests_open {
            Some(why) => Degree::maybe(Arc::clone(why)),
            None => Degree::yes(),
        }
    }
}

fn listed(
    list: &Texts,
    not: &Texts,
    asked: &Asked<'_>,
    by: &dyn Fn(&Pattern) -> Truth,
    excluded_by: &dyn Fn(&Pattern) -> Truth,
) -> Degree {
    let listed = if list.present.is_false() { Degree::no() } else { list.any(asked.variable, by) };
    if listed.is_yes() || not.present.is_false() {
        return listed;
    }
    let left = not.any(asked.variable, excluded_by).negated();
    let written =
        if not.present.is_true() { Degree::yes() } else { Degree::maybe("whether it is written is not known") };
    listed.or(left.and(written))
}
