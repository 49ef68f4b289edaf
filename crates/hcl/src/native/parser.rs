//! The parser's state: where it is, how deep, and whether newlines count.
//!
//! Invariants: `offset` only moves forward within one item; recursion goes through [`Parser::nested`], so that the stack
//! and the height of the tree are bounded whatever the text.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_source::Span;

use super::lexer::{Token, TokenKind, next_token};
use crate::placed_text::PlacedText;
use crate::tree::Ident;
use crate::{MAX_HEIGHT, MAX_NESTING, SYNTAX};

/// What is wrong at a place of the text. The first one ends the parsing of the item that it is in.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<Cow<'static, str>>,
    /// A bracket or block that the error is about, and what to say there.
    pub(crate) opening: Option<(Range<usize>, &'static str)>,
}

impl SyntaxError {
    pub(crate) fn new(range: Range<usize>, message: impl Into<String>) -> Box<Self> {
        Box::new(Self { range, message: message.into(), help: None, opening: None })
    }

    pub(crate) fn help(mut self: Box<Self>, help: impl Into<Cow<'static, str>>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn opening(mut self: Box<Self>, range: Range<usize>, label: &'static str) -> Box<Self> {
        self.opening = Some((range, label));
        self
    }

    /// The error as a diagnostic.
    pub(crate) fn diagnostic(self, text: &PlacedText<'_>) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(SYNTAX, text.span(self.range), self.message);
        if let Some(help) = self.help {
            diagnostic = diagnostic.with_help(help);
        }
        if let Some((range, label)) = self.opening {
            diagnostic = diagnostic.with_related(text.span(range), label);
        }
        diagnostic
    }
}

/// What a grammar rule gives.
pub(crate) type Parse<T> = Result<T, Box<SyntaxError>>;

/// The state of a parse.
pub(crate) struct Parser<'text> {
    pub(super) placed: PlacedText<'text>,
    pub(super) text: &'text str,
    /// The end of the last token taken.
    pub(super) offset: usize,
    /// The next token, where it has been looked at.
    peeked: Option<Token>,
    /// Whether a newline is a token here, as in bodies and objects but not in parentheses and brackets.
    newlines: bool,
    /// Whether the end of the text is as good as the end of a line.
    pub(super) ends_line: bool,
    /// How many [`Parser::nested`] calls are open.
    depth: u32,
    /// The height of what has been parsed since the innermost of them began.
    height: u32,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'text> Parser<'text> {
    pub(crate) fn new(placed: PlacedText<'text>) -> Self {
        Self::at_depth(placed, 0)
    }

    /// A parser for a text that stands this deep in a tree.
    pub(crate) fn at_depth(placed: PlacedText<'text>, depth: u32) -> Self {
        let text = placed.text();
        Self {
            placed,
            text,
            offset: 0,
            peeked: None,
            newlines: true,
            ends_line: false,
            depth,
            height: 0,
            diagnostics: Vec::new(),
        }
    }

    /// The next token, not taken.
    pub(super) fn peek(&mut self) -> Token {
        match self.peeked {
            Some(token) => token,
            None => {
                let token = next_token(self.text, self.offset, self.newlines);
                self.peeked = Some(token);
                token
            }
        }
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.move_to(token.end);
        token
    }

    /// Goes on at `offset`.
    pub(super) fn move_to(&mut self, offset: usize) {
        self.offset = offset;
        self.peeked = None;
    }

    pub(super) fn at(&mut self, kind: TokenKind) -> bool {
        self.peek().kind == kind
    }

    /// Takes the next token if it is of this kind.
    pub(super) fn take(&mut self, kind: TokenKind) -> Option<Token> {
        self.at(kind).then(|| self.next())
    }

    /// Takes the next token, which has to be of this kind; `expected` says in words what belongs there.
    pub(super) fn expect(&mut self, kind: TokenKind, expected: &str) -> Parse<Token> {
        match self.take(kind) {
            Some(token) => Ok(token),
            None => Err(self.unexpected(expected)),
        }
    }

    /// Takes the closing bracket of `opening`, or says that it is missing.
    pub(super) fn close(&mut self, kind: TokenKind, opening: Token, expected: &str) -> Parse<Token> {
        self.expect(kind, expected).map_err(|error| error.opening(opening.range(), "opened here"))
    }

    /// Takes the keyword if it comes next.
    pub(super) fn take_keyword(&mut self, keyword: &str) -> Option<Token> {
        self.at_keyword(keyword).then(|| self.next())
    }

    pub(super) fn at_keyword(&mut self, keyword: &str) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Identifier && &self.text[token.range()] == keyword
    }

    /// Takes an identifier.
    pub(super) fn identifier(&mut self, expected: &str) -> Parse<Ident> {
        let token = self.expect(TokenKind::Identifier, expected)?;
        Ok(self.ident(token))
    }

    pub(super) fn ident(&self, token: Token) -> Ident {
        Ident { name: self.name(token), span: self.span(token.range()) }
    }

    pub(super) fn name(&self, token: Token) -> Arc<str> {
        Arc::from(&self.text[token.range()])
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        self.placed.span(range)
    }

    /// Runs a rule with newlines counting or not.
    pub(super) fn with_newlines<T>(&mut self, newlines: bool, rule: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.newlines, newlines);
        self.peeked = None;
        let result = rule(self);
        self.newlines = outer;
        self.peeked = None;
        result
    }

    /// Runs a rule one level deeper.
    pub(super) fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= MAX_NESTING {
            let message = format!("nested deeper than {MAX_NESTING} levels, the limit of terravet");
            return Err(SyntaxError::new(self.peek().range(), message).help("take inner parts out into locals"));
        }
        self.depth += 1;
        let outer = std::mem::take(&mut self.height);
        let result = rule(self);
        self.height = outer.max(self.height + 1);
        self.depth -= 1;
        result
    }

    /// Counts an operator that will stand above all that this level has parsed so far.
    pub(super) fn grow(&mut self, operator: Token) -> Parse<()> {
        self.height += 1;
        if self.height + self.depth <= MAX_HEIGHT {
            return Ok(());
        }
        let message = format!("a chain of operators higher than {MAX_HEIGHT}, the limit of terravet");
        Err(SyntaxError::new(operator.range(), message).help("take parts out into locals"))
    }

    /// The error that the next token is not what is `expected`.
    pub(super) fn unexpected(&mut self, expected: &str) -> Box<SyntaxError> {
        let token = self.peek();
        if token.kind == TokenKind::UnclosedComment {
            return SyntaxError::new(token.range(), "this comment is never closed").help("close it with `*/`");
        }
        let found = match token.kind {
            TokenKind::EndOfFile => "the end of the text".to_owned(),
            TokenKind::Newline => "the end of the line".to_owned(),
            TokenKind::Heredoc => "a heredoc".to_owned(),
            TokenKind::Quote => "a string".to_owned(),
            _ => format!("`{}`", self.text[token.range()].escape_debug()),
        };
        let error = SyntaxError::new(token.range(), format!("expected {expected}, found {found}"));
        match self.advice(token) {
            Some(help) => error.help(help),
            None => error,
        }
    }

    /// What to do about a character that people bring along from other languages.
    fn advice(&self, token: Token) -> Option<&'static str> {
        if token.kind != TokenKind::Invalid {
            return None;
        }
        match &self.text[token.range()] {
            "'" | "“" | "”" | "‘" | "’" => Some("use straight double quotes"),
            "`" => Some("use double quotes, or a heredoc for several lines"),
            ";" => Some("put each argument on a line of its own"),
            "&" => Some("use `&&`"),
            "|" => Some("use `||`"),
            _ => Some("remove the character"),
        }
    }
}
