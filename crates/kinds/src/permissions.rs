//! What principals may do in all: the union of the policies that stand in them and that they are given.
//!
//! In: a model whose vocabulary has the kinds `aws.iam.policy_document` (with `holders`), `aws.iam.managed_policy_attachment`
//! (with `holders` and `customer_policies`) and `aws.iam.principal` (with `boundary`). Out: one [`Document`] for each principal,
//! which policies are held by one, and which are the permissions boundary of one. IAM looks at all policies of a principal together
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>).
//!
//! A policy whose holder cannot be told is held by none here. Policies that AWS manages are not looked into.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terravet_graph::{Mode, ResourceId, Value};
use terravet_policy::Document;

use crate::model::{Body, Model, Subject, spread};
use crate::view::{NoChoices, Reading, View};
use crate::vocabulary::{Kind, PolicyUse};

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

impl Model<'_> {
    /// All that a principal is given by the policies of this unit, as one document.
    pub(crate) fn permissions_of(&self, principal: ResourceId) -> Document {
        let place = Value::absent(Some(self.graph.resource(principal).header));
        let documents = self.permissions().documents.get(&principal).map_or(&[][..], Vec::as_slice);
        Document::union(&place, documents.iter().map(|document| &**document))
    }

    /// Whether a principal of this unit holds the policies of a resource.
    pub(crate) fn is_held(&self, policy: ResourceId) -> bool {
        self.permissions().held.contains_key(&policy)
    }

    /// The principals of this unit that hold the policies of a resource.
    pub(crate) fn holders_of(&self, policy: ResourceId) -> BTreeSet<ResourceId> {
        self.permissions().held.get(&policy).cloned().unwrap_or_default()
    }

    /// Whether a policy is the permissions boundary of a principal of this unit, so that it grants nothing.
    pub(crate) fn is_boundary(&self, policy: ResourceId) -> bool {
        self.permissions().boundaries.contains(&policy)
    }

    fn permissions(&self) -> &Permissions {
        self.permissions.get_or_init(|| {
            let kinds = [DOCUMENT, ATTACHMENT, PRINCIPAL].map(|name| self.vocabulary.kind(name));
            let [Some(document), Some(attachment), Some(principal)] = kinds else { return Permissions::default() };
            self.gather(document, attachment, principal)
        })
    }

    fn gather(&self, document: &Kind, attachment: &Kind, principal: &Kind) -> Permissions {
        let view = View::new(self, &NoChoices);
        let mut permissions = Permissions::default();
        let principals: BTreeSet<ResourceId> = self.subjects(principal).iter().map(|it| it.resource).collect();
        let holders = |subject: &Subject, kind: &Kind| {
            let mut holders = related(&view, subject, kind, "holders");
            holders.extend(principals.get(&subject.resource));
            holders
        };
        for subject in self.subjects(principal) {
            permissions.boundaries.extend(related(&view, subject, principal, "boundary"));
        }
        let mut of_policy: BTreeMap<ResourceId, Vec<Arc<Document>>> = BTreeMap::new();
        for subject in self.subjects(document) {
            let Body::Document(content, PolicyUse::Identity) = &subject.body else { continue };
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
        for subject in self.subjects(attachment) {
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

    /// Whether another place of the unit where a policy is written takes this document: there it is judged, as what it is
    /// there.
    pub(crate) fn is_used_document(&self, document: ResourceId) -> bool {
        self.used_documents.get_or_init(|| self.find_used_documents()).contains(&document)
    }

    fn find_used_documents(&self) -> BTreeSet<ResourceId> {
        let mut used = BTreeSet::new();
        for source in self.vocabulary.kind(DOCUMENT).into_iter().flat_map(|kind| &kind.sources) {
            let (Some(policy_use), Some(at)) = (source.policy, &source.at) else { continue };
            for id in self.of_types(source.language, source.mode, &source.types) {
                let attributes = &self.graph.resource(id).attributes;
                let places: Vec<Value> = if policy_use == PolicyUse::Document {
                    // A document is made of others.
                    let entries = attributes.as_entries().into_iter().flat_map(|entries| entries.values());
                    entries.flat_map(Value::elements).collect()
                } else {
                    spread(attributes, &at.segments, &[]).into_iter().map(|(_, value)| value).collect()
                };
                let references = places.iter().flat_map(|value| value.references());
                let documents = references.flat_map(|reference| self.graph.resolve(reference)).copied();
                used.extend(documents.filter(|other| *other != id && self.graph.resource(*other).mode == Mode::Data));
            }
        }
        used
    }
}

/// The resources that an attribute relates to.
fn related(view: &View<'_>, subject: &Subject, kind: &Kind, attribute: &str) -> BTreeSet<ResourceId> {
    match kind.attributes.get(attribute).map(|attribute| view.read(subject, kind, attribute)) {
        Some(Reading::Subjects { subjects, .. }) => subjects.into_iter().map(|other| other.resource).collect(),
        _ => BTreeSet::new(),
    }
}
