//! The facts about policies, offered to rules under the names that the policy crate gives them.
//!
//! Kinds whose subjects are statements or documents have these attributes without writing them into `kinds.yaml`.

use std::sync::LazyLock;

use terravet_graph::{Mode, ResourceId, Truth, Value};
use terravet_model::{Body, Fact, FactContext, FactDef};
use terravet_policy::escalation::ESCALATIONS;
use terravet_policy::facts::{
    DOCUMENT_FACTS, DOCUMENT_FACTS_ABOUT, Fact as PolicyFact, FactAbout, STATEMENT_FACTS, STATEMENT_FACTS_ABOUT,
    STATEMENT_FACTS_IN_DOCUMENT, enforces_mfa,
};
use terravet_policy::grant::{Extent, concerns_action, lists_every_action};
use terravet_policy::principal::has_principal;
use terravet_policy::{DOCUMENT_ATTRIBUTES, Document, Judgement, STATEMENT_ATTRIBUTES, Statement, is_managed_policy};

use terravet_schema::{Argument, ArgumentType, AttributeType, Need, NeedType, Signature};

use crate::open;
use crate::part::{DOCUMENTS, PolicyPart, PolicyUse};
use crate::permissions::Permissions;

/// The facts of this module that are functions of their own.
pub(crate) const FACTS: &[FactDef] = &[
    FactDef {
        name: "policy_use",
        needs: &[],
        arguments: &[],
        result: AttributeType::String,
        doc: "what the policy does where it stands",
        run: policy_use,
    },
    FactDef {
        name: "held",
        needs: &[],
        arguments: &[],
        result: AttributeType::Bool,
        doc: "a principal of this unit holds the policy, which is checked there with all its policies",
        run: held,
    },
    FactDef {
        name: "holder_enforces_mfa",
        needs: &[],
        arguments: &[],
        result: AttributeType::Bool,
        doc: "a principal of this unit that holds the policy can do nothing without a second factor",
        run: holder_enforces_mfa,
    },
    FactDef {
        name: "of_identity",
        needs: &[],
        arguments: &[],
        result: AttributeType::Bool,
        doc: "it says what its holder may do",
        run: of_identity,
    },
    FactDef {
        name: "of_trust",
        needs: &[],
        arguments: &[],
        result: AttributeType::Bool,
        doc: "it says who may assume a role",
        run: of_trust,
    },
    FactDef {
        name: "attaches",
        needs: &[Need::of("policies", NeedType::Strings)],
        arguments: &[Argument::new("policy", ArgumentType::Text(check_policy_name))],
        result: AttributeType::Bool,
        doc: "a managed policy of AWS (`AdministratorAccess`) is among those that are given",
        run: attaches,
    },
];

fn policy_use(context: FactContext<'_>) -> Fact {
    let word = use_of(context).map_or("", PolicyUse::as_str);
    Fact { value: Value::string(word), evidence: Vec::new() }
}

/// What the policy does: as its place says, save that a policy which is a permissions boundary grants nothing.
fn use_of(context: FactContext<'_>) -> Option<PolicyUse> {
    let policy_use = PolicyPart::of(context.subject)?.policy_use;
    let is_boundary = || context.view.model.pass::<Permissions>().is_boundary(context.subject.resource);
    Some(if policy_use == PolicyUse::Identity && is_boundary() { PolicyUse::Boundary } else { policy_use })
}

fn holder_enforces_mfa(context: FactContext<'_>) -> Fact {
    let model = context.view.model;
    let permissions = model.pass::<Permissions>();
    let holders = permissions.holders_of(context.subject.resource);
    let enforces = |holder: &ResourceId| enforces_mfa(&permissions.of(model, *holder));
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
    let truth = match PolicyPart::of(context.subject) {
        Some(PolicyPart { statement: Some(statement), .. }) => holds(statement),
        Some(part) => part.document.statements.iter().map(holds).fold(Truth::True, Truth::and),
        None => Truth::False,
    };
    Fact::truth(truth, Vec::new())
}

/// Whether a managed policy of AWS, by what follows `policy/` in its ARN, is among those that are given.
fn attaches(context: FactContext<'_>) -> Fact {
    let path = context.text(0);
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
    let held = !is_principal && context.view.model.pass::<Permissions>().is_held(context.subject.resource);
    Fact::truth(held.into(), Vec::new())
}

/// The facts that the policy crate knows, of either part.
static OF_POLICIES: LazyLock<[Vec<FactDef>; 2]> = LazyLock::new(|| {
    let element = |name, doc| of_policy(name, doc, &[], AttributeType::Any);
    let plain = |name, doc| of_policy(name, doc, &[], AttributeType::Bool);
    let about = |name, doc| of_policy(name, doc, argument_of(name), AttributeType::Bool);
    let mut statements: Vec<FactDef> = Vec::new();
    statements.extend(STATEMENT_FACTS.iter().map(|fact| plain(fact.name, fact.doc)));
    statements.extend(STATEMENT_FACTS_ABOUT.iter().map(|fact| about(fact.name, fact.doc)));
    statements.extend(STATEMENT_FACTS_IN_DOCUMENT.iter().map(|fact| plain(fact.name, fact.doc)));
    statements.extend(STATEMENT_ATTRIBUTES.iter().map(|fact| element(fact.name, fact.doc)));
    let mut documents: Vec<FactDef> = Vec::new();
    documents.extend(DOCUMENT_FACTS.iter().map(|fact| plain(fact.name, fact.doc)));
    documents.extend(DOCUMENT_FACTS_ABOUT.iter().map(|fact| about(fact.name, fact.doc)));
    documents.extend(DOCUMENT_ATTRIBUTES.iter().map(|fact| element(fact.name, fact.doc)));
    [statements, documents]
});

/// The facts about policies: what the policy crate knows of statements and documents. Of the facts that both have, the function
/// behind them is the same.
pub(crate) fn of_policies() -> impl Iterator<Item = &'static FactDef> {
    OF_POLICIES.iter().flatten()
}

/// The facts that statements have.
pub(crate) fn of_statements() -> Vec<Signature> {
    OF_POLICIES[0].iter().map(FactDef::signature).collect()
}

/// The facts that documents have.
pub(crate) fn of_documents() -> Vec<Signature> {
    OF_POLICIES[1].iter().map(FactDef::signature).collect()
}

fn of_policy(name: &'static str, doc: &'static str, arguments: &'static [Argument], result: AttributeType) -> FactDef {
    FactDef { name, needs: &[], arguments, result, doc, run: compute }
}

/// What a fact about policies takes.
fn argument_of(name: &str) -> &'static [Argument] {
    const ACTION: &[Argument] = &[Argument::new("action", ArgumentType::Text(check_action))];
    const RESOURCE: &[Argument] = &[Argument::new("resource", ArgumentType::Text(check_resource))];
    const KEY: &[Argument] = &[Argument::new("key", ArgumentType::Text(check_key))];
    const WAY: &[Argument] =
        &[Argument::new("way", ArgumentType::Word(|| ESCALATIONS.iter().map(|way| way.name).collect()))];
    match name {
        "escalation_via" => WAY,
        "has_condition_on" => KEY,
        "on_all" => RESOURCE,
        _ => ACTION,
    }
}

fn check_action(text: &str) -> Result<(), String> {
    let is_action = text == "*"
        || text.split_once(':').is_some_and(|(service, action)| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '*' | '?');
            !service.is_empty() && !action.is_empty() && service.chars().chain(action.chars()).all(plain)
        });
    if is_action { Ok(()) } else { Err(format!("`{text}` is no action; write `service:Name`, such as `s3:Get*`")) }
}

fn check_resource(text: &str) -> Result<(), String> {
    let is_arn = text == "*" || text.starts_with("arn:") && text.matches(':').count() >= 5;
    if is_arn { Ok(()) } else { Err(format!("`{text}` is no pattern of ARNs, such as `arn:aws:s3:::*`")) }
}

fn check_key(text: &str) -> Result<(), String> {
    let is_key = text.split_once(':').is_some_and(|(prefix, name)| !prefix.is_empty() && !name.is_empty());
    if is_key { Ok(()) } else { Err(format!("`{text}` is no key of a condition, such as `aws:SourceArn`")) }
}

/// A managed policy of AWS is meant by what follows `policy/` in its ARN.
fn check_policy_name(text: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
    let is_name = !text.is_empty() && text.chars().all(plain);
    if is_name { Ok(()) } else { Err(format!("`{text}` is no name of a managed policy, such as `ReadOnlyAccess`")) }
}

/// Computes a fact about the policy or statement that a subject is, or about all policies that it has been given.
fn compute(context: FactContext<'_>) -> Fact {
    let (name, argument) = (context.fact, context.text(0));
    let found = match (PolicyPart::of(context.subject), &context.subject.body) {
        (Some(PolicyPart { document, statement: Some(statement), .. }), _) => {
            let statement = open::statement(context.view, statement);
            let within = STATEMENT_FACTS_IN_DOCUMENT.iter().find(|fact| fact.name == name);
            match within {
                Some(fact) => Some(judgement_fact((fact.judge)(document, &statement))),
                None => statement_fact(name, &statement, argument),
            }
        }
        (Some(PolicyPart { document, .. }), _) => {
            document_fact(name, &open::document(context.view, document), argument)
        }
        (None, Body::Resource) if context.kind.derived.as_deref() == Some(DOCUMENTS) => {
            let model = context.view.model;
            document_fact(name, &model.pass::<Permissions>().of(model, context.subject.resource), argument)
        }
        _ => None,
    };
    found.unwrap_or_else(|| Fact::unknown("this is asked of policies only"))
}

fn statement_fact(name: &str, statement: &Statement, argument: &str) -> Option<Fact> {
    if let Some(element) = STATEMENT_ATTRIBUTES.iter().find(|element| element.name == name) {
        return Some(Fact { value: (element.read)(statement), evidence: Vec::new() });
    }
    judged(name, statement, argument, STATEMENT_FACTS, STATEMENT_FACTS_ABOUT)
}

fn document_fact(name: &str, document: &Document, argument: &str) -> Option<Fact> {
    if let Some(element) = DOCUMENT_ATTRIBUTES.iter().find(|element| element.name == name) {
        return Some(Fact { value: (element.read)(document), evidence: Vec::new() });
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
