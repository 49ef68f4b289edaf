//! What the metadata of resources accepts: JSON has no comments.
//!
//! In: the metadata of a resource. Out: what is asked for, and where.
//!
//! Sources: <https://github.com/stelligent/cfn_nag#per-resource-rule-suppression>,
//! <https://www.checkov.io/7.Scan%20Examples/Cloudformation.html>.

use terravet_source::Span;
use terravet_yaml::Node;

use super::{Asked, Names, Reach, Tool};

/// Where a tool looks: the path of keys below the metadata, and what it calls a rule and the reason.
struct Place {
    tool: Tool,
    path: [&'static str; 2],
    rule: &'static str,
    reason: &'static str,
}

const PLACES: [Place; 4] = [
    Place { tool: Tool::Own, path: ["terravet", "allow"], rule: "rule", reason: "reason" },
    Place { tool: Tool::Other("cfn_nag"), path: ["cfn_nag", "rules_to_suppress"], rule: "id", reason: "reason" },
    Place { tool: Tool::Other("checkov"), path: ["checkov", "skip"], rule: "id", reason: "comment" },
    Place { tool: Tool::Other("checkov"), path: ["bridgecrew", "skip"], rule: "id", reason: "comment" },
];

/// What the metadata of a resource asks for, with its place.
pub(super) fn read(metadata: &Node) -> Vec<(Asked, Span)> {
    let mut all = Vec::new();
    for place in &PLACES {
        let listed = metadata.get(place.path[0]).and_then(|tool| tool.get(place.path[1]));
        for entry in listed.and_then(Node::as_sequence).unwrap_or_default() {
            let text = |key| entry.get(key).and_then(Node::as_str);
            let Some(rule) = text(place.rule) else { continue };
            let asked = Asked {
                tool: place.tool,
                names: Names::Listed(vec![rule.trim().to_owned()]),
                reach: Reach::Around,
                reason: text(place.reason).unwrap_or_default().trim().to_owned(),
            };
            all.push((asked, entry.span));
        }
    }
    all
}
