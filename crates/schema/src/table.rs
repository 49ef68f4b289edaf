//! Tables: facts about the world that move with time (versions, ports, policies), as data with their source.
//!
//! In: `tables/<name>.yaml`. Out: a [`Table`], in which a text (or one text after another) finds a row; whatever is wrong is a
//! diagnostic at its place. A table says where its facts come from and on which day they were last checked.
//!
//! Invariants: every cell is of its column's type; a key stands once; the columns that a condition asks for are there.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use terravet_diagnostics::Diagnostic;
use terravet_graph::{Number, Value};
use terravet_source::{SourceFile, Span};
use terravet_yaml::{Entry, Node, Resolved};

use crate::day::Day;
use crate::kind::AttributeType;
use crate::literal::Literal;

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it holds, in one line.
    pub doc: Arc<str>,
    /// The page that says so.
    pub source: Arc<str>,
    /// The day on which that was last looked at.
    pub checked: Day,
    /// What its keys are, outermost first.
    pub keys: Vec<Arc<str>>,
    /// How the last of the keys finds its row.
    pub matching: Matching,
    /// Its columns by name; without any, it is a list of keys.
    pub columns: BTreeMap<Arc<str>, Column>,
    /// Its rows by their keys, as many as [`Table::keys`] has.
    pub rows: BTreeMap<Vec<Arc<str>>, Row>,
}

/// The cells of a row by column; a column that is not there has no value.
pub type Row = BTreeMap<Arc<str>, Cell>;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it says, in one line.
    pub doc: Arc<str>,
    /// Its type: bool, number, text, a list of texts, a day.
    pub ty: AttributeType,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// One value.
    One(Literal),
    /// A list of texts.
    Texts(Vec<Arc<str>>),
}

impl Cell {
    /// The value that it stands for.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::One(literal) => literal.value(),
            Self::Texts(texts) => Value::tuple(texts.iter().map(|text| Value::string(Arc::clone(text)))),
        }
    }
}

/// How a text finds the row of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// It is the key.
    Exact,
    /// It begins with the key; of several, the longest counts.
    Prefix,
    /// It is the key, or goes on after it with `.`, `-` or `_`; of several, the longest counts. `5.7` finds `5.7.44`.
    Version,
}

impl Matching {
    const WORDS: [(&'static str, Self); 3] =
        [("exact", Self::Exact), ("prefix", Self::Prefix), ("version", Self::Version)];

    fn holds(self, key: &str, text: &str) -> bool {
        match (self, text.strip_prefix(key)) {
            (_, None) => false,
            (Self::Exact, Some(rest)) => rest.is_empty(),
            (Self::Prefix, Some(_)) => true,
            (Self::Version, Some(rest)) => rest.is_empty() || rest.starts_with(['.', '-', '_']),
        }
    }
}

impl Table {
    /// The row that these keys find.
    #[must_use]
    pub fn row(&self, keys: &[&str]) -> Option<&Row> {
        let (last, before) = keys.split_last()?;
        if keys.len() != self.keys.len() {
            return None;
        }
        let of = |last: &str| {
            let whole: Vec<Arc<str>> = before.iter().copied().chain([last]).map(Arc::from).collect();
            self.rows.get(&whole)
        };
        if self.matching == Matching::Exact {
            return of(last);
        }
        // The longest beginning that is a key.
        let ends = last.char_indices().map(|(at, _)| at).skip(1).chain([last.len()]).collect::<Vec<_>>();
        let beginnings = ends.into_iter().rev().filter_map(|end| last.get(..end));
        beginnings.filter(|key| self.matching.holds(key, last)).find_map(of)
    }

    /// The keys that stand at a level, after those before it: what may be written there.
    pub fn keys_at<'t>(&'t self, before: &'t [&str]) -> impl Iterator<Item = &'t str> {
        let starts = move |keys: &&Vec<Arc<str>>| keys.iter().zip(before).all(|(key, wanted)| **key == **wanted);
        self.rows.keys().filter(starts).filter_map(|keys| keys.get(before.len())).map(|key| &**key)
    }
}

/// The file of a table, read when it is first asked for.
#[derive(Debug)]
pub(crate) struct TableFile {
    file: Arc<SourceFile>,
    decoded: OnceLock<(Option<Table>, Vec<Diagnostic>)>,
}

impl TableFile {
    pub(crate) fn new(file: Arc<SourceFile>) -> Self {
        Self { file, decoded: OnceLock::new() }
    }

    pub(crate) fn place(&self) -> Span {
        Span::start_of(self.file.id())
    }

    pub(crate) fn table(&self) -> Option<&Table> {
        self.decoded().0.as_ref()
    }

    pub(crate) fn problems(&self) -> &[Diagnostic] {
        &self.decoded().1
    }

    fn decoded(&self) -> &(Option<Table>, Vec<Diagnostic>) {
        self.decoded.get_or_init(|| decode(&self.file))
    }
}

const TABLE_KEYS: &[&str] = &["doc", "source", "checked", "keys", "matching", "columns", "entries"];
const COLUMN_KEYS: &[&str] = &["doc", "type"];
/// How many keys may lead to a row, one after another.
const MAX_KEYS: usize = 4;

/// Reads a table; none where there is nothing that could be one.
fn decode(file: &SourceFile) -> (Option<Table>, Vec<Diagnostic>) {
    let parsed = terravet_yaml::parse_yaml(file);
    let mut decoder = Decoder { problems: parsed.diagnostics };
    let table = parsed.documents.first().and_then(|node| decoder.table(node));
    if table.is_none() && decoder.problems.is_empty() {
        decoder.refuse(Span::start_of(file.id()), "a table has the keys doc, source, checked, keys and entries");
    }
    (table, decoder.problems)
}

struct Decoder {
    problems: Vec<Diagnostic>,
}

impl Decoder {
    fn refuse(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Diagnostic::error("table", span, message));
    }

    fn refuse_name<'n>(&mut self, span: Span, message: String, name: &str, known: impl IntoIterator<Item = &'n str>) {
        self.problems.push(Diagnostic::error("table", span, message).with_suggestion(name, known));
    }

    fn text(&mut self, node: &Node, key: &str) -> Arc<str> {
        let found = node.get(key).and_then(Node::as_str);
        if found.is_none_or(str::is_empty) {
            self.refuse(node.get(key).map_or(node.span, |node| node.span), format!("a table needs `{key}`"));
        }
        found.unwrap_or_default().into()
    }

    fn table(&mut self, node: &Node) -> Option<Table> {
        self.check_keys(node.as_mapping()?, TABLE_KEYS);
        let (doc, source) = (self.text(node, "doc"), self.text(node, "source"));
        if !source.is_empty() && !source.starts_with("https://") {
            self.refuse(node.get("source")?.span, "`source` is the address of the page that says so (https://…)");
        }
        let checked = self.text(node, "checked");
        let day = Day::parse(&checked);
        if day.is_none() && !checked.is_empty() {
            self.refuse(node.get("checked")?.span, format!("`{checked}` is no day; write it as 2026-12-01"));
        }
        let keys: Vec<Arc<str>> = match node.get("keys") {
            Some(keys) => items(keys).iter().filter_map(|key| key.as_str().map(Arc::from)).collect(),
            None => Vec::new(),
        };
        if !(1..=MAX_KEYS).contains(&keys.len()) {
            let message = format!("a table says what its keys are: `keys: [runtime]`; at most {MAX_KEYS}");
            self.refuse(node.get("keys").map_or(node.span, |node| node.span), message);
        }
        let columns = node.get("columns").map(|node| self.columns(node)).unwrap_or_default();
        let mut table = Table {
            doc,
            source,
            checked: day.unwrap_or_default(),
            matching: node.get("matching").map_or(Matching::Exact, |node| self.matching(node)),
            keys,
            columns,
            rows: BTreeMap::new(),
        };
        match node.get("entries") {
            Some(entries) if !table.keys.is_empty() => self.entries(entries, &mut table, &[]),
            Some(_) => {}
            None => self.refuse(node.span, "a table needs `entries`"),
        }
        Some(table)
    }

    fn check_keys(&mut self, entries: &[Entry], keys: &[&str]) {
        for entry in entries {
            let key = entry.key.as_str().unwrap_or_default();
            if !keys.contains(&key) {
                self.refuse_name(entry.key.span, format!("`{key}` is not understood here"), key, keys.iter().copied());
            }
        }
    }

    fn matching(&mut self, node: &Node) -> Matching {
        let word = node.as_str().unwrap_or_default();
        let found = Matching::WORDS.into_iter().find(|(known, _)| *known == word);
        if found.is_none() {
            self.refuse(node.span, format!("`{word}` is no way to match; use exact, prefix or version"));
        }
        found.map_or(Matching::Exact, |(_, matching)| matching)
    }

    fn columns(&mut self, node: &Node) -> BTreeMap<Arc<str>, Column> {
        let mut columns = BTreeMap::new();
        for entry in node.as_mapping().unwrap_or_default() {
            self.check_keys(entry.value.as_mapping().unwrap_or_default(), COLUMN_KEYS);
            let doc = self.text(&entry.value, "doc");
            let ty = match entry.value.get("type").and_then(Node::as_str).unwrap_or_default() {
                "bool" => AttributeType::Bool,
                "number" => AttributeType::Number,
                "string" => AttributeType::String,
                "list of string" => AttributeType::Strings,
                "date" => AttributeType::Date,
                other => {
                    let hint = "use bool, number, string, list of string or date";
                    self.refuse(entry.value.span, format!("`{other}` is no type of a column; {hint}"));
                    AttributeType::String
                }
            };
            columns.insert(entry.key.as_str().unwrap_or_default().into(), Column { doc, ty });
        }
        columns
    }

    /// The entries at a level: a list of keys alone, or a mapping from a key to a row or to further keys.
    fn entries(&mut self, node: &Node, table: &mut Table, before: &[Arc<str>]) {
        let is_last = before.len() + 1 == table.keys.len();
        if let Some(items) = node.as_sequence().filter(|_| is_last) {
            for item in items {
                self.row(item, None, table, before);
            }
            return;
        }
        let Some(entries) = node.as_mapping() else {
            let name = table.keys.get(before.len()).cloned().unwrap_or_default();
            return self.refuse(node.span, format!("a list or a mapping of each `{name}` is needed here"));
        };
        for entry in entries {
            if is_last {
                self.row(&entry.key, Some(&entry.value), table, before);
            } else {
                let Some(key) = entry.key.as_str() else { continue };
                let keys: Vec<Arc<str>> = before.iter().cloned().chain([Arc::from(key)]).collect();
                self.entries(&entry.value, table, &keys);
            }
        }
    }

    fn row(&mut self, key: &Node, cells: Option<&Node>, table: &mut Table, before: &[Arc<str>]) {
        let Some(text) = key.as_str() else { return self.refuse(key.span, "a key is text") };
        let mut row = Row::new();
        for entry in cells.and_then(Node::as_mapping).unwrap_or_default() {
            let name = entry.key.as_str().unwrap_or_default();
            match table.columns.get(name) {
                Some(column) => match cell(&entry.value, &column.ty) {
                    Some(cell) => {
                        row.insert(name.into(), cell);
                    }
                    None => self.refuse(entry.value.span, format!("the column {name} is {}", column.ty)),
                },
                None => {
                    let known: Vec<Arc<str>> = table.columns.keys().cloned().collect();
                    let message = format!("the table has no column `{name}`");
                    self.refuse_name(entry.key.span, message, name, known.iter().map(|name| &**name));
                }
            }
        }
        let keys: Vec<Arc<str>> = before.iter().cloned().chain([Arc::from(text)]).collect();
        if table.rows.insert(keys, row).is_some() && cells.is_none() {
            // In a mapping, the parser says so.
            self.refuse(key.span, format!("the key `{text}` stands twice in this table"));
        }
    }
}

/// The items of a list, or the one thing that is written without one.
fn items(node: &Node) -> &[Node] {
    node.as_sequence().unwrap_or(std::slice::from_ref(node))
}

/// A cell of a column's type; none where it is of another.
fn cell(node: &Node, ty: &AttributeType) -> Option<Cell> {
    if *ty == AttributeType::Strings {
        let texts: Option<Vec<Arc<str>>> = items(node).iter().map(|item| item.as_str().map(Arc::from)).collect();
        return texts.map(Cell::Texts);
    }
    let text = node.as_str()?;
    let literal = match (ty, node.resolve()) {
        (AttributeType::Bool, Some(Resolved::Bool(flag))) => Literal::Bool(flag),
        (AttributeType::Number, Some(Resolved::Integer(_) | Resolved::Float(_))) => {
            Literal::Number(text.parse::<Number>().ok()?)
        }
        (AttributeType::String, _) => Literal::Text(text.into()),
        (AttributeType::Date, _) => Literal::Number(Day::parse(text)?.number().into()),
        _ => return None,
    };
    Some(Cell::One(literal))
}
