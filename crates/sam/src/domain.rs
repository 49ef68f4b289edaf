//! Custom domains of APIs: the domain, its mappings to stages, and its records in Route 53.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-domainconfiguration.html>.

use std::collections::BTreeMap;

use crate::made::{Made, Source};
use crate::tree::Tree;
use crate::{Outcome, Refusal, Transform, hash_of};

/// The zone of all distributions of CloudFront.
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";
const TRUSTSTORE: [&str; 2] = ["TruststoreUri", "TruststoreVersion"];

/// What a domain says, as far as all kinds of APIs have it.
struct Domain<'d> {
    config: &'d Tree,
    id: String,
    endpoint: String,
}

impl Transform<'_> {
    /// The domain of a REST API.
    pub(crate) fn rest_domain(&mut self, source: &Source, made: &mut Vec<Made>) -> Outcome<()> {
        let Some(config) = source.get("Domain") else { return Ok(()) };
        let at = source.at;
        if !config.is_map() {
            return Err(Refusal::new(config.span, "Domain must be a map"));
        }
        let (Some(name), Some(certificate)) = (config.get("DomainName"), config.get("CertificateArn")) else {
            return source.refuse("Domain needs a DomainName and a CertificateArn");
        };
        let endpoint = match config.get("EndpointConfiguration").map(Tree::as_str) {
            None => "REGIONAL",
            Some(Some(known @ ("EDGE" | "REGIONAL" | "PRIVATE"))) => known,
            Some(_) => return source.refuse("the EndpointConfiguration of a Domain is EDGE, REGIONAL or PRIVATE"),
        };
        let private = endpoint == "PRIVATE";
        let (prefix, ty, property) = if private {
            ("ApiGatewayDomainNameV2", "AWS::ApiGateway::DomainNameV2", "DomainNameV2")
        } else {
            ("ApiGatewayDomainName", "AWS::ApiGateway::DomainName", "DomainName")
        };
        let id = format!("{prefix}{}", hash_of(name));
        let mut types = at.map([("Types", at.texts([endpoint]))]);
        types.set_some("IpAddressType", config.truthy("IpAddressType").cloned());
        let mut domain =
            source.beside(id.clone(), ty).with("DomainName", name.clone()).with("EndpointConfiguration", types).with(
                if endpoint == "REGIONAL" { "RegionalCertificateArn" } else { "CertificateArn" },
                certificate.clone(),
            );
        if !private {
            domain.properties.set_some("MutualTlsAuthentication", mutual_tls(source, config)?);
        }
        let more = ["SecurityPolicy", "EndpointAccessMode", "Policy", "OwnershipVerificationCertificateArn"];
        for name in more {
            domain.properties.set_some(name, config.truthy(name).cloned());
        }
        self.refer(&source.id, property, &id);
        made.push(domain);
        base_paths(source, config, &id, private, made)?;
        if let Some(access) = config.get("AccessAssociation").filter(|_| private) {
            made.push(access_association(source, access, &id)?);
        }
        let domain = Domain { config, id, endpoint: endpoint.to_owned() };
        self.records(source, &domain, made)
    }

    /// The domain of an HTTP or WebSocket API.
    pub(crate) fn domain_v2(&mut self, source: &Source, tag: Option<&str>, made: &mut Vec<Made>) -> Outcome<()> {
        let Some(config) = source.get("Domain") else { return Ok(()) };
        let at = source.at;
        let (Some(name), Some(certificate)) = (config.get("DomainName"), config.get("CertificateArn")) else {
            return source.refuse("Domain needs a DomainName and a CertificateArn");
        };
        let regional = config.get("EndpointConfiguration").is_none_or(|found| found.as_str() == Some("REGIONAL"));
        if !regional {
            return source.refuse("the EndpointConfiguration of a Domain is REGIONAL");
        }
        let id = format!("ApiGatewayDomainNameV2{}", hash_of(name));
        let mut configuration =
            at.map([("CertificateArn", certificate.clone()), ("EndpointType", at.text("REGIONAL"))]);
        for name in ["OwnershipVerificationCertificateArn", "SecurityPolicy"] {
            configuration.set_some(name, config.truthy(name).cloned());
        }
        let mut domain = source
            .beside(id.clone(), "AWS::ApiGatewayV2::DomainName")
            .with("DomainName", name.clone())
            .with("DomainNameConfigurations", at.list([configuration]))
            .with_some("MutualTlsAuthentication", mutual_tls(source, config)?);
        if let Some(tag) = tag {
            domain.properties.set("Tags", at.map([(tag, at.text("SAM"))]));
        }
        self.refer(&source.id, "DomainName", &id);
        made.push(domain);
        for path in base_path_list(config) {
            made.push(api_mapping(source, &id, path)?);
        }
        let domain = Domain { config, id, endpoint: "REGIONAL".to_owned() };
        self.records(source, &domain, made)
    }

    /// The records of a domain. Those in one zone are one group, whichever API they belong to.
    fn records(&mut self, source: &Source, domain: &Domain<'_>, made: &mut Vec<Made>) -> Outcome<()> {
        let at = source.at;
        let Some(route) = domain.config.get("Route53") else { return Ok(()) };
        if !route.is_map() {
            return Err(Refusal::new(route.span, "Route53 must be a map"));
        }
        let zone = route.get("HostedZoneId").or_else(|| route.get("HostedZoneName"));
        let Some(zone) = zone else { return source.refuse("Route53 needs HostedZoneId or HostedZoneName") };
        let records = record_sets(source, domain, route);
        let separate = route.truthy("SeparateRecordSetGroup");
        if separate.is_some_and(|separate| separate.as_bool().is_none()) {
            return source.refuse("SeparateRecordSetGroup is true or false");
        }
        let id = if separate.is_some() {
            let name = domain.config.get("DomainName").cloned().unwrap_or_else(|| at.text(""));
            format!("RecordSetGroup{}", hash_of(&at.list([zone.clone(), name])))
        } else {
            format!("RecordSetGroup{}", hash_of(zone))
        };
        let mut all = self.record_set_groups.get(&id).and_then(Tree::items).unwrap_or_default().to_vec();
        all.extend(records);
        if separate.is_none() {
            self.record_set_groups.insert(id.clone(), at.list(all.clone()));
        }
        // The group keeps what the API says that names the zone first.
        if self.all_made().any(|made| made.id == id) {
            return Ok(());
        }
        let mut group = source.beside(id, "AWS::Route53::RecordSetGroup").with("RecordSets", at.list(all));
        for name in ["HostedZoneId", "HostedZoneName"] {
            group.properties.set_some(name, route.get(name).cloned());
        }
        made.push(group);
        Ok(())
    }

    /// Gives each group of records what all APIs have added to it.
    pub(crate) fn finish_record_sets(&mut self, groups: BTreeMap<String, Tree>) {
        for made in self.all_made_mut() {
            if let Some(records) = groups.get(&made.id) {
                made.properties.set("RecordSets", records.clone());
            }
        }
    }
}

fn mutual_tls(source: &Source, config: &Tree) -> Outcome<Option<Tree>> {
    let at = source.at;
    let Some(wanted) = config.truthy("MutualTlsAuthentication") else { return Ok(None) };
    let known = wanted.is_map() && wanted.fields().iter().all(|field| TRUSTSTORE.contains(&&*field.key));
    if !known {
        return source.refuse("MutualTlsAuthentication is a map of TruststoreUri and TruststoreVersion");
    }
    let mut made = at.empty();
    for name in TRUSTSTORE {
        made.set_some(name, wanted.truthy(name).cloned());
    }
    Ok(Some(made))
}

/// The base paths of a domain; one that is empty where none is written.
fn base_path_list(config: &Tree) -> Vec<Option<&Tree>> {
    match config.truthy("BasePath") {
        Some(paths) if paths.as_str().is_some() || paths.is_list() => paths.as_list().iter().map(Some).collect(),
        _ => vec![None],
    }
}

fn base_paths(source: &Source, config: &Tree, domain: &str, private: bool, made: &mut Vec<Made>) -> Outcome<()> {
    let at = source.at;
    let (ty, property) = if private {
        ("AWS::ApiGateway::BasePathMappingV2", "DomainNameArn")
    } else {
        ("AWS::ApiGateway::BasePathMapping", "DomainName")
    };
    let normal = config.get("NormalizeBasePath").is_none_or(Tree::is_truthy);
    for path in base_path_list(config) {
        let text = match path.map(|path| (path.span, path.as_str())) {
            None => None,
            Some((_, Some(text))) => Some(text),
            Some((span, None)) => return Err(Refusal::new(span, "BasePath is a list of texts")),
        };
        let letters: String =
            text.unwrap_or_default().chars().filter(|character| character.is_alphanumeric()).collect();
        let mut mapping = source
            .beside(format!("{}{letters}BasePathMapping", source.id), ty)
            .with(property, at.reference(domain))
            .with("RestApiId", at.reference(&source.id))
            .with("Stage", at.reference(&format!("{}.Stage", source.id)));
        if let Some(text) = text {
            mapping.properties.set("BasePath", at.text(if normal { letters.as_str() } else { text }));
        }
        made.push(mapping);
    }
    Ok(())
}

fn api_mapping(source: &Source, domain: &str, path: Option<&Tree>) -> Outcome<Made> {
    let at = source.at;
    let text = match path.map(|path| (path.span, path.as_str())) {
        None => None,
        Some((_, Some(text))) => Some(text),
        Some((span, None)) => return Err(Refusal::new(span, "BasePath must be text")),
    };
    let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '/' | '-' | '_');
    if text.is_some_and(|text| !text.chars().all(fits)) {
        return source.refuse("BasePath is made of letters, digits, /, - and _");
    }
    let letters: String = text.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    let mut mapping = source
        .beside(format!("{}{letters}ApiMapping", source.id), "AWS::ApiGatewayV2::ApiMapping")
        .with("DomainName", at.reference(domain))
        .with("ApiId", at.reference(&source.id))
        .with("Stage", at.reference(&format!("{}.Stage", source.id)));
    if let Some(text) = text {
        mapping.properties.set("ApiMappingKey", at.text(text.trim_matches('/')));
    }
    Ok(mapping)
}

fn access_association(source: &Source, access: &Tree, domain: &str) -> Outcome<Made> {
    let at = source.at;
    if !access.is_map() {
        return Err(Refusal::new(access.span, "AccessAssociation must be a map"));
    }
    let endpoint = access.get("VpcEndpointId").cloned().unwrap_or_else(|| at.text(""));
    let digits = hash_of(&at.list([endpoint.clone(), at.text(domain)]));
    Ok(source
        .beside(format!("DomainNameAccessAssociation{digits}"), "AWS::ApiGateway::DomainNameAccessAssociation")
        .with("DomainNameArn", at.reference(domain))
        .with("AccessAssociationSourceType", at.text("VPCE"))
        .with("AccessAssociationSource", endpoint))
}

fn record_sets(source: &Source, domain: &Domain<'_>, route: &Tree) -> Vec<Tree> {
    let at = source.at;
    let mut target = at.empty();
    target.set_some("EvaluateTargetHealth", route.get("EvaluateTargetHealth").cloned());
    match domain.endpoint.as_str() {
        "REGIONAL" => {
            target.set("HostedZoneId", at.get_att(&domain.id, "RegionalHostedZoneId"));
            target.set("DNSName", at.get_att(&domain.id, "RegionalDomainName"));
        }
        "EDGE" => {
            let name = route.get("DistributionDomainName").cloned();
            target.set("HostedZoneId", at.text(CLOUDFRONT_ZONE));
            target.set("DNSName", name.unwrap_or_else(|| at.get_att(&domain.id, "DistributionDomainName")));
        }
        _ => {
            target.set_some("HostedZoneId", route.get("VpcEndpointHostedZoneId").cloned());
            target.set_some("DNSName", route.get("VpcEndpointDomainName").cloned());
        }
    }
    let record = |ty: &str| {
        let mut record = at.map([("Type", at.text(ty)), ("AliasTarget", target.clone())]);
        record.set_some("Name", domain.config.get("DomainName").cloned());
        for name in ["Region", "SetIdentifier"] {
            record.set_some(name, route.get(name).cloned());
        }
        record
    };
    let both = route.get("IpV6").and_then(Tree::as_bool) == Some(true);
    let mut records = vec![record("A")];
    records.extend(both.then(|| record("AAAA")));
    records
}
