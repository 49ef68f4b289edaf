//! Bodies, attributes and blocks, and going on after an error.

use std::ops::Range;

use terravet_diagnostics::Diagnostic;

use super::lexer::{Token, TokenKind};
use super::parser::{Parse, Parser, SyntaxError};
use super::scanner::next_item;
use crate::redefined::report_redefined;
use crate::tree::{Attribute, Block, Body, ExprKind, Label};
use crate::{MAX_SYNTAX_ERRORS, SYNTAX};

/// What a body is made of, before its end is known.
#[derive(Default)]
struct Content {
    attributes: Vec<Attribute>,
    blocks: Vec<Block>,
}

impl Parser<'_> {
    /// The whole text as a body. An item with an error is left out and reported, and parsing goes on at the next.
    pub(crate) fn document(&mut self) -> Body {
        let mut content = Content::default();
        let mut errors = 0;
        while self.peek().kind != TokenKind::EndOfFile {
            if self.take(TokenKind::Newline).is_some() {
                continue;
            }
            let start = self.peek().start;
            let Err(error) = self.item(&mut content, true) else { continue };
            self.report(*error);
            errors += 1;
            if errors == MAX_SYNTAX_ERRORS {
                self.give_up(start);
                break;
            }
            let next = next_item(self.text, start);
            self.move_to(next);
        }
        self.finish(content, 0..self.text.len())
    }

    /// Says that the rest of the file is not read.
    fn give_up(&mut self, start: usize) {
        let span = self.span(start..start);
        let message = format!("the rest of the file is not read after {MAX_SYNTAX_ERRORS} syntax errors");
        self.diagnostics.push(Diagnostic::error(SYNTAX, span, message).with_help("mend the errors above first"));
    }

    fn report(&mut self, error: SyntaxError) {
        let diagnostic = error.diagnostic(&self.placed);
        self.diagnostics.push(diagnostic);
    }

    /// One attribute or block with the end of its line.
    fn item(&mut self, content: &mut Content, blocks: bool) -> Parse<()> {
        if self.at(TokenKind::Quote) {
            let range = self.peek().range();
            return Err(SyntaxError::new(range, "a quoted string where an argument or a block begins")
                .help("argument names are written without quotes"));
        }
        let name = self.expect(TokenKind::Identifier, "an argument or a block")?;
        match self.peek().kind {
            TokenKind::Assign => {
                let attribute = self.attribute(name)?;
                content.attributes.push(attribute);
            }
            TokenKind::Quote | TokenKind::OpenBrace | TokenKind::Identifier if blocks => {
                let block = self.nested(|parser| parser.block(name))?;
                content.blocks.push(block);
            }
            _ if blocks => {
                let error = self.unexpected("`=` or a block").help("write `name = value` or `name { ... }`");
                return Err(error.opening(name.range(), "after this name"));
            }
            TokenKind::Quote | TokenKind::OpenBrace | TokenKind::Identifier => {
                let range = name.start..self.peek().end;
                return Err(SyntaxError::new(range, "a block within a block on one line")
                    .help("put nested blocks on lines of their own"));
            }
            _ => return Err(self.unexpected("`=`").opening(name.range(), "after this name")),
        }
        if blocks { self.end_of_item() } else { Ok(()) }
    }

    /// A newline, or the end of the text.
    fn end_of_item(&mut self) -> Parse<()> {
        match self.peek().kind {
            TokenKind::EndOfFile => Ok(()),
            TokenKind::Newline => {
                self.next();
                Ok(())
            }
            TokenKind::Comma => Err(self.unexpected("a new line").help("separate arguments by newlines, not commas")),
            _ => Err(self.unexpected("a new line").help("put each argument and block on a line of its own")),
        }
    }

    /// `name = value`, from the `=` on.
    fn attribute(&mut self, name: Token) -> Parse<Attribute> {
        self.next();
        let expr = self.expression()?;
        let span = self.span(name.start..self.offset);
        Ok(Attribute { name: self.ident(name), expr, span })
    }

    /// `kind "label" { ... }`, from the first label on.
    fn block(&mut self, kind: Token) -> Parse<Block> {
        let mut labels = Vec::new();
        let mut header_end = kind.end;
        while !self.at(TokenKind::OpenBrace) {
            labels.push(self.label(kind)?);
            header_end = self.offset;
        }
        let open = self.next();
        let body = match self.peek().kind {
            TokenKind::Newline | TokenKind::EndOfFile | TokenKind::CloseBrace => {
                self.block_body(kind.start..header_end, open)?
            }
            _ => self.single_line_body(open)?,
        };
        Ok(Block {
            kind: self.ident(kind),
            labels,
            body,
            header: self.span(kind.start..header_end),
            span: self.span(kind.start..self.offset),
            insertion: self.span(open.end..open.end),
        })
    }

    fn label(&mut self, kind: Token) -> Parse<Label> {
        let token = self.peek();
        match token.kind {
            TokenKind::Identifier => {
                self.next();
                Ok(Label { text: self.name(token), span: self.span(token.range()) })
            }
            TokenKind::Quote => {
                let expr = self.quoted()?;
                match expr.kind {
                    ExprKind::String { text, .. } => Ok(Label { text, span: expr.span }),
                    _ => Err(SyntaxError::new(token.start..self.offset, "a block label cannot be a template")
                        .help("write a plain string; `$${` stands for a literal `${`")),
                }
            }
            TokenKind::Newline => {
                let error = self.unexpected("`{` or a block label").help("put the `{` on the line of the block's name");
                Err(error.opening(kind.range(), "the block's name"))
            }
            _ => Err(self.unexpected("`{` or a block label").opening(kind.range(), "the block's name")),
        }
    }

    /// What stands between the braces of a block on several lines, and the closing brace.
    fn block_body(&mut self, header: Range<usize>, open: Token) -> Parse<Body> {
        let mut content = Content::default();
        loop {
            match self.peek().kind {
                TokenKind::Newline => {
                    self.next();
                }
                TokenKind::CloseBrace => {
                    let close = self.next();
                    return Ok(self.finish(content, open.end..close.start));
                }
                TokenKind::EndOfFile => {
                    return Err(SyntaxError::new(open.range(), "this block is never closed")
                        .opening(header, "the block")
                        .help("add the missing `}`"));
                }
                _ => self.item(&mut content, true)?,
            }
        }
    }

    /// `{ name = value }` on one line, which holds a single argument.
    fn single_line_body(&mut self, open: Token) -> Parse<Body> {
        let mut content = Content::default();
        self.item(&mut content, false)?;
        if let Some(close) = self.take(TokenKind::CloseBrace) {
            return Ok(self.finish(content, open.end..close.start));
        }
        let error = self.unexpected("`}`").help("a block on one line holds one argument; give each its own line");
        Err(error.opening(open.range(), "opened here"))
    }

    /// The body, with what is defined twice reported and left out.
    fn finish(&mut self, mut content: Content, range: Range<usize>) -> Body {
        report_redefined(&mut content.attributes, &mut self.diagnostics);
        Body { attributes: content.attributes, blocks: content.blocks, span: self.span(range) }
    }
}
