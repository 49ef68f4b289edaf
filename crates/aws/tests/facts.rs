//! Facts over hand-built resources.

#[path = "../../model/tests/support/mod.rs"]
mod support;

use support::{world, world_of_rules};
use terravet_schema::Literal;

const RULES: &str = "
rule:
  doc: A rule.
  terraform: aws_rule
  attributes:
    protocol: { doc: Protocol., type: string, terraform: protocol }
    from_port: { doc: First port., type: number, terraform: from }
    to_port: { doc: Last port., type: number, terraform: to }
    sources: { doc: Sources., type: list of string, terraform: cidrs }
    open_to_world: { type: bool, computed: open_to_world }
    all_protocols: { type: bool, computed: all_protocols }
    allows_every_port: { type: bool, computed: allows_every_port }
    allows_unlisted_port: { type: bool, computed: allows_unlisted_port }
    allows_sensitive_port: { type: bool, computed: allows_sensitive_port }
    sensitive_ports: { type: list of string, computed: sensitive_ports }
    allows_port: { type: bool, computed: allows_port }
";

fn rule(body: &str, attribute: &str) -> String {
    world(RULES, &format!("aws_rule.r: {body}")).read("rule", attribute)
}

#[test]
fn a_source_is_the_world_in_any_spelling() {
    assert_eq!(rule("{ cidrs: [10.0.0.0/8, 0.0.0.0/0] }", "open_to_world"), "true");
    assert_eq!(rule("{ cidrs: ['0:0:0:0:0:0:0:0/0'] }", "open_to_world"), "true");
    assert_eq!(rule("{ cidrs: [10.0.0.0/8] }", "open_to_world"), "false");
    assert_eq!(rule("{}", "open_to_world"), "false");
    assert_eq!(rule("{ cidrs: [10.0.0.0/8, !unknown var.more] }", "open_to_world"), "unknown (var.more has no value)");
    assert_eq!(rule("{ cidrs: [0.0.0.0/0, !unknown var.more] }", "open_to_world"), "true");
}

#[test]
fn ports_pass_by_protocol_and_range() {
    let port = |body: &str| {
        let arguments = [Literal::Text("tcp".into()), Literal::Number(22.into())];
        world(RULES, &format!("aws_rule.r: {body}")).facts("rule", "allows_port", &arguments).join("")
    };
    assert_eq!(port("{ protocol: tcp, from: 22, to: 22 }"), "true");
    assert_eq!(port("{ protocol: 6, from: 0, to: 1024 }"), "true");
    assert_eq!(port("{ protocol: '-1' }"), "true");
    assert_eq!(port("{ protocol: udp, from: 22, to: 22 }"), "false");
    assert_eq!(port("{ protocol: tcp, from: 23, to: 80 }"), "false");
    assert_eq!(port("{ protocol: icmp, from: 8, to: 0 }"), "false");
    assert_eq!(port("{ protocol: !unknown var.protocol, from: 22, to: 22 }"), "unknown (not known before apply)");
    assert_eq!(
        port("{ protocol: tcp, from: !unknown var.port, to: !unknown var.port }"),
        "unknown (var.port has no value)"
    );
}

#[test]
fn every_port_sensitive_ports_and_unlisted_ones() {
    assert_eq!(rule("{ protocol: tcp, from: 0, to: 65535 }", "allows_every_port"), "true");
    assert_eq!(rule("{ protocol: tcp, from: 2, to: 65535 }", "allows_every_port"), "false");
    assert_eq!(rule("{ protocol: all }", "all_protocols"), "true");
    assert_eq!(rule("{ protocol: tcp, from: 3300, to: 3310 }", "sensitive_ports"), "[3306]");
    assert_eq!(rule("{ protocol: tcp, from: 443, to: 443 }", "allows_unlisted_port"), "false");
    assert_eq!(rule("{ protocol: tcp, from: 443, to: 444 }", "allows_unlisted_port"), "true");
    assert_eq!(rule("{ protocol: tcp, from: 5432, to: 5432 }", "allows_unlisted_port"), "false");
}

#[test]
fn a_prefix_list_opens_to_the_world_by_its_entries() {
    let open = |entries: &str| {
        let resources = format!(
            "
aws_ec2_managed_prefix_list.l: {{ entry: {entries} }}
aws_vpc_security_group_ingress_rule.r: {{ ip_protocol: tcp, from_port: 22, to_port: 22, prefix_list_id: !ref aws_ec2_managed_prefix_list.l.id }}
"
        );
        world_of_rules(&resources).read("aws.ec2.ingress_rule", "open_to_world")
    };
    assert_eq!(open("[{ cidr: 10.0.0.0/8 }, { cidr: 0.0.0.0/0 }]"), "true");
    assert_eq!(open("[{ cidr: 10.0.0.0/8 }]"), "false");
}

#[test]
fn an_earlier_denial_of_a_network_acl_decides() {
    let allowed = |resources: &str| {
        let arguments = [Literal::Text("tcp".into()), Literal::Number(22.into())];
        world_of_rules(resources).facts("aws.vpc.network_acl_entry", "allowed_in_order", &arguments).pop().unwrap()
    };
    let acl = |deny: &str| {
        format!(
            "
aws_network_acl_rule.deny: {{ network_acl_id: acl-1, rule_action: deny, {deny} }}
aws_network_acl_rule.allow: {{ network_acl_id: acl-1, rule_number: 100, rule_action: allow, protocol: -1, cidr_block: 0.0.0.0/0 }}
"
        )
    };
    assert_eq!(
        allowed(&acl("rule_number: 90, protocol: tcp, from_port: 22, to_port: 22, cidr_block: 0.0.0.0/0")),
        "false"
    );
    assert_eq!(
        allowed(&acl("rule_number: 110, protocol: tcp, from_port: 22, to_port: 22, cidr_block: 0.0.0.0/0")),
        "true"
    );
    assert_eq!(
        allowed(&acl("rule_number: 90, protocol: tcp, from_port: 22, to_port: 22, cidr_block: 10.0.0.0/8")),
        "true"
    );
    assert_eq!(
        allowed(&acl("rule_number: 90, protocol: udp, from_port: 22, to_port: 22, cidr_block: 0.0.0.0/0")),
        "true"
    );
}

const TOPICS: &str = "
topic:
  doc: A topic.
  terraform: aws_topic
  attributes:
    key: { doc: Its key., type: string, terraform: key }
    customer_managed: { type: bool, computed: customer_managed }
";

#[test]
fn a_key_is_the_customers_unless_its_alias_is_of_aws() {
    let managed = |key: &str, others: &str| {
        let world = world(TOPICS, &format!("aws_topic.t: {{ key: {key} }}\n{others}"));
        world.facts("topic", "customer_managed", &[Literal::Text("key".into())]).join("")
    };
    assert_eq!(managed("alias/aws/sns", ""), "false");
    assert_eq!(managed("arn:aws:kms:eu-west-1:123456789012:alias/aws/sns", ""), "false");
    assert_eq!(managed("alias/mine", ""), "true");
    assert_eq!(managed("~", ""), "false");
    assert_eq!(managed("!ref aws_kms_key.k.arn", "aws_kms_key.k: {}"), "true");
    assert_eq!(managed("!ref data.aws_kms_alias.k.arn", "data.aws_kms_alias.k: { name: alias/aws/sns }"), "false");
    assert_eq!(managed("!ref data.aws_kms_key.k.arn", "data.aws_kms_key.k: { key_id: alias/mine }"), "true");
    assert_eq!(managed("!unknown var.key", ""), "unknown (var.key has no value)");
}

const USERS: &str = "
user:
  doc: A user.
  terraform: aws_user
  attributes:
    password: { doc: Its password., type: string, terraform: password }
    hardcoded: { type: bool, computed: hardcoded }
";

#[test]
fn a_password_is_hardcoded_where_it_is_text() {
    let hardcoded = |body: &str| {
        let world = world(USERS, &format!("aws_user.u: {body}"));
        world.facts("user", "hardcoded", &[Literal::Text("password".into())]).join("")
    };
    assert_eq!(hardcoded("{ password: hunter2 }"), "true");
    assert_eq!(hardcoded("{ password: '' }"), "false");
    assert_eq!(hardcoded("{}"), "false");
    assert_eq!(hardcoded("{ password: !ref random_password.p.result }"), "false");
    assert_eq!(hardcoded("{ password: !unknown var.password }"), "unknown (var.password has no value)");
}

const NOTES: &str = "
note:
  doc: A note.
  terraform: aws_note
  attributes:
    text: { doc: What it says., type: any, terraform: text }
    pattern: { doc: What it selects., type: any, terraform: pattern }
    carries_secret: { type: bool, computed: carries_secret }
    selects: { type: bool, computed: selects }
    used: { type: bool, computed: used }
";

#[test]
fn a_text_carries_the_secrets_that_it_refers_to() {
    let carries = |text: &str, others: &str| {
        let world = world(NOTES, &format!("aws_note.n: {{ text: {text} }}\n{others}"));
        world.facts("note", "carries_secret", &[Literal::Text("text".into())]).join("")
    };
    let parameter = |kind: &str| format!("aws_ssm_parameter.p: {{ type: {kind} }}");
    assert_eq!(carries("!ref aws_ssm_parameter.p.value", &parameter("SecureString")), "true");
    assert_eq!(carries("{ a: plain, b: !ref aws_ssm_parameter.p.value }", &parameter("SecureString")), "true");
    assert_eq!(carries("!ref aws_ssm_parameter.p.value", &parameter("String")), "false");
    assert_eq!(
        carries("!ref aws_ssm_parameter.p.value", &parameter("!unknown var.type")),
        "unknown (known after apply)"
    );
    assert_eq!(carries("plain", &parameter("SecureString")), "false");
}

#[test]
fn a_pattern_selects_events_in_the_language_of_log_filters_or_of_rules() {
    let selects = |pattern: &str, events: &str| {
        let world = world(NOTES, &format!("aws_note.n: {{ pattern: {pattern} }}"));
        world.facts("note", "selects", &[Literal::Text(events.into())]).join("")
    };
    let filter =
        "'{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKey*)) }'";
    assert_eq!(selects(filter, "eventSource=kms.amazonaws.com; eventName=DisableKey|ScheduleKeyDeletion"), "true");
    assert_eq!(selects(filter, "eventSource=kms.amazonaws.com; eventName=DisableKey|CreateKey"), "false");
    let rule = "'{ \"detail\": { \"eventName\": [\"DisableKey\", { \"prefix\": \"ScheduleKey\" }] } }'";
    assert_eq!(selects(rule, "eventName=DisableKey|ScheduleKeyDeletion"), "true");
    assert_eq!(selects(rule, "eventName=CreateKey"), "false");
    assert_eq!(selects("ERROR", "eventName=CreateKey"), "unknown (not known before apply)");
    assert_eq!(selects("~", "eventName=CreateKey"), "false");
}

#[test]
fn what_refers_to_a_resource_uses_it() {
    let used = |others: &str, without: &str| {
        let world = world(NOTES, &format!("aws_note.n: {{ text: x }}\n{others}"));
        world.facts("note", "used", &[Literal::Text(without.into())]).join("")
    };
    assert_eq!(used("", ""), "false");
    assert_eq!(used("aws_reader.r: { of: [!ref aws_note.n.id] }", ""), "true");
    assert_eq!(used("aws_reader.r: { of: !ref aws_note.n.id }", "aws_writer aws_reader"), "false");
    let one_of = "aws_reader.r: { of: !one_of { choice: var.env, dev: !ref aws_note.n.id, prod: none } }";
    assert_eq!(used(one_of, ""), "unknown (not known before apply)");
}
