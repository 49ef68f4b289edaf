//! Names that CloudFormation itself gives a meaning.
//!
//! Sources: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>,
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>.

use terravet_graph::Type;

/// The parameter whose reference removes what it stands for.
pub(crate) const NO_VALUE: &str = "AWS::NoValue";

/// The pseudo parameters.
pub(crate) const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Whether a name is that of a pseudo parameter.
pub(crate) fn is_pseudo(name: &str) -> bool {
    PSEUDO_PARAMETERS.contains(&name)
}

/// The type of a pseudo parameter's value.
pub(crate) fn pseudo_type(name: &str) -> Type {
    if name == "AWS::NotificationARNs" { Type::list(Type::String) } else { Type::String }
}

/// The partition that a region lies in, and the suffix of its domains; none where the region is not one that is known by
/// its name.
pub(crate) fn partition_of(region: &str) -> Option<(&'static str, &'static str)> {
    let (area, rest) = region.split_once('-')?;
    let (part, number) = rest.rsplit_once('-')?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match (area, part.split('-').next()?) {
        ("cn", _) => Some(("aws-cn", "amazonaws.com.cn")),
        ("us", "gov") => Some(("aws-us-gov", "amazonaws.com")),
        (_, part) if part.starts_with("iso") => None,
        ("af" | "ap" | "ca" | "eu" | "il" | "me" | "mx" | "sa" | "us", _) => Some(("aws", "amazonaws.com")),
        _ => None,
    }
}

/// What the value of a pseudo parameter certainly begins with.
pub(crate) fn pseudo_prefix(name: &str) -> Option<&'static str> {
    match name {
        "AWS::StackId" => Some("arn:"),
        "AWS::Partition" => Some("aws"),
        "AWS::URLSuffix" => Some("amazonaws.com"),
        _ => None,
    }
}

/// Whether a text has the form of a resource's type: three names or more, `Custom::` with one
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html>),
/// or a module's.
pub(crate) fn is_resource_type(text: &str) -> bool {
    let named = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match text.strip_prefix("Custom::") {
        Some(name) => {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@' | b'-' | b':');
            !name.is_empty() && name.bytes().all(allowed)
        }
        None => text.split("::").count() >= 3 && text.split("::").all(named),
    }
}

/// The types of parameters that are no ids of AWS.
const PLAIN_TYPES: [&str; 4] = ["String", "Number", "CommaDelimitedList", "List<Number>"];

/// The types of parameters that are ids of AWS; each may also stand in a list.
const AWS_TYPES: [&str; 10] = [
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::Volume::Id",
    "AWS::EC2::VPC::Id",
    "AWS::Route53::HostedZone::Id",
];

const STORE_NAME: &str = "AWS::SSM::Parameter::Name";

/// What the type of a parameter means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ParameterType<'t> {
    /// Whether the value is the name of an entry in the parameter store, and a reference gives what that holds.
    pub(crate) from_store: bool,
    /// Whether it is a list.
    pub(crate) list: bool,
    /// The type, or that of a member.
    pub(crate) member: &'t str,
}

impl<'t> ParameterType<'t> {
    /// The meaning of a type as written; none where there is no such type.
    pub(crate) fn of(text: &'t str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix("AWS::SSM::Parameter::Value<").and_then(|rest| rest.strip_suffix('>')) {
            // The store has texts and lists of texts; numbers are texts there.
            let inner = Self::of_value(inner).filter(|inner| inner.member != "Number")?;
            return Some(Self { from_store: true, ..inner });
        }
        Self::of_value(text)
    }

    fn of_value(text: &'t str) -> Option<Self> {
        let plain = |list, member| Some(Self { from_store: false, list, member });
        if text == "CommaDelimitedList" {
            return plain(true, "String");
        }
        match text.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>')) {
            Some(member) if AWS_TYPES.contains(&member) || matches!(member, "Number" | "String" | STORE_NAME) => {
                plain(true, member)
            }
            Some(_) => None,
            None if AWS_TYPES.contains(&text) || matches!(text, "String" | "Number" | STORE_NAME) => plain(false, text),
            None => None,
        }
    }
}

/// The types that may be written, for suggestions.
pub(crate) fn parameter_types() -> impl Iterator<Item = &'static str> {
    PLAIN_TYPES.into_iter().chain(AWS_TYPES).chain([STORE_NAME])
}

/// The functions, and whether each may stand for a value (as opposed to a condition or an assertion).
pub(crate) const FUNCTIONS: [(&str, bool); 26] = [
    ("Ref", true),
    ("Fn::Base64", true),
    ("Fn::Cidr", true),
    ("Fn::FindInMap", true),
    ("Fn::GetAtt", true),
    ("Fn::GetAZs", true),
    ("Fn::GetStackOutput", true),
    ("Fn::If", true),
    ("Fn::ImportValue", true),
    ("Fn::Join", true),
    ("Fn::Length", true),
    ("Fn::Select", true),
    ("Fn::Split", true),
    ("Fn::Sub", true),
    ("Fn::ToJsonString", true),
    ("Fn::Transform", true),
    ("Fn::And", false),
    ("Fn::Equals", false),
    ("Fn::Not", false),
    ("Fn::Or", false),
    ("Fn::Contains", false),
    ("Fn::EachMemberEquals", false),
    ("Fn::EachMemberIn", false),
    ("Fn::RefAll", false),
    ("Fn::ValueOf", false),
    ("Fn::ValueOfAll", false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_lists_or_not() {
        let of = |text| ParameterType::of(text).map(|ty| (ty.from_store, ty.list, ty.member));
        assert_eq!(of("String"), Some((false, false, "String")));
        assert_eq!(of("CommaDelimitedList"), Some((false, true, "String")));
        assert_eq!(of("List<AWS::EC2::Subnet::Id>"), Some((false, true, "AWS::EC2::Subnet::Id")));
        assert_eq!(of("AWS::SSM::Parameter::Value<List<String>>"), Some((true, true, "String")));
        assert_eq!(of("Strin"), None);
        assert_eq!(of("List<Strin>"), None);
        assert_eq!(of("AWS::SSM::Parameter::Value<Number>"), None);
    }

    #[test]
    fn regions_lie_in_partitions() {
        let partition = |region| partition_of(region).map(|(partition, _)| partition);
        assert_eq!(partition("eu-west-1"), Some("aws"));
        assert_eq!(partition_of("cn-north-1"), Some(("aws-cn", "amazonaws.com.cn")));
        assert_eq!(partition("us-gov-east-1"), Some("aws-us-gov"));
        for region in ["us-iso-east-1", "eusc-de-east-1", "eu-west", "x", ""] {
            assert_eq!(partition(region), None, "{region}");
        }
    }

    #[test]
    fn types_of_resources_have_three_names() {
        for text in ["AWS::S3::Bucket", "Custom::A_b-c@d", "Acme::A::B::MODULE", "Alexa::ASK::Skill"] {
            assert!(is_resource_type(text), "{text}");
        }
        for text in ["", "S3::Bucket", "AWS::S3", "AWS::S3::", "Custom::", "Custom::a/b", " AWS::S3::Bucket"] {
            assert!(!is_resource_type(text), "{text}");
        }
    }
}
