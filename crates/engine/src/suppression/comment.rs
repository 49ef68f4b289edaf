//! What a comment asks for, in the words of the tool that it was written for.
//!
//! In: the text of one comment. Out: what it asks for; nothing for most comments. What a tool would not take is not taken.
//!
//! Sources: <https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html>,
//! <https://trivy.dev/latest/docs/configuration/filtering/#by-inline-comments>,
//! <https://docs.kics.io/latest/running-kics/#using_commands_on_scanned_files_as_comments>,
//! <https://runterrascan.io/docs/usage/in-file_instrumentation/>.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Asked, Names, Reach, Tool};

/// A form of comment: how it looks, and what is made of it.
struct Form {
    pattern: LazyLock<Option<Regex>>,
    read: fn(&Captures<'_>, &str) -> Option<Asked>,
}

static FORMS: [Form; 5] = [
    Form {
        // terravet:allow[aws-s3-bucket-public-acl, CKV_AWS_20] the website is for everyone
        pattern: LazyLock::new(|| Regex::new(r"terravet:\s*allow\[([^\]\n]*)\]([^\n]*)").ok()),
        read: |found, _| {
            let names = listed(&found[1], ',');
            (!names.is_empty()).then(|| asked(Tool::Own, Names::Listed(names), Reach::Here, &found[2]))
        },
    },
    Form {
        // checkov:skip=CKV_AWS_20,CKV_AWS_57:The bucket is a public static content host
        pattern: LazyLock::new(|| {
            Regex::new(r"(?:checkov|bridgecrew|cortex):skip=\s*([A-Za-z_\d]+(?:,[A-Za-z_\d]+)*)(?::([^\n]*))?").ok()
        }),
        read: |found, _| {
            let reason = found.get(2).map_or("", |reason| reason.as_str());
            Some(asked(Tool::Other("checkov"), Names::Listed(listed(&found[1], ',')), Reach::Around, reason))
        },
    },
    Form {
        // tfsec:ignore:aws-s3-enable-versioning:exp:2030-01-02 trivy:ignore:AVD-AWS-0090
        pattern: LazyLock::new(|| Regex::new(r"(?:tfsec|trivy):ignore:(\S+)").ok()),
        read: of_trivy,
    },
    Form {
        // kics-scan disable=<id>,<id>   kics-scan ignore   kics-scan ignore-line   kics-scan ignore-block
        pattern: LazyLock::new(|| {
            Regex::new(r"^[\s#/*]*kics-scan\s+(?:(disable)\s*=\s*([^\n]*)|(ignore(?:-line|-block)?)\b)").ok()
        }),
        read: |found, _| {
            let tool = Tool::Other("kics");
            if found.get(1).is_some() {
                return Some(asked(tool, Names::Listed(listed(&found[2], ',')), Reach::File, ""));
            }
            let reach = match found.get(3)?.as_str() {
                "ignore-line" => Reach::NextLine,
                "ignore-block" => Reach::Next,
                _ => Reach::File,
            };
            Some(asked(tool, Names::All, reach, ""))
        },
    },
    Form {
        // ts:skip=AC_AWS_0207 the reason
        pattern: LazyLock::new(|| Regex::new(r"ts:skip=\s*([A-Za-z_.\d]+)([^\n]*)").ok()),
        read: |found, _| {
            let names = Names::Listed(vec![found[1].to_owned()]);
            Some(asked(Tool::Other("terrascan"), names, Reach::Around, &found[2]))
        },
    },
];

/// Everything that a comment asks for.
pub(super) fn read(text: &str, today: &str) -> Vec<Asked> {
    let mut all = Vec::new();
    for form in &FORMS {
        let Some(pattern) = form.pattern.as_ref() else { continue };
        all.extend(pattern.captures_iter(text).filter_map(|found| (form.read)(&found, today)));
    }
    all
}

/// `id`, and after colons pairs of a key and its value: `exp`, the day from which the finding is reported again, and `ws`, the
/// only workspace in which it is not. Whether a resource has what stands in brackets is not looked at, and so nothing is accepted.
fn of_trivy(found: &Captures<'_>, today: &str) -> Option<Asked> {
    let mut parts = found[1].trim_end_matches("*/").split(':');
    let name = parts.next().filter(|name| !name.is_empty() && !name.contains('['))?.to_owned();
    while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
        let holds = match key {
            // Days compare as their texts do.
            "exp" => value > today,
            "ws" => value == "default",
            _ => true,
        };
        if !holds {
            return None;
        }
    }
    let names = if name == "*" { Names::All } else { Names::Listed(vec![name]) };
    Some(asked(Tool::Other("trivy"), names, Reach::Here, ""))
}

fn asked(tool: Tool, names: Names, reach: Reach, reason: &str) -> Asked {
    let reason = reason.trim().trim_end_matches("*/").trim_start_matches([':', '-']).trim();
    Asked { tool, names, reach, reason: reason.to_owned() }
}

fn listed(text: &str, separator: char) -> Vec<String> {
    text.split(separator).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let names = |names: Names| match names {
            Names::All => "*".to_owned(),
            Names::Listed(names) => names.join("+"),
        };
        let tool = |tool| match tool {
            Tool::Own => "terravet",
            Tool::Other(tool) => tool,
        };
        let line = |asked: Asked| {
            format!("{} {} {:?} {}", tool(asked.tool), names(asked.names), asked.reach, asked.reason).trim().to_owned()
        };
        read(text, "2026-11-25").into_iter().map(line).collect()
    }

    #[test]
    fn each_tool_has_its_form() {
        for (text, expected) in [
            (
                "# terravet:allow[aws-s3-bucket-public-acl] a website",
                "terravet aws-s3-bucket-public-acl Here a website",
            ),
            ("// terravet: allow[CKV_AWS_20, aws-*]: both", "terravet CKV_AWS_20+aws-* Here both"),
            ("#checkov:skip=CKV_AWS_20:a public host", "checkov CKV_AWS_20 Around a public host"),
            ("# bridgecrew:skip=CKV_AWS_20,CKV2_AWS_6", "checkov CKV_AWS_20+CKV2_AWS_6 Around"),
            ("#tfsec:ignore:aws-s3-enable-versioning", "trivy aws-s3-enable-versioning Here"),
            ("/* trivy:ignore:* */", "trivy * Here"),
            ("#trivy:ignore:AVD-AWS-0090:exp:2030-01-01", "trivy AVD-AWS-0090 Here"),
            ("# kics-scan disable=a-b, c-d", "kics a-b+c-d File"),
            ("# kics-scan ignore", "kics * File"),
            ("# kics-scan ignore-line", "kics * NextLine"),
            ("# kics-scan ignore-block", "kics * Next"),
            ("#ts:skip=AC_AWS_0207 not ours", "terrascan AC_AWS_0207 Around not ours"),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
        assert_eq!(told("#tfsec:ignore:a tfsec:ignore:b:ws:default"), ["trivy a Here", "trivy b Here"]);
    }

    #[test]
    fn what_does_not_hold_is_not_taken() {
        for text in [
            "# a comment",
            "# terravet:allow[] everything",
            "# terravet:allow",
            "# tfsec:ignore:aws-x:exp:2026-11-25",
            "# tfsec:ignore:aws-x:ws:production",
            "# trivy:ignore:aws-x[name=web]",
            "# we use kics-scan ignore",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }
}
