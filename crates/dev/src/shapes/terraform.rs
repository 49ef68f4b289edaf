//! Shapes of Terraform configurations.

use super::{Shape, joined, put, repeated};

/// Many of one thing in one configuration.
pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = resources();
    shapes.extend(names());
    shapes.extend(values());
    shapes
}

fn resources() -> Vec<Shape> {
    vec![
        Shape::new("findings at separate places", 10_000, "resources", |folder, n| {
            put(
                folder,
                "main.tf",
                repeated(n, |i| format!("resource \"aws_ebs_volume\" \"d{i}\" {{\n  encrypted = false\n}}\n")),
            )
        }),
        Shape::new("findings in one line of JSON", 3000, "resources", |folder, n| {
            let volumes = joined(n, ",", |i| {
                format!(
                    "\"d{i}\":{{\"encrypted\":false,\"tags\":{{\"Purpose\":\"scratch number {i} of the nightly batch run\"}}}}"
                )
            });
            put(folder, "main.tf.json", format!("{{\"resource\":{{\"aws_ebs_volume\":{{{volumes}}}}}}}"))
        }),
        Shape::new("resources with one name", 5000, "resources", |folder, n| {
            put(folder, "main.tf", "resource \"aws_ebs_volume\" \"d\" {\n  encrypted = false\n}\n".repeat(n))
        }),
        Shape::new("instances of one block", 10_000, "instances", |folder, n| {
            put(
                folder,
                "main.tf",
                format!(
                    "resource \"aws_ebs_volume\" \"d\" {{\n  for_each  = toset([for i in range({n}) : \"v${{i}}\"])\n  encrypted = false\n}}\n"
                ),
            )
        }),
        Shape::new("comments that suppress", 5000, "comments", |folder, n| {
            put(
                folder,
                "main.tf",
                repeated(n, |i| {
                    format!(
                        "resource \"aws_ebs_volume\" \"d{i}\" {{\n  #checkov:skip=CKV_AWS_3:scratch\n  encrypted = false # terravet:allow[aws-ebs-volume-without-encryption] scratch\n}}\n"
                    )
                }),
            )
        }),
        Shape::new("comments before one block", 10_000, "comments", |folder, n| {
            let comments = repeated(n, |_| "# terravet:allow[aws-ebs-volume-without-encryption] scratch\n".to_owned());
            put(folder, "main.tf", format!("{comments}resource \"aws_ebs_volume\" \"d\" {{\n  encrypted = false\n}}\n"))
        }),
        Shape::new("rules of a security group", 4000, "ingress blocks", |folder, n| {
            let rules = repeated(n, |i| {
                format!(
                    "  ingress {{\n    from_port   = {p}\n    to_port     = {p}\n    protocol    = \"tcp\"\n    cidr_blocks = [\"10.{}.{}.0/24\"]\n  }}\n",
                    i / 256 % 256,
                    i % 256,
                    p = i % 65_535
                )
            });
            put(folder, "main.tf", format!("resource \"aws_security_group\" \"g\" {{\n{rules}}}\n"))
        }),
        Shape::new("rules beside a security group", 4000, "rule resources", |folder, n| {
            let rules = repeated(n, |i| {
                format!(
                    "resource \"aws_security_group_rule\" \"r{i}\" {{\n  type              = \"ingress\"\n  security_group_id = aws_security_group.g.id\n  from_port         = {p}\n  to_port           = {p}\n  protocol          = \"tcp\"\n  cidr_blocks       = [\"0.0.0.0/0\"]\n}}\n",
                    p = i % 65_535
                )
            });
            put(
                folder,
                "main.tf",
                format!(
                    "resource \"aws_security_group\" \"g\" {{\n}}\nresource \"aws_instance\" \"i\" {{\n  associate_public_ip_address = true\n  vpc_security_group_ids = [aws_security_group.g.id]\n}}\n{rules}"
                ),
            )
        }),
        Shape::new("instances in one security group", 2000, "instances", |folder, n| {
            let instances = repeated(n, |i| {
                format!(
                    "resource \"aws_instance\" \"i{i}\" {{\n  associate_public_ip_address = true\n  vpc_security_group_ids = [aws_security_group.g.id]\n}}\n"
                )
            });
            put(
                folder,
                "main.tf",
                format!(
                    "resource \"aws_security_group\" \"g\" {{\n  ingress {{\n    from_port = 22\n    to_port = 22\n    protocol = \"tcp\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }}\n}}\n{instances}"
                ),
            )
        }),
        Shape::new("buckets with companions", 2000, "buckets", |folder, n| {
            put(
                folder,
                "main.tf",
                repeated(n, |i| {
                    format!(
                        "resource \"aws_s3_bucket\" \"b{i}\" {{\n  bucket = \"bucket-{i}\"\n}}\nresource \"aws_s3_bucket_public_access_block\" \"b{i}\" {{\n  bucket = aws_s3_bucket.b{i}.id\n  block_public_acls = true\n}}\nresource \"aws_s3_bucket_versioning\" \"b{i}\" {{\n  bucket = \"bucket-{i}\"\n  versioning_configuration {{\n    status = \"Enabled\"\n  }}\n}}\n"
                    )
                }),
            )
        }),
        Shape::new("statements of one policy", 2000, "statements", |folder, n| {
            let statements = joined(n, ",\n", |i| {
                format!(
                    "      {{ Effect = \"Allow\", Action = [\"s3:GetObject\", \"iam:PassRole\"], Resource = \"arn:aws:s3:::bucket-{i}/*\" }}"
                )
            });
            put(
                folder,
                "main.tf",
                format!(
                    "resource \"aws_iam_policy\" \"p\" {{\n  policy = jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [\n{statements}\n    ]\n  }})\n}}\n"
                ),
            )
        }),
        Shape::new("statements of a policy document", 2000, "statements", |folder, n| {
            let statements = repeated(n, |i| {
                format!(
                    "  statement {{\n    sid = \"S{i}\"\n    actions = [\"s3:*\"]\n    resources = [\"arn:aws:s3:::bucket-{i}/*\"]\n  }}\n"
                )
            });
            put(
                folder,
                "main.tf",
                format!(
                    "data \"aws_iam_policy_document\" \"d\" {{\n{statements}}}\nresource \"aws_iam_policy\" \"p\" {{\n  policy = data.aws_iam_policy_document.d.json\n}}\n"
                ),
            )
        }),
        Shape::new("policies of one role", 1000, "role policies", |folder, n| {
            let policies = repeated(n, |i| {
                format!(
                    "resource \"aws_iam_role_policy\" \"p{i}\" {{\n  role = aws_iam_role.r.id\n  policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"s3:GetObject{i}\", Resource = \"*\" }}] }})\n}}\n"
                )
            });
            put(
                folder,
                "main.tf",
                format!(
                    "resource \"aws_iam_role\" \"r\" {{\n  assume_role_policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = {{ Service = \"ec2.amazonaws.com\" }} }}] }})\n}}\n{policies}"
                ),
            )
        }),
        Shape::new("long strings in a policy", 4000, "KB", |folder, n| {
            put(
                folder,
                "main.tf",
                format!(
                    "resource \"aws_iam_policy\" \"p\" {{\n  policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"s3:{}*\", Resource = \"arn:aws:s3:::{}\" }}] }})\n}}\n",
                    "a*".repeat(n * 256),
                    "b?".repeat(n * 256)
                ),
            )
        }),
    ]
}

fn names() -> Vec<Shape> {
    vec![
        Shape::new("names that are not declared", 4000, "names", |folder, n| {
            let variables = repeated(n, |i| format!("variable \"the_rather_long_name_of_an_input_{i}\" {{}}\n"));
            let locals = repeated(n, |i| format!("  l{i} = var.the_rather_long_name_of_an_imput_{i}x\n"));
            put(folder, "main.tf", format!("{variables}locals {{\n{locals}}}\n"))
        }),
        Shape::new("one long name that is not declared", 200, "KB", |folder, n| {
            let name = "ab".repeat(n * 512);
            put(folder, "main.tf", format!("variable \"{name}\" {{}}\nlocals {{\n  l = var.{name}x\n}}\n"))
        }),
        Shape::new("long addresses", 200, "KB", |folder, n| {
            put(
                folder,
                "main.tf",
                format!("resource \"aws_ebs_volume\" \"{}\" {{\n  encrypted = false\n}}\n", "ab".repeat(n * 512)),
            )
        }),
        Shape::new("segments of a function's name", 50_000, "segments", |folder, n| {
            put(folder, "main.tf", format!("locals {{\n  zone = provider::a{}()\n}}\n", "::b".repeat(n)))
        }),
        Shape::new("locals in a chain", 5000, "locals", |folder, n| {
            let chain = repeated(n, |i| format!("  l{} = local.l{i}\n", i + 1));
            put(
                folder,
                "main.tf",
                format!(
                    "locals {{\n  l0 = false\n{chain}}}\nresource \"aws_ebs_volume\" \"d\" {{\n  encrypted = local.l{n}\n}}\n"
                ),
            )
        }),
        Shape::new("outputs", 10_000, "outputs", |folder, n| {
            let outputs = repeated(n, |i| format!("output \"o{i}\" {{\n  value = aws_ebs_volume.d.id\n}}\n"));
            put(folder, "main.tf", format!("resource \"aws_ebs_volume\" \"d\" {{}}\n{outputs}"))
        }),
        Shape::new("variables with values", 5000, "variables", |folder, n| {
            put(
                folder,
                "main.tf",
                repeated(n, |i| {
                    format!(
                        "variable \"v{i}\" {{\n  type = string\n}}\nresource \"aws_ebs_volume\" \"d{i}\" {{\n  encrypted = var.v{i}\n}}\n"
                    )
                }),
            )?;
            put(folder, "terraform.tfvars", repeated(n, |i| format!("v{i} = \"true\"\n")))
        }),
        Shape::new("values files", 2000, "files", |folder, n| {
            put(
                folder,
                "main.tf",
                "variable \"v\" {\n  default = true\n}\nresource \"aws_ebs_volume\" \"d\" {\n  encrypted = var.v\n}\n",
            )?;
            (0..n).try_for_each(|i| put(folder, &format!("v{i}.auto.tfvars"), "v = false\n"))
        }),
        Shape::new("arguments of one block", 20_000, "arguments", |folder, n| {
            put(
                folder,
                "main.tf",
                format!("resource \"aws_ebs_volume\" \"d\" {{\n{}}}\n", repeated(n, |i| format!("  a{i} = {i}\n"))),
            )
        }),
        Shape::new("blocks in one block", 10_000, "blocks", |folder, n| {
            put(
                folder,
                "main.tf",
                format!(
                    "resource \"aws_instance\" \"d\" {{\n{}}}\n",
                    "  ebs_block_device {\n    encrypted = false\n  }\n".repeat(n)
                ),
            )
        }),
    ]
}

fn values() -> Vec<Shape> {
    vec![
        Shape::new("elements of one list", 50_000, "elements", |folder, n| {
            put(
                folder,
                "main.tf",
                format!(
                    "locals {{\n  l = [{}]\n  s = toset(local.l)\n  j = jsonencode(local.l)\n}}\n",
                    joined(n, ", ", |i| format!("\"e{i}\""))
                ),
            )
        }),
        Shape::new("iterations of a for expression", 20_000, "iterations", |folder, n| {
            put(
                folder,
                "main.tf",
                format!(
                    "locals {{\n  a = [for i in range({}) : i]\n  b = {{ for i, v in concat({}) : \"k${{i}}\" => v }}\n}}\n",
                    1000,
                    vec!["local.a"; n / 1000].join(", ")
                ),
            )
        }),
        Shape::new("parts of a template", 20_000, "interpolations", |folder, n| {
            put(folder, "main.tf", format!("locals {{\n  a = \"x\"\n  t = \"{}\"\n}}\n", "${local.a} ".repeat(n)))
        }),
        Shape::new("splats in a row", 20_000, "splats", |folder, n| {
            put(folder, "main.tf", format!("locals {{\n  zones = [1]\n  all   = local.zones{}\n}}\n", "[*]".repeat(n)))
        }),
        Shape::new("brackets in brackets", 50_000, "brackets", |folder, n| {
            put(folder, "main.tf", format!("locals {{\n  a = {}{}\n}}\n", "[".repeat(n), "]".repeat(n)))
        }),
        Shape::new("operators in a row", 50_000, "operators", |folder, n| {
            put(folder, "main.tf", format!("locals {{\n  a = 1{}\n}}\n", " + 1".repeat(n)))
        }),
        Shape::new("conditionals in a row", 10_000, "conditionals", |folder, n| {
            put(
                folder,
                "main.tf",
                format!("variable \"v\" {{}}\nlocals {{\n  a = {}1\n}}\n", "var.v == 1 ? 2 : ".repeat(n)),
            )
        }),
        Shape::new("signs in a row", 50_000, "signs", |folder, n| {
            put(folder, "main.tf", format!("locals {{\n  a = {}1\n}}\n", "-".repeat(n)))
        }),
        Shape::new("attributes in a row", 50_000, "attributes", |folder, n| {
            put(folder, "main.tf", format!("locals {{\n  b = {{}}\n  a = local.b{}\n}}\n", ".b".repeat(n)))
        }),
        Shape::new("lines of a heredoc", 50_000, "lines", |folder, n| {
            put(
                folder,
                "main.tf",
                format!(
                    "resource \"aws_instance\" \"i\" {{\n  user_data = <<-EOT\n{}  EOT\n}}\n",
                    "    export PATH=/usr/bin # nothing to see\n".repeat(n)
                ),
            )
        }),
    ]
}
