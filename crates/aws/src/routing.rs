//! Where the route tables of a network lead.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>: a subnet has the table that it is associated with,
//! or else the main table of its VPC, which leads nowhere but into the VPC unless routes are added.

use terravet_graph::{Truth, Value};

use terravet_model::{Fact, FactContext, FactDef, Subject};
use terravet_schema::{AttributeType, Need, NeedType};

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[FactDef {
    name: "routed_to_internet",
    needs: &[
        Need::of("associations", NeedType::Subjects("aws.vpc.route_association")),
        Need::of("as_default", NeedType::Subjects("aws.vpc.default_subnet")),
        Need::of("vpcs", NeedType::Subjects("aws.vpc.vpc")),
    ],
    arguments: &[],
    result: AttributeType::Bool,
    doc: "the route table of the subnet sends all traffic to an internet gateway, so that public addresses in it are reachable",
    run: routed_to_internet,
}];

fn routed_to_internet(context: FactContext<'_>) -> Fact {
    let (associations, complete) = context.subjects("associations");
    if !associations.is_empty() {
        return of_tables(&context, tables_of(&context, &associations, "aws.vpc.route_association"));
    }
    if !complete {
        return Fact::truth(Truth::Unknown, vec![]);
    }
    if !context.subjects("as_default").0.is_empty() {
        // The main table of a default VPC has a route to its internet gateway from the start.
        return Fact::truth(Truth::True, vec![]);
    }
    let (vpcs, _) = context.subjects("vpcs");
    let Some(kind) = context.view.model.schema.kind("aws.vpc.vpc") else {
        return Fact::truth(Truth::Unknown, vec![]);
    };
    let Some(vpc) = vpcs.first() else { return Fact::truth(Truth::Unknown, vec![context.value("vpcs")]) };
    let vpc = context.of(vpc, kind);
    let (main, main_complete) = vpc.subjects("main_associations");
    let (mut tables, mut complete) = tables_of(&context, &main, "aws.vpc.main_association");
    let (own, own_complete) = vpc.subjects("default_tables");
    tables.extend(own);
    complete &= main_complete && own_complete;
    of_tables(&context, (tables, complete))
}

/// The tables of associations, and whether these are all.
fn tables_of(context: &FactContext<'_>, associations: &[Subject], kind: &str) -> (Vec<Subject>, bool) {
    let Some(kind) = context.view.model.schema.kind(kind) else { return (Vec::new(), false) };
    let (mut tables, mut complete) = (Vec::new(), true);
    for association in associations {
        let (found, all) = context.of(association, kind).subjects("tables");
        // A table that is named but not declared here may lead anywhere.
        complete &= all && !found.is_empty();
        tables.extend(found);
    }
    (tables, complete)
}

fn of_tables(context: &FactContext<'_>, (tables, complete): (Vec<Subject>, bool)) -> Fact {
    let schema = context.view.model.schema;
    let (Some(table_kind), Some(route_kind)) = (schema.kind("aws.vpc.route_table"), schema.kind("aws.vpc.route"))
    else {
        return Fact::truth(Truth::Unknown, vec![]);
    };
    let (mut truth, mut evidence) = (if complete { Truth::False } else { Truth::Unknown }, Vec::new());
    for table in &tables {
        let (routes, all) = context.of(table, table_kind).subjects("routes");
        if !all {
            truth = truth.or(Truth::Unknown);
        }
        for route in &routes {
            let route = context.of(route, route_kind);
            let (leads, destination) = leads_out(&route);
            if leads.is_true() {
                evidence.push(destination);
            }
            truth = truth.or(leads);
        }
    }
    Fact::truth(truth, evidence)
}

/// Whether a route sends everything to an internet gateway, with its destination.
fn leads_out(route: &FactContext<'_>) -> (Truth, Value) {
    let destinations = route.value("destinations");
    let mut everything = Truth::False;
    for destination in destinations.elements() {
        everything = everything.or(match destination.as_str() {
            Some(text) => text.ends_with("/0").into(),
            None if destination.is_unknown() => Truth::Unknown,
            None => Truth::False,
        });
    }
    let (gateways, complete) = route.subjects("gateways");
    let gateway = route.value("gateway");
    let internet = match gateway.as_str() {
        _ if !gateways.is_empty() => Truth::True,
        Some(text) => text.starts_with("igw-").into(),
        None if gateway.is_unset() => Truth::False,
        None => Truth::from(!complete).and(Truth::Unknown),
    };
    (everything.and(internet), destinations)
}
