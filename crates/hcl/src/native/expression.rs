//! Expressions: operators, terms, and the steps after a term.
//! <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#expressions>

use std::sync::Arc;

use super::lexer::{Token, TokenKind};
use super::parser::{Parse, Parser, SyntaxError};
use crate::tree::{
    BinaryOperator, Expr, ExprKind, ForIntroduction, FunctionCall, ObjectItem, ObjectKey, Step, StepKind, Traversal,
    UnaryOperator,
};

impl Parser<'_> {
    /// The whole text as one expression; newlines do not count.
    pub(crate) fn whole_expression(&mut self) -> Parse<Expr> {
        self.ends_line = true;
        self.with_newlines(false, |parser| {
            let expr = parser.expression()?;
            parser.expect(TokenKind::EndOfFile, "the end of the expression")?;
            Ok(expr)
        })
    }

    /// The whole text as what can stand after `name =`, where a newline ends it.
    pub(crate) fn whole_value(&mut self) -> Parse<Expr> {
        self.ends_line = true;
        let expr = self.expression()?;
        while self.take(TokenKind::Newline).is_some() {}
        self.expect(TokenKind::EndOfFile, "the end of the expression")?;
        Ok(expr)
    }

    /// Any expression.
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        self.nested(Self::conditional)
    }

    /// `condition ? then : otherwise`, or only what would be the condition.
    fn conditional(&mut self) -> Parse<Expr> {
        let start = self.peek().start;
        let condition = self.operation(BinaryOperator::Or.precedence())?;
        let Some(question) = self.take(TokenKind::Question) else { return Ok(condition) };
        let then = self.expression()?;
        if self.take(TokenKind::Colon).is_none() {
            let error = self.unexpected("`:` and the value for the other case");
            return Err(error.opening(question.range(), "of this conditional"));
        }
        let otherwise = self.expression()?;
        let kind = ExprKind::Conditional {
            condition: Box::new(condition),
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        };
        Ok(self.expr(kind, start))
    }

    /// Operands joined by operators that bind at least as strongly as `weakest`.
    fn operation(&mut self, weakest: u8) -> Parse<Expr> {
        let start = self.peek().start;
        let mut left = self.operand()?;
        while let TokenKind::Operator(operator) = self.peek().kind {
            if operator.precedence() < weakest {
                break;
            }
            let token = self.next();
            self.grow(token)?;
            let right = self.operation(operator.precedence() + 1)?;
            let kind = ExprKind::Binary { operator, left: Box::new(left), right: Box::new(right) };
            left = self.expr(kind, start);
        }
        Ok(left)
    }

    /// A term with the steps into it. A sign applies to the term after those.
    fn operand(&mut self) -> Parse<Expr> {
        let token = self.peek();
        let operator = match token.kind {
            TokenKind::Operator(BinaryOperator::Subtract) => UnaryOperator::Negate,
            TokenKind::Bang => UnaryOperator::Not,
            _ => {
                let term = self.term()?;
                return self.traversal(term, token.start);
            }
        };
        self.next();
        let operand = Box::new(self.nested(Self::operand)?);
        Ok(self.expr(ExprKind::Unary { operator, operand }, token.start))
    }

    /// An expression that is none of operators and steps.
    fn term(&mut self) -> Parse<Expr> {
        let token = self.peek();
        match token.kind {
            TokenKind::Number => self.number(),
            TokenKind::Identifier => self.named(),
            TokenKind::Quote => self.quoted(),
            TokenKind::Heredoc => self.heredoc(),
            TokenKind::OpenBracket => self.tuple(),
            TokenKind::OpenBrace => self.object(),
            TokenKind::OpenParenthesis => self.parenthesis(),
            TokenKind::Assign => Err(self.unexpected("a value").help("write a single `=`, or `==` to compare")),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn number(&mut self) -> Parse<Expr> {
        let token = self.next();
        let text = &self.text[token.range()];
        let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
        let parts_in_order = text.matches(['e', 'E']).count() <= 1
            && mantissa.matches('.').count() == text.matches('.').count()
            && mantissa.matches('.').count() <= 1;
        if !parts_in_order {
            return Err(SyntaxError::new(token.range(), format!("`{text}` is no number")).help("quote it as a string"));
        }
        let kind = ExprKind::Number(self.name(token));
        Ok(self.expr(kind, token.start))
    }

    /// What begins with a name: a keyword, a function call or a variable.
    fn named(&mut self) -> Parse<Expr> {
        let token = self.next();
        if matches!(self.peek().kind, TokenKind::OpenParenthesis | TokenKind::DoubleColon) {
            return self.function_call(token);
        }
        let kind = match &self.text[token.range()] {
            "null" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            name => ExprKind::Variable(Arc::from(name)),
        };
        Ok(self.expr(kind, token.start))
    }

    /// `name(arguments)`, after the first part of the name.
    fn function_call(&mut self, first: Token) -> Parse<Expr> {
        let mut name = self.text[first.range()].to_owned();
        while self.take(TokenKind::DoubleColon).is_some() {
            let part = self.expect(TokenKind::Identifier, "a function name")?;
            name.push_str("::");
            name.push_str(&self.text[part.range()]);
        }
        let name = Arc::from(name);
        let name_span = self.span(first.start..self.offset);
        let open = self.expect(TokenKind::OpenParenthesis, "`(` and the function's arguments")?;
        let (arguments, expand_final) = self.with_newlines(false, |parser| parser.arguments(open))?;
        Ok(self.expr(ExprKind::FunctionCall(FunctionCall { name, name_span, arguments, expand_final }), first.start))
    }

    /// Arguments and the closing parenthesis; whether `...` follows the last argument.
    fn arguments(&mut self, open: Token) -> Parse<(Vec<Expr>, bool)> {
        let mut arguments = Vec::new();
        loop {
            if self.take(TokenKind::CloseParenthesis).is_some() {
                return Ok((arguments, false));
            }
            arguments.push(self.expression()?);
            if self.take(TokenKind::Ellipsis).is_some() {
                self.close(TokenKind::CloseParenthesis, open, "`)`")?;
                return Ok((arguments, true));
            }
            if self.take(TokenKind::Comma).is_none() {
                self.close(TokenKind::CloseParenthesis, open, "`,` or `)`")?;
                return Ok((arguments, false));
            }
        }
    }

    fn parenthesis(&mut self) -> Parse<Expr> {
        let open = self.next();
        let inner = self.with_newlines(false, |parser| -> Parse<Expr> {
            let inner = parser.expression()?;
            parser.close(TokenKind::CloseParenthesis, open, "`)`")?;
            Ok(inner)
        })?;
        Ok(self.expr(ExprKind::Parenthesis(Box::new(inner)), open.start))
    }

    /// `[a, b]` or `[for x in y : x]`.
    fn tuple(&mut self) -> Parse<Expr> {
        let open = self.next();
        let kind = self.with_newlines(false, |parser| {
            if parser.at_keyword("for") {
                return parser.for_tuple(open);
            }
            let mut elements = Vec::new();
            loop {
                if parser.take(TokenKind::CloseBracket).is_some() {
                    return Ok(ExprKind::Tuple(elements));
                }
                elements.push(parser.expression()?);
                if parser.take(TokenKind::Comma).is_none() {
                    parser.close(TokenKind::CloseBracket, open, "`,` or `]`")?;
                    return Ok(ExprKind::Tuple(elements));
                }
            }
        })?;
        Ok(self.expr(kind, open.start))
    }

    /// `{ a = 1 }` or `{for k, v in y : k => v}`.
    fn object(&mut self) -> Parse<Expr> {
        let open = self.next();
        let is_for = self.with_newlines(false, |parser| parser.at_keyword("for"));
        let kind = if is_for {
            self.with_newlines(false, |parser| parser.for_object(open))?
        } else {
            self.with_newlines(true, |parser| parser.object_items(open))?
        };
        Ok(self.expr(kind, open.start))
    }

    fn object_items(&mut self, open: Token) -> Parse<ExprKind> {
        let mut items = Vec::new();
        loop {
            while self.take(TokenKind::Newline).is_some() {}
            if self.take(TokenKind::CloseBrace).is_some() {
                return Ok(ExprKind::Object(items));
            }
            items.push(self.object_item()?);
            if self.take(TokenKind::Comma).or_else(|| self.take(TokenKind::Newline)).is_none() {
                self.close(TokenKind::CloseBrace, open, "a new line, `,` or `}`")?;
                return Ok(ExprKind::Object(items));
            }
        }
    }

    fn object_item(&mut self) -> Parse<ObjectItem> {
        let key_token = self.peek();
        let key = self.expression()?;
        let key = match &key.kind {
            // A name, the words of the language included, stands for itself.
            ExprKind::Variable(_) | ExprKind::Null | ExprKind::Bool(_) => ObjectKey::Name(self.ident(key_token)),
            _ => ObjectKey::Expr(key),
        };
        if self.take(TokenKind::Assign).or_else(|| self.take(TokenKind::Colon)).is_none() {
            let error = self.unexpected("`=` and the value of this key");
            return Err(error
                .opening(key_token.start..self.offset, "the key")
                .help("quote a key that is no plain name"));
        }
        Ok(ObjectItem { key, value: self.expression()? })
    }

    /// `for x in y : element if condition]`.
    fn for_tuple(&mut self, open: Token) -> Parse<ExprKind> {
        let introduction = Box::new(self.for_introduction()?);
        let element = Box::new(self.expression()?);
        if self.at(TokenKind::FatArrow) {
            return Err(self.unexpected("`]`").help("a `for` that makes keys stands in braces: `{for ... }`"));
        }
        if self.at(TokenKind::Ellipsis) {
            return Err(self.unexpected("`]`").help("grouping with `...` is only for objects: `{for ... }`"));
        }
        let condition = self.for_condition()?;
        self.close(TokenKind::CloseBracket, open, "`]`")?;
        Ok(ExprKind::ForTuple { introduction, element, condition })
    }

    /// `for k, v in y : key => value... if condition}`.
    fn for_object(&mut self, open: Token) -> Parse<ExprKind> {
        let introduction = Box::new(self.for_introduction()?);
        let key = Box::new(self.expression()?);
        if self.take(TokenKind::FatArrow).is_none() {
            return Err(self.unexpected("`=>`").help("a `for` in braces makes keys and values: `key => value`"));
        }
        let value = Box::new(self.expression()?);
        let grouping = self.take(TokenKind::Ellipsis).is_some();
        let condition = self.for_condition()?;
        self.close(TokenKind::CloseBrace, open, "`}`")?;
        Ok(ExprKind::ForObject { introduction, key, value, grouping, condition })
    }

    /// `for key, value in collection :`
    fn for_introduction(&mut self) -> Parse<ForIntroduction> {
        self.next();
        let introduction = self.for_variables()?;
        self.expect(TokenKind::Colon, "`:` after the collection")?;
        Ok(introduction)
    }

    /// `key, value in collection`, as in expressions and in template directives.
    pub(super) fn for_variables(&mut self) -> Parse<ForIntroduction> {
        let first = self.identifier("a variable name after `for`")?;
        let (key, value) = match self.take(TokenKind::Comma) {
            Some(_) => (Some(first), self.identifier("a variable name for the value")?),
            None => (None, first),
        };
        if self.take_keyword("in").is_none() {
            return Err(self.unexpected("`in` and a collection"));
        }
        Ok(ForIntroduction { key, value, collection: self.expression()? })
    }

    fn for_condition(&mut self) -> Parse<Option<Box<Expr>>> {
        match self.take_keyword("if") {
            Some(_) => Ok(Some(Box::new(self.expression()?))),
            None => Ok(None),
        }
    }

    /// The steps after a term, if there are any.
    fn traversal(&mut self, root: Expr, start: usize) -> Parse<Expr> {
        let mut steps = Vec::new();
        // Whether what comes next is still applied by a `.*` to each element.
        let mut in_attribute_splat = false;
        loop {
            let step = match self.peek().kind {
                TokenKind::Dot => self.dot_step()?,
                TokenKind::OpenBracket => self.bracket_step()?,
                _ => break,
            };
            match step.kind {
                StepKind::AttributeSplat if in_attribute_splat => {
                    return Err(SyntaxError::new(self.offset - 1..self.offset, "`.*` directly within another `.*`")
                        .help("use `[*]`"));
                }
                StepKind::AttributeSplat => in_attribute_splat = true,
                StepKind::Index(_) | StepKind::FullSplat => in_attribute_splat = false,
                StepKind::Attribute(_) | StepKind::LegacyIndex(_) => {}
            }
            steps.push(step);
        }
        if steps.is_empty() {
            return Ok(root);
        }
        Ok(self.expr(ExprKind::Traversal(Traversal { root: Box::new(root), steps }), start))
    }

    /// `.name`, `.0` or `.*`.
    fn dot_step(&mut self) -> Parse<Step> {
        let dot = self.next();
        let token = self.peek();
        let kind = match token.kind {
            TokenKind::Identifier => StepKind::Attribute(self.name(token)),
            TokenKind::Operator(BinaryOperator::Multiply) => StepKind::AttributeSplat,
            TokenKind::Number => match self.text[token.range()].parse() {
                Ok(index) => StepKind::LegacyIndex(index),
                Err(_) => {
                    let message = format!("`.{}` is no index", &self.text[token.range()]);
                    return Err(SyntaxError::new(token.range(), message).help("write each index as `[0]`"));
                }
            },
            _ => return Err(self.unexpected("an attribute name after the dot")),
        };
        self.next();
        Ok(Step { kind, span: self.span(dot.start..token.end) })
    }

    /// `[key]` or `[*]`.
    fn bracket_step(&mut self) -> Parse<Step> {
        let open = self.next();
        let kind = if self.take(TokenKind::Operator(BinaryOperator::Multiply)).is_some() {
            self.close(TokenKind::CloseBracket, open, "`]`")?;
            StepKind::FullSplat
        } else {
            self.with_newlines(false, |parser| -> Parse<StepKind> {
                let key = parser.expression()?;
                parser.close(TokenKind::CloseBracket, open, "`]`")?;
                Ok(StepKind::Index(Box::new(key)))
            })?
        };
        Ok(Step { kind, span: self.span(open.start..self.offset) })
    }

    /// An expression from `start` to the last token taken.
    pub(super) fn expr(&self, kind: ExprKind, start: usize) -> Expr {
        Expr { kind, span: self.span(start..self.offset) }
    }
}
