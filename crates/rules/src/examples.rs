//! The examples of a page, which are its tests.
//!
//! In: the page's Markdown. Out: fences tagged `hcl`, `yaml` or `json` with an expectation. The flagged lines are marked
//! with a comment `# finding` (or `// finding`) at their end, or listed on the fence as `finding=4,7` (counted from
//! the first line of the fence's content).

/// The language of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExampleLanguage {
    /// Terraform, native syntax.
    Hcl,
    /// CloudFormation in YAML.
    Yaml,
    /// CloudFormation in JSON.
    Json,
}

impl ExampleLanguage {
    /// The name of the file that an example is put into.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Hcl => "main.tf",
            Self::Yaml => "template.yaml",
            Self::Json => "template.json",
        }
    }
}

/// What an example must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The rule reports exactly the marked lines.
    Fails,
    /// The rule reports nothing and everything is known.
    Passes,
    /// The rule reports nothing, since something cannot be known.
    Undecided,
}

/// One example.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its language.
    pub language: ExampleLanguage,
    /// What it must show.
    pub expectation: Expectation,
    /// The configuration.
    pub text: String,
    /// The lines that must be flagged, from 1, sorted.
    pub findings: Vec<u32>,
    /// The line of the page on which the fence opens, from 1.
    pub line: u32,
}

/// All examples of a page's Markdown, in order. Fences with other tags are left alone.
///
/// # Errors
/// The line and what is wrong with a fence that is meant as an example but malformed.
pub fn examples(markdown: &str) -> Result<Vec<Example>, (u32, String)> {
    let mut found = Vec::new();
    let mut open: Option<(Example, Vec<u32>, String)> = None;
    for (number, line) in (1u32..).zip(markdown.lines()) {
        if let Some((example, listed, fence)) = &mut open {
            if line.trim_end() == fence {
                let (mut example, listed) = (example.clone(), std::mem::take(listed));
                example.findings.extend(listed);
                example.findings.sort_unstable();
                example.findings.dedup();
                finish(&example)?;
                found.push(example);
                open = None;
                continue;
            }
            let at = number - example.line;
            if marked(line) {
                example.findings.push(at);
            }
            example.text.push_str(line);
            example.text.push('\n');
        } else if let Some((fence, info)) = fence_of(line) {
            let Some((example, listed)) = start(info, number)? else {
                // A fence of another kind: skip to its end by pretending nothing; its content cannot open a fence of ours
                // unless it shows one, which pages do not.
                continue;
            };
            open = Some((example, listed, fence.to_owned()));
        }
    }
    match open {
        Some((example, ..)) => Err((example.line, "this fence is never closed".into())),
        None => Ok(found),
    }
}

fn fence_of(line: &str) -> Option<(&str, &str)> {
    let ticks = line.len() - line.trim_start_matches('`').len();
    (ticks >= 3).then(|| (&line[..ticks], line[ticks..].trim()))
}

/// An example without its text yet, with the lines that its fence lists.
type Opened = (Example, Vec<u32>);

fn start(info: &str, line: u32) -> Result<Option<Opened>, (u32, String)> {
    let mut words = info.split_whitespace();
    let language = match words.next() {
        Some("hcl") => ExampleLanguage::Hcl,
        Some("yaml") => ExampleLanguage::Yaml,
        Some("json") => ExampleLanguage::Json,
        _ => return Ok(None),
    };
    let expectation = match words.next() {
        None => return Ok(None),
        Some("fails") => Expectation::Fails,
        Some("passes") => Expectation::Passes,
        Some("undecided") => Expectation::Undecided,
        Some(other) => {
            return Err((line, format!("`{other}` is no expectation; use fails, passes or undecided")));
        }
    };
    let mut listed = Vec::new();
    for word in words {
        let lines = word
            .strip_prefix("finding=")
            .ok_or_else(|| (line, format!("`{word}` is not understood; only finding=LINES may follow")))?;
        for number in lines.split(',') {
            listed.push(number.parse().map_err(|_| (line, format!("`{number}` is no line number")))?);
        }
    }
    Ok(Some((Example { language, expectation, text: String::new(), findings: Vec::new(), line }, listed)))
}

fn marked(line: &str) -> bool {
    let line = line.trim_end();
    ["# finding", "// finding"].iter().any(|mark| line.ends_with(mark))
}

fn finish(example: &Example) -> Result<(), (u32, String)> {
    match (example.expectation, example.findings.is_empty()) {
        (Expectation::Fails, true) => Err((example.line, "a failing example must mark the flagged lines".into())),
        (Expectation::Passes | Expectation::Undecided, false) => {
            Err((example.line, "only a failing example may mark lines".into()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_lists_name_lines_of_the_example() {
        let page = "# Title\n\n```hcl fails\na = 1 # finding\nb = 2\n```\n```json fails finding=2\n{\n}\n```\n```sh\nls\n```\n";
        let found = examples(page).unwrap();
        let lines: Vec<_> =
            found.iter().map(|example| (example.language, example.findings.clone(), example.line)).collect();
        assert_eq!(lines, [(ExampleLanguage::Hcl, vec![1], 3), (ExampleLanguage::Json, vec![2], 7)]);
    }

    #[test]
    fn a_failing_example_without_a_mark_is_refused() {
        assert_eq!(
            examples("```hcl fails\na = 1\n```\n").unwrap_err(),
            (1, "a failing example must mark the flagged lines".to_owned())
        );
        assert_eq!(
            examples("```hcl failes\n```\n").unwrap_err(),
            (1, "`failes` is no expectation; use fails, passes or undecided".to_owned())
        );
    }
}
