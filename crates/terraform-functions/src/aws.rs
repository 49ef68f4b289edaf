//! The functions of the AWS provider, which compute from their arguments alone. Source:
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/functions/arn_build> and its neighbours.

use std::sync::Arc;

use terravet_graph::{Type, Value};

use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, text};
use crate::{Context, FunctionError};

/// The parts of an ARN after `arn`, in their order.
const SECTIONS: [&str; 5] = ["partition", "service", "region", "account_id", "resource"];

const ARN: Parameter = Parameter::new("arn", Kind::String);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(
        "provider::aws::arn_build",
        &[
            Parameter::new("partition", Kind::String),
            Parameter::new("service", Kind::String),
            Parameter::new("region", Kind::String),
            Parameter::new("account_id", Kind::String),
            Parameter::new("resource", Kind::String),
        ],
        Kind::String,
        arn_build,
    ),
    Function::typed("provider::aws::arn_parse", &[ARN], |_| Ok(arn_type()), arn_parse),
    Function::new("provider::aws::trim_iam_role_path", &[ARN], Kind::String, trim_iam_role_path),
];

fn arn_type() -> Type {
    Type::object(SECTIONS.iter().map(|name| (Arc::from(*name), Type::String)))
}

/// The parts after `arn` of a valid ARN: partition, service and resource are never empty.
fn sections(arn: &str) -> Result<[&str; 5], FunctionError> {
    let refused = |why: &str| FunctionError::argument(0, format!("arn ({arn}) is invalid: {why}"));
    let rest = arn.strip_prefix("arn:").ok_or_else(|| refused("it does not begin with \"arn:\""))?;
    let parts: Vec<&str> = rest.splitn(SECTIONS.len(), ':').collect();
    let parts: [&str; 5] = parts.try_into().map_err(|_| refused("it has not enough sections"))?;
    match parts {
        ["", ..] => Err(refused("it has no partition")),
        [_, "", ..] => Err(refused("it has no service")),
        [.., ""] => Err(refused("it has no resource")),
        parts => Ok(parts),
    }
}

fn arn_parse(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let parts = sections(text(arguments, 0))?;
    Ok(Value::object(SECTIONS.iter().zip(parts).map(|(name, part)| (Arc::from(*name), string(part)))))
}

fn arn_build(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let parts: Vec<&str> = (0..arguments.len()).map(|index| text(arguments, index)).collect();
    Ok(string(format!("arn:{}", parts.join(":"))))
}

fn trim_iam_role_path(_: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    let arn = text(arguments, 0);
    let [partition, service, region, account, resource] = sections(arn)?;
    let refused = |why: &str| FunctionError::argument(0, format!("arn ({arn}) is no role: {why}"));
    if service != "iam" {
        return Err(refused("its service is not iam"));
    }
    if !region.is_empty() {
        return Err(refused("it has a region"));
    }
    let path = resource.strip_prefix("role/").ok_or_else(|| refused("its resource does not begin with \"role/\""))?;
    let name = path.rsplit('/').next().unwrap_or(path);
    Ok(string(format!("arn:{partition}:{service}:{region}:{account}:role/{name}")))
}
