//! `csvdecode`. Source: <https://developer.hashicorp.com/terraform/language/functions/csvdecode> and, for the fine print
//! of quotes, <https://www.rfc-editor.org/rfc/rfc4180> as Go's reader has it.

use std::sync::Arc;

use terravet_graph::{Type, Value};

use crate::list::within_elements;
use crate::signature::{Function, Kind, Parameter};
use crate::string::{string, text};
use crate::{Context, FunctionError};

pub(crate) const FUNCTIONS: &[Function] =
    &[Function::typed("csvdecode", &[Parameter::new("str", Kind::String)], csv_type, csv_decode)
        .holding(crate::string::decoded)];

fn csv_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let Some(text) = arguments[0].as_str() else { return Ok(Type::Any) };
    let header = Records::new(text).next().ok_or_else(|| FunctionError::argument(0, "missing header line"))??;
    let mut names: Vec<Arc<str>> = Vec::with_capacity(header.len());
    for name in header {
        let name = string(name);
        let name: Arc<str> = name.as_str().unwrap_or_default().into();
        if names.contains(&name) {
            return Err(FunctionError::argument(0, format!("duplicate column name {name:?}")));
        }
        names.push(name);
    }
    Ok(Type::list(Type::object(names.into_iter().map(|name| (name, Type::String)))))
}

fn csv_decode(_: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let mut records = Records::new(text(arguments, 0));
    let header = records.next().ok_or_else(|| FunctionError::argument(0, "missing header line"))??;
    let names: Vec<Arc<str>> =
        header.into_iter().map(|name| string(name).as_str().unwrap_or_default().into()).collect();
    let mut rows = Vec::new();
    while let Some(record) = records.next() {
        let record = record?;
        if record.len() != names.len() {
            return Err(records.error("wrong number of fields"));
        }
        within_elements((rows.len() + 1).saturating_mul(names.len()))?;
        rows.push(Value::object(names.iter().cloned().zip(record.into_iter().map(string))));
    }
    let element = match ty {
        Type::List(element) => Type::clone(element),
        _ => Type::Any,
    };
    Ok(Value::list(element, rows))
}

/// The records of a text, empty lines left out.
struct Records<'t> {
    /// What is still to be read.
    rest: &'t str,
    /// How many lines have been read.
    line: usize,
    failed: bool,
}

impl<'t> Records<'t> {
    fn new(text: &'t str) -> Self {
        Self { rest: text, line: 0, failed: false }
    }

    fn error(&self, what: &str) -> FunctionError {
        FunctionError::argument(0, format!("CSV parse error on line {}: {what}", self.line))
    }

    /// The next line without its line break, and whether it had one. A carriage return before the break belongs to it.
    fn next_line(&mut self) -> Option<(&'t str, bool)> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let (line, rest, ended) = match self.rest.split_once('\n') {
            Some((line, rest)) => (line.strip_suffix('\r').unwrap_or(line), rest, true),
            // A carriage return at the very end is dropped as well.
            None => (self.rest.strip_suffix('\r').unwrap_or(self.rest), "", false),
        };
        self.rest = rest;
        Some((line, ended))
    }

    fn record(&mut self, first: (&'t str, bool)) -> Result<Vec<String>, FunctionError> {
        let (mut line, mut ended) = first;
        let mut fields = Vec::new();
        loop {
            let Some(quoted) = line.strip_prefix('"') else {
                let (field, rest) = line.split_once(',').map_or((line, None), |(field, rest)| (field, Some(rest)));
                if field.contains('"') {
                    return Err(self.error("bare \" in non-quoted field"));
                }
                fields.push(field.to_owned());
                match rest {
                    Some(rest) => line = rest,
                    None => return Ok(fields),
                }
                continue;
            };
            let mut field = String::new();
            let mut inside = quoted;
            loop {
                let Some((before, after)) = inside.split_once('"') else {
                    // The field goes on in the next line.
                    field.push_str(inside);
                    if ended {
                        field.push('\n');
                    }
                    (inside, ended) = self
                        .next_line()
                        .filter(|_| ended)
                        .ok_or_else(|| self.error("extraneous or missing \" in quoted-field"))?;
                    continue;
                };
                field.push_str(before);
                match after.chars().next() {
                    Some('"') => {
                        field.push('"');
                        inside = &after[1..];
                    }
                    Some(',') => {
                        line = &after[1..];
                        break;
                    }
                    None => {
                        fields.push(field);
                        return Ok(fields);
                    }
                    Some(_) => return Err(self.error("extraneous or missing \" in quoted-field")),
                }
            }
            fields.push(field);
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<String>, FunctionError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.failed {
            let first = self.next_line()?;
            if first.0.is_empty() && (first.1 || self.rest.is_empty()) {
                continue;
            }
            let record = self.record(first);
            self.failed = record.is_err();
            return Some(record);
        }
        None
    }
}
