//! Shapes of trees of files.

use super::{Shape, put, repeated};

/// Many files, many folders, many modules.
pub(super) fn shapes() -> Vec<Shape> {
    vec![
        Shape::new("files in one folder", 5000, "files", |folder, n| {
            (0..n).try_for_each(|i| {
                put(
                    folder,
                    &format!("f{i}.tf"),
                    format!("resource \"aws_ebs_volume\" \"d{i}\" {{\n  encrypted = false\n}}\n"),
                )
            })
        }),
        Shape::new("templates in one folder", 2000, "files", |folder, n| {
            (0..n)
                .try_for_each(|i| put(folder, &format!("t{i}.yaml"), "Resources:\n  V:\n    Type: AWS::EC2::Volume\n"))
        }),
        Shape::new("files that are none of ours", 5000, "files", |folder, n| {
            (0..n).try_for_each(|i| put(folder, &format!("t{i}.yaml"), "name: build\non: push\n"))
        }),
        Shape::new("root modules", 1000, "folders", |folder, n| {
            (0..n).try_for_each(|i| {
                put(folder, &format!("m{i}/main.tf"), "resource \"aws_ebs_volume\" \"d\" {\n  encrypted = false\n}\n")
            })
        }),
        Shape::new("calls of one module", 1000, "calls", |folder, n| {
            put(
                folder,
                "main.tf",
                repeated(n, |i| format!("module \"m{i}\" {{\n  source    = \"./volume\"\n  encrypted = false\n}}\n")),
            )?;
            put(
                folder,
                "volume/main.tf",
                "variable \"encrypted\" {}\nresource \"aws_ebs_volume\" \"d\" {\n  encrypted = var.encrypted\n}\n",
            )
        }),
        Shape::new("modules of one root", 500, "modules", |folder, n| {
            put(
                folder,
                "main.tf",
                repeated(n, |i| {
                    format!("module \"m{i}\" {{\n  source    = \"./volume{i}\"\n  encrypted = false\n}}\n")
                }),
            )?;
            (0..n).try_for_each(|i| {
                put(
                    folder,
                    &format!("volume{i}/main.tf"),
                    "variable \"encrypted\" {}\nresource \"aws_ebs_volume\" \"d\" {\n  encrypted = var.encrypted\n}\n",
                )
            })
        }),
        Shape::new("folders in folders", 100, "folders", |folder, n| {
            let mut path = String::new();
            for i in 0..n {
                put(
                    folder,
                    &format!("{path}main.tf"),
                    "resource \"aws_ebs_volume\" \"d\" {\n  encrypted = false\n}\n",
                )?;
                path.push_str(&format!("f{}/", i % 10));
            }
            Ok(())
        }),
        Shape::new("modules in modules", 20, "modules", |folder, n| {
            let mut path = String::new();
            for _ in 0..n {
                put(
                    folder,
                    &format!("{path}main.tf"),
                    "module \"m\" {\n  source = \"./m\"\n}\nresource \"aws_ebs_volume\" \"d\" {\n  encrypted = false\n}\n",
                )?;
                path.push_str("m/");
            }
            put(folder, &format!("{path}main.tf"), "resource \"aws_ebs_volume\" \"d\" {}\n")
        }),
        Shape::new("entries of modules.json", 20_000, "entries", |folder, n| {
            put(folder, "main.tf", "module \"m\" {\n  source = \"a/b/aws\"\n}\n")?;
            put(
                folder,
                ".terraform/modules/modules.json",
                format!(
                    "{{\"Modules\":[{{\"Key\":\"\",\"Source\":\"\",\"Dir\":\".\"}}{}]}}",
                    repeated(n, |i| format!(",{{\"Key\":\"m{i}\",\"Source\":\"a/b/aws\",\"Dir\":\"m{i}\"}}"))
                ),
            )
        }),
        Shape::new("lines of an ignore file", 2000, "lines", |folder, n| {
            put(folder, ".gitignore", repeated(n, |i| format!("folder-{i}/*.log\n")))?;
            put(folder, "main.tf", "resource \"aws_ebs_volume\" \"d\" {}\n")
        }),
    ]
}
