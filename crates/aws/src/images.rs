//! What machine images say about the instances that are launched from them.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html> (`imds-support` of an image makes
//! session tokens required for instances that do not say otherwise).

use terravet_graph::{Truth, Value};

use terravet_model::{Fact, FactContext, FactDef};
use terravet_schema::{AttributeType, Need, NeedType};

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[FactDef {
    name: "image_requires_tokens",
    needs: &[Need::of("images", NeedType::Subjects("aws.ec2.image"))],
    arguments: &[],
    result: AttributeType::Bool,
    doc: "the image is one of this configuration, and makes its instances require session tokens",
    run: image_requires_tokens,
}];

/// An image from elsewhere, known by its id or looked up, may do so as well; since hardly any does and nothing here can
/// tell, it counts as one that does not.
fn image_requires_tokens(context: FactContext<'_>) -> Fact {
    let Some(kind) = context.view.model.schema.kind("aws.ec2.image") else {
        return Fact::truth(Truth::False, vec![]);
    };
    let (images, _) = context.subjects("images");
    let support: Vec<Value> = images.iter().map(|image| context.of(image, kind).value("imds_support")).collect();
    let requires = support.iter().any(|value| value.as_str() == Some("v2.0"));
    Fact::truth(requires.into(), if requires { support } else { vec![] })
}
