//! `AWS::Serverless::SimpleTable`.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-simpletable.html>.

use crate::made::{Made, Source};
use crate::tree::Tree;
use crate::{Outcome, Refusal, Transform, schema};

impl Transform<'_> {
    pub(crate) fn simple_table(source: &Source) -> Outcome<Vec<Made>> {
        schema::check("AWS::Serverless::SimpleTable", schema::SIMPLE_TABLE, &source.properties)?;
        let at = source.at;
        let (name, ty) = match source.truthy("PrimaryKey") {
            Some(key) => {
                let (Some(name), Some(ty)) = (key.get("Name"), key.get("Type")) else {
                    return source.refuse("PrimaryKey needs a Name and a Type");
                };
                if name.as_str().is_none() {
                    return Err(Refusal::new(name.span, "the Name of PrimaryKey must be text, and no function"));
                }
                let letter = match ty.as_str() {
                    Some("String") => "S",
                    Some("Number") => "N",
                    Some("Binary") => "B",
                    _ => return source.refuse("the Type of PrimaryKey is String, Number or Binary"),
                };
                (name.clone(), letter)
            }
            None => (at.text("id"), "S"),
        };
        let definition = at.map([("AttributeName", name.clone()), ("AttributeType", at.text(ty))]);
        let key = at.map([("AttributeName", name), ("KeyType", at.text("HASH"))]);
        let mut table = source
            .itself("AWS::DynamoDB::Table")
            .with("AttributeDefinitions", at.list([definition]))
            .with("KeySchema", at.list([key]))
            .with_some("PointInTimeRecoverySpecification", source.truthy("PointInTimeRecoverySpecification").cloned())
            .with_some("SSESpecification", source.truthy("SSESpecification").cloned())
            .with_some("TableName", source.truthy("TableName").cloned());
        match source.truthy("ProvisionedThroughput") {
            Some(throughput)
                if !throughput.is_intrinsic() && throughput.fields().iter().any(|field| !is_number(&field.value)) =>
            {
                return Err(Refusal::new(throughput.span, "ProvisionedThroughput is a map of numbers"));
            }
            Some(throughput) => table.properties.set("ProvisionedThroughput", throughput.clone()),
            None => table.properties.set("BillingMode", at.text("PAY_PER_REQUEST")),
        }
        if let Some(tags) = source.truthy("Tags") {
            let list = at.list(at.tags(tags));
            table.properties.set("Tags", list);
        }
        Ok(vec![table])
    }
}

/// Whether a value is a number, or a function that gives one.
fn is_number(value: &Tree) -> bool {
    value.is_number() || value.is_map()
}
