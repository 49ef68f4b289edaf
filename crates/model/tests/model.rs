//! Subjects, satellites and links: what belongs to what, and what cannot be told.

mod support;

use support::{world, world_of_rules};

const BUCKETS: &str = "
bucket:
  doc: A bucket.
  terraform: [aws_s3_bucket, data.aws_s3_bucket]
  cloudformation: AWS::S3::Bucket
  identity: { terraform: bucket, cloudformation: BucketName }
  satellites:
    versioning: { terraform: aws_s3_bucket_versioning, links: bucket, stands_alone: true }
  attributes:
    status:
      doc: State of versioning.
      type: string
      terraform: [versioning.status, versioning/configuration.status]
      cloudformation: Versioning.Status
      default: Disabled
";

#[test]
fn a_kind_takes_resources_of_both_languages_and_data() {
    let world = world(
        BUCKETS,
        "
aws_s3_bucket.a: {}
Bucket: { Type: 'AWS::S3::Bucket' }
data.aws_s3_bucket.c: {}
aws_sns_topic.d: {}
",
    );
    assert_eq!(world.subjects("bucket"), ["aws_s3_bucket.a", "Bucket", "data.aws_s3_bucket.c"]);
}

#[test]
fn a_satellite_belongs_to_what_it_refers_to_or_names() {
    let read = |resources: &str| world(BUCKETS, resources).read("bucket", "status");
    let by_reference = "
aws_s3_bucket.a: {}
aws_s3_bucket_versioning.v: { bucket: !ref aws_s3_bucket.a.id, configuration: { status: Enabled } }
";
    assert_eq!(read(by_reference), "Enabled");
    let by_name = "
aws_s3_bucket.a: { bucket: logs }
aws_s3_bucket_versioning.v: { bucket: logs, configuration: { status: Suspended } }
";
    assert_eq!(read(by_name), "Suspended");
    assert_eq!(read("aws_s3_bucket.a: { versioning: [{ status: Enabled }] }"), "Enabled");
    assert_eq!(read("aws_s3_bucket.a: {}"), "Disabled by default");
}

#[test]
fn a_satellite_of_something_that_cannot_be_told_may_be_of_anything() {
    let world = world(
        BUCKETS,
        "
aws_s3_bucket.a: { bucket: logs }
aws_s3_bucket_versioning.v: { bucket: !unknown var.bucket, configuration: { status: Enabled } }
",
    );
    let readings = world.read_all("bucket", "status");
    assert_eq!(readings[0], "unknown (it may be configured by a resource or module that is not known before apply)");
}

#[test]
fn a_satellite_of_another_resource_is_none_of_mine() {
    let world = world(
        BUCKETS,
        "
aws_s3_bucket.a: {}
aws_s3_bucket.b: {}
aws_s3_bucket_versioning.v: { bucket: !ref aws_s3_bucket.b.id, configuration: { status: Enabled } }
",
    );
    assert_eq!(world.read_all("bucket", "status"), ["Disabled by default", "Enabled"]);
}

#[test]
fn a_module_that_is_given_a_resource_may_configure_it() {
    let world = world(
        BUCKETS,
        "
aws_s3_bucket.a: {}
aws_s3_bucket.b: {}
module.hardening: { buckets: [!ref aws_s3_bucket.a.id] }
",
    );
    let readings = world.read_all("bucket", "status");
    assert_eq!(readings[0], "unknown (it may be configured by a resource or module that is not known before apply)");
    assert_eq!(readings[1], "Disabled by default");
}

#[test]
fn a_satellite_whose_resource_is_elsewhere_is_a_subject_of_which_only_that_is_known() {
    let world =
        world(BUCKETS, "aws_s3_bucket_versioning.v: { bucket: other-team, configuration: { status: Suspended } }");
    assert_eq!(world.subjects("bucket"), ["aws_s3_bucket_versioning.v"]);
    assert_eq!(world.read("bucket", "status"), "unknown (the resource that it configures is not in this unit)");
}

#[test]
fn text_becomes_what_the_attribute_is() {
    let kinds = "
thing:
  doc: A thing.
  terraform: aws_thing
  attributes:
    on: { doc: Whether it is on., type: bool, terraform: on, default: false }
    size: { doc: How large it is., type: number, terraform: size }
    name: { doc: How it is called., type: string, terraform: name }
    tags: { doc: What it is tagged with., type: list of string, terraform: [tags, more.tags] }
";
    let world = world(kinds, "aws_thing.a: { on: 'true', size: '7', name: 5, tags: [a, 1], more: [{ tags: b }, {}] }");
    let read = |attribute| world.read("thing", attribute);
    assert_eq!([read("on"), read("size"), read("name"), read("tags")], ["true", "7", "5", "[a, 1, b]"]);
}

#[test]
fn parts_are_subjects_of_their_own_and_filters_choose_among_them() {
    let kinds = "
rule:
  doc: A rule.
  terraform:
    - { type: aws_group, at: ingress }
    - { type: aws_rule, where: { type: ingress, direction: [in, ~] } }
  attributes:
    port: { doc: The port., type: number, terraform: port }
    group: { doc: Name of the group., type: string, terraform: ^/name }
";
    let world = world(
        kinds,
        "
aws_group.g: { name: web, ingress: [{ port: 1 }, { port: 2 }] }
aws_rule.in: { type: ingress, port: 3, name: lone }
aws_rule.out: { type: egress, port: 4 }
aws_rule.wrong: { type: ingress, direction: out, port: 5 }
",
    );
    assert_eq!(world.read_all("rule", "port"), ["1", "2", "3"]);
    assert_eq!(world.read_all("rule", "group"), ["web", "web", "lone"]);
}

#[test]
fn what_is_unknown_stays_a_subject_and_unknown() {
    let kinds = "
rule:
  doc: A rule.
  terraform: { type: aws_group, at: ingress }
  attributes:
    port: { doc: The port., type: number, terraform: port }
";
    let world = world(kinds, "aws_group.g: { ingress: !unknown var.rules }");
    assert_eq!(world.read("rule", "port"), "unknown (var.rules has no value)");
}

#[test]
fn relations_go_both_ways() {
    let kinds = "
instance:
  doc: An instance.
  terraform: aws_instance
  attributes:
    template: { doc: Its template., type: template, terraform: template.id }
template:
  doc: A template.
  terraform: aws_template
  identity: { terraform: name }
  attributes:
    instances: { doc: What is launched from it., type: list of instance, reverse: template }
    all: { doc: Every template., type: list of template, all: true }
";
    let kinds = kinds.replace("type: template,", "type: x.template,").replace("type: list of ", "type: list of x.");
    let kinds = kinds.replace("\ninstance:", "\nx.instance:").replace("\ntemplate:", "\nx.template:");
    let world = world(
        &kinds,
        "
aws_instance.a: { template: { id: !ref aws_template.t.id } }
aws_instance.b: { template: { id: named } }
aws_instance.c: { template: { id: !unknown var.template } }
aws_template.t: { name: named }
aws_template.u: {}
",
    );
    assert_eq!(world.read_all("x.instance", "template"), ["aws_template.t", "aws_template.t", "maybe others"]);
    assert_eq!(
        world.read_all("x.template", "instances"),
        ["aws_instance.a, aws_instance.b, maybe others", "maybe others"]
    );
    assert_eq!(world.read_all("x.template", "all")[1], "aws_template.t, aws_template.u");
}

#[test]
fn a_grant_belongs_to_the_bucket_that_its_list_names() {
    let world = world_of_rules("
aws_s3_bucket.a: {}
aws_s3_bucket_acl.a: { bucket: !ref aws_s3_bucket.a.id, access_control_policy: { grant: [{ grantee: { uri: everyone } }] } }
",
    );
    assert_eq!(world.read_all("aws.s3.bucket", "grants"), ["aws_s3_bucket_acl.a"]);
}

#[test]
fn of_a_kind_that_counts_once_there_is_one_subject() {
    let kinds = "
anything:
  doc: The configuration as a whole.
  once: true
  terraform: [aws_a, aws_b]
  attributes: {}
";
    assert_eq!(world(kinds, "{ aws_b.x: {}, aws_a.y: {}, aws_b.z: {} }").subjects("anything"), ["aws_b.x"]);
}

#[test]
fn paths_go_on_into_json() {
    const KINDS: &str = "
task:
  doc: A task.
  terraform: aws_task
  attributes:
    enabled: { doc: Whether it logs., type: bool, terraform: settings.Log.Enabled, default: false }
part:
  doc: A part.
  terraform: { type: aws_task, at: settings.Log.Parts }
  attributes:
    id: { doc: Its name., type: string, terraform: Id }
";
    let settings = r#"{"Log": {"Enabled": true, "Parts": [{"Id": "a"}, {"Id": "b"}]}}"#;
    let known = world(KINDS, &format!("aws_task.t: {{ settings: '{settings}' }}"));
    assert_eq!(known.read("task", "enabled"), "true");
    assert_eq!(known.read_all("part", "id"), ["a", "b"]);
    let text = world(KINDS, "aws_task.t: { settings: no JSON }");
    assert_eq!(text.read("task", "enabled"), "false by default");
    let open = world(KINDS, "aws_task.t: { settings: !unknown var.settings }");
    assert_eq!(open.read("task", "enabled"), "unknown (var.settings has no value)");
}
