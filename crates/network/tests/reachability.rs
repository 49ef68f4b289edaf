//! Who can open connections to whom, asked of small configurations in both languages: what the project's oracle leaves out,
//! input that is meant to do harm, and the cost of large networks.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use terravet_graph::Graph;
use terravet_network::{Answer, Question, Reach, Sender, Traffic, Verdict, topology};
use terravet_source::{Memory, Sources};

fn sources(name: &str, text: &str) -> Arc<Sources> {
    Arc::new(Sources::new(Arc::new(Memory::new([(name, text)]))))
}

fn terraform(text: &str) -> Graph {
    let loader = terravet_terraform::Loader::new(sources("main.tf", text), terravet_terraform::Options::default());
    loader.load(Path::new(".")).graph
}

fn template(text: &str) -> Graph {
    let options = terravet_cloudformation::Options::default();
    terravet_cloudformation::Loader::new(sources("template.yaml", text), options).load(Path::new("template.yaml")).graph
}

fn asked(graph: &Graph, from: &str, to: Option<&str>, traffic: &Traffic, transitive: bool) -> Vec<Answer> {
    let network = topology(graph);
    let subject = |address: &str| {
        let mut ids = graph.at(address).iter().filter_map(|id| network.by_resource.get(id));
        *ids.next().unwrap_or_else(|| panic!("no {address}"))
    };
    let from = if from == "internet" { Sender::Internet } else { Sender::Subject(subject(from)) };
    let question = Question { from, to: to.map(subject), traffic: traffic.clone(), transitive };
    Reach::new(&network).answers(&question)
}

/// The answers in a line each: `to verdict traffic when ... / blocked by ...`.
fn shown(answers: &[Answer]) -> Vec<String> {
    let line = |answer: &Answer| {
        let mut line = format!("{} {} {}", answer.to, answer.verdict, answer.traffic);
        if let Some(when) = &answer.when {
            write!(line, " when {when}").unwrap();
        }
        if let Some(hop) = &answer.blocked_by {
            write!(line, ", {} {}", hop.place.address, hop.what).unwrap();
        }
        line
    };
    answers.iter().map(line).collect()
}

fn ask(graph: &Graph, from: &str, to: &str, port: u16) -> Vec<String> {
    shown(&asked(graph, from, Some(to), &Traffic::tcp(port), false))
}

/// A VPC with one public subnet.
const PUBLIC: &str = r#"
resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "aws_internet_gateway" "gw" { vpc_id = aws_vpc.main.id }
resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.gw.id
  }
}
resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}
"#;

/// A security group with one rule for SSH.
fn ssh(ranges: &str) -> String {
    format!(
        r#"
resource "aws_security_group" "web" {{
  vpc_id = aws_vpc.main.id
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = {ranges}
  }}
}}
resource "aws_instance" "web" {{
  subnet_id                   = aws_subnet.public.id
  vpc_security_group_ids      = [aws_security_group.web.id]
  associate_public_ip_address = true
}}
"#
    )
}

#[test]
fn half_of_the_internet_is_anybody_and_an_office_is_not() {
    let half = terraform(&format!("{PUBLIC}{}", ssh(r#"["0.0.0.0/1"]"#)));
    assert_eq!(ask(&half, "internet", "aws_instance.web", 22), ["aws_instance.web yes tcp 22"]);
    let office = terraform(&format!("{PUBLIC}{}", ssh(r#"["52.1.2.0/24"]"#)));
    assert_eq!(
        ask(&office, "internet", "aws_instance.web", 22),
        ["aws_instance.web maybe tcp 22 when the source address is in 52.1.2.0/24"]
    );
}

#[test]
fn a_variable_range_decides() {
    let open = terraform(&format!("variable \"admins\" {{}}\n{PUBLIC}{}", ssh("[var.admins]")));
    assert_eq!(
        ask(&open, "internet", "aws_instance.web", 22),
        ["aws_instance.web maybe tcp 22 when var.admins covers the address"]
    );
}

#[test]
fn everything_that_the_internet_reaches_is_listed_with_its_ports() {
    let graph = terraform(&format!("{PUBLIC}{}", ssh(r#"["0.0.0.0/0"]"#)));
    assert_eq!(shown(&asked(&graph, "internet", None, &Traffic::all(), false)), ["aws_instance.web yes tcp 22"]);
}

#[test]
fn what_stands_between_is_told_with_its_place() {
    let graph = terraform(&format!("{PUBLIC}{}", ssh(r#"["0.0.0.0/0"]"#)));
    let answers = asked(&graph, "internet", Some("aws_instance.web"), &Traffic::tcp(22), false);
    let path: Vec<String> = answers[0].path.iter().map(|hop| format!("{}: {}", hop.place.address, hop.what)).collect();
    assert_eq!(
        path,
        [
            "aws_internet_gateway.gw: internet gateway: attached to the VPC, and the subnet routes to it",
            "aws_security_group.web: allows tcp 22 from 0.0.0.0/0",
            "aws_instance.web: EC2 instance",
        ]
    );
    assert!(answers[0].path.iter().all(|hop| hop.place.span.is_some()));
}

/// Two VPCs with an instance each, joined by a peering connection.
fn peered(accepted: &str) -> Graph {
    let side = |name: &str, net: &str, other: &str| {
        format!(
            r#"
resource "aws_vpc" "{name}" {{ cidr_block = "10.{net}.0.0/16" }}
resource "aws_subnet" "{name}" {{
  vpc_id     = aws_vpc.{name}.id
  cidr_block = "10.{net}.1.0/24"
}}
resource "aws_route_table" "{name}" {{
  vpc_id = aws_vpc.{name}.id
  route {{
    cidr_block                = "10.{other}.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.ab.id
  }}
}}
resource "aws_route_table_association" "{name}" {{
  subnet_id      = aws_subnet.{name}.id
  route_table_id = aws_route_table.{name}.id
}}
resource "aws_security_group" "{name}" {{
  vpc_id = aws_vpc.{name}.id
  ingress {{
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }}
  egress {{
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }}
}}
resource "aws_instance" "{name}" {{
  subnet_id              = aws_subnet.{name}.id
  vpc_security_group_ids = [aws_security_group.{name}.id]
}}
"#
        )
    };
    terraform(&format!(
        "{}{}resource \"aws_vpc_peering_connection\" \"ab\" {{\n  vpc_id = aws_vpc.a.id\n  peer_vpc_id = aws_vpc.b.id\n{accepted}}}\n",
        side("a", "1", "2"),
        side("b", "2", "1"),
    ))
}

#[test]
fn peering_that_nobody_accepts_leads_nowhere() {
    let accepted = peered("  auto_accept = true\n");
    assert_eq!(ask(&accepted, "aws_instance.a", "aws_instance.b", 443), ["aws_instance.b yes tcp 443"]);
    assert_eq!(
        ask(&peered(""), "aws_instance.a", "aws_instance.b", 443),
        ["aws_instance.b no tcp 443, aws_vpc_peering_connection.ab is not accepted"]
    );
    assert_eq!(
        ask(&peered("  peer_owner_id = \"111122223333\"\n"), "aws_instance.a", "aws_instance.b", 443),
        ["aws_instance.b maybe tcp 443 when aws_vpc_peering_connection.ab is accepted by its other side"]
    );
}

#[test]
fn a_gateway_endpoint_takes_the_service_and_nothing_else() {
    let endpoint = r#"
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.public.id]
}
"#;
    let graph = terraform(&format!("{PUBLIC}{}{endpoint}", ssh(r#"["0.0.0.0/0"]"#)));
    assert_eq!(shown(&asked(&graph, "internet", None, &Traffic::all(), false)), ["aws_instance.web yes tcp 22"]);
}

#[test]
fn a_route_without_a_target_drops() {
    let blackhole = r#"
resource "aws_route" "dropped" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/1"
}
resource "aws_route" "dropped_too" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "128.0.0.0/1"
}
"#;
    let graph = terraform(&format!("{PUBLIC}{}{blackhole}", ssh(r#"["0.0.0.0/0"]"#)));
    assert_eq!(
        ask(&graph, "internet", "aws_instance.web", 22),
        ["aws_instance.web no tcp 22, aws_route_table.public has no IPv4 route to an internet gateway"]
    );
}

#[test]
fn only_transitive_questions_go_on_from_machines() {
    let data = r#"
resource "aws_security_group" "db" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [aws_security_group.web.id]
  }
}
resource "aws_vpc_security_group_egress_rule" "web" {
  security_group_id = aws_security_group.web.id
  ip_protocol       = "-1"
  cidr_ipv4         = "10.0.0.0/16"
}
resource "aws_db_subnet_group" "db" { subnet_ids = [aws_subnet.public.id] }
resource "aws_db_instance" "db" {
  engine                 = "postgres"
  db_subnet_group_name   = aws_db_subnet_group.db.name
  vpc_security_group_ids = [aws_security_group.db.id]
}
"#;
    let graph = terraform(&format!("{PUBLIC}{}{data}", ssh(r#"["0.0.0.0/0"]"#)));
    let verdict = |transitive| {
        let answers = asked(&graph, "internet", Some("aws_db_instance.db"), &Traffic::tcp(5432), transitive);
        answers.iter().map(|answer| answer.verdict).max().unwrap()
    };
    assert_eq!(verdict(false), Verdict::No);
    assert_eq!(verdict(true), Verdict::Yes);
}

#[test]
fn a_choice_that_opens_either_way_is_no_doubt() {
    let graph = template(
        r"
Parameters:
  Stage: { Type: String, AllowedValues: [dev, prod] }
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
Resources:
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: 10.0.0.0/16 } }
  Gateway: { Type: 'AWS::EC2::InternetGateway' }
  Attached: { Type: 'AWS::EC2::VPCGatewayAttachment', Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway } }
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, MapPublicIpOnLaunch: true } }
  Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: !Ref Vpc } }
  Route: { Type: 'AWS::EC2::Route', Properties: { RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway } }
  Has: { Type: 'AWS::EC2::SubnetRouteTableAssociation', Properties: { SubnetId: !Ref Subnet, RouteTableId: !Ref Table } }
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - { IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !If [IsDev, 0.0.0.0/0, 0.0.0.0/1] }
        - { IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: !If [IsDev, 0.0.0.0/0, 10.0.0.0/8] }
  Web:
    Type: AWS::EC2::Instance
    Properties: { SubnetId: !Ref Subnet, SecurityGroupIds: [!GetAtt Group.GroupId] }
",
    );
    assert_eq!(ask(&graph, "internet", "Web", 22), ["Web yes tcp 22"]);
    assert_eq!(ask(&graph, "internet", "Web", 80), [r#"Web maybe tcp 80 when Stage is "dev""#]);
    assert_eq!(
        ask(&graph, "internet", "Web", 81),
        ["Web no tcp 81, Group no ingress rule allows tcp 81 from the internet (IPv4)"]
    );
}

#[test]
fn cloudfront_passes_where_only_its_addresses_may() {
    let front = r#"
data "aws_ec2_managed_prefix_list" "cloudfront" { name = "com.amazonaws.global.cloudfront.origin-facing" }
resource "aws_security_group" "lb" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    prefix_list_ids = [data.aws_ec2_managed_prefix_list.cloudfront.id]
  }
}
resource "aws_lb" "lb" {
  subnets         = [aws_subnet.public.id]
  security_groups = [aws_security_group.lb.id]
}
resource "aws_lb_target_group" "app" {
  port   = 8080
  vpc_id = aws_vpc.main.id
}
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.lb.arn
  port              = 443
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}
"#;
    let distribution = r#"
resource "aws_cloudfront_distribution" "cdn" {
  origin {
    origin_id   = "lb"
    domain_name = aws_lb.lb.dns_name
    custom_origin_config {
      http_port  = 80
      https_port = 443
    }
  }
}
"#;
    let alone = terraform(&format!("{PUBLIC}{front}"));
    assert_eq!(
        ask(&alone, "internet", "aws_lb.lb", 443)[0],
        "aws_lb.lb no tcp 443, aws_security_group.lb no ingress rule allows tcp 443 from the internet (IPv4)"
    );
    let behind = terraform(&format!("{PUBLIC}{front}{distribution}"));
    assert_eq!(ask(&behind, "internet", "aws_lb.lb", 443), ["aws_lb.lb yes tcp 443"]);
}

#[test]
fn circles_end() {
    // Two groups that refer to each other, two target groups whose balancers are each other's targets, a route to an
    // interface for everything, ranges that overlap.
    let circle = r#"
resource "aws_security_group" "a" { vpc_id = aws_vpc.main.id }
resource "aws_security_group" "b" { vpc_id = aws_vpc.main.id }
resource "aws_security_group_rule" "ab" {
  type                     = "ingress"
  security_group_id        = aws_security_group.a.id
  source_security_group_id = aws_security_group.b.id
  protocol                 = "-1"
  from_port                = 0
  to_port                  = 0
}
resource "aws_security_group_rule" "ba" {
  type                     = "ingress"
  security_group_id        = aws_security_group.b.id
  source_security_group_id = aws_security_group.a.id
  protocol                 = "-1"
  from_port                = 0
  to_port                  = 0
}
resource "aws_subnet" "same" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/16"
}
resource "aws_network_interface" "all" {
  subnet_id       = aws_subnet.same.id
  security_groups = [aws_security_group.a.id, aws_security_group.b.id]
}
resource "aws_route_table" "loop" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block           = "0.0.0.0/0"
    network_interface_id = aws_network_interface.all.id
  }
}
resource "aws_route_table_association" "loop" {
  subnet_id      = aws_subnet.same.id
  route_table_id = aws_route_table.loop.id
}
resource "aws_lb" "one" {
  load_balancer_type = "network"
  subnets            = [aws_subnet.public.id]
}
resource "aws_lb" "two" {
  subnets         = [aws_subnet.same.id]
  security_groups = [aws_security_group.a.id]
}
resource "aws_lb_target_group" "one" {
  target_type = "alb"
  port        = 80
}
resource "aws_lb_target_group" "two" {
  target_type = "alb"
  port        = 80
}
resource "aws_lb_listener" "one" {
  load_balancer_arn = aws_lb.one.arn
  port              = 80
  default_action { target_group_arn = aws_lb_target_group.one.arn }
}
resource "aws_lb_listener" "two" {
  load_balancer_arn = aws_lb.two.arn
  port              = 80
  default_action { target_group_arn = aws_lb_target_group.two.arn }
}
resource "aws_lb_target_group_attachment" "one" {
  target_group_arn = aws_lb_target_group.one.arn
  target_id        = aws_lb.two.arn
}
resource "aws_lb_target_group_attachment" "two" {
  target_group_arn = aws_lb_target_group.two.arn
  target_id        = aws_lb.one.arn
}
"#;
    let graph = terraform(&format!("{PUBLIC}{circle}"));
    let answers = asked(&graph, "internet", None, &Traffic::all(), true);
    let reached: Vec<&str> = answers.iter().map(|answer| &*answer.to).collect();
    assert_eq!(reached, ["aws_lb.one"]);
}

/// A VPC with so many instances, groups and rules, evenly spread.
fn large(instances: usize, groups: usize, rules: usize) -> String {
    let mut text = PUBLIC.to_owned();
    for group in 0..groups {
        writeln!(text, "resource \"aws_security_group\" \"g{group}\" {{ vpc_id = aws_vpc.main.id }}").unwrap();
    }
    for rule in 0..rules {
        let (group, port) = (rule % groups, 1000 + rule % 5000);
        writeln!(
            text,
            "resource \"aws_vpc_security_group_ingress_rule\" \"r{rule}\" {{\n  security_group_id = aws_security_group.g{group}.id\n  \
             ip_protocol = \"tcp\"\n  from_port = {port}\n  to_port = {port}\n  cidr_ipv4 = \"{}.0.0.0/{}\"\n}}",
            rule % 200,
            if rule % 7 == 0 { 0 } else { 8 },
        )
        .unwrap();
    }
    for instance in 0..instances {
        let group = instance % groups;
        writeln!(
            text,
            "resource \"aws_instance\" \"i{instance}\" {{\n  subnet_id = aws_subnet.public.id\n  associate_public_ip_address = true\n  \
             vpc_security_group_ids = [aws_security_group.g{group}.id, aws_security_group.g{}.id]\n}}",
            (group + 1) % groups,
        )
        .unwrap();
    }
    text
}

#[test]
fn the_cost_grows_with_interfaces_times_rules() {
    // A release build does 2,000 interfaces, 500 groups and 10,000 rules in less than a second; tests are built without
    // optimization, and so this is a tenth with ample time.
    let (instances, groups, rules) = if cfg!(debug_assertions) { (200, 50, 1_000) } else { (2_000, 500, 10_000) };
    let graph = terraform(&large(instances, groups, rules));
    let start = Instant::now();
    let answers = asked(&graph, "internet", None, &Traffic::all(), false);
    let took = start.elapsed();
    assert!(answers.len() >= instances, "{}", answers.len());
    assert!(took < Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 1 }), "{took:?}");
}
