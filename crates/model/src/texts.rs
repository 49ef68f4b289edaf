//! Tests of text, known or known in part, and where in it the answer stands.
//!
//! In: a test and a value. Out: a truth, and for the tests that look for something within the text the value of what they
//! found, placed where it was written: the one line of a script, not the script.
//!
//! A text that is put together from values ([`Content::Pieces`]) is tested run by run, a run being the known pieces
//! between two unknown ones. What is found within a run is in the text, whatever the unknown pieces are; what touches
//! an unknown piece may look different with it, and is open.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use regex::Regex;
use terravet_graph::{Content, Data, Origin, Truth, Value};
use terravet_schema::TextTest;

/// How deep pieces of pieces are followed.
const MAX_DEPTH: usize = 8;
/// The group of a pattern that is what was looked for, where the pattern has to look at what stands around it, too.
const FOUND: &str = "found";

/// The regular expressions of conditions, each compiled when it is first met: a schema holds their text, and most are never met.
/// There are as many as the rules have.
static COMPILED: RwLock<BTreeMap<Arc<str>, Arc<Regex>>> = RwLock::new(BTreeMap::new());

/// A regular expression; none where the text is none, which a condition that compiles does not hold.
fn compiled(pattern: &Arc<str>) -> Option<Arc<Regex>> {
    if let Some(regex) = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(pattern) {
        return Some(Arc::clone(regex));
    }
    let regex = Arc::new(Regex::new(pattern).ok()?);
    COMPILED.write().unwrap_or_else(PoisonError::into_inner).insert(Arc::clone(pattern), Arc::clone(&regex));
    Some(regex)
}

/// Whether the text is as the test says; and what was found, where it is a part of the text.
pub(crate) fn test(test: &TextTest, value: &Value) -> (Truth, Option<Value>) {
    let known = match (value.as_str(), value.as_unknown()) {
        (Some(text), _) => Some(text),
        (None, Some(_)) => None,
        (None, None) => return (Truth::False, None),
    };
    match test {
        TextTest::StartsWith(prefix) => (starts_with(prefix, known, value), None),
        TextTest::EndsWith(suffix) => (ends_with(suffix, known, value), None),
        TextTest::Contains(part) => search(value, known, |run| run.text.find(&**part).map(|at| at..at + part.len())),
        TextTest::Matches(pattern) => match compiled(pattern) {
            Some(regex) => search(value, known, |run| run.certain_match(&regex)),
            None => (Truth::Unknown, None),
        },
    }
}

fn starts_with(wanted: &str, known: Option<&str>, value: &Value) -> Truth {
    match (known, value.as_unknown().and_then(|unknown| unknown.prefix.as_deref())) {
        (Some(text), _) => text.starts_with(wanted).into(),
        (None, Some(prefix)) if prefix.starts_with(wanted) => Truth::True,
        (None, Some(prefix)) if !wanted.starts_with(prefix) => Truth::False,
        _ => Truth::Unknown,
    }
}

fn ends_with(wanted: &str, known: Option<&str>, value: &Value) -> Truth {
    if let Some(text) = known {
        return text.ends_with(wanted).into();
    }
    let Some(Content::Pieces(pieces)) = value.content.as_deref() else { return Truth::Unknown };
    match pieces.last().and_then(Value::as_str) {
        Some(end) if end.ends_with(wanted) => Truth::True,
        Some(end) if !wanted.ends_with(end) => Truth::False,
        _ => Truth::Unknown,
    }
}

/// Looks for something in each run.
fn search(
    value: &Value,
    known: Option<&str>,
    find: impl Fn(&Run<'_>) -> Option<Range<usize>>,
) -> (Truth, Option<Value>) {
    let mut runs = runs(value);
    if let Some(text) = known {
        // Pieces that are not the whole text would place what is found wrongly.
        let whole = matches!(&*runs, [run] if run.text == text);
        if !whole {
            runs = vec![Run { text: text.into(), pieces: Vec::new(), begins: true, ends: true }];
        }
    }
    for run in &runs {
        if let Some(range) = find(run) {
            return (Truth::True, run.part(value, range));
        }
    }
    (if known.is_some() { Truth::False } else { Truth::Unknown }, None)
}

/// Known text between unknown pieces.
#[derive(Default)]
struct Run<'v> {
    text: String,
    /// The pieces of it, each with where it begins.
    pieces: Vec<(usize, &'v Value)>,
    /// Whether the whole text begins with it.
    begins: bool,
    /// Whether the whole text ends with it.
    ends: bool,
}

impl Run<'_> {
    /// A match that is one whatever stands around the run.
    fn certain_match(&self, regex: &Regex) -> Option<Range<usize>> {
        let certain =
            |range: &Range<usize>| (range.start > 0 || self.begins) && (range.end < self.text.len() || self.ends);
        let captures = regex
            .captures_iter(&self.text)
            .find(|captures| captures.get(0).is_some_and(|whole| certain(&whole.range())))?;
        captures.name(FOUND).or_else(|| captures.get(0)).map(|found| found.range())
    }

    /// The part of the text in a range of the run, without white space around it.
    fn part(&self, whole: &Value, range: Range<usize>) -> Option<Value> {
        let text = self.text.get(range.clone())?;
        let start = range.start + (text.len() - text.trim_start().len());
        let text = text.trim();
        let at = self.pieces.partition_point(|(begin, _)| *begin <= start).checked_sub(1)?;
        let (begin, piece) = self.pieces[at];
        let origin = piece.origin.as_ref()?;
        let source = origin.source();
        let length = piece.as_str()?.len();
        let place = if source.span.range().len() == length {
            let end = (start + text.len() - begin).min(length);
            origin.of_part(&Origin::written(source.span.slice(start - begin, end)))
        } else {
            origin.clone()
        };
        let origin = whole.origin.as_ref().map_or_else(|| place.clone(), |whole| whole.of_part(&place));
        Some(Value { origin: Some(origin), sensitive: whole.sensitive || piece.sensitive, ..Value::string(text) })
    }
}

/// The runs of a text.
fn runs(value: &Value) -> Vec<Run<'_>> {
    let mut runs = vec![Run { begins: true, ..Run::default() }];
    gather(value, 0, &mut runs);
    if let Some(last) = runs.last_mut() {
        last.ends = true;
    }
    runs
}

fn gather<'v>(value: &'v Value, depth: usize, runs: &mut Vec<Run<'v>>) {
    match (value.content.as_deref(), &value.data) {
        (Some(Content::Pieces(pieces)), Data::String(_) | Data::Unknown(_)) if depth < MAX_DEPTH => {
            for piece in pieces {
                gather(piece, depth + 1, runs);
            }
        }
        (_, Data::String(text)) => {
            if let Some(run) = runs.last_mut() {
                run.pieces.push((run.text.len(), value));
                run.text.push_str(text);
            }
        }
        (_, Data::Bool(flag)) => push(runs, &flag.to_string()),
        (_, Data::Number(number)) => push(runs, &number.to_string()),
        _ => runs.push(Run::default()),
    }
}

fn push(runs: &mut [Run<'_>], text: &str) {
    if let Some(run) = runs.last_mut() {
        run.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use terravet_graph::{Type, Why};

    use super::*;

    fn unknown() -> Value {
        Value::unknown(Why::Other("computed".into()), Type::String)
    }

    fn text(pieces: Vec<Value>) -> Value {
        unknown().with_content(Content::Pieces(pieces))
    }

    fn truth(test_of: &TextTest, value: &Value) -> Truth {
        test(test_of, value).0
    }

    #[test]
    fn known_pieces_of_a_text_decide_its_end_and_what_is_in_it() {
        let text = text(vec![unknown(), Value::string("/*/*")]);
        assert_eq!(truth(&TextTest::EndsWith("/*/*".into()), &text), Truth::True);
        assert_eq!(truth(&TextTest::EndsWith("/*/GET".into()), &text), Truth::False);
        assert_eq!(truth(&TextTest::EndsWith("a/*/*".into()), &text), Truth::Unknown);
        assert_eq!(truth(&TextTest::Contains("*/".into()), &text), Truth::True);
        assert_eq!(truth(&TextTest::Contains("arn".into()), &text), Truth::Unknown);
    }

    #[test]
    fn a_match_within_known_pieces_is_certain_and_one_that_touches_an_unknown_is_not() {
        let word = TextTest::Matches("(^|[^a-z])key($|[^a-z])".into());
        let of = |before: &str, after: &str| text(vec![Value::string(before), unknown(), Value::string(after)]);
        assert_eq!(truth(&word, &of("key=1 ", "")), Truth::True);
        assert_eq!(truth(&word, &of("", ". key")), Truth::True);
        assert_eq!(truth(&word, &of("a key", "b")), Truth::Unknown);
        assert_eq!(truth(&word, &of("a", "key b")), Truth::Unknown);
        assert_eq!(truth(&word, &of("a key", "c key b")), Truth::True);
        let split = text(vec![Value::string("a k"), Value::string("ey b"), unknown()]);
        assert_eq!(truth(&word, &split), Truth::True);
    }

    #[test]
    fn a_match_is_placed_in_its_piece() {
        let sources =
            terravet_source::Sources::new(std::sync::Arc::new(terravet_source::Memory::new([("main.tf", "")])));
        let file = sources.id(std::path::Path::new("main.tf"));
        let at = |start: u32, end: u32| terravet_source::Span { file, start, end };
        let lines =
            vec![Value::string("#!/bin/sh\n").written_at(at(4, 14)), Value::string("key=abc\n").written_at(at(18, 26))];
        let script = Value::string("#!/bin/sh\nkey=abc\n").written_at(at(0, 30)).with_content(Content::Pieces(lines));
        let pattern = TextTest::Matches("(^|\\s)key=(?<found>[a-z]+)".into());
        let (truth, part) = test(&pattern, &script);
        let part = part.unwrap();
        assert_eq!((truth, part.as_str(), part.span()), (Truth::True, Some("abc"), Some(at(22, 25))));
    }
}
