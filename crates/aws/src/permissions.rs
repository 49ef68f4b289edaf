//! What principals may do in all: the union of the policies that stand in them and that they are given.
//!
//! In: a model whose schema has the kinds `aws.iam.policy_document` (with `holders`), `aws.iam.managed_policy_attachment`
//! (with `holders` and `customer_policies`) and `aws.iam.principal` (with `boundary`). Out: one [`Document`] for each principal,
//! which policies are held by one, and which are the permissions boundary of one. IAM looks at all policies of a principal together
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>).
//!
//! A policy whose holder cannot be told is held by none here. Policies that AWS manages are not looked into.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_graph::{Mode, ResourceId, Value};
use terravet_model::{Model, NoChoices, Pass, Reading, Subject, View, spread};
use terravet_policy::Document;
use terravet_schema::Kind;

use crate::part::{PolicyPart, PolicyUse};

const DOCUMENT: &str = "aws.iam.policy_document";
const ATTACHMENT: &str = "aws.iam.managed_policy_attachment";
const PRINCIPAL: &str = "aws.iam.principal";

/// The policies of each principal.
#[derive(Debug, Default)]
pub(crate) struct Permissions {
    documents: BTreeMap<ResourceId, Vec<Arc<Document>>>,
    /// The policies that principals hold, with those.
    held: BTreeMap<ResourceId, BTreeSet<ResourceId>>,
    boundaries: BTreeSet<ResourceId>,
}

impl Permissions {
    /// All that a principal is given by the policies of this unit, as one document.
    pub(crate) fn of(&self, model: &Model<'_>, principal: ResourceId) -> Document {
        let place = Value::absent(Some(model.graph.resource(principal).header));
        let documents = self.documents.get(&principal).map_or(&[][..], Vec::as_slice);
        Document::union(&place, documents.iter().map(|document| &**document))
    }

    /// Whether a principal of this unit holds the policies of a resource.
    pub(crate) fn is_held(&self, policy: ResourceId) -> bool {
        self.held.contains_key(&policy)
    }

    /// The principals of this unit that hold the policies of a resource.
    pub(crate) fn holders_of(&self, policy: ResourceId) -> BTreeSet<ResourceId> {
        self.held.get(&policy).cloned().unwrap_or_default()
    }

    /// Whether a policy is the permissions boundary of a principal of this unit, so that it grants nothing.
    pub(crate) fn is_boundary(&self, policy: ResourceId) -> bool {
        self.boundaries.contains(&policy)
    }

    fn gather(model: &Model<'_>, document: &Kind, attachment: &Kind, principal: &Kind) -> Self {
        let view = View::new(model, &NoChoices);
        let mut permissions = Self::default();
        let principals: BTreeSet<ResourceId> = model.subjects(principal).iter().map(|it| it.resource).collect();
        let holders = |subject: &Subject, kind: &Kind| {
            let mut holders = related(&view, subject, kind, "holders");
            holders.extend(principals.get(&subject.resource));
            holders
        };
        for subject in model.subjects(principal) {
            permissions.boundaries.extend(related(&view, subject, principal, "boundary"));
        }
        let mut of_policy: BTreeMap<ResourceId, Vec<Arc<Document>>> = BTreeMap::new();
        for subject in model.subjects(document) {
            let part = PolicyPart::of(subject).filter(|part| part.policy_use == PolicyUse::Identity);
            let Some(PolicyPart { document: content, .. }) = part else { continue };
            // What depends on open choices outside the document does so as well in the union.
            let content = if subject.when.is_empty() {
                Arc::clone(content)
            } else {
                Arc::new(Document { when: subject.when.clone(), ..Document::clone(content) })
            };
            of_policy.entry(subject.resource).or_default().push(Arc::clone(&content));
            for holder in holders(subject, document) {
                permissions.documents.entry(holder).or_default().push(Arc::clone(&content));
                permissions.held.entry(subject.resource).or_default().insert(holder);
            }
        }
        for subject in model.subjects(attachment) {
            let policies = related(&view, subject, attachment, "customer_policies");
            for holder in holders(subject, attachment) {
                for policy in &policies {
                    let given = of_policy.get(policy).into_iter().flatten().cloned();
                    permissions.documents.entry(holder).or_default().extend(given);
                    permissions.held.entry(*policy).or_default().insert(holder);
                }
            }
        }
        permissions
    }
}

impl Pass for Permissions {
    fn compute(model: &Model<'_>) -> Self {
        let kinds = [DOCUMENT, ATTACHMENT, PRINCIPAL].map(|name| model.schema.kind(name));
        let [Some(document), Some(attachment), Some(principal)] = kinds else { return Self::default() };
        Self::gather(model, document, attachment, principal)
    }
}

/// The documents that another place of the unit where a policy is written takes: there they are looked at, as what they are
/// there.
pub(crate) struct UsedDocuments(pub(crate) BTreeSet<ResourceId>);

impl Pass for UsedDocuments {
    fn compute(model: &Model<'_>) -> Self {
        let mut used = BTreeSet::new();
        for source in model.schema.kind(DOCUMENT).into_iter().flat_map(|kind| &kind.sources) {
            let policy_use = source.role.as_deref().and_then(PolicyUse::named);
            let (Some(policy_use), Some(at)) = (policy_use, &source.at) else { continue };
            for id in model.of_types(source.language, source.mode, &source.types) {
                let attributes = &model.graph.resource(id).attributes;
                let places: Vec<Value> = if policy_use == PolicyUse::Document {
                    // A document is made of others.
                    let entries = attributes.as_entries().into_iter().flat_map(|entries| entries.values());
                    entries.flat_map(Value::elements).collect()
                } else {
                    spread(attributes, &at.segments, &[]).into_iter().map(|(_, value)| value).collect()
                };
                let references = places.iter().flat_map(|value| value.references());
                let documents = references.flat_map(|reference| model.graph.resolve(reference)).copied();
                used.extend(documents.filter(|other| *other != id && model.graph.resource(*other).mode == Mode::Data));
            }
        }
        Self(used)
    }
}

/// The resources that an attribute relates to.
fn related(view: &View<'_>, subject: &Subject, kind: &Kind, attribute: &str) -> BTreeSet<ResourceId> {
    match kind.attributes.get(attribute).map(|attribute| view.read(subject, kind, attribute)) {
        Some(Reading::Subjects { subjects, .. }) => subjects.into_iter().map(|other| other.resource).collect(),
        _ => BTreeSet::new(),
    }
}
