//! Resources of SAM as they are read, and resources of CloudFormation as they are made of them.

use std::sync::Arc;

use terravet_source::Span;

use crate::tree::{At, Field, Tree};
use crate::{Outcome, Refusal};

/// What is said about a resource and not to its service.
const ATTRIBUTES: [&str; 5] = ["Condition", "DeletionPolicy", "Metadata", "UpdatePolicy", "UpdateReplacePolicy"];
/// What of it holds for everything that is made of the resource.
const PASSED_THROUGH: [&str; 3] = ["Condition", "DeletionPolicy", "UpdateReplacePolicy"];
/// The types of generated resources that take tags as a list of keys and values.
const TAGGED: [&str; 16] = [
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::DomainNameAccessAssociation",
    "AWS::ApiGateway::DomainNameV2",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::IAM::Role",
    "AWS::IoT::TopicRule",
    "AWS::Lambda::CapacityProvider",
    "AWS::Lambda::Function",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::StepFunctions::StateMachine",
];
/// Those that take them as a map.
const TAGGED_WITH_MAP: [&str; 2] = ["AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::Stage"];

/// A resource of SAM.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) id: String,
    /// Where its logical id stands.
    pub(crate) at: At,
    /// All of it.
    pub(crate) block: Span,
    pub(crate) properties: Tree,
    pub(crate) attributes: Vec<(Arc<str>, Tree)>,
    pub(crate) depends_on: Option<Tree>,
}

impl Source {
    pub(crate) fn read(field: &Field) -> Outcome<Self> {
        let properties = field.value.get("Properties").cloned().unwrap_or_else(|| At(field.key_span).empty());
        if !properties.is_map() {
            return Err(Refusal::new(properties.span, format!("the properties of {} must be a map", field.key)));
        }
        if let Some(condition) = field.value.get("Condition").filter(|condition| condition.as_str().is_none()) {
            return Err(Refusal::new(condition.span, "a condition is the name of one"));
        }
        let attributes = field.value.fields().iter().filter(|part| ATTRIBUTES.contains(&&*part.key));
        Ok(Self {
            id: field.key.to_string(),
            at: At(field.key_span),
            block: field.value.span,
            properties,
            attributes: attributes.map(|part| (Arc::clone(&part.key), part.value.clone())).collect(),
            depends_on: field.value.get("DependsOn").cloned(),
        })
    }

    /// Whether its metadata says how `sam build` makes an image of it, which it then writes into the template
    /// (<https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build.html>).
    pub(crate) fn is_built(&self) -> bool {
        let mut metadata = self.attributes.iter().filter(|(name, _)| &**name == "Metadata");
        metadata.any(|(_, value)| ["Dockerfile", "DockerContext"].iter().any(|key| value.get(key).is_some()))
    }

    /// A property, unless it is null.
    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        self.properties.get(name)
    }

    /// A property, if there is something in it.
    pub(crate) fn truthy(&self, name: &str) -> Option<&Tree> {
        self.properties.truthy(name)
    }

    /// The condition under which it exists.
    pub(crate) fn condition(&self) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| &**name == "Condition").and_then(|(_, value)| value.as_str())
    }

    pub(crate) fn refuse<T>(&self, message: impl Into<String>) -> Outcome<T> {
        Err(Refusal::new(self.at.0, format!("{}: {}", self.id, message.into())))
    }

    /// The resource itself, as what it is in CloudFormation: with all that is said about it.
    pub(crate) fn itself(&self, ty: &'static str) -> Made {
        let mut made = self.beside(self.id.clone(), ty);
        made.attributes.clone_from(&self.attributes);
        made.depends_on.clone_from(&self.depends_on);
        made
    }

    /// A resource that is made beside it.
    pub(crate) fn beside(&self, id: impl Into<String>, ty: &'static str) -> Made {
        let passed = self.attributes.iter().filter(|(name, _)| PASSED_THROUGH.contains(&&**name)).cloned();
        Made {
            id: id.into(),
            ty,
            properties: self.at.empty(),
            attributes: passed.collect(),
            depends_on: None,
            at: self.at,
            block: self.block,
        }
    }
}

/// A resource of CloudFormation that the transform makes.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) ty: &'static str,
    pub(crate) properties: Tree,
    pub(crate) attributes: Vec<(Arc<str>, Tree)>,
    pub(crate) depends_on: Option<Tree>,
    /// Where the logical id of the SAM resource stands that it is made of.
    pub(crate) at: At,
    pub(crate) block: Span,
}

impl Made {
    /// With a property.
    pub(crate) fn with(mut self, name: &str, value: Tree) -> Self {
        self.properties.set(name, value);
        self
    }

    /// With a property, where there is a value for it.
    pub(crate) fn with_some(mut self, name: &str, value: Option<Tree>) -> Self {
        self.properties.set_some(name, value);
        self
    }

    /// With the properties of the source that have these names there.
    pub(crate) fn with_all(mut self, source: &Tree, names: &[&str]) -> Self {
        for name in names {
            self.properties.set_some(name, source.get(name).cloned());
        }
        self
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&Tree> {
        self.attributes.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    pub(crate) fn set_attribute(&mut self, name: &str, value: Tree) {
        match self.attributes.iter_mut().find(|(known, _)| &**known == name) {
            Some((_, there)) => *there = value,
            None => self.attributes.push((name.into(), value)),
        }
    }

    pub(crate) fn depends_on(mut self, id: &str) -> Self {
        self.depends_on = Some(self.at.texts([id]));
        self
    }

    pub(crate) fn reference(&self) -> Tree {
        self.at.reference(&self.id)
    }

    pub(crate) fn arn(&self) -> Tree {
        self.at.get_att(&self.id, "Arn")
    }

    /// As a resource of the template.
    pub(crate) fn into_field(self) -> Field {
        let mut body = At(self.block).map([("Type", self.at.text(self.ty))]);
        body.set_some("DependsOn", self.depends_on);
        for (name, value) in self.attributes {
            body.set(&name, value);
        }
        body.set("Properties", self.properties);
        Field { key: self.id.as_str().into(), key_span: self.at.0, value: body }
    }
}

/// The tags of a resource that all has that is made of it, where that is asked for.
pub(crate) fn propagated_tags(source: &Source) -> Option<&Tree> {
    source.truthy("Tags").filter(|_| source.get("PropagateTags").is_some_and(Tree::is_truthy))
}

/// Gives the tags of a resource to all that is made of it, where that is asked for.
pub(crate) fn propagate_tags(source: &Source, made: &mut [Made]) {
    if let Some(tags) = propagated_tags(source) {
        assign_tags(tags, made);
    }
}

/// Sets the tags of all resources that take some.
pub(crate) fn assign_tags(tags: &Tree, made: &mut [Made]) {
    for made in made {
        if TAGGED.contains(&made.ty) {
            let list = made.at.list(made.at.tags(tags));
            made.properties.set("Tags", list);
        } else if TAGGED_WITH_MAP.contains(&made.ty) {
            made.properties.set("Tags", tags.clone());
        }
    }
}

/// Gives the tags of a resource to all that is made of it beside the tags that are there, where that is asked for.
pub(crate) fn combine_tags(source: &Source, made: &mut [Made]) {
    let Some(tags) = propagated_tags(source) else { return };
    for made in made {
        let at = made.at;
        let mut all = made.properties.get("Tags").map(|there| there.as_list().to_vec()).unwrap_or_default();
        for tag in at.tags(tags) {
            let same = |there: &Tree| there.get("Key").map(Tree::text) == tag.get("Key").map(Tree::text);
            match all.iter_mut().find(|there| same(there)) {
                Some(there) => *there = tag,
                None => all.push(tag),
            }
        }
        made.properties.set("Tags", at.list(all));
    }
}
