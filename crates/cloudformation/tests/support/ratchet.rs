//! The ratchet of the oracles: which of their cases are known to differ, and why.

use std::path::Path;

use serde::Deserialize;

/// `testdata/cloudformation/differences.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    difference: Vec<Difference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    oracle: String,
    case: String,
    figure: String,
    reason: String,
    /// The page of AWS where the expectation is not what CloudFormation does.
    documentation: Option<String>,
}

/// The differences of one oracle, against which what is found is held.
pub struct Ratchet {
    known: Vec<Difference>,
    wrong: Vec<String>,
}

impl Ratchet {
    /// Reads what is known of an oracle.
    pub fn read(oracle: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cloudformation/differences.toml");
        let file: File = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut wrong = Vec::new();
        for entry in &file.difference {
            let page = entry.documentation.as_deref().unwrap_or("https://docs.aws.amazon.com/");
            if entry.reason.is_empty() || !page.starts_with("https://docs.aws.amazon.com/") {
                wrong.push(format!("[{} {}] needs a reason, and a page of AWS", entry.case, entry.figure));
            }
        }
        let known = file.difference.into_iter().filter(|entry| entry.oracle == oracle).collect();
        Self { known, wrong }
    }

    /// Takes what was found of a figure of a case: nothing, or how it differs.
    pub fn compare(&mut self, case: &str, figure: &str, why: Option<String>) {
        let listed = self.known.iter().position(|entry| entry.case == case && entry.figure == figure);
        match (listed, why) {
            (None, None) => {}
            (None, Some(why)) => self.wrong.push(format!("[{case} {figure}] differs: {why}")),
            (Some(at), None) => {
                self.known.remove(at);
                self.wrong.push(format!("[{case} {figure}] agrees, and is listed as known to differ"));
            }
            (Some(at), Some(_)) => {
                self.known.remove(at);
            }
        }
    }

    /// Fails where something was not as the ratchet says.
    pub fn finish(mut self) {
        let absent =
            self.known.iter().map(|entry| format!("[{} {}] is no case of the oracle", entry.case, entry.figure));
        self.wrong.extend(absent);
        assert_eq!(self.wrong, Vec::<String>::new());
    }
}
