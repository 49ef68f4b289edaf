//! The definition of an HTTP API, in OpenAPI 3.

use crate::swagger::{ANY_METHOD, INTEGRATION, any_method, contents, each_definition, is_version_3, paths};
use crate::tree::{At, Tree};
use crate::{Outcome, Refusal};

/// The path of the default route.
pub(crate) const DEFAULT_PATH: &str = "$default";

/// An empty definition.
pub(crate) fn skeleton(at: At) -> Tree {
    let info = at.map([("version", at.text("1.0")), ("title", at.reference("AWS::StackName"))]);
    at.map([("openapi", at.text("3.0.1")), ("info", info), ("paths", at.empty())])
}

/// Whether a definition is one that can be changed.
pub(crate) fn is_valid(body: &Tree) -> bool {
    body.get("paths").is_some_and(Tree::is_map) && body.truthy("openapi").and_then(Tree::text).is_some_and(is_version_3)
}

/// Refuses a definition that cannot be changed.
pub(crate) fn check(body: &Tree) -> Outcome<()> {
    if !is_valid(body) {
        let message = "this is no definition of an API in OpenAPI 3: it needs `openapi` and `paths`";
        return Err(Refusal::new(body.span, message));
    }
    Ok(())
}

/// The lambda function that a method is integrated with, by its logical id.
pub(crate) fn integrated_function(body: &Tree, path: &str, method: &str) -> Option<String> {
    let method = any_method(method);
    let item = body.get("paths")?.get(path)?;
    let definition = contents(item).ok()?.into_iter().find_map(|item| item.get(&method))?;
    let uri = contents(definition).ok()?.into_iter().find_map(|found| found.get(INTEGRATION)?.get("uri"))?;
    let text = contents(uri).ok()?.into_iter().find_map(|uri| uri.get("Fn::Sub")?.as_str())?;
    let end = text.find(".Arn")?;
    let start = text[..end].rfind(|character: char| !character.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    Some(text[start..end].to_owned())
}

/// Names the parameters of a path in the definition of a method.
pub(crate) fn add_path_parameters(body: &mut Tree, path: &str, method: &str, at: At) -> Outcome<()> {
    let names: Vec<&str> =
        path.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect();
    if names.is_empty() {
        return Ok(());
    }
    each_definition(body, path, method, |definition| {
        let mut parameters = definition.get("parameters").map(|found| found.as_list().to_vec()).unwrap_or_default();
        for name in &names {
            let there = parameters.iter_mut().find(|found| found.get("name").and_then(Tree::as_str) == Some(*name));
            match there {
                Some(there) => {
                    there.set("in", at.text("path"));
                    there.set("required", at.bool(true));
                }
                None => parameters.push(at.map([
                    ("name", at.text(*name)),
                    ("in", at.text("path")),
                    ("required", at.bool(true)),
                ])),
            }
        }
        definition.set("parameters", at.list(parameters));
        Ok(())
    })
}

/// Sets the authorizer of all methods that say nothing else.
pub(crate) fn set_default_authorizer(body: &mut Tree, name: &str, scopes: &Tree) -> Outcome<()> {
    let at = At(scopes.span);
    for path in paths(body) {
        let methods: Vec<String> = {
            let item = body.get("paths").and_then(|paths| paths.get(&path));
            let items = item.map(contents).transpose()?.unwrap_or_default();
            if let Some(item) = items.iter().find(|item| !item.is_map()) {
                return Err(Refusal::new(
                    item.span,
                    format!("the path {path} must be a map in the definition of the API"),
                ));
            }
            items.iter().flat_map(|item| item.fields()).map(|field| field.key.to_string()).collect()
        };
        for method in
            methods.iter().filter(|method| !matches!(method.to_lowercase().as_str(), "options" | "parameters"))
        {
            if any_method(method) != *method {
                let message = format!("the method {method} of {path} must be written {}", any_method(method));
                return Err(Refusal::new(body.span, message));
            }
            each_definition(body, &path, method, |definition| {
                if definition.truthy("security").is_none() {
                    definition.set("security", at.list([at.map([(name, scopes.clone())])]));
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// Adds an authorizer to a method.
pub(crate) fn add_authorizer(body: &mut Tree, path: &str, method: &str, name: &str, scopes: Tree) -> Outcome<()> {
    let at = At(scopes.span);
    each_definition(body, path, method, |definition| {
        let existing = definition.get("security");
        if let Some(found) = existing.filter(|found| !found.is_list()) {
            return Err(Refusal::new(
                found.span,
                format!("the security of the method {method} of {path} must be a list"),
            ));
        }
        let mut items = existing.and_then(Tree::items).unwrap_or_default().to_vec();
        items.push(at.map([(name, scopes.clone())]));
        definition.set("security", at.list(items));
        Ok(())
    })
}

/// Adds tags, which stand in the definition of an HTTP API.
pub(crate) fn add_tags(body: &mut Tree, tags: &Tree) -> Outcome<()> {
    const VALUE: &str = "x-amazon-apigateway-tag-value";
    let at = At(tags.span);
    let mut all = match body.truthy("tags") {
        Some(found) => found
            .items()
            .map(<[Tree]>::to_vec)
            .ok_or_else(|| Refusal::new(found.span, "`tags` of a definition must be a list"))?,
        None => Vec::new(),
    };
    for field in tags.fields() {
        match all.iter_mut().find(|tag| tag.get("name").and_then(Tree::as_str) == Some(&*field.key)) {
            Some(there) => there.set(VALUE, field.value.clone()),
            None => all.push(at.map([("name", at.text(&*field.key)), (VALUE, field.value.clone())])),
        }
    }
    body.set("tags", at.list(all));
    Ok(())
}

/// Whether a method is that of the default route.
pub(crate) fn is_default_route(path: &str, method: &str) -> bool {
    path == DEFAULT_PATH && any_method(method) == ANY_METHOD
}
