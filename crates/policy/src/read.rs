//! From a value to the documents that it may be.
//!
//! In: the [`Value`] of a policy attribute, which may be an object, JSON text, text with unknown parts, one of several, or
//! unknown. Out: a [`Reading`].

use terravet_graph::{Content, Data, Value};
use terravet_model::{TextError, parse_text};
use terravet_source::Span;

use crate::document::Document;

/// How deep candidates and encodings within each other are followed.
const MAX_DEPTH: usize = 8;

/// The number of statements past which no further candidate is read; a document by itself may have any number.
const MAX_STATEMENTS: usize = 200_000;

/// The documents that a value may be.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// One document, or one for each candidate, or none where no policy is set.
    pub documents: Vec<Document>,
    /// What could not be read. A document that could not be read is an unknown one.
    pub errors: Vec<PolicyError>,
}

/// Why text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is not JSON. The user's to mend.
    #[error("this policy is not valid JSON: {message}")]
    Syntax {
        /// What the JSON parser says.
        message: String,
        /// Where, as exactly as is known.
        span: Option<Span>,
    },
    /// It is JSON, or a value, of another kind. The user's to mend.
    #[error("a policy must be a JSON object, and this is {found}")]
    NotAnObject {
        /// What it is instead.
        found: &'static str,
        /// Where.
        span: Option<Span>,
    },
    /// Too many unknown parts in one text.
    #[error("the policy has more than {limit} parts that are not known before apply, and is not looked into")]
    TooManyUnknownParts {
        /// The limit.
        limit: usize,
        /// Where.
        span: Option<Span>,
    },
}

impl PolicyError {
    /// Where it is.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Syntax { span, .. } | Self::NotAnObject { span, .. } | Self::TooManyUnknownParts { span, .. } => {
                *span
            }
        }
    }
}

impl From<TextError> for PolicyError {
    fn from(error: TextError) -> Self {
        match error {
            TextError::Syntax { message, span } => Self::Syntax { message, span },
            TextError::TooManyUnknownParts { limit, span } => Self::TooManyUnknownParts { limit, span },
        }
    }
}

/// Reads a policy.
#[must_use]
pub fn read(value: &Value) -> Reading {
    let mut reading = Reading::default();
    read_into(&mut reading, value, 0);
    reading
}

fn read_into(reading: &mut Reading, value: &Value, depth: usize) {
    if depth > MAX_DEPTH {
        reading.documents.push(Document::unknown(value));
        return;
    }
    if let (Data::String(_) | Data::Unknown(_), Some(Content::Json(encoded))) = (&value.data, value.content.as_deref())
    {
        return read_into(reading, &value.part(encoded), depth + 1);
    }
    match &value.data {
        Data::Absent | Data::Null(_) => {}
        Data::Map(_) | Data::Object(_) => reading.documents.push(Document::of_object(value)),
        // Some resources take the empty text for no policy.
        Data::String(text) if text.trim().is_empty() => {}
        Data::String(_) => read_text(reading, value, depth),
        Data::Unknown(unknown) if !unknown.candidates.is_empty() => {
            for candidate in &unknown.candidates {
                let before = reading.documents.len();
                let statements = |document: &Document| document.statements.iter().count();
                if reading.documents.iter().map(statements).sum::<usize>() > MAX_STATEMENTS {
                    reading.documents.push(Document::unknown(value));
                } else {
                    read_into(reading, &value.part(&candidate.value), depth + 1);
                }
                for document in &mut reading.documents[before..] {
                    document.when.clone_from(&candidate.when);
                }
            }
        }
        Data::Unknown(_) => match value.content.as_deref() {
            Some(Content::Pieces(_)) => read_text(reading, value, depth),
            _ => reading.documents.push(Document::unknown(value)),
        },
        Data::Bool(_) => refuse(reading, value, "a bool"),
        Data::Number(_) => refuse(reading, value, "a number"),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => refuse(reading, value, "a list"),
    }
}

fn read_text(reading: &mut Reading, value: &Value, depth: usize) {
    match parse_text(value) {
        Ok(parsed) => match &parsed.data {
            Data::Map(_) | Data::Object(_) | Data::Unknown(_) => read_into(reading, &parsed, depth + 1),
            Data::String(_) => refuse(reading, value, "a JSON string"),
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => refuse(reading, value, "a JSON array"),
            _ => refuse(reading, value, "a JSON literal"),
        },
        Err(error) => {
            reading.documents.push(Document::unknown(value));
            reading.errors.push(error.into());
        }
    }
}

fn refuse(reading: &mut Reading, value: &Value, found: &'static str) {
    reading.documents.push(Document::unknown(value));
    reading.errors.push(PolicyError::NotAnObject { found, span: value.span() });
}
