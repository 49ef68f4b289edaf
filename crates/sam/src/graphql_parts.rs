//! What belongs to an API of AppSync: keys, caches, domains, data sources, functions and resolvers.

use std::collections::BTreeMap;

use crate::made::{Made, Source};
use crate::role::trust;
use crate::tree::{At, Field, Tree};
use crate::{Outcome, Refusal, Transform};

/// What a resolver without code of its own runs: it passes through its functions.
const PIPELINE_CODE: &str = "export function request(ctx) {\n  return {};\n}\n\nexport function response(ctx) {\n  return ctx.prev.result;\n}\n";
const PIPELINE_RUNTIME: [(&str, &str); 2] = [("Name", "APPSYNC_JS"), ("RuntimeVersion", "1.0.0")];

/// The names under which the parts of an API know each other.
#[derive(Default)]
struct Names {
    data_sources: BTreeMap<String, Tree>,
    functions: BTreeMap<String, Tree>,
    /// Whether the data source that does nothing is needed.
    none: bool,
}

impl Transform<'_> {
    pub(crate) fn graphql_parts(&mut self, source: &Source, api_id: &Tree, made: &mut Vec<Made>) -> Outcome<()> {
        let mut names = Names::default();
        let of = |id: String, ty: &'static str| Made { id, ..source.itself(ty) }.with("ApiId", api_id.clone());
        for field in fields(source.truthy("ApiKeys"))? {
            let mut key = of(format!("{}{}", source.id, field.key), "AWS::AppSync::ApiKey");
            for (from, to) in [("ApiKeyId", "ApiKeyId"), ("Description", "Description"), ("ExpiresOn", "Expires")] {
                key.properties.set_some(to, field.value.get(from).cloned());
            }
            made.push(key);
        }
        if let Some(cache) = source.truthy("Cache") {
            let known = ["ApiCachingBehavior", "Type", "Ttl", "AtRestEncryptionEnabled", "TransitEncryptionEnabled"];
            made.push(of(format!("{}ApiCache", source.id), "AWS::AppSync::ApiCache").with_all(cache, &known));
        }
        self.data_sources(source, &of, &mut names, made)?;
        if let Some(domain) = source.truthy("DomainName") {
            let name = Made { id: format!("{}DomainName", source.id), ..source.itself("AWS::AppSync::DomainName") }
                .with_all(domain, &["CertificateArn", "DomainName", "Description"]);
            let association =
                of(format!("{}DomainNameApiAssociation", source.id), "AWS::AppSync::DomainNameApiAssociation")
                    .with("DomainName", source.at.get_att(&name.id, "DomainName"));
            made.extend([name, association]);
        }
        for field in fields(source.truthy("Functions"))? {
            made.extend(function(source, field, &of, &mut names)?);
        }
        for types in fields(source.truthy("Resolvers"))? {
            for field in fields(Some(&types.value))? {
                made.push(resolver(source, &types.key, field, &of, &names)?);
            }
        }
        if names.none {
            let id = format!("{}NoneDataSource", source.id);
            made.push(
                of(id.clone(), "AWS::AppSync::DataSource")
                    .with("Name", source.at.text(id))
                    .with("Type", source.at.text("NONE")),
            );
        }
        Ok(())
    }

    fn data_sources(
        &mut self,
        source: &Source,
        of: &dyn Fn(String, &'static str) -> Made,
        names: &mut Names,
        made: &mut Vec<Made>,
    ) -> Outcome<()> {
        let Some(all) = source.truthy("DataSources") else { return Ok(()) };
        for section in fields(Some(all))? {
            let of_table = &*section.key == "DynamoDb";
            for field in fields(Some(&section.value))? {
                self.data_source(source, field, of_table, of, names, made)?;
            }
        }
        Ok(())
    }

    fn data_source(
        &mut self,
        source: &Source,
        field: &Field,
        of_table: bool,
        of: &dyn Fn(String, &'static str) -> Made,
        names: &mut Names,
        made: &mut Vec<Made>,
    ) -> Outcome<()> {
        let at = source.at;
        let config = &field.value;
        let id = format!("{}{}{}DataSource", source.id, field.key, if of_table { "DynamoDB" } else { "Lambda" });
        let refuse =
            |name: &str| Err(Refusal::new(field.key_span, format!("the data source {} needs {name}", field.key)));
        let mut data = of(id.clone(), "AWS::AppSync::DataSource")
            .with("Name", config.truthy("Name").cloned().unwrap_or_else(|| at.text(&*field.key)))
            .with("Type", at.text(if of_table { "AMAZON_DYNAMODB" } else { "AWS_LAMBDA" }))
            .with_some("Description", config.get("Description").cloned());
        let target = if of_table {
            let Some(table) = config.get("TableName") else { return refuse("TableName") };
            let region = config.truthy("Region").cloned().unwrap_or_else(|| at.reference("AWS::Region"));
            let mut inner = at.map([("AwsRegion", region.clone()), ("TableName", table.clone())]);
            for (from, to) in [
                ("UseCallerCredentials", "UseCallerCredentials"),
                ("Versioned", "Versioned"),
                ("DeltaSync", "DeltaSyncConfig"),
            ] {
                inner.set_some(to, config.truthy(from).cloned());
            }
            data.properties.set("DynamoDBConfig", inner);
            let text = "arn:${AWS::Partition}:dynamodb:${__Region__}:${AWS::AccountId}:table/${__TableName__}";
            let arn = at.sub_with(text, [("__TableName__", table.clone()), ("__Region__", region)]);
            config.truthy("TableArn").cloned().unwrap_or(arn)
        } else {
            let Some(function) = config.get("FunctionArn") else { return refuse("FunctionArn") };
            data.properties.set("LambdaConfig", at.map([("LambdaFunctionArn", function.clone())]));
            function.clone()
        };
        names.data_sources.insert(field.key.to_string(), at.get_att(&id, "Name"));
        if let Some(role) = config.truthy("ServiceRoleArn") {
            data.properties.set("ServiceRoleArn", role.clone());
            made.push(data);
            return Ok(());
        }
        let role = Made { id: format!("{id}Role"), ..source.itself("AWS::IAM::Role") }
            .with("AssumeRolePolicyDocument", trust(at, "appsync.amazonaws.com"));
        data.properties.set("ServiceRoleArn", role.arn());
        let (suffix, ty) =
            if of_table { ("Table", "AWS::DynamoDB::Table") } else { ("Lambda", "AWS::Lambda::Function") };
        let connector = Source {
            id: format!("{id}To{suffix}Connector"),
            attributes: Vec::new(),
            depends_on: None,
            ..source.clone()
        };
        let from = at.map([
            ("Type", at.text("AWS::AppSync::DataSource")),
            ("Arn", at.get_att(&id, "DataSourceArn")),
            ("RoleName", role.reference()),
        ]);
        let to = at.map([("Type", at.text(ty)), ("Arn", target)]);
        let default = if of_table { vec![at.text("Read"), at.text("Write")] } else { vec![at.text("Write")] };
        let permissions = config.truthy("Permissions").filter(|_| of_table).map(|found| found.as_list().to_vec());
        made.extend([data, role]);
        made.extend(self.connect(&connector, &from, &to, &permissions.unwrap_or(default), None)?);
        Ok(())
    }
}

/// The entries of a map of maps.
fn fields(tree: Option<&Tree>) -> Outcome<&[Field]> {
    let Some(tree) = tree else { return Ok(&[]) };
    match tree.fields().iter().find(|field| !field.value.is_map()) {
        _ if !tree.is_map() => Err(Refusal::new(tree.span, "a map is needed here")),
        Some(field) => Err(Refusal::new(field.value.span, format!("{} must be a map", field.key))),
        None => Ok(tree.fields()),
    }
}

fn function(
    source: &Source,
    field: &Field,
    of: &dyn Fn(String, &'static str) -> Made,
    names: &mut Names,
) -> Outcome<Option<Made>> {
    let at = source.at;
    let config = &field.value;
    let refuse = |message: String| Err(Refusal::new(field.key_span, format!("the function {}: {message}", field.key)));
    if let Some(id) = config.truthy("Id") {
        if config.fields().len() > 1 {
            return refuse("Id takes nothing else".to_owned());
        }
        names.functions.insert(field.key.to_string(), id.clone());
        return Ok(None);
    }
    let (code, location) = code(field)?;
    if code.is_none() && location.is_none() {
        return refuse("InlineCode or CodeUri must say what it does".to_owned());
    }
    let Some(wanted) = config.truthy("DataSource") else { return refuse("it needs a DataSource".to_owned()) };
    let data = match wanted.text() {
        None => wanted.clone(),
        Some(text) if text.eq_ignore_ascii_case("none") => {
            names.none = true;
            at.get_att(&format!("{}NoneDataSource", source.id), "Name")
        }
        Some(text) => match names.data_sources.get(text) {
            Some(name) => name.clone(),
            None => return refuse(format!("there is no data source {text}")),
        },
    };
    let id = format!("{}{}", source.id, field.key);
    let made = of(id.clone(), "AWS::AppSync::FunctionConfiguration")
        .with("Name", config.truthy("Name").cloned().unwrap_or_else(|| at.text(&*field.key)))
        .with("DataSourceName", data)
        .with("Runtime", runtime(field)?)
        .with_some("Code", code)
        .with_some("CodeS3Location", location)
        .with_some("SyncConfig", config.truthy("Sync").cloned())
        .with_all(config, &["Description", "MaxBatchSize"]);
    names.functions.insert(field.key.to_string(), at.get_att(&id, "FunctionId"));
    Ok(Some(made))
}

fn resolver(
    source: &Source,
    ty: &str,
    field: &Field,
    of: &dyn Fn(String, &'static str) -> Made,
    names: &Names,
) -> Outcome<Made> {
    let at = source.at;
    let config = &field.value;
    let refuse = |message: String| Err(Refusal::new(field.key_span, format!("the resolver {}: {message}", field.key)));
    let (code, location) = code(field)?;
    let (code, runtime) = if code.is_none() && location.is_none() {
        let runtime = at.map(PIPELINE_RUNTIME.map(|(key, text)| (key, at.text(text))));
        (Some(at.text(PIPELINE_CODE)), runtime)
    } else {
        (code, runtime(field)?)
    };
    let Some(pipeline) = config.truthy("Pipeline") else {
        return refuse("it needs a Pipeline; others are AWS::AppSync::Resolver".to_owned());
    };
    let mut functions = Vec::new();
    for name in pipeline.as_list() {
        match name.as_str().and_then(|name| names.functions.get(name)) {
            Some(id) => functions.push(id.clone()),
            None => return refuse(format!("there is no function {}", name.text().unwrap_or_default())),
        }
    }
    let mut made = of(format!("{}{ty}{}", source.id, field.key), "AWS::AppSync::Resolver")
        .with("TypeName", at.text(ty))
        .with("FieldName", config.truthy("FieldName").cloned().unwrap_or_else(|| at.text(&*field.key)))
        .with("Kind", at.text("PIPELINE"))
        .with("PipelineConfig", at.map([("Functions", at.list(functions))]))
        .with("Runtime", runtime)
        .with_some("Code", code)
        .with_some("CodeS3Location", location)
        .with_some("CachingConfig", config.truthy("Caching").cloned())
        .with_some("MaxBatchSize", config.truthy("MaxBatchSize").cloned());
    made.depends_on = Some(at.texts([format!("{}Schema", source.id).as_str()]));
    Ok(made)
}

/// The code of a function or resolver, or where it is.
fn code(field: &Field) -> Outcome<(Option<Tree>, Option<Tree>)> {
    let (inline, uri) = (field.value.truthy("InlineCode").cloned(), field.value.truthy("CodeUri").cloned());
    if inline.is_some() && uri.is_some() {
        let message = format!("{}: InlineCode and CodeUri cannot be set together", field.key);
        return Err(Refusal::new(field.key_span, message));
    }
    Ok((inline, uri))
}

fn runtime(field: &Field) -> Outcome<Tree> {
    let at = At(field.key_span);
    let Some(runtime) = field.value.truthy("Runtime") else {
        return Err(Refusal::new(field.key_span, format!("{} needs a Runtime", field.key)));
    };
    let mut made = at.empty();
    made.set_some("Name", runtime.get("Name").cloned());
    made.set_some("RuntimeVersion", runtime.get("Version").cloned());
    Ok(made)
}
