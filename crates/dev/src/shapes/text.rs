//! Shapes of text, whatever it says.

use super::{Shape, put, repeated};

/// Long lines, long texts, many mistakes.
pub(super) fn shapes() -> Vec<Shape> {
    vec![
        Shape::new("one long line of Terraform", 4000, "KB", |folder, n| {
            put(folder, "main.tf", format!("locals {{\n  a = \"{}\"\n}}\n", "x ".repeat(n * 512)))
        }),
        Shape::new("one long line of YAML", 4000, "KB", |folder, n| {
            put(
                folder,
                "t.yaml",
                format!(
                    "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: \"{}\"\n",
                    "x ".repeat(n * 512)
                ),
            )
        }),
        Shape::new("syntax errors of Terraform", 5000, "errors", |folder, n| {
            put(
                folder,
                "main.tf",
                repeated(n, |i| format!("resource \"aws_ebs_volume\" \"d{i}\" {{\n  encrypted = = ]\n}}\n")),
            )
        }),
        Shape::new("brackets that are never closed", 50_000, "brackets", |folder, n| {
            put(folder, "main.tf", format!("locals {{\n  a = {}\n", "{ a = [".repeat(n)))
        }),
        Shape::new("quotes that are never closed", 20_000, "lines", |folder, n| {
            put(folder, "main.tf", "a = \"${\n".repeat(n))
        }),
        Shape::new("comments only", 50_000, "lines", |folder, n| {
            put(folder, "main.tf", "# a comment, and no more\n".repeat(n))
        }),
        Shape::new("comments on one line", 20_000, "comments", |folder, n| {
            put(
                folder,
                "main.tf",
                format!(
                    "resource \"aws_ebs_volume\" \"d\" {{ {} encrypted = false }}\n",
                    "/* terravet:allow[aws-ebs-volume-without-encryption] scratch */ ".repeat(n)
                ),
            )
        }),
        Shape::new("text that looks like secrets", 10_000, "lines", |folder, n| {
            put(
                folder,
                "main.tf",
                format!(
                    "resource \"aws_instance\" \"i\" {{\n  user_data = <<-EOT\n{}  EOT\n}}\n",
                    repeated(n, |i| format!("    export DB_PASSWORD=hunter{i} AKIAIOSFODNN7EXAMPL{i}\n"))
                ),
            )
        }),
    ]
}
