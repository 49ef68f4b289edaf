//! Telling by its content whether a text is a template.
//!
//! This runs over every YAML and JSON file of a repository, so it looks for a few words first and never parses. A text that
//! means to be a template but is broken is recognised all the same, so that it can be diagnosed.

const VERSION: &str = "AWSTemplateFormatVersion";
const TYPE_PREFIXES: [&str; 3] = ["AWS::", "Custom::", "Alexa::"];

/// Whether a text is a CloudFormation or SAM template: at its top level it has `AWSTemplateFormatVersion`, a SAM
/// `Transform`, or `Resources` with members of an `AWS::`, `Custom::` or `Alexa::` type.
#[must_use]
pub fn recognise(text: &str) -> bool {
    let versioned = text.contains(VERSION);
    let typed = || TYPE_PREFIXES.iter().any(|prefix| text.contains(prefix));
    if !versioned && !(typed() && (text.contains("Resources") || text.contains("Transform"))) {
        return false;
    }
    match text.trim_start().strip_prefix('{') {
        Some(rest) if !rest.starts_with('{') => braces(text),
        _ => indented(text),
    }
}

/// Whether a text is a list of what belongs into a template: a member names a type of resource. No template is a list, but who
/// names such a file means one.
#[must_use]
pub(crate) fn recognise_list(text: &str) -> bool {
    let is_blank = |line: &&str| !line.trim().is_empty() && !line.starts_with(['#', '%']) && line.trim() != "---";
    let first = text.lines().find(is_blank).unwrap_or_default();
    (first.starts_with("- ") || first.trim_start().starts_with('[')) && text.lines().any(has_type)
}

/// A text in braces: JSON, or YAML in flow style. Follows strings and nesting, nothing else.
fn braces(text: &str) -> bool {
    // The keys that lead to where the scan is; of levels beyond the third only the depth is kept.
    let mut path: Vec<&str> = Vec::new();
    let mut depth = 0_usize;
    let mut last = "";
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                depth += 1;
                path.truncate(depth - 1);
                if path.len() == depth - 1 && depth <= 3 {
                    path.push("");
                }
                last = "";
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                path.truncate(depth);
            }
            b':' if depth <= 3 && !last.is_empty() && bytes.get(at + 1) != Some(&b':') => {
                if let Some(slot) = path.get_mut(depth.wrapping_sub(1)) {
                    *slot = last;
                }
                let rest = text[at + 1..].trim_start().trim_start_matches(['"', '\'']);
                if is_mark(&path, depth, rest) {
                    return true;
                }
                last = "";
            }
            quote @ (b'"' | b'\'') => {
                let end = closing(bytes, at + 1, quote);
                last = text.get(at + 1..end).unwrap_or_default();
                at = end;
            }
            byte if byte.is_ascii_alphanumeric() => {
                let word = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
                last = text.get(at..at + word).unwrap_or_default();
                at += word - 1;
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// Where a quoted text ends.
fn closing(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' && quote == b'"' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// Whether the value that begins with `rest` at the end of `path` makes the text a template.
fn is_mark(path: &[&str], depth: usize, rest: &str) -> bool {
    match (depth, path) {
        (1, [VERSION]) => true,
        (1, ["Transform"]) => rest.trim_start_matches(['[', ' ', '\n', '\r', '\t', '"', '\'']).starts_with("AWS::"),
        (3, ["Resources", _, "Type"]) => TYPE_PREFIXES.iter().any(|prefix| rest.starts_with(prefix)),
        _ => false,
    }
}

/// A YAML text in block style: keys that are indented like the first one, mostly not at all, are its top level.
fn indented(text: &str) -> bool {
    let mut section = "";
    let mut least = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with(['#', '%']) || line.starts_with("---") {
            continue;
        }
        let indentation = line.len() - trimmed.len();
        if indentation <= *least.get_or_insert(indentation) && !trimmed.starts_with('-') {
            let Some((key, rest)) = trimmed.split_once(':') else { continue };
            section = key.trim_end().trim_matches(['"', '\'']);
            let value = rest.trim_start().trim_start_matches(['[', ' ', '"', '\'']);
            match section {
                VERSION => return true,
                "Transform" if value.starts_with("AWS::") => return true,
                "Resources" if has_type(rest) => return true,
                _ => {}
            }
        } else if section == "Resources" && has_type(trimmed)
            || section == "Transform" && trimmed.trim_start_matches(['-', ' ', '"', '\'']).starts_with("AWS::")
        {
            return true;
        }
    }
    false
}

/// Whether a line says that something is of a type that CloudFormation makes.
fn has_type(line: &str) -> bool {
    line.match_indices("Type").any(|(at, word)| {
        let Some(value) = line[at + word.len()..].trim_start_matches(['"', '\'', ' ']).strip_prefix(':') else {
            return false;
        };
        let value = value.trim_start().trim_start_matches(['"', '\'']);
        let begins = line[..at].chars().next_back().is_none_or(|before| matches!(before, ' ' | '{' | '"' | '\'' | ','));
        begins && TYPE_PREFIXES.iter().any(|prefix| value.starts_with(prefix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_template(text: &str) -> bool {
        recognise(text)
    }

    #[test]
    fn templates_are_recognised_by_their_content() {
        for text in [
            "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n",
            "# a comment\n---\nResources:\n  B:\n    Type: AWS::S3::Bucket\n",
            "Resources: {B: {Type: 'AWS::S3::Bucket'}}\n",
            "Resources:\n  \"B\":\n    \"Type\" : \"Custom::Thing\"\n",
            "  # all of it is indented\n  Resources:\n    B:\n      Type: AWS::S3::Bucket\n",
            "Transform: AWS::Serverless-2016-10-31\n",
            "Transform:\n  - AWS::Serverless-2016-10-31\n",
            r#"{"Resources": {"B": {"Properties": {"a": ["}"]}, "Type": "AWS::S3::Bucket"}}}"#,
            r#"{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"#,
            "{Resources: {B: {Type: AWS::S3::Bucket}}}",
            r#"{"Transform": ["AWS::Serverless-2016-10-31"], "Resources": {}}"#,
        ] {
            assert!(is_template(text), "{text}");
        }
    }

    #[test]
    fn lists_of_resources_are_meant_as_templates() {
        assert!(recognise_list("# all\n---\n- Resources:\n    B: {Type: AWS::S3::Bucket}\n"));
        assert!(recognise_list("[{\"Type\": \"AWS::S3::Bucket\"}]"));
        assert!(!recognise_list("- hosts: all\n"));
        assert!(!recognise_list("Resources: {B: {Type: AWS::S3::Bucket}}\n"));
    }

    #[test]
    fn everything_else_is_left_alone() {
        for text in [
            "",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  template: |\n    Resources:\n      B:\n        Type: AWS::S3::Bucket\n",
            "service: x\nresources:\n  Resources:\n    B:\n      Type: AWS::S3::Bucket\n",
            "on: push\njobs:\n  a:\n    env:\n      Type: AWS::S3::Bucket\n",
            r#"{"name": "x", "dependencies": {"AWS::x": "1"}}"#,
            r#"{"ResourceTypes": {"AWS::S3::Bucket": {"Properties": {}}}, "Resources": 1}"#,
            r#"{"tree": {"children": {"Resources": {"x": {"Type": "AWS::S3::Bucket"}}}}}"#,
            r#"{"planned_values": {"AWSTemplateFormatVersion": "{\"Resources\": {}}"}}"#,
            "{{- if .Values.x }}\nResources: x AWS::\n{{- end }}\n",
        ] {
            assert!(!is_template(text), "{text}");
        }
    }
}
