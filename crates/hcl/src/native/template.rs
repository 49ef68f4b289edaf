//! Templates: quoted strings, heredocs, and whole texts.
//! <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#templates>
//!
//! A template is first read as a flat list of [`Part`]s, on which `~` trims and `<<-` takes indentation, and then put
//! together into pieces, where each directive holds what stands up to its end.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::indentation::flush;
use super::lexer::{TokenKind, end_of_line, heredoc_marker};
use super::literal::escape;
use super::parser::{Parse, Parser, SyntaxError};
use crate::tree::{Expr, ExprKind, ForIntroduction, ForPiece, Heredoc, IfPiece, Piece, Template};

/// How a template is delimited.
#[derive(Clone, Copy)]
enum Form<'text> {
    /// By quotes, with backslash escapes, on one line.
    Quoted,
    /// By a line that holds this marker alone.
    Heredoc(&'text str),
    /// By the end of the text.
    Whole,
}

/// A stretch of text and its source.
pub(super) struct Literal<'text> {
    pub(super) text: Cow<'text, str>,
    range: Range<usize>,
}

impl Literal<'_> {
    /// Takes bytes from the beginning. Where the text is the source itself, its place moves along.
    pub(super) fn drop_front(&mut self, length: usize) {
        match &mut self.text {
            Cow::Borrowed(text) => {
                *text = &text[length..];
                self.range.start += length;
            }
            Cow::Owned(text) => {
                text.drain(..length);
            }
        }
    }

    fn trim_start(&mut self) {
        self.drop_front(self.text.len() - self.text.trim_start().len());
    }

    fn trim_end(&mut self) {
        let length = self.text.trim_end().len();
        match &mut self.text {
            Cow::Borrowed(text) => {
                self.range.end -= text.len() - length;
                *text = &text[..length];
            }
            Cow::Owned(text) => text.truncate(length),
        }
    }
}

/// What a template is made of before directives are matched with their ends.
pub(super) enum Part<'text> {
    Literal(Literal<'text>),
    Interpolation(Expr, Range<usize>),
    If(Expr, Range<usize>),
    Else(Range<usize>),
    EndIf(Range<usize>),
    For(ForIntroduction, Range<usize>),
    EndFor(Range<usize>),
}

/// The opening of an interpolation or directive.
#[derive(Clone, Copy, PartialEq)]
enum Sequence {
    Interpolation,
    Directive,
}

impl<'text> Parser<'text> {
    /// The whole text as a template.
    pub(crate) fn whole_template(&mut self) -> Parse<Template> {
        let parts = self.parts(Form::Whole)?;
        Ok(Template { pieces: self.pieces(parts)?, heredoc: None })
    }

    /// `"..."`: a plain string where nothing is interpolated.
    pub(super) fn quoted(&mut self) -> Parse<Expr> {
        let open = self.next();
        let parts = self.parts(Form::Quoted).map_err(|error| match error.opening {
            Some(_) => error,
            None => error.opening(open.range(), "the string begins here"),
        })?;
        let content = self.span(open.end..self.offset);
        self.move_to(self.offset + 1);
        let kind = match parts.as_slice() {
            [] => ExprKind::String { text: Arc::from(""), content },
            [Part::Literal(literal)] => ExprKind::String { text: Arc::from(&*literal.text), content },
            _ => ExprKind::Template(Template { pieces: self.pieces(parts)?, heredoc: None }),
        };
        Ok(self.expr(kind, open.start))
    }

    /// `<<EOT` to the line that holds `EOT` alone.
    pub(super) fn heredoc(&mut self) -> Parse<Expr> {
        let open = self.next();
        let (marker, is_flush) = heredoc_marker(&self.text[open.range()]);
        let mut parts = self.parts(Form::Heredoc(marker)).map_err(|error| match error.opening {
            Some(_) => error,
            None => error.opening(open.start..open.start + 2, "the heredoc begins here"),
        })?;
        if is_flush {
            flush(&mut parts);
        }
        let pieces = self.pieces(parts)?;
        let end = end_of_line(self.text, self.offset);
        self.move_to(end);
        let heredoc = Some(Heredoc { marker: Arc::from(marker), flush: is_flush });
        Ok(self.expr(ExprKind::Template(Template { pieces, heredoc }), open.start))
    }

    /// The parts up to the delimiter, which is not taken.
    fn parts(&mut self, form: Form<'text>) -> Parse<Vec<Part<'text>>> {
        let mut parts = Vec::new();
        let mut trim = false;
        loop {
            let before = parts.len();
            let found = match form {
                Form::Quoted => self.quoted_text(&mut parts)?,
                Form::Heredoc(_) | Form::Whole => self.lines(form, before == 0, &mut parts)?,
            };
            if let (true, Some(Part::Literal(literal))) = (trim, parts.get_mut(before)) {
                literal.trim_start();
            }
            let Some(sequence) = found else { return Ok(parts) };
            let start = self.offset;
            let trims_before = self.text.as_bytes().get(start + 2) == Some(&b'~');
            if let (true, Some(Part::Literal(literal))) = (trims_before, parts.last_mut()) {
                literal.trim_end();
            }
            self.move_to(start + 2 + usize::from(trims_before));
            let (part, trims_after) = self.with_newlines(false, |parser| parser.sequence(sequence, start))?;
            parts.push(part);
            trim = trims_after;
        }
    }

    /// Text of a quoted string up to its closing quote (none) or the next sequence.
    fn quoted_text(&mut self, parts: &mut Vec<Part<'text>>) -> Parse<Option<Sequence>> {
        let bytes = self.text.as_bytes();
        let start = self.offset;
        // What is decoded so far, and from where on the source is still to be copied.
        let (mut decoded, mut copied) = (String::new(), start);
        let mut at = start;
        let found = loop {
            match bytes.get(at) {
                Some(b'"') => break None,
                Some(b'\\') => {
                    let (character, length) = escape(self.text, at)?;
                    decoded.push_str(&self.text[copied..at]);
                    decoded.push(character);
                    at += length;
                    copied = at;
                }
                Some(b'$' | b'%') => match opening(bytes, at) {
                    Opening::Sequence(sequence) => break Some(sequence),
                    Opening::Escaped => {
                        decoded.push_str(&self.text[copied..at]);
                        copied = at + 1;
                        at += 3;
                    }
                    Opening::None => at += 1,
                },
                Some(b'\n' | b'\r') => {
                    return Err(SyntaxError::new(at..at + 1, "a quoted string cannot go on in the next line")
                        .help("close the string, or use `\\n` or a heredoc"));
                }
                Some(_) => at += 1,
                None => {
                    return Err(SyntaxError::new(at..at, "this string is never closed").help("add the closing `\"`"));
                }
            }
        };
        if at > start {
            let text = if copied == start {
                Cow::Borrowed(&self.text[start..at])
            } else {
                decoded.push_str(&self.text[copied..at]);
                Cow::Owned(decoded)
            };
            parts.push(Part::Literal(Literal { text, range: start..at }));
        }
        self.move_to(at);
        Ok(found)
    }

    /// Text of a heredoc or template file, one part for each line, up to its end (none) or the next sequence.
    fn lines(&mut self, form: Form<'_>, line_start: bool, parts: &mut Vec<Part<'text>>) -> Parse<Option<Sequence>> {
        let bytes = self.text.as_bytes();
        let (mut start, mut at, mut line_start) = (self.offset, self.offset, line_start);
        let (text, ends_line) = (self.text, self.ends_line);
        let mut push = |range: Range<usize>| {
            if !range.is_empty() {
                parts.push(Part::Literal(Literal { text: Cow::Borrowed(&text[range.clone()]), range }));
            }
        };
        let found = loop {
            if let (true, Form::Heredoc(marker)) = (line_start, form)
                && ends_heredoc(text, at, marker, ends_line)
            {
                break None;
            }
            line_start = false;
            match bytes.get(at) {
                Some(b'\n') => {
                    at += 1;
                    push(start..at);
                    start = at;
                    line_start = true;
                }
                Some(b'$' | b'%') => match opening(bytes, at) {
                    Opening::Sequence(sequence) => break Some(sequence),
                    Opening::Escaped => {
                        // Of `$${` the text is the last two bytes.
                        push(start..at);
                        start = at + 1;
                        at += 3;
                    }
                    Opening::None => at += 1,
                },
                Some(_) => at += 1,
                None if matches!(form, Form::Whole) => break None,
                None => {
                    return Err(SyntaxError::new(at..at, "this heredoc is never closed")
                        .help("end it with its marker alone on a line"));
                }
            }
        };
        push(start..at);
        self.move_to(at);
        Ok(found)
    }

    /// What stands between `${` or `%{` (at `start`) and `}`, and whether the close trims.
    fn sequence(&mut self, sequence: Sequence, start: usize) -> Parse<(Part<'text>, bool)> {
        let opening = start..start + 2;
        if sequence == Sequence::Interpolation {
            let expr = self.expression().map_err(|error| self.in_sequence(error, opening.clone()))?;
            let trims = self.close_sequence(opening)?;
            return Ok((Part::Interpolation(expr, start..self.offset), trims));
        }
        let keyword = self.expect(TokenKind::Identifier, "`if`, `else`, `endif`, `for` or `endfor`")?;
        let mut expr = None;
        let mut introduction = None;
        match &self.text[keyword.range()] {
            "if" => expr = Some(self.expression()?),
            "for" => introduction = Some(self.for_variables()?),
            "else" | "endif" | "endfor" => {}
            other => {
                let message = format!("`{other}` is no template directive");
                return Err(SyntaxError::new(keyword.range(), message)
                    .help("use `if`, `else`, `endif`, `for` or `endfor`; write `%%{` for a literal `%{`"));
            }
        }
        let trims = self.close_sequence(opening)?;
        let range = start..self.offset;
        let part = match (expr, introduction, &self.text[keyword.range()]) {
            (Some(condition), _, _) => Part::If(condition, range),
            (_, Some(introduction), _) => Part::For(introduction, range),
            (_, _, "else") => Part::Else(range),
            (_, _, "endif") => Part::EndIf(range),
            _ => Part::EndFor(range),
        };
        Ok((part, trims))
    }

    /// Takes `}` or `~}`; whether it trims.
    fn close_sequence(&mut self, opening: Range<usize>) -> Parse<bool> {
        if self.take(TokenKind::CloseBrace).is_some() {
            return Ok(false);
        }
        if self.take(TokenKind::TrimClose).is_some() {
            return Ok(true);
        }
        let error = self.unexpected("`}`");
        Err(self.in_sequence(error, opening))
    }

    /// An error within `${`, which may not be meant as an interpolation at all.
    fn in_sequence(&self, error: Box<SyntaxError>, opening: Range<usize>) -> Box<SyntaxError> {
        let error = if error.opening.is_some() { error } else { error.opening(opening, "the sequence begins here") };
        if error.help.is_some() { error } else { error.help("write `$${` for a literal `${`") }
    }

    /// The parts put together, directives with what stands in them.
    fn pieces(&mut self, parts: Vec<Part<'text>>) -> Parse<Vec<Piece>> {
        let mut parts = parts.into_iter();
        let (pieces, end) = self.pieces_until_end(&mut parts)?;
        match end {
            None => Ok(pieces),
            Some(end) => {
                let (Part::Else(range) | Part::EndIf(range) | Part::EndFor(range)) = end else { return Ok(pieces) };
                let message = format!("`{}` without the directive that it belongs to", &self.text[range.clone()]);
                Err(SyntaxError::new(range, message).help("remove it, or begin with `%{ if ... }` or `%{ for ... }`"))
            }
        }
    }

    /// The pieces up to an `else`, `endif` or `endfor`, which is returned too, or the end of the template.
    fn pieces_until_end(
        &mut self,
        parts: &mut std::vec::IntoIter<Part<'text>>,
    ) -> Parse<(Vec<Piece>, Option<Part<'text>>)> {
        let mut pieces = Vec::with_capacity(parts.len());
        while let Some(part) = parts.next() {
            pieces.push(match part {
                Part::Literal(literal) => {
                    Piece::Literal { text: Arc::from(&*literal.text), span: self.span(literal.range) }
                }
                Part::Interpolation(expr, range) => {
                    Piece::Interpolation { expr: Box::new(expr), span: self.span(range) }
                }
                Part::If(condition, range) => self.nested(|parser| parser.if_piece(condition, range, parts))?,
                Part::For(introduction, range) => self.nested(|parser| parser.for_piece(introduction, range, parts))?,
                end @ (Part::Else(_) | Part::EndIf(_) | Part::EndFor(_)) => return Ok((pieces, Some(end))),
            });
        }
        Ok((pieces, None))
    }

    fn if_piece(
        &mut self,
        condition: Expr,
        opening: Range<usize>,
        parts: &mut std::vec::IntoIter<Part<'text>>,
    ) -> Parse<Piece> {
        let (then, end) = self.pieces_until_end(parts)?;
        let (otherwise, end) = match end {
            Some(Part::Else(_)) => self.pieces_until_end(parts)?,
            end => (Vec::new(), end),
        };
        let Some(Part::EndIf(close)) = end else { return Err(self.unbalanced(opening, end, "endif")) };
        let span = self.span(opening.start..close.end);
        Ok(Piece::If(IfPiece { condition: Box::new(condition), then, otherwise, span }))
    }

    fn for_piece(
        &mut self,
        introduction: ForIntroduction,
        opening: Range<usize>,
        parts: &mut std::vec::IntoIter<Part<'text>>,
    ) -> Parse<Piece> {
        let (body, end) = self.pieces_until_end(parts)?;
        let Some(Part::EndFor(close)) = end else { return Err(self.unbalanced(opening, end, "endfor")) };
        let span = self.span(opening.start..close.end);
        let ForIntroduction { key, value, collection } = introduction;
        Ok(Piece::For(ForPiece { key, value, collection: Box::new(collection), body, span }))
    }

    /// The error that a directive is not closed by its `closing` word.
    fn unbalanced(&self, opening: Range<usize>, found: Option<Part<'_>>, closing: &str) -> Box<SyntaxError> {
        match found {
            Some(Part::Else(range) | Part::EndIf(range) | Part::EndFor(range)) => {
                let message = format!("expected `%{{ {closing} }}`, found `{}`", &self.text[range.clone()]);
                SyntaxError::new(range, message).opening(opening, "for this directive")
            }
            _ => SyntaxError::new(opening, format!("this directive has no `{closing}`"))
                .help(format!("end it with `%{{ {closing} }}`")),
        }
    }
}

/// What a `$` or `%` begins.
enum Opening {
    Sequence(Sequence),
    /// `$${` or `%%{`: the literal `${` or `%{`.
    Escaped,
    None,
}

/// What the `$` or `%` at `offset` begins.
fn opening(bytes: &[u8], offset: usize) -> Opening {
    let sign = bytes[offset];
    match (bytes.get(offset + 1), bytes.get(offset + 2)) {
        (Some(b'{'), _) if sign == b'$' => Opening::Sequence(Sequence::Interpolation),
        (Some(b'{'), _) => Opening::Sequence(Sequence::Directive),
        (Some(second), Some(b'{')) if *second == sign => Opening::Escaped,
        _ => Opening::None,
    }
}

/// Whether the line at `offset` holds the marker alone. The last line of a file does not end a heredoc unless a line
/// break follows: so Terraform has it. The end of a text that is no file can be as good as a line break.
fn ends_heredoc(text: &str, offset: usize, marker: &str, ends_line: bool) -> bool {
    let line = &text[offset..];
    match line.find('\n') {
        Some(length) => line[..length].trim() == marker,
        None => ends_line && line.trim() == marker,
    }
}
