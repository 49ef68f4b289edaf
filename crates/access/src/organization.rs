//! Service control policies and resource control policies that stand in the same code.
//!
//! In: a graph and [`Names`]. Out: which of them bind an account. Neither binds the management account, which is the one that the
//! policies are created in (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>).

use std::sync::Arc;

use terravet_graph::{Resource, ResourceId, Truth, Value};
use terravet_policy::is_account_id;

use crate::answer::Layer;
use crate::degree::Degree;
use crate::names::{Account, Names};
use crate::principals::{Given, managed_resources, presence, values_at};
use crate::statement::Policy;
use crate::table::{IDENTITIES, OrganizationPolicy, Typed};

/// A policy with what it is attached to.
struct Control {
    given: Given,
    layer: Layer,
    management: Account,
    target: Reach,
}

/// What a policy of an organization is attached to.
enum Reach {
    /// The root: every account.
    Root,
    /// An account, by id.
    Account(Arc<str>),
    /// An organizational unit, or an account whose id is not known, in words.
    Some(Arc<str>),
}

/// The policies of the organization.
pub(crate) struct Organization {
    controls: Vec<Control>,
}

impl Organization {
    pub(crate) fn gather(names: &Names<'_>) -> Self {
        let mut controls = Vec::new();
        let policies: Vec<(ResourceId, &Resource, &OrganizationPolicy)> = managed_resources(names.graph)
            .filter_map(|(id, resource)| {
                let rows = &IDENTITIES.organization_policies;
                let row = rows.iter().find(|row| row.is_of(resource.language, &resource.native_type))?;
                Some((id, resource, row))
            })
            .collect();
        for (_, resource, row) in &policies {
            if let Some(attribute) = row.targets.attribute(resource.language) {
                let targets = values_at(&resource.attributes, attribute);
                for target in targets.iter().flat_map(Value::elements) {
                    controls.extend(control(names, resource, row, &target, presence(resource)));
                }
            }
        }
        for (_, attachment) in managed_resources(names.graph) {
            let rows = &IDENTITIES.organization_attachments;
            let Some(row) = rows.iter().find(|row| row.is_of(attachment.language, &attachment.native_type)) else {
                continue;
            };
            let named = attachment.attributes.get(&row.policy);
            let ids: Vec<ResourceId> =
                named.references().flat_map(|reference| names.graph.resolve(reference)).copied().collect();
            for (_, resource, policy) in policies.iter().filter(|(id, _, _)| ids.contains(id)) {
                let target = attachment.attributes.get(&row.target);
                controls.extend(control(
                    names,
                    resource,
                    policy,
                    &target,
                    presence(attachment).and(presence(resource)),
                ));
            }
        }
        Self { controls }
    }

    /// The policies that bind an account, with how certainly each does.
    pub(crate) fn binding(&self, layer: Layer, account: &Account) -> Vec<Given> {
        let controls = self.controls.iter().filter(|control| control.layer == layer);
        let bound = controls.map(|control| Given {
            policy: Arc::clone(&control.given.policy),
            there: control.given.there.clone().and(control.binds(account)),
        });
        bound.filter(|given| !given.there.is_no()).collect()
    }
}

impl Control {
    fn binds(&self, account: &Account) -> Degree {
        let member = match account.is(&self.management) {
            Truth::True => return Degree::no(),
            Truth::False => Degree::yes(),
            Truth::Unknown => Degree::maybe("whether the account is the management account is not known"),
        };
        member.and(match (&self.target, account) {
            (Reach::Root, _) => Degree::yes(),
            (Reach::Account(id), Account::Id(own)) => Degree::known(id == own),
            (Reach::Account(id), Account::Of(_)) => Degree::maybe(format!("whether the account is {id} is not known")),
            (Reach::Some(words), _) => Degree::maybe(Arc::clone(words)),
        })
    }
}

fn control(
    names: &Names<'_>,
    resource: &Resource,
    row: &OrganizationPolicy,
    target: &Value,
    there: Degree,
) -> Option<Control> {
    let ty = row.ty.attribute(resource.language).map(|attribute| resource.attributes.get(attribute));
    let layer = match ty.as_ref().and_then(Value::as_str).or(row.ty.default.as_deref())? {
        "SERVICE_CONTROL_POLICY" => Layer::ServiceControl,
        "RESOURCE_CONTROL_POLICY" => Layer::ResourceControl,
        _ => return None,
    };
    let content = resource.attributes.get(row.content.attribute(resource.language)?);
    let policy = Policy::read(names, &content, resource.shown_address(), resource.header, layer);
    Some(Control {
        given: Given { policy: Arc::new(policy), there },
        layer,
        management: names.account(resource),
        target: reach(target),
    })
}

fn reach(target: &Value) -> Reach {
    if let Some(text) = target.as_str() {
        return if is_account_id(text) {
            Reach::Account(text.into())
        } else if text.starts_with("r-") {
            Reach::Root
        } else {
            Reach::Some(format!("whether the account is in {text} is not known").into())
        };
    }
    let reference = target.references().next();
    match reference {
        Some(reference) if reference.attribute.starts_with("roots") => Reach::Root,
        Some(reference) => Reach::Some(format!("whether the account is in {} is not known", reference.resource).into()),
        None => Reach::Some("what the policy is attached to is not known before apply".into()),
    }
}
