//! Shapes of Terraform plans.

use super::{Shape, joined, put};

/// Plans as Terraform writes them, and as `jq` does.
pub(super) fn shapes() -> Vec<Shape> {
    vec![
        Shape::new("plan in one line", 2000, "resources", |folder, n| put(folder, "plan.json", plan(n, ""))),
        Shape::new("plan in many lines", 2000, "resources", |folder, n| put(folder, "plan.json", plan(n, "\n"))),
        Shape::new("modules of a plan", 1000, "modules", |folder, n| {
            let modules = joined(n, ",", |i| {
                format!("{{\"address\":\"module.m{i}\",\"resources\":[{}]}}", resource(&format!("module.m{i}."), i, ""))
            });
            put(
                folder,
                "plan.json",
                format!(
                    "{{\"format_version\":\"1.2\",\"terraform_version\":\"1.11.4\",\"planned_values\":{{\"root_module\":{{\"child_modules\":[{modules}]}}}},\"resource_changes\":[],\"configuration\":{{\"root_module\":{{}}}}}}"
                ),
            )
        }),
    ]
}

fn resource(module: &str, i: usize, line: &str) -> String {
    format!(
        "{line}{{\"address\":\"{module}aws_ebs_volume.d{i}\",\"mode\":\"managed\",\"type\":\"aws_ebs_volume\",\"name\":\"d{i}\",\"provider_name\":\"registry.terraform.io/hashicorp/aws\",\"schema_version\":0,{line}\"values\":{{{line}\"encrypted\":false,\"size\":8}},\"sensitive_values\":{{}}}}"
    )
}

fn plan(n: usize, line: &str) -> String {
    let planned = joined(n, ",", |i| resource("", i, line));
    let changes = joined(n, ",", |i| {
        format!(
            "{line}{{\"address\":\"aws_ebs_volume.d{i}\",\"mode\":\"managed\",\"type\":\"aws_ebs_volume\",\"name\":\"d{i}\",\"provider_name\":\"registry.terraform.io/hashicorp/aws\",\"change\":{{\"actions\":[\"create\"],\"before\":null,\"after\":{{\"encrypted\":false,\"size\":8}},\"after_unknown\":{{\"id\":true}}}}}}"
        )
    });
    format!(
        "{{\"format_version\":\"1.2\",\"terraform_version\":\"1.11.4\",\"planned_values\":{{\"root_module\":{{\"resources\":[{planned}]}}}},\"resource_changes\":[{changes}],\"configuration\":{{\"root_module\":{{}}}}}}"
    )
}
