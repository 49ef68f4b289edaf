//! Changing the definition of an API, in Swagger 2 or OpenAPI 3.
//!
//! In: the definition as a tree. Out: the same with integrations, security, CORS and a resource policy, as the transform adds them
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>).

use crate::tree::{At, Kind, Tree};
use crate::{Outcome, Refusal};

/// The method that stands for all.
pub(crate) const ANY_METHOD: &str = "x-amazon-apigateway-any-method";
pub(crate) const INTEGRATION: &str = "x-amazon-apigateway-integration";
const POLICY: &str = "x-amazon-apigateway-policy";
const ENDPOINT: &str = "x-amazon-apigateway-endpoint-configuration";
/// The keys of a path that are no methods.
const NO_METHODS: [&str; 3] = ["summary", "description", "parameters"];

/// An empty definition.
pub(crate) fn skeleton(at: At) -> Tree {
    let info = at.map([("version", at.text("1.0")), ("title", at.reference("AWS::StackName"))]);
    at.map([("swagger", at.text("2.0")), ("info", info), ("paths", at.empty())])
}

/// Whether a version is one of OpenAPI 3.
pub(crate) fn is_version_3(version: &str) -> bool {
    let mut parts = version.split('.');
    parts.next() == Some("3") && {
        let rest: Vec<&str> = parts.collect();
        matches!(rest.len(), 1 | 2)
            && rest.iter().all(|part| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// Whether a definition is one that can be changed.
pub(crate) fn is_valid(body: &Tree) -> bool {
    let paths = body.get("paths").is_some_and(Tree::is_map);
    paths && (body.truthy("swagger").is_some() || body.truthy("openapi").and_then(Tree::text).is_some_and(is_version_3))
}

/// Refuses a definition that cannot be changed, or whose paths are no maps.
pub(crate) fn check(body: &Tree) -> Outcome<()> {
    if !is_valid(body) {
        return Err(Refusal::new(body.span, "this is no definition of an API in Swagger 2 or OpenAPI 3"));
    }
    for path in body.get("paths").map_or(&[][..], Tree::fields) {
        for item in contents(&path.value)? {
            if !item.is_map() {
                return Err(not_a_map(item, &format!("the path {}", path.key)));
            }
        }
    }
    Ok(())
}

fn not_a_map(tree: &Tree, what: &str) -> Refusal {
    Refusal::new(tree.span, format!("{what} must be a map in the definition of the API"))
}

/// What a conditional value may be: itself, or the branches of `Fn::If` that are not removed.
pub(crate) fn contents(tree: &Tree) -> Outcome<Vec<&Tree>> {
    let Some(argument) = tree.get("Fn::If") else { return Ok(vec![tree]) };
    match argument.items() {
        Some(items) => Ok(items.iter().skip(1).filter(|item| !item.is_no_value()).collect()),
        None => Err(Refusal::new(argument.span, "Fn::If takes a list")),
    }
}

fn each_content(tree: &mut Tree, work: &mut dyn FnMut(&mut Tree) -> Outcome<()>) -> Outcome<()> {
    if tree.get("Fn::If").is_none() {
        return work(tree);
    }
    let Some(argument) = tree.get_mut("Fn::If") else { return Ok(()) };
    let span = argument.span;
    let Some(items) = argument.items_mut() else { return Err(Refusal::new(span, "Fn::If takes a list")) };
    items.iter_mut().skip(1).filter(|item| !item.is_no_value()).try_for_each(work)
}

/// The name under which a method stands.
pub(crate) fn any_method(method: &str) -> String {
    let lower = method.to_lowercase();
    if lower == "any" { ANY_METHOD.to_owned() } else { lower }
}

/// The paths of a definition.
pub(crate) fn paths(body: &Tree) -> Vec<String> {
    body.get("paths").map_or(&[][..], Tree::fields).iter().map(|field| field.key.to_string()).collect()
}

/// Adds a method to a path.
pub(crate) fn add_path(body: &mut Tree, path: &str, method: &str, at: At) -> Outcome<()> {
    let Some(paths) = body.get_mut("paths") else { return Ok(()) };
    let method = any_method(method);
    if !paths.has(path) {
        paths.set(path, at.empty());
    }
    let Some(item) = paths.get_mut(path) else { return Ok(()) };
    if !item.is_map() {
        return Err(not_a_map(item, &format!("the path {path}")));
    }
    each_content(item, &mut |item| {
        if !item.has(&method) {
            item.set(&method, at.empty());
        }
        Ok(())
    })
}

/// Whether a method of a path is integrated with something already.
pub(crate) fn has_integration(body: &Tree, path: &str, method: &str) -> Outcome<bool> {
    let Some(item) = body.get("paths").and_then(|paths| paths.get(path)) else { return Ok(false) };
    let method = any_method(method);
    for item in contents(item)? {
        let Some(definition) = item.get(&method).filter(|found| found.is_map()) else { return Ok(false) };
        let integrated = contents(definition)?.iter().any(|found| found.truthy(INTEGRATION).is_some());
        if !integrated {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Works on the definitions of a method of a path that are integrated.
pub(crate) fn each_definition(
    body: &mut Tree,
    path: &str,
    method: &str,
    mut work: impl FnMut(&mut Tree) -> Outcome<()>,
) -> Outcome<()> {
    let method = any_method(method);
    let span = body.span;
    let missing = |what: String| Refusal::new(span, format!("the definition of the API has no {what}"));
    let Some(item) = body.get_mut("paths").and_then(|paths| paths.get_mut(path)) else {
        return Err(missing(format!("path {path}")));
    };
    each_content(item, &mut |item| {
        let Some(definition) = item.get_mut(&method) else {
            return Err(missing(format!("method {method} of the path {path}")));
        };
        each_content(definition, &mut |definition| {
            if !definition.is_map() {
                return Err(not_a_map(definition, &format!("the method {method} of {path}")));
            }
            if definition.truthy(INTEGRATION).is_some() { work(definition) } else { Ok(()) }
        })
    })
}

/// Works on all definitions of a path that are integrated.
fn each_of_path(body: &mut Tree, path: &str, mut work: impl FnMut(&str, &mut Tree) -> Outcome<()>) -> Outcome<()> {
    let Some(item) = body.get_mut("paths").and_then(|paths| paths.get_mut(path)) else { return Ok(()) };
    each_content(item, &mut |item| {
        let span = item.span;
        let Some(fields) = item.fields_mut() else {
            return Err(Refusal::new(span, format!("the path {path} must be a map in the definition of the API")));
        };
        for field in fields.iter_mut().filter(|field| !NO_METHODS.contains(&&*field.key)) {
            let method = any_method(&field.key);
            each_content(&mut field.value, &mut |definition| {
                if !definition.is_map() {
                    return Err(not_a_map(definition, &format!("the method {method} of {path}")));
                }
                if definition.truthy(INTEGRATION).is_some() { work(&method, definition) } else { Ok(()) }
            })?;
        }
        Ok(())
    })
}

/// Integrates a method with something.
pub(crate) fn integrate(
    body: &mut Tree,
    path: &str,
    method: &str,
    integration: &Tree,
    responses: &Tree,
    condition: Option<&str>,
) -> Outcome<()> {
    let at = At(integration.span);
    add_path(body, path, method, at)?;
    let method = any_method(method);
    let Some(item) = body.get_mut("paths").and_then(|paths| paths.get_mut(path)) else { return Ok(()) };
    each_content(item, &mut |item| {
        let Some(definition) = item.map_at(&method) else { return Ok(()) };
        definition.set(INTEGRATION, integration.clone());
        if !definition.has("responses") {
            definition.set("responses", responses.clone());
        }
        if let Some(condition) = condition {
            *definition = at.when(condition, definition.clone());
        }
        Ok(())
    })
}

/// Adds a method that answers preflight requests, as CORS wants it.
pub(crate) fn add_cors(body: &mut Tree, path: &str, cors: &Cors) -> Outcome<()> {
    let at = cors.at;
    let Some(item) = body.get_mut("paths").and_then(|paths| paths.get_mut(path)) else { return Ok(()) };
    each_content(item, &mut |item| {
        if item.has("options") {
            return Ok(());
        }
        let methods = match &cors.methods {
            Some(methods) => methods.clone(),
            None => at.text(format!("'{}'", allowed_methods(item))),
        };
        item.set("options", cors.options(methods));
        Ok(())
    })
}

fn allowed_methods(item: &Tree) -> String {
    let mut methods: Vec<String> = if item.has(ANY_METHOD) {
        ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].map(str::to_owned).to_vec()
    } else {
        item.fields().iter().map(|field| field.key.to_uppercase()).chain(["OPTIONS".to_owned()]).collect()
    };
    methods.sort();
    methods.dedup();
    methods.join(",")
}

/// What CORS allows.
pub(crate) struct Cors {
    pub(crate) at: At,
    pub(crate) origin: Tree,
    pub(crate) headers: Option<Tree>,
    pub(crate) methods: Option<Tree>,
    pub(crate) max_age: Option<Tree>,
    pub(crate) credentials: bool,
}

impl Cors {
    fn options(&self, methods: Tree) -> Tree {
        let at = self.at;
        let (mut parameters, mut headers) = (at.empty(), at.empty());
        let credentials = self.credentials.then(|| at.text("'true'"));
        let all = [
            ("Allow-Origin", Some(self.origin.clone()), "string"),
            ("Allow-Headers", self.headers.clone(), "string"),
            ("Allow-Methods", Some(methods), "string"),
            ("Max-Age", self.max_age.clone(), "integer"),
            ("Allow-Credentials", credentials, "string"),
        ];
        for (name, value, ty) in all {
            if let Some(value) = value {
                let name = format!("Access-Control-{name}");
                parameters.set(&format!("method.response.header.{name}"), value);
                headers.set(&name, at.map([("type", at.text(ty))]));
            }
        }
        let answer = at.map([
            ("statusCode", at.text("200")),
            ("responseParameters", parameters),
            ("responseTemplates", at.map([("application/json", at.text("{}\n"))])),
        ]);
        let integration = at.map([
            ("type", at.text("mock")),
            ("requestTemplates", at.map([("application/json", at.text("{\n  \"statusCode\" : 200\n}\n"))])),
            ("responses", at.map([("default", answer)])),
        ]);
        let response = at.map([("description", at.text("Default response for CORS method")), ("headers", headers)]);
        at.map([
            ("summary", at.text("CORS support")),
            ("consumes", at.texts(["application/json"])),
            ("produces", at.texts(["application/json"])),
            (INTEGRATION, integration),
            ("responses", at.map([("200", response)])),
        ])
    }
}

/// The security requirements of a method.
fn security(definition: &Tree, path: &str, method: &str) -> Outcome<Vec<Tree>> {
    let written = definition.fields().iter().rfind(|field| &*field.key == "security");
    let Some(found) = written.map(|field| &field.value) else { return Ok(Vec::new()) };
    let Some(items) = found.items() else {
        return Err(Refusal::new(found.span, format!("the security of the method {method} of {path} must be a list")));
    };
    match items.iter().find(|item| !item.is_map()) {
        Some(item) => {
            Err(Refusal::new(item.span, format!("the security of the method {method} of {path} is made of maps")))
        }
        None => Ok(items.to_vec()),
    }
}

/// The map of security definitions.
pub(crate) fn security_definitions(body: &mut Tree) -> Outcome<Option<&mut Tree>> {
    let found = body.map_at("securityDefinitions");
    match found {
        Some(found) if !found.is_map() => Err(Refusal::new(found.span, "securityDefinitions must be a map")),
        found => Ok(found),
    }
}

fn define_signature(body: &mut Tree, at: At) -> Outcome<()> {
    let definition = at.map([
        ("x-amazon-apigateway-authtype", at.text("awsSigv4")),
        ("type", at.text("apiKey")),
        ("name", at.text("Authorization")),
        ("in", at.text("header")),
    ]);
    define(body, "AWS_IAM", definition)
}

/// Defines the scheme of API keys.
pub(crate) fn define_api_key(body: &mut Tree, at: At) -> Outcome<()> {
    let definition = at.map([("type", at.text("apiKey")), ("name", at.text("x-api-key")), ("in", at.text("header"))]);
    define(body, "api_key", definition)
}

fn define(body: &mut Tree, name: &str, definition: Tree) -> Outcome<()> {
    if let Some(definitions) = security_definitions(body)?
        && !definitions.has(name)
    {
        definitions.set(name, definition);
    }
    Ok(())
}

/// Sets the authorizer of all methods of a path that say nothing else.
pub(crate) fn set_default_authorizer(
    body: &mut Tree,
    path: &str,
    name: &str,
    known: &[String],
    scopes: &Tree,
    preflight: bool,
) -> Outcome<()> {
    let at = At(scopes.span);
    let is_authorizer = |item: &Tree| {
        item.fields().iter().any(|field| &*field.key == "AWS_IAM" || known.iter().any(|known| **known == *field.key))
    };
    let mut signed = false;
    each_of_path(body, path, |method, definition| {
        if method == "options" && !preflight {
            return Ok(());
        }
        let (mut own, mut others): (Vec<Tree>, Vec<Tree>) =
            security(definition, path, method)?.into_iter().partition(is_authorizer);
        match others.iter().position(|item| item.has("NONE")) {
            Some(none) => {
                others.remove(none);
                own.clear();
            }
            None if own.is_empty() => own.push(at.map([(name, scopes.clone())])),
            None => {}
        }
        others.extend(own);
        if let Some(first) = others.first() {
            signed |= first.has("AWS_IAM");
            definition.set("security", at.list(others));
        }
        Ok(())
    })?;
    if signed { define_signature(body, at) } else { Ok(()) }
}

/// Requires an API key for all methods of a path that say nothing else.
pub(crate) fn set_default_api_key(body: &mut Tree, path: &str, preflight: bool, at: At) -> Outcome<()> {
    each_of_path(body, path, |method, definition| {
        let existing = security(definition, path, method)?;
        let of_key = |item: &Tree| item.has("api_key") || item.has("api_key_false");
        let (own, mut others): (Vec<Tree>, Vec<Tree>) = existing.iter().cloned().partition(of_key);
        let declined = own.iter().any(|item| item.has("api_key_false"));
        if !declined && (preflight || method != "options") {
            others.push(at.map([("api_key", at.list([]))]));
        }
        if others.len() != existing.len() || !others.iter().zip(&existing).all(|(a, b)| a.same(b)) {
            definition.set("security", at.list(others));
        }
        Ok(())
    })
}

/// Adds an authorizer to a method.
pub(crate) fn add_authorizer(body: &mut Tree, path: &str, method: &str, name: &str, scopes: Tree) -> Outcome<()> {
    let at = At(scopes.span);
    let mut signed = false;
    each_definition(body, path, method, |definition| {
        let mut items = security(definition, path, method)?;
        items.push(at.map([(name, scopes.clone())]));
        signed |= items.first().is_some_and(|first| first.has("AWS_IAM"));
        definition.set("security", at.list(items));
        Ok(())
    })?;
    if signed { define_signature(body, at) } else { Ok(()) }
}

/// Says of a method whether it needs an API key.
pub(crate) fn add_api_key(body: &mut Tree, path: &str, method: &str, needed: bool, at: At) -> Outcome<()> {
    if needed {
        define_api_key(body, at)?;
    }
    each_definition(body, path, method, |definition| {
        let mut items = security(definition, path, method)?;
        items.push(at.map([(if needed { "api_key" } else { "api_key_false" }, at.list([]))]));
        definition.set("security", at.list(items));
        Ok(())
    })
}

/// Adds what a resource policy of SAM says about a path to the policy of the API.
pub(crate) fn add_resource_policy(body: &mut Tree, policy: &Tree, path: &str, stage: &Tree) -> Outcome<()> {
    if !policy.is_map() {
        return Err(Refusal::new(policy.span, "ResourcePolicy must be a map"));
    }
    let at = At(policy.span);
    let resources = method_arns(body, path, stage, at)?;
    let mut statements = Vec::new();
    for (key, effect) in [("AwsAccountWhitelist", "Allow"), ("AwsAccountBlacklist", "Deny")] {
        if let Some(accounts) = policy.truthy(key) {
            if !accounts.is_map() && !accounts.is_list() {
                return Err(Refusal::new(accounts.span, format!("{key} must be a list")));
            }
            let principal = at.map([("AWS", at.list(accounts.as_list().to_vec()))]);
            statements.push((statement(at, effect, &resources, principal), false));
        }
    }
    for (key, operator) in [("IpRangeWhitelist", "NotIpAddress"), ("IpRangeBlacklist", "IpAddress")] {
        if let Some(ranges) = policy.truthy(key) {
            let condition = at.map([("aws:SourceIp", at.list(ranges.as_list().to_vec()))]);
            add_pair(&mut statements, at, &resources, operator, condition);
        }
    }
    for (kind, operator) in [("Blacklist", "StringEquals"), ("Whitelist", "StringNotEquals")] {
        let condition = vpc_condition(policy, kind, at)?;
        if !condition.fields().is_empty() {
            add_pair(&mut statements, at, &resources, operator, condition);
        }
    }
    add_statements(body, statements, false, at);
    Ok(())
}

/// The endpoints that a policy allows or denies, by what they are.
fn vpc_condition(policy: &Tree, kind: &str, at: At) -> Outcome<Tree> {
    let mut condition = at.empty();
    let mut add = |key: &str, items: Vec<Tree>| {
        if items.is_empty() {
            return;
        }
        let mut all = condition.get(key).and_then(Tree::items).unwrap_or_default().to_vec();
        all.extend(items);
        condition.set(key, at.list(all));
    };
    if let Some(endpoints) = policy.get(&format!("SourceVpc{kind}")) {
        let texts: Option<Vec<&str>> = endpoints.items().and_then(|items| items.iter().map(Tree::as_str).collect());
        let Some(texts) = texts else {
            let message = format!("SourceVpc{kind} must be a list of texts");
            let help = format!("use IntrinsicVpc{kind} for values that functions give");
            return Err(Refusal::new(endpoints.span, message).with_help(help));
        };
        for (key, start) in [("aws:SourceVpc", "vpc-"), ("aws:SourceVpce", "vpce-")] {
            add(key, texts.iter().filter(|text| text.starts_with(start)).map(|text| at.text(*text)).collect());
        }
    }
    for (key, name) in [("aws:SourceVpc", "IntrinsicVpc"), ("aws:SourceVpce", "IntrinsicVpce")] {
        if let Some(items) = policy.get(&format!("{name}{kind}")) {
            add(key, items.as_list().to_vec());
        }
    }
    Ok(condition)
}

fn statement(at: At, effect: &str, resources: &Tree, principal: Tree) -> Tree {
    at.map([
        ("Effect", at.text(effect)),
        ("Action", at.text("execute-api:Invoke")),
        ("Resource", resources.clone()),
        ("Principal", principal),
    ])
}

/// Allows everyone, and denies those for whom a condition holds.
fn add_pair(statements: &mut Vec<(Tree, bool)>, at: At, resources: &Tree, operator: &str, condition: Tree) {
    let mut deny = statement(at, "Deny", resources, at.text("*"));
    deny.set("Condition", at.map([(operator, condition)]));
    statements.push((statement(at, "Allow", resources, at.text("*")), true));
    statements.push((deny, true));
}

/// Adds statements to the policy; those marked so only where they are not there yet. `listed` says that they are written as a
/// list.
fn add_statements(body: &mut Tree, new: Vec<(Tree, bool)>, listed: bool, at: At) {
    let Some(policy) = body.map_at(POLICY) else { return };
    let mut all = policy.get("Statement").map(|there| there.as_list().to_vec()).unwrap_or_default();
    if new.is_empty() {
        return;
    }
    // What is written as one statement, or made for a list of accounts, is no list as long as it stands alone.
    let single = all.is_empty() && new.len() == 1 && !listed;
    for (statement, once) in new {
        if !once || !all.iter().any(|there| there.same(&statement)) {
            all.push(statement);
        }
    }
    policy.set("Version", at.text("2012-10-17"));
    let alone = if single { all.pop() } else { None };
    policy.set("Statement", alone.unwrap_or_else(|| at.list(all)));
}

/// Adds statements as they are written.
pub(crate) fn add_custom_statements(body: &mut Tree, statements: &Tree) {
    let new = statements.as_list().iter().map(|statement| (statement.clone(), true)).collect();
    add_statements(body, new, statements.is_list(), At(statements.span));
}

/// The ARNs of the methods of a path, as resources of a policy.
fn method_arns(body: &Tree, path: &str, stage: &Tree, at: At) -> Outcome<Tree> {
    let Some(item) = body.get("paths").and_then(|paths| paths.get(path)) else { return Ok(at.list([])) };
    let mut arns = Vec::new();
    for item in contents(item)? {
        for field in item.fields() {
            let method = any_method(&field.key);
            let method = if method == ANY_METHOD { "*".to_owned() } else { method.to_uppercase() };
            let text = format!("execute-api:/${{__Stage__}}/{method}{}", wildcard_path(path, true));
            arns.push(at.sub_with(text, [("__Stage__", stage.clone())]));
        }
    }
    Ok(at.list(arns))
}

/// A path with `*` for each of its parameters; a greedy one (`{proxy+}`) counts as one where `greedy`.
pub(crate) fn wildcard_path(path: &str, greedy: bool) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|length| open + length) else { break };
        let name = &rest[open + 1..close];
        let plain = name.strip_suffix('+').filter(|stem| greedy || *stem == "proxy").unwrap_or(name);
        let fits = !plain.is_empty()
            && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        out.push_str(&rest[..open]);
        out.push_str(if fits { "*" } else { &rest[open..=close] });
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out
}

/// Switches the default endpoint of the API on or off.
pub(crate) fn disable_endpoint(body: &mut Tree, disabled: &Tree) -> Outcome<()> {
    let version_3 = body.get("openapi").and_then(Tree::text).is_some_and(is_version_3);
    if !version_3 {
        return set_endpoint(body, disabled);
    }
    let at = At(disabled.span);
    if body.get("servers").is_none() {
        body.set("servers", at.list([at.empty()]));
    }
    let servers = body.get_mut("servers").and_then(Tree::items_mut);
    servers.into_iter().flatten().try_for_each(|server| set_endpoint(server, disabled))
}

pub(crate) fn set_endpoint(holder: &mut Tree, disabled: &Tree) -> Outcome<()> {
    if !holder.is_map() {
        return Err(Refusal::new(holder.span, "the servers of the API are maps"));
    }
    let Some(configuration) = holder.map_at(ENDPOINT) else { return Ok(()) };
    if !configuration.is_map() {
        return Err(Refusal::new(configuration.span, format!("{ENDPOINT} must be a map")));
    }
    configuration.set("disableExecuteApiEndpoint", disabled.clone());
    Ok(())
}

/// Brings what Swagger 2 writes into the form of OpenAPI 3, where the definition is of that version.
pub(crate) fn to_version_3(body: &mut Tree, asked: Option<&str>) -> Outcome<()> {
    if body.get("swagger").is_some() {
        return Ok(());
    }
    let version = body.get("openapi").and_then(Tree::text).or(asked).map(str::to_owned);
    if !version.is_some_and(|version| is_version_3(&version)) {
        return Ok(());
    }
    for (from, to) in [("securityDefinitions", "securitySchemes"), ("definitions", "schemas")] {
        if body.truthy(from).is_some()
            && let Some(moved) = body.remove(from)
            && let Some(components) = body.map_at("components")
        {
            components.set(to, moved);
        }
    }
    let Some(paths) = body.get_mut("paths") else { return Ok(()) };
    if !paths.is_map() {
        return Err(not_a_map(paths, "`paths`"));
    }
    for field in paths.fields_mut().into_iter().flatten() {
        if !field.value.is_map() {
            return Err(not_a_map(&field.value, &format!("the path {}", field.key)));
        }
        if let Some(options) = field.value.get_mut("options") {
            options_to_version_3(options, &field.key)?;
        }
    }
    Ok(())
}

fn options_to_version_3(options: &mut Tree, path: &str) -> Outcome<()> {
    if !options.is_map() {
        return Err(not_a_map(options, &format!("the method options of {path}")));
    }
    options.remove("produces");
    options.remove("consumes");
    let Some(responses) = options.get_mut("responses") else { return Ok(()) };
    if !responses.is_map() {
        return Err(not_a_map(responses, &format!("the responses of the method options of {path}")));
    }
    let Some(response) = responses.get_mut("200") else { return Ok(()) };
    if !response.is_map() {
        return Err(not_a_map(response, &format!("the response 200 of the method options of {path}")));
    }
    let Some(headers) = response.get_mut("headers") else { return Ok(()) };
    let Kind::Map(fields) = &mut headers.kind else {
        return Err(not_a_map(headers, &format!("the headers of the method options of {path}")));
    };
    for field in fields {
        field.value = At(field.value.span).map([("schema", field.value.clone())]);
    }
    Ok(())
}
