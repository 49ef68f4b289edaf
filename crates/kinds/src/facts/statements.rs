//! The facts about policies, offered to rules under the names that the policy crate gives them.
//!
//! Kinds whose subjects are statements or documents have these attributes without writing them into `kinds.yaml`.

use std::sync::Arc;

use terravet_graph::{Mode, ResourceId, Truth, Value};
use terravet_policy::facts::{
    DOCUMENT_FACTS, DOCUMENT_FACTS_ABOUT, Fact as PolicyFact, FactAbout, STATEMENT_FACTS, STATEMENT_FACTS_ABOUT,
    STATEMENT_FACTS_IN_DOCUMENT, enforces_mfa,
};
use terravet_policy::grant::{Extent, concerns_action, lists_every_action};
use terravet_policy::principal::has_principal;
use terravet_policy::{DOCUMENT_ATTRIBUTES, Document, Judgement, STATEMENT_ATTRIBUTES, Statement, is_managed_policy};

use super::{Fact, FactContext, FactFunction, worlds};
use crate::model::Body;
use crate::vocabulary::{Attribute, AttributeType, Computed, PolicyParts, PolicyUse};

/// The facts of this module that are functions of their own.
pub(super) const FACTS: &[(&str, usize, &str, FactFunction)] = &[
    ("policy_use", 0, "what the policy does where it stands", policy_use),
    ("held", 0, "a principal of this unit holds the policy, which is judged there with all that it has", held),
    (
        "holder_enforces_mfa",
        0,
        "a principal of this unit that holds the policy can do nothing without a second factor",
        holder_enforces_mfa,
    ),
    ("of_identity", 0, "it says what its holder may do", of_identity),
    ("of_trust", 0, "it says who may assume a role", of_trust),
    ("attaches", 1, "a managed policy of AWS (`AdministratorAccess`) is among those that are given", attaches),
];

fn policy_use(context: FactContext<'_>) -> Fact {
    let word = use_of(context).map_or("", PolicyUse::as_str);
    Fact { value: Value::string(word), witness: Vec::new() }
}

/// What the policy does: as its place says, save that a policy which is a permissions boundary grants nothing.
fn use_of(context: FactContext<'_>) -> Option<PolicyUse> {
    match context.subject.policy_use() {
        Some(PolicyUse::Identity) if context.view.model.is_boundary(context.subject.resource) => {
            Some(PolicyUse::Boundary)
        }
        policy_use => policy_use,
    }
}

fn holder_enforces_mfa(context: FactContext<'_>) -> Fact {
    let model = context.view.model;
    let holders = model.holders_of(context.subject.resource);
    let enforces = |holder: &ResourceId| enforces_mfa(&model.permissions_of(*holder));
    judgement_fact(holders.iter().map(enforces).fold(Judgement::no(), Judgement::or))
}

/// Whether the policy says what its holder may do: so does a document by itself that names no principal.
fn of_identity(context: FactContext<'_>) -> Fact {
    match use_of(context) {
        Some(PolicyUse::Identity) => Fact::truth(Truth::True, Vec::new()),
        Some(PolicyUse::Document) => by_statements(context, |statement| !has_principal(statement).truth),
        // A principal stands for all that it is given.
        None => Fact::truth(Truth::True, Vec::new()),
        _ => Fact::truth(Truth::False, Vec::new()),
    }
}

/// Whether the policy says who may assume a role: so does a document by itself that is about nothing else.
fn of_trust(context: FactContext<'_>) -> Fact {
    match use_of(context) {
        Some(PolicyUse::Trust) => Fact::truth(Truth::True, Vec::new()),
        Some(PolicyUse::Document) => by_statements(context, |statement| {
            let assumes = concerns_action(statement, "sts:AssumeRole*", Extent::Some).truth;
            let more = lists_every_action(statement).truth.or(statement.not_actions.present);
            has_principal(statement).truth.and(assumes).and(!more)
        }),
        _ => Fact::truth(Truth::False, Vec::new()),
    }
}

/// Whether something holds of the statement that a subject is, or of each statement of the document that it is.
fn by_statements(context: FactContext<'_>, holds: impl Fn(&Statement) -> Truth) -> Fact {
    let truth = match &context.subject.body {
        Body::Statement(_, statement, _) => holds(statement),
        Body::Document(document, _) => document.statements.iter().map(holds).fold(Truth::True, Truth::and),
        Body::Resource | Body::Companion | Body::Part(_) => Truth::False,
    };
    Fact::truth(truth, Vec::new())
}

/// Whether a managed policy of AWS, by what follows `policy/` in its ARN, is among those that are given.
fn attaches(context: FactContext<'_>) -> Fact {
    let path = context.arguments.first().and_then(Value::as_str).unwrap_or_default();
    let mut given = context.value("policies").elements();
    let resource = context.view.model.resource(context.subject);
    let mut named = Vec::new();
    if resource.mode == Mode::Data {
        // A policy that is looked up is looked up to be given.
        given.extend(resource.attributes.get("arn").elements());
        named.extend(resource.attributes.get("name").elements());
    }
    let (mut found, mut open) = (Vec::new(), Vec::new());
    let is_path = |value: &Value| value.as_str().map_or(Truth::Unknown, |name| Truth::from(name == path));
    let judged = given.iter().map(|value| (value.clone(), is_managed_policy(value, path)));
    for (value, truth) in judged.chain(named.iter().map(|name| (name.clone(), is_path(name)))) {
        match truth {
            Truth::True => found.push(value),
            Truth::Unknown => open.push(value),
            Truth::False => {}
        }
    }
    let truth = match (found.is_empty(), open.is_empty()) {
        (false, _) => Truth::True,
        (true, false) => Truth::Unknown,
        (true, true) => Truth::False,
    };
    Fact::truth(truth, if truth.is_true() { found } else { open })
}

fn held(context: FactContext<'_>) -> Fact {
    let is_principal = matches!(context.subject.body, Body::Resource);
    let held = !is_principal && context.view.model.is_held(context.subject.resource);
    Fact::truth(held.into(), Vec::new())
}

/// The names of the facts about policies.
pub(super) fn of_policies() -> impl Iterator<Item = (&'static str, usize, &'static str)> {
    let plain = STATEMENT_FACTS.iter().map(|fact| (fact.name, 0, fact.doc));
    let within = STATEMENT_FACTS_IN_DOCUMENT.iter().map(|fact| (fact.name, 0, fact.doc));
    plain.chain(within).chain(STATEMENT_FACTS_ABOUT.iter().map(|fact| (fact.name, 1, fact.doc)))
}

/// The attributes that a kind has by being about policies.
pub(crate) fn attributes_of(parts: Option<PolicyParts>) -> impl Iterator<Item = Attribute> {
    let (statement, document) = (parts == Some(PolicyParts::Statements), parts == Some(PolicyParts::Documents));
    let facts = statement.then(|| rows(STATEMENT_FACTS, STATEMENT_FACTS_ABOUT)).into_iter().flatten();
    let about = document.then(|| rows(DOCUMENT_FACTS, DOCUMENT_FACTS_ABOUT)).into_iter().flatten();
    let elements = STATEMENT_ATTRIBUTES.iter().filter(move |_| statement);
    let elements = elements.map(|element| computed(element.name, element.doc, 0, AttributeType::Any));
    let allowed = DOCUMENT_ATTRIBUTES.iter().filter(move |_| document);
    let allowed = allowed.map(|element| computed(element.name, element.doc, 0, AttributeType::Any));
    let within = STATEMENT_FACTS_IN_DOCUMENT.iter().filter(move |_| statement);
    let within = within.map(|fact| (fact.name, 0, fact.doc));
    facts
        .chain(within)
        .chain(about)
        .map(|(name, arguments, doc)| computed(name, doc, arguments, AttributeType::Bool))
        .chain(elements)
        .chain(allowed)
}

fn rows<S: 'static>(
    facts: &'static [PolicyFact<S>],
    about: &'static [FactAbout<S>],
) -> impl Iterator<Item = (&'static str, usize, &'static str)> {
    let plain = facts.iter().map(|fact| (fact.name, 0, fact.doc));
    plain.chain(about.iter().map(|fact| (fact.name, 1, fact.doc)))
}

fn computed(name: &str, doc: &str, arguments: usize, ty: AttributeType) -> Attribute {
    Attribute {
        name: name.into(),
        doc: doc.into(),
        ty,
        terraform: Vec::new(),
        cloudformation: Vec::new(),
        terraform_default: None,
        cloudformation_default: None,
        computed: Some(Computed::Fact(Arc::from(name), arguments)),
    }
}

/// Computes a fact about the policy or statement that a subject is, or about all policies that it has been given.
pub(super) fn compute(name: &str, context: FactContext<'_>) -> Option<Fact> {
    let argument = context.arguments.first().and_then(Value::as_str).unwrap_or_default();
    match &context.subject.body {
        Body::Statement(document, statement, _) => {
            let statement = worlds::statement(context.view, statement);
            let within = STATEMENT_FACTS_IN_DOCUMENT.iter().find(|fact| fact.name == name);
            match within {
                Some(fact) => Some(judgement_fact((fact.judge)(document, &statement))),
                None => statement_fact(name, &statement, argument),
            }
        }
        Body::Document(document, _) => document_fact(name, &worlds::document(context.view, document), argument),
        Body::Resource if context.kind.policies == Some(PolicyParts::Documents) => {
            document_fact(name, &context.view.model.permissions_of(context.subject.resource), argument)
        }
        Body::Resource | Body::Companion | Body::Part(_) => None,
    }
}

fn statement_fact(name: &str, statement: &Statement, argument: &str) -> Option<Fact> {
    if let Some(element) = STATEMENT_ATTRIBUTES.iter().find(|element| element.name == name) {
        return Some(Fact { value: (element.read)(statement), witness: Vec::new() });
    }
    judged(name, statement, argument, STATEMENT_FACTS, STATEMENT_FACTS_ABOUT)
}

fn document_fact(name: &str, document: &Document, argument: &str) -> Option<Fact> {
    if let Some(element) = DOCUMENT_ATTRIBUTES.iter().find(|element| element.name == name) {
        return Some(Fact { value: (element.read)(document), witness: Vec::new() });
    }
    judged(name, document, argument, DOCUMENT_FACTS, DOCUMENT_FACTS_ABOUT)
}

fn judged<S: 'static>(
    name: &str,
    subject: &S,
    argument: &str,
    facts: &'static [PolicyFact<S>],
    about: &'static [FactAbout<S>],
) -> Option<Fact> {
    Some(judgement_fact(match facts.iter().find(|fact| fact.name == name) {
        Some(fact) => (fact.judge)(subject),
        None => (about.iter().find(|fact| fact.name == name)?.judge)(subject, argument),
    }))
}

fn judgement_fact(judgement: Judgement) -> Fact {
    Fact::truth(judgement.truth, judgement.witness)
}
