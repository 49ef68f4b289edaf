//! Patterns of policies: text with `*` and `?`, of which parts may be unknown.
//!
//! In: the [`Value`] of an action, resource, principal or condition value. Out: [`Pattern`], and three-valued
//! answers to whether it matches a text, covers another pattern, or has a text in common with it.
//!
//! Invariants: an answer is true only if it holds whatever the unknown parts turn out to be, and false only if it
//! can hold for none. The cost is at most the product of the two lengths, which is itself limited; past the limit the
//! answer is unknown. A wildcard never matches more than IAM's does: `*` any text, also across `:` and `/`, and `?` one
//! character (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>).

use std::fmt::{self, Write as _};
use std::sync::Arc;

use terravet_graph::{Content, Data, Truth, Unknown, Value, Why};

use crate::account;

/// The greatest product of two patterns' lengths that is looked into.
const MAX_CELLS: usize = 4_000_000;
/// How deep text made of text made of text … is followed.
const MAX_DEPTH: usize = 16;

/// One thing that a pattern consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// This character.
    Char(char),
    /// `?`: any one character.
    One,
    /// `*`: any text.
    Many,
    /// Text without wildcards that is not known: a policy variable, or an attribute that the provider computes. The
    /// same name is the same text; the empty name is like no other.
    Fixed(Arc<str>),
    /// One character without wildcards that is not known, of a text like [`Token::Fixed`]: which text, and which of its characters.
    Letter(Arc<str>, u8),
    /// Text of which nothing is known; it may hold wildcards.
    Open,
    /// In templates: whatever text without `:` suits the other side.
    Segment,
}

/// Whether letters differ by case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// They do: resources, principals, most condition values.
    Exact,
    /// They do not: actions
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>).
    AnyCase,
}

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    tokens: Vec<Token>,
}

/// What a policy variable stands for in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// This text.
    Text(Pattern),
    /// The request does not have it.
    Missing,
    /// It is not known what; the variable stays.
    Open,
}

/// What is asked of two patterns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Question {
    /// The left certainly matches all that the right matches.
    Covers,
    /// The left may match all that the right matches.
    MayCover,
    /// Some text certainly matches both.
    Overlaps,
    /// Some text may match both.
    MayOverlap,
}

impl Pattern {
    /// The pattern that a text is.
    #[must_use]
    pub fn new(text: &str, letters: Letters) -> Self {
        let mut tokens = Vec::with_capacity(text.len());
        push_text(&mut tokens, text, letters);
        Self { tokens }
    }

    /// A template of resources, to be covered or overlapped: `{}` stands for whatever text without `:` the other pattern
    /// has there.
    #[must_use]
    pub fn template(text: &str) -> Self {
        let mut tokens = Vec::with_capacity(text.len());
        for (at, part) in text.split("{}").enumerate() {
            if at > 0 {
                tokens.push(Token::Segment);
            }
            push_text(&mut tokens, part, Letters::Exact);
        }
        Self { tokens }
    }

    /// The pattern that a value is, known or not; none where it is no text. Candidates are not looked into: see
    /// [`judge`].
    #[must_use]
    pub fn of(value: &Value, letters: Letters) -> Option<Self> {
        Self::naming(value, letters, &|_| None)
    }

    /// As [`Pattern::of`], where `name` tells what unknown parts of the text will be, as far as it knows.
    #[must_use]
    pub fn naming(value: &Value, letters: Letters, name: &dyn Fn(&Value) -> Option<Pattern>) -> Option<Self> {
        let mut tokens = Vec::new();
        push_value(&mut tokens, value, letters, name, 0)?;
        Some(Self { tokens })
    }

    /// Text without wildcards that is not known. The same name is the same text; the empty name is like no other.
    #[must_use]
    pub fn fixed(name: impl Into<Arc<str>>) -> Self {
        Self { tokens: vec![Token::Fixed(name.into())] }
    }

    /// As [`Pattern::fixed`], where it is known how many characters the text has.
    #[must_use]
    pub fn letters(name: impl Into<Arc<str>>, count: u8) -> Self {
        let name = name.into();
        Self { tokens: (0..count).map(|at| Token::Letter(Arc::clone(&name), at)).collect() }
    }

    /// One pattern after the other.
    #[must_use]
    pub fn then(mut self, other: Pattern) -> Self {
        self.tokens.extend(other.tokens);
        self
    }

    /// The pattern with its wildcards as ordinary characters, as operators that compare text take them.
    #[must_use]
    pub fn exact(mut self) -> Self {
        for token in &mut self.tokens {
            match token {
                Token::Many => *token = Token::Char('*'),
                Token::One => *token = Token::Char('?'),
                _ => {}
            }
        }
        self
    }

    /// Whether it is the same text as `other`, with its wildcards as ordinary characters.
    #[must_use]
    pub fn exact_covers(&self, other: &Pattern) -> Truth {
        self.clone().exact().covers(other)
    }

    /// The pattern with its letters in lower case.
    #[must_use]
    pub fn lower_case(mut self) -> Self {
        for token in &mut self.tokens {
            if let Token::Char(char) = token {
                *char = char.to_ascii_lowercase();
            }
        }
        self
    }

    /// The pattern with its policy variables as the text that they are in documents without `Version: 2012-10-17`
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>).
    #[must_use]
    pub fn without_variables(self) -> Self {
        let plain = |token: Token| match token {
            Token::Fixed(name) if name.starts_with("${") => {
                let text: Vec<Token> = name.chars().chain(['}']).map(Token::Char).collect();
                text
            }
            other => vec![other],
        };
        Self { tokens: self.tokens.into_iter().flat_map(plain).collect() }
    }

    /// The pattern with its policy variables as `variable` tells, which is asked for each by name. None where one of them is
    /// missing and has no default (`${aws:PrincipalTag/team, 'none'}`): then nothing matches.
    #[must_use]
    pub fn bind(&self, variable: &dyn Fn(&str) -> Bound) -> Option<Self> {
        let mut tokens = Vec::with_capacity(self.tokens.len());
        for token in &self.tokens {
            let Token::Fixed(name) = token else {
                tokens.push(token.clone());
                continue;
            };
            let Some(inside) = name.strip_prefix("${") else {
                tokens.push(token.clone());
                continue;
            };
            let (key, default) = inside.split_once(',').map_or((inside, None), |(key, rest)| (key, Some(rest)));
            match variable(key.trim()) {
                Bound::Text(text) => tokens.extend(text.exact().tokens),
                Bound::Open => tokens.push(token.clone()),
                Bound::Missing => tokens.extend(default?.trim().trim_matches('\'').chars().map(Token::Char)),
            }
        }
        Some(Self { tokens })
    }

    /// Whether it matches this text.
    #[must_use]
    pub fn matches(&self, text: &str) -> Truth {
        self.matches_chars(text.chars())
    }

    /// Whether it, a pattern of [`Letters::AnyCase`], matches this text in whatever letter case.
    #[must_use]
    pub fn matches_any_case(&self, text: &str) -> Truth {
        self.matches_chars(text.chars().map(|char| char.to_ascii_lowercase()))
    }

    /// Most patterns differ from most texts within the first few characters: no memory is taken for those.
    fn matches_chars(&self, mut text: impl Iterator<Item = char>) -> Truth {
        for (at, token) in self.tokens.iter().enumerate() {
            let Token::Char(char) = token else {
                let rest = Self { tokens: text.map(Token::Char).collect() };
                return Self { tokens: self.tokens[at..].to_vec() }.covers(&rest);
            };
            if text.next() != Some(*char) {
                return Truth::False;
            }
        }
        Truth::from(text.next().is_none())
    }

    /// Whether it matches every text that `other` matches.
    #[must_use]
    pub fn covers(&self, other: &Pattern) -> Truth {
        self.ask(other, Question::Covers, Question::MayCover)
    }

    /// Whether some text matches both.
    #[must_use]
    pub fn overlaps(&self, other: &Pattern) -> Truth {
        self.ask(other, Question::Overlaps, Question::MayOverlap)
    }

    /// Whether it is nothing but wildcards, `*` at least once.
    #[must_use]
    pub fn is_everything(&self) -> Truth {
        let wild = self.tokens.iter().all(|token| matches!(token, Token::Many | Token::One));
        if wild && self.tokens.contains(&Token::Many) {
            return Truth::True;
        }
        let may_be = self.tokens.iter().all(|token| matches!(token, Token::Many | Token::One | Token::Open));
        if may_be && self.tokens.contains(&Token::Open) { Truth::Unknown } else { Truth::False }
    }

    /// Whether it stands for one text only. AWS calls a value with a wildcard or a policy variable not fixed; the
    /// variables `aws:Resource…` are, since they name the side of the resource
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>).
    #[must_use]
    pub fn is_fixed(&self) -> Truth {
        let of = |token: &Token| match token {
            Token::Char(_) | Token::Letter(..) => Truth::True,
            Token::Fixed(name) => Truth::from(!is_variable_of_the_caller(name)),
            Token::Open => Truth::Unknown,
            Token::One | Token::Many | Token::Segment => Truth::False,
        };
        self.tokens.iter().fold(Truth::True, |truth, token| truth.and(of(token)))
    }

    /// Whether it holds a policy variable that the caller of a request decides.
    #[must_use]
    pub fn has_variable_of_the_caller(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::Fixed(name) if is_variable_of_the_caller(name)))
    }

    /// The text, if no wildcard and nothing unknown is in it.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let char_of = |token: &Token| if let Token::Char(char) = token { Some(*char) } else { None };
        self.tokens.iter().map(char_of).collect()
    }

    /// The known text that it begins with, up to the first wildcard or unknown part.
    #[must_use]
    pub fn literal_prefix(&self) -> String {
        let char_of = |token: &Token| if let Token::Char(char) = token { Some(*char) } else { None };
        self.tokens.iter().map_while(char_of).collect()
    }

    /// The parts between `separator`, at most `count`; the last has the rest.
    #[must_use]
    pub fn split(&self, separator: char, count: usize) -> Vec<Pattern> {
        let parts = self.tokens.splitn(count, |token| *token == Token::Char(separator));
        parts.map(|tokens| Pattern { tokens: tokens.to_vec() }).collect()
    }

    /// Whether it is a single unknown text without wildcards, as the `arn` of a resource is before apply.
    #[must_use]
    pub fn is_computed(&self) -> bool {
        matches!(self.tokens.as_slice(), [Token::Fixed(name)] if !name.starts_with("${"))
    }

    /// Whether it begins with an attribute that the provider computes.
    #[must_use]
    pub(crate) fn starts_computed(&self) -> bool {
        matches!(self.tokens.first(), Some(Token::Fixed(name)) if !name.starts_with("${"))
    }

    /// Whether its last part is `*`.
    #[must_use]
    pub fn ends_with_wildcard(&self) -> bool {
        self.tokens.last() == Some(&Token::Many)
    }

    /// Whether it has no part at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    fn ask(&self, other: &Pattern, certainly: Question, possibly: Question) -> Truth {
        let (left, right) = match trim_equal_start(&self.tokens, &other.tokens) {
            Some(rest) => rest,
            None => return Truth::False,
        };
        if left.is_empty() && right.is_empty() {
            return Truth::True;
        }
        if let (Some(Token::Char(a)), Some(Token::Char(b))) = (left.last(), right.last())
            && a != b
        {
            return Truth::False;
        }
        if left.len().saturating_mul(right.len()) > MAX_CELLS {
            return Truth::Unknown;
        }
        if align(left, right, certainly) {
            Truth::True
        } else if align(left, right, possibly) {
            Truth::Unknown
        } else {
            Truth::False
        }
    }
}

impl fmt::Display for Pattern {
    /// The text, with what is not known by its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in &self.tokens {
            match token {
                Token::Char(char) => f.write_char(*char)?,
                Token::One | Token::Letter(..) => f.write_char('?')?,
                Token::Many => f.write_char('*')?,
                Token::Fixed(name) if name.starts_with("${") => write!(f, "{name}}}")?,
                Token::Fixed(name) => write!(f, "{{{name}}}")?,
                Token::Open | Token::Segment => f.write_str("{}")?,
            }
        }
        Ok(())
    }
}

/// What `look` says of the pattern of a value. Of an unknown with candidates: what it says of all of them, where they
/// agree. False for what is no text.
#[must_use]
pub fn judge(value: &Value, letters: Letters, look: impl Fn(&Pattern) -> Truth) -> Truth {
    let of = |value: &Value| Pattern::of(value, letters).map_or(Truth::False, |pattern| look(&pattern));
    match value.as_unknown() {
        Some(unknown) if !unknown.candidates.is_empty() => {
            agreed(unknown.candidates.iter().map(|candidate| of(&candidate.value)))
        }
        _ => of(value),
    }
}

/// The truth that all agree on; unknown where they do not, or where there is none.
pub(crate) fn agreed(truths: impl IntoIterator<Item = Truth>) -> Truth {
    truths.into_iter().reduce(|a, b| if a == b { a } else { Truth::Unknown }).unwrap_or(Truth::Unknown)
}

fn is_variable_of_the_caller(name: &str) -> bool {
    let side_of_the_resource =
        |name: &str| name.get(..12).is_some_and(|start| start.eq_ignore_ascii_case("aws:resource"));
    name.strip_prefix("${").is_some_and(|name| !side_of_the_resource(name))
}

fn push_text(tokens: &mut Vec<Token>, text: &str, letters: Letters) {
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        // Policy variables, and the three characters that are written like one:
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
        if let Some(inside) = rest.strip_prefix("${")
            && let Some(end) = inside.find('}')
        {
            let name = &inside[..end];
            tokens.push(match name {
                "*" | "?" | "$" => Token::Char(name.chars().next().unwrap_or('$')),
                _ => Token::Fixed(format!("${{{name}").into()),
            });
            rest = &inside[end + 1..];
            continue;
        }
        tokens.push(match char {
            '*' => Token::Many,
            '?' => Token::One,
            _ if letters == Letters::AnyCase => Token::Char(char.to_ascii_lowercase()),
            _ => Token::Char(char),
        });
        rest = &rest[char.len_utf8()..];
    }
}

fn push_value(
    tokens: &mut Vec<Token>,
    value: &Value,
    letters: Letters,
    name: &dyn Fn(&Value) -> Option<Pattern>,
    depth: usize,
) -> Option<()> {
    match &value.data {
        Data::String(text) => push_text(tokens, text, letters),
        Data::Bool(value) => push_text(tokens, if *value { "true" } else { "false" }, letters),
        Data::Number(number) => push_text(tokens, &number.to_string(), letters),
        Data::Unknown(unknown) => match value.content.as_deref() {
            Some(Content::Pieces(pieces)) if depth < MAX_DEPTH => {
                for piece in pieces {
                    if push_value(tokens, piece, letters, name, depth + 1).is_none() {
                        tokens.push(Token::Open);
                    }
                }
            }
            _ => match name(value) {
                Some(text) if letters == Letters::AnyCase => tokens.extend(text.lower_case().tokens),
                Some(text) => tokens.extend(text.tokens),
                None => push_unknown(tokens, value, unknown, letters),
            },
        },
        Data::Absent | Data::Null(_) => return None,
        Data::List(_) | Data::Set(_) | Data::Tuple(_) | Data::Map(_) | Data::Object(_) => return None,
    }
    Some(())
}

fn push_unknown(tokens: &mut Vec<Token>, value: &Value, unknown: &Unknown, letters: Letters) {
    if account::is_own_account(value) {
        tokens.push(Token::Fixed(account::OWN.into()));
    } else if let Some(name) = computed_name(unknown) {
        tokens.push(Token::Fixed(name));
    } else {
        push_text(tokens, unknown.prefix.as_deref().unwrap_or_default(), letters);
        tokens.push(Token::Open);
    }
}

/// The name of an unknown text that certainly holds no wildcard: what the provider computes (names and ARNs of AWS
/// cannot hold one), and identifiers that it reads.
fn computed_name(unknown: &Unknown) -> Option<Arc<str>> {
    let reference = unknown.reference.as_ref();
    let identifier = reference.is_some_and(|reference| {
        let attribute = reference.attribute.to_ascii_lowercase();
        attribute.is_empty() || attribute.ends_with("arn") || attribute.ends_with("id")
    });
    let computed = unknown.why == Why::Computed || (identifier && !matches!(unknown.why, Why::Input(_)));
    computed.then(|| reference.map(ToString::to_string).unwrap_or_default().into())
}

/// What is left of both without the literal text that they begin with; none where that differs.
fn trim_equal_start<'t>(mut left: &'t [Token], mut right: &'t [Token]) -> Option<(&'t [Token], &'t [Token])> {
    while let ([Token::Char(a), left_rest @ ..], [Token::Char(b), right_rest @ ..]) = (left, right) {
        if a != b {
            return None;
        }
        (left, right) = (left_rest, right_rest);
    }
    Some((left, right))
}

/// Whether the tokens of both sides can be laid against each other to the end of both, as `question` allows.
///
/// `reached[j]` says that the left tokens so far can stand against the first `j` of the right.
fn align(left: &[Token], right: &[Token], question: Question) -> bool {
    let mut reached = vec![false; right.len() + 1];
    reached[0] = true;
    for token in left.iter().map(Some).chain([None]) {
        let mut next = vec![false; right.len() + 1];
        for at in 0..=right.len() {
            if !reached[at] {
                continue;
            }
            let other = right.get(at);
            if let Some(other) = other
                && (right_is_empty(question, other) || token.is_some_and(|token| left_takes(question, token, other)))
            {
                reached[at + 1] = true;
            }
            let Some(token) = token else { continue };
            next[at] |= left_is_empty(question, token);
            if let Some(other) = other {
                next[at] |= right_takes(question, other, token);
                next[at + 1] |= same(question, token, other);
            }
        }
        if token.is_none() {
            return reached[right.len()];
        }
        reached = next;
    }
    false
}

/// Whether the left token can stand for no text.
fn left_is_empty(question: Question, left: &Token) -> bool {
    match question {
        Question::Covers | Question::Overlaps => matches!(left, Token::Many),
        Question::MayCover | Question::MayOverlap => matches!(left, Token::Many | Token::Open | Token::Fixed(_)),
    }
}

/// Whether the right token can stand for no text: for covering it must not be a wildcard, which stands for all.
fn right_is_empty(question: Question, right: &Token) -> bool {
    match question {
        Question::Covers => matches!(right, Token::Segment),
        Question::MayCover => matches!(right, Token::Segment | Token::Open | Token::Fixed(_)),
        Question::Overlaps => matches!(right, Token::Segment | Token::Many),
        Question::MayOverlap => matches!(right, Token::Segment | Token::Many | Token::Open | Token::Fixed(_)),
    }
}

/// Whether the left token can take in the right one and go on.
fn left_takes(question: Question, left: &Token, right: &Token) -> bool {
    match (question, left) {
        (_, Token::Many) | (Question::MayCover | Question::MayOverlap, Token::Open) => true,
        (Question::MayCover, Token::Fixed(_)) => !matches!(right, Token::Many | Token::One),
        (Question::MayOverlap, Token::Fixed(_)) => true,
        _ => false,
    }
}

/// Whether the right token can take in the left one and go on.
fn right_takes(question: Question, right: &Token, left: &Token) -> bool {
    match (question, right) {
        (_, Token::Segment) => *left != Token::Char(':'),
        (Question::Overlaps | Question::MayOverlap, Token::Many) => true,
        (Question::MayCover | Question::MayOverlap, Token::Open | Token::Fixed(_)) => true,
        _ => false,
    }
}

/// Whether the two tokens can stand for the same text.
fn same(question: Question, left: &Token, right: &Token) -> bool {
    match (left, right) {
        (Token::Char(a), Token::Char(b)) => a == b,
        (Token::Fixed(a), Token::Fixed(b)) => a == b && !a.is_empty(),
        (Token::Letter(a, at), Token::Letter(b, other)) if a == b && at == other => true,
        (Token::One, Token::Char(_) | Token::One | Token::Letter(..)) => true,
        (Token::Letter(..), Token::One) => matches!(question, Question::Overlaps | Question::MayOverlap),
        (Token::Letter(..), Token::Char(_) | Token::Letter(..)) | (Token::Char(_), Token::Letter(..)) => {
            matches!(question, Question::MayCover | Question::MayOverlap)
        }
        (Token::Char(_), Token::One) => matches!(question, Question::Overlaps | Question::MayOverlap),
        _ => false,
    }
}
