//! `AWS::Serverless::NetworkConnector`: the way of functions and virtual machines into a VPC, with the role that makes it.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-networkconnector.html>.

use crate::made::{Made, Source, combine_tags};
use crate::role::{Role, trust};
use crate::shape::{self, Entry, Needed, Optional, Shape, TEXT};
use crate::{Outcome, Transform, schema};

const PROPERTIES: &[Entry] = &[
    ("ComputeTypes", Optional, Shape::Single(&Shape::OrFunction(&Shape::OneOf(&["MicroVm", "WebFunction"])))),
    ("PropagateTags", Optional, Shape::Flag),
    ("VpcConfig", Needed, Shape::Fields(NETWORK)),
];
const NETWORK: &[Entry] = &[
    ("SubnetIds", Needed, Shape::ListOf(&TEXT)),
    ("SecurityGroupIds", Needed, Shape::ListOf(&TEXT)),
    ("NetworkProtocol", Needed, Shape::OrFunction(&Shape::OneOf(&["IPv4", "DualStack"]))),
];

impl Transform<'_> {
    pub(crate) fn network_connector(&self, source: &Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::NetworkConnector", schema::NETWORK_CONNECTOR, &source.properties)?;
        shape::check(PROPERTIES, &source.properties)?;
        let at = source.at;
        let own = at.map([("lambda:createdBy", at.text("SAM"))]);
        let mut made = Vec::new();
        let role = match source.truthy("OperatorRole") {
            Some(role) => role.clone(),
            None => {
                let arn = self.aws_managed(at, "AWSLambdaNetworkConnectorOperatorPolicy");
                let mut role = Role::new(source, trust(at, "lambda.amazonaws.com"), vec![arn], Vec::new(), Vec::new());
                role.made.id = format!("{}OperatorRole", source.id);
                role.made.properties.set("Tags", at.list(at.tags(&own)));
                let arn = role.arn();
                made.push(role.into_made());
                arn
            }
        };
        let mut tags = source.truthy("Tags").cloned().unwrap_or_else(|| at.empty());
        tags.set("lambda:createdBy", at.text("SAM"));
        let mut network = source.get("VpcConfig").cloned().unwrap_or_else(|| at.empty());
        let types = source.truthy("ComputeTypes").cloned().unwrap_or_else(|| at.texts(["MicroVm"]));
        network.set("AssociatedComputeResourceTypes", types);
        made.push(
            source
                .itself("AWS::Lambda::NetworkConnector")
                .with_some("Name", source.truthy("Name").cloned())
                .with("Configuration", at.map([("VpcEgressConfiguration", network)]))
                .with("OperatorRole", role)
                .with("Tags", at.list(at.tags(&tags))),
        );
        combine_tags(source, &mut made);
        Ok(made)
    }
}
