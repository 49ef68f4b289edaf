//! CloudFormation templates, evaluated and lowered to the resource graph
