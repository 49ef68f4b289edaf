//! APIs that nobody wrote: those of events that name none, and the definitions of APIs that have none.

use std::collections::BTreeMap;

use crate::swagger::{self, any_method};
use crate::tree::{At, Field, Tree};
use crate::{Outcome, PREFIX, Refusal, Transform, open_api};

/// What tells the two kinds of APIs apart.
struct Family {
    /// The type of the API and of the events.
    name: &'static str,
    /// The property of an event that names its API.
    id_property: &'static str,
    /// The logical id of the API that is made.
    implicit_id: &'static str,
}

const REST: Family = Family { name: "Api", id_property: "RestApiId", implicit_id: "ServerlessRestApi" };
const HTTP: Family = Family { name: "HttpApi", id_property: "ApiId", implicit_id: "ServerlessHttpApi" };

/// The conditions, by path and method, under which the routes of an API exist.
type Routes = BTreeMap<String, BTreeMap<String, Option<String>>>;

/// What the routes of the events ask for.
#[derive(Default)]
struct Collected {
    routes: BTreeMap<String, Routes>,
    deletion: Vec<String>,
    replacement: Vec<String>,
}

impl Transform<'_> {
    /// Gives each API without a definition an empty one, which events fill.
    pub(crate) fn add_default_bodies(&mut self) -> Outcome<()> {
        for at in 0..self.resources.len() {
            let body = match self.sam_type(at) {
                Some("Api") => swagger::skeleton as fn(At) -> Tree,
                Some("HttpApi") => open_api::skeleton,
                _ => continue,
            };
            let Field { key_span, value, .. } = &mut self.resources[at];
            let place = At(*key_span);
            if value.get("Properties").is_none() {
                value.set("Properties", place.empty());
            }
            let Some(properties) = value.get_mut("Properties") else { continue };
            if properties.truthy("DefinitionBody").is_some() || properties.truthy("DefinitionUri").is_some() {
                continue;
            }
            properties.set("DefinitionBody", body(place));
            properties.set("__MANAGE_SWAGGER", place.bool(true));
        }
        Ok(())
    }

    pub(crate) fn add_implicit_rest_api(&mut self) -> Outcome<()> {
        self.add_implicit_api(&REST)
    }

    pub(crate) fn add_implicit_http_api(&mut self) -> Outcome<()> {
        self.add_implicit_api(&HTTP)
    }

    fn add_implicit_api(&mut self, family: &Family) -> Outcome<()> {
        let mut collected = Collected::default();
        // The first event without an API is what the implicit one is made for.
        let mut made_at = None;
        for at in 0..self.resources.len() {
            if !matches!(self.sam_type(at), Some("Function" | "StateMachine")) {
                continue;
            }
            let names = event_names(&self.resources[at].value, family.name);
            for name in names {
                if let Err(refusal) = self.add_route(at, &name, family, &mut collected, &mut made_at) {
                    self.refuse(refusal);
                }
            }
        }
        self.condition_routes(family, &collected);
        self.finish_implicit(family, &collected);
        Ok(())
    }

    /// Adds the route of an event to its API.
    fn add_route(
        &mut self,
        at: usize,
        name: &str,
        family: &Family,
        collected: &mut Collected,
        made_at: &mut Option<At>,
    ) -> Outcome<()> {
        let resource = self.resources[at].value.clone();
        let text = |key: &str| resource.get(key).and_then(Tree::as_str).map(str::to_owned);
        let (condition, deletion, replacement) =
            (text("Condition"), text("DeletionPolicy"), text("UpdateReplacePolicy"));
        let tags = self.tags_for_implicit(&resource);
        let event = event_mut(&mut self.resources[at].value, name);
        let Some(event) = event else { return Ok(()) };
        let place = At(event.span);
        match event.get("Properties") {
            Some(properties) if !properties.is_map() => {
                return Err(Refusal::new(properties.span, format!("the properties of the event {name} must be a map")));
            }
            Some(properties) if !properties.fields().is_empty() => {}
            // A REST API needs a path and a method; the route of an HTTP API without them is the default one.
            _ if family.name == "Api" => return Ok(()),
            _ => event.set("Properties", place.empty()),
        }
        let Some(properties) = event.get_mut("Properties") else { return Ok(()) };
        let implicit = !properties.has(family.id_property);
        if implicit {
            properties.set(family.id_property, place.reference(family.implicit_id));
        }
        if family.name == "HttpApi" && properties.truthy("Path").is_none() && properties.truthy("Method").is_none() {
            properties.set("Path", place.text("$default"));
            properties.set("Method", place.text(swagger::ANY_METHOD));
        }
        let properties = properties.clone();
        if implicit {
            made_at.get_or_insert(place);
            self.ensure_implicit(family, place);
            if let (Some(tags), Some(api)) = (tags, self.find_mut(family.implicit_id)) {
                add_tags(api, &tags);
            }
        }
        let api = properties.get(family.id_property).map(|id| id.as_ref_name().or(id.as_str()).map(str::to_owned));
        let route = Route::read(name, &properties)?;
        let Some(Some(api)) = api else {
            return Err(Refusal::new(
                properties.span,
                format!("{} of the event {name} must refer to an API", family.id_property),
            ));
        };
        let routes = collected.routes.entry(api.clone()).or_default();
        routes.entry(route.path.clone()).or_default().insert(route.method.clone(), condition.clone());
        if api == family.implicit_id {
            collected.deletion.extend(deletion);
            collected.replacement.extend(replacement);
        }
        self.add_to_definition(family, &api, name, &route, &properties, condition.as_deref())
    }

    fn tags_for_implicit(&self, resource: &Tree) -> Option<Tree> {
        let name = resource.get("Type")?.as_str()?.strip_prefix(PREFIX)?;
        let from = |key: &str| {
            resource
                .at(&["Properties", key])
                .or_else(|| self.root.at(&["Globals", name, key]))
                .filter(|found| found.is_truthy())
        };
        from("PropagateTags")?;
        from("Tags").cloned()
    }

    fn ensure_implicit(&mut self, family: &Family, place: At) {
        let managed = |api: &Tree| api.at(&["Properties", "__MANAGE_SWAGGER"]).is_some();
        if self.find(family.implicit_id).is_some_and(managed) {
            return;
        }
        let mut properties = place.map([
            ("DefinitionBody", if family.name == "Api" { swagger::skeleton(place) } else { open_api::skeleton(place) }),
            ("__MANAGE_SWAGGER", place.bool(true)),
        ]);
        if family.name == "Api" {
            properties.set("StageName", place.text("Prod"));
        }
        let body = place.map([("Type", place.text(format!("{PREFIX}{}", family.name))), ("Properties", properties)]);
        match self.find_mut(family.implicit_id) {
            Some(there) => *there = body,
            None => {
                self.add_resource(Field { key: family.implicit_id.into(), key_span: place.0, value: body });
            }
        }
    }

    fn add_to_definition(
        &mut self,
        family: &Family,
        api: &str,
        event: &str,
        route: &Route,
        properties: &Tree,
        condition: Option<&str>,
    ) -> Outcome<()> {
        let wanted = format!("{PREFIX}{}", family.name);
        let found = self.find_mut(api).filter(|found| {
            let ty = found.get("Type").and_then(Tree::as_str);
            family.name == "HttpApi" || ty != Some("AWS::Serverless::HttpApi")
        });
        let Some(resource) = found else {
            let message =
                format!("{} of the event {event} must refer to a resource of type {wanted}", family.id_property);
            return Err(Refusal::new(properties.span, message));
        };
        let place = At(properties.span);
        let Some(api_properties) = resource.get_mut("Properties") else { return Ok(()) };
        if api_properties.get("__MANAGE_SWAGGER").is_some()
            && let Some(body) = api_properties.get_mut("DefinitionBody")
        {
            swagger::add_path(body, &route.path, &route.method, place)?;
        }
        if let Some(settings) = properties.get("RouteSettings").filter(|_| family.name == "HttpApi") {
            add_route_settings(api_properties, route, settings, condition, place)?;
        }
        Ok(())
    }

    /// Paths all of whose routes are conditional are so themselves.
    fn condition_routes(&mut self, family: &Family, collected: &Collected) {
        for (api, routes) in &collected.routes {
            for (path, methods) in routes {
                let Some(conditions) = all_conditions(methods.values()) else { continue };
                let letters = path.replace('/', "SLASH").replace('{', "OB").replace('}', "CB");
                let name = self.combined(conditions, &format!("{api}{letters}PathCondition"));
                let managed = |api: &Tree| {
                    let ty = api.get("Type").and_then(Tree::as_str).and_then(|ty| ty.strip_prefix(PREFIX));
                    ty == Some(family.name) && api.at(&["Properties", "__MANAGE_SWAGGER"]).is_some()
                };
                let Some(resource) = self.find_mut(api).filter(|api| managed(api)) else { continue };
                let body = resource.get_mut("Properties").and_then(|found| found.get_mut("DefinitionBody"));
                if let Some(item) = body.and_then(|body| body.get_mut("paths")).and_then(|paths| paths.get_mut(path)) {
                    *item = At(item.span).when(&name, item.clone());
                }
            }
        }
    }

    /// The name of a condition that holds where one of these does.
    pub(crate) fn combined(&mut self, conditions: Vec<String>, name: &str) -> String {
        if let [only] = conditions.as_slice() {
            return only.clone();
        }
        // `Fn::Or` takes ten conditions at most.
        let place = At(self.conditions.span);
        let mut rest = conditions;
        let mut number = rest.len().saturating_sub(2) / 9;
        while rest.len() > 1 {
            let tail = rest.split_off(rest.len().min(10));
            let own = if number > 0 { format!("{name}{number}") } else { name.to_owned() };
            number = number.saturating_sub(1);
            let condition = place.any_condition(rest.iter().map(String::as_str));
            self.add_condition(&own, condition);
            rest = tail;
            rest.push(own);
        }
        name.to_owned()
    }

    fn finish_implicit(&mut self, family: &Family, collected: &Collected) {
        let Some(routes) = collected.routes.get(family.implicit_id) else { return };
        if let Some(conditions) = all_conditions(routes.values().flat_map(BTreeMap::values)) {
            let name = self.combined(conditions, &format!("{}Condition", family.implicit_id));
            self.set_implicit(family, "Condition", &name);
        }
        let first = |found: &[String], order: &[&'static str]| {
            order.iter().find(|policy| found.iter().any(|found| found == *policy)).copied()
        };
        if let Some(policy) = first(&collected.deletion, &["Retain", "Delete"]) {
            self.set_implicit(family, "DeletionPolicy", policy);
        }
        if let Some(policy) = first(&collected.replacement, &["Retain", "Snapshot", "Delete"]) {
            self.set_implicit(family, "UpdateReplacePolicy", policy);
        }
    }

    fn set_implicit(&mut self, family: &Family, key: &str, text: &str) {
        if let Some(api) = self.find_mut(family.implicit_id) {
            let place = At(api.span);
            api.set(key, place.text(text));
        }
    }
}

/// The path and method of an event.
struct Route {
    path: String,
    method: String,
}

impl Route {
    fn read(event: &str, properties: &Tree) -> Outcome<Self> {
        let text = |key: &str| match properties.get(key).map(|found| (found, found.as_str())) {
            Some((_, Some(text))) => Ok(text.to_owned()),
            Some((found, None)) => Err(Refusal::new(found.span, format!("{key} of the event {event} must be text"))),
            None => Err(Refusal::new(properties.span, format!("the event {event} needs the property {key}"))),
        };
        Ok(Self { path: text("Path")?, method: text("Method")? })
    }
}

/// The names of the events of a type.
fn event_names(resource: &Tree, ty: &str) -> Vec<String> {
    let events = resource.at(&["Properties", "Events"]).map_or(&[][..], Tree::fields);
    let of_type = |field: &&Field| field.value.get("Type").and_then(Tree::as_str) == Some(ty);
    events.iter().filter(of_type).map(|field| field.key.to_string()).collect()
}

fn event_mut<'r>(resource: &'r mut Tree, name: &str) -> Option<&'r mut Tree> {
    resource.get_mut("Properties")?.get_mut("Events")?.get_mut(name)
}

fn add_tags(api: &mut Tree, tags: &Tree) {
    let Some(properties) = api.get_mut("Properties") else { return };
    let place = At(properties.span);
    properties.set("PropagateTags", place.bool(true));
    if let Some(there) = properties.map_at("Tags") {
        for field in tags.fields() {
            there.set(&field.key, field.value.clone());
        }
    }
}

fn add_route_settings(
    api: &mut Tree,
    route: &Route,
    settings: &Tree,
    condition: Option<&str>,
    place: At,
) -> Outcome<()> {
    if !settings.is_map() {
        return Err(Refusal::new(settings.span, "RouteSettings must be a map"));
    }
    let method = route.method.to_uppercase();
    let any =
        any_method(&route.method) == swagger::ANY_METHOD && route.method.eq_ignore_ascii_case(swagger::ANY_METHOD);
    let key = if any { route.path.clone() } else { format!("{method} {}", route.path) };
    let Some(all) = api.map_at("RouteSettings") else { return Ok(()) };
    if !all.is_map() {
        return Err(Refusal::new(all.span, "RouteSettings must be a map"));
    }
    let settings = match condition {
        Some(condition) => place.when(condition, settings.clone()),
        None => settings.clone(),
    };
    if let Some(own) = all.map_at(&key) {
        for field in settings.fields() {
            own.set(&field.key, field.value.clone());
        }
    }
    Ok(())
}

/// The conditions of all routes, each once and sorted; none where one has no condition, or there are no routes.
fn all_conditions<'c>(routes: impl Iterator<Item = &'c Option<String>>) -> Option<Vec<String>> {
    let mut conditions: Vec<String> = routes.cloned().collect::<Option<Vec<String>>>()?;
    conditions.sort();
    conditions.dedup();
    (!conditions.is_empty()).then_some(conditions)
}
