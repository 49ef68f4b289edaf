//! Parsing for tests, and the tree as text.
//!
//! [`show`] writes an expression with every grouping made visible, [`outline`] every node with the source at its span.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use terravet_diagnostics::Diagnostic;
use terravet_hcl::{Body, Expr, ExprKind, ForIntroduction, ObjectKey, Parsed, Piece, Step, StepKind, Template};
use terravet_source::{Memory, SourceFile, Sources, Span};

/// A file in memory.
pub(crate) fn file(path: &str, text: &str) -> Arc<SourceFile> {
    Sources::new(Arc::new(Memory::default())).add(Path::new(path), text)
}

/// The file and what parsing it gave.
pub(crate) fn parse_at(path: &str, text: &str) -> (Arc<SourceFile>, Parsed) {
    let file = file(path, text);
    let parsed = terravet_hcl::parse(&file);
    (file, parsed)
}

/// The body of a file that has no errors.
pub(crate) fn body(path: &str, text: &str) -> (Arc<SourceFile>, Body) {
    let (file, parsed) = parse_at(path, text);
    assert_eq!(problems(&file, &parsed.diagnostics), Vec::<String>::new(), "{text}");
    (file, parsed.body)
}

/// Each diagnostic as `line:column 'source' message (help)`.
pub(crate) fn problems(file: &SourceFile, diagnostics: &[Diagnostic]) -> Vec<String> {
    let show = |diagnostic: &Diagnostic| {
        let span = diagnostic.primary.span;
        let position = file.position(span.start);
        let mut text = format!("{}:{} `{}` {}", position.line, position.column, file.slice(span), diagnostic.message);
        for label in &diagnostic.related {
            let _ = write!(text, "; `{}` {}", file.slice(label.span), label.text);
        }
        if let Some(help) = &diagnostic.help {
            let _ = write!(text, "; help: {help}");
        }
        text
    };
    diagnostics.iter().map(show).collect()
}

/// The problems of a native text.
pub(crate) fn native_problems(text: &str) -> Vec<String> {
    let (file, parsed) = parse_at("main.tf", text);
    problems(&file, &parsed.diagnostics)
}

/// The value of `x = ...`, as [`show`] writes it; or the message of the first error.
pub(crate) fn expression(text: &str) -> String {
    let source = format!("x = {text}\n");
    let (_, parsed) = parse_at("main.tf", &source);
    match parsed.diagnostics.first() {
        Some(diagnostic) => format!("error: {}", diagnostic.message),
        None => show(&parsed.body.attributes[0].expr),
    }
}

/// An expression with its groupings.
pub(crate) fn show(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Null => "null".into(),
        ExprKind::Bool(flag) => flag.to_string(),
        ExprKind::Number(text) => text.to_string(),
        ExprKind::String { text, .. } => format!("{text:?}"),
        ExprKind::Template(template) => show_template(template),
        ExprKind::Variable(name) => name.to_string(),
        ExprKind::Traversal(traversal) => {
            let steps: String = traversal.steps.iter().map(show_step).collect();
            format!("{}{steps}", show(&traversal.root))
        }
        ExprKind::FunctionCall(call) => {
            let dots = if call.expand_final { "..." } else { "" };
            format!("{}({}{dots})", call.name, list(&call.arguments))
        }
        ExprKind::Unary { operator, operand } => format!("({}{})", operator.as_str(), show(operand)),
        ExprKind::Binary { operator, left, right } => format!("({} {} {})", show(left), operator.as_str(), show(right)),
        ExprKind::Conditional { condition, then, otherwise } => {
            format!("({} ? {} : {})", show(condition), show(then), show(otherwise))
        }
        ExprKind::ForTuple { introduction, element, condition } => {
            format!("[{} : {}{}]", show_for(introduction), show(element), show_if(condition.as_deref()))
        }
        ExprKind::ForObject { introduction, key, value, grouping, condition } => {
            let dots = if *grouping { "..." } else { "" };
            let (key, value) = (show(key), show(value));
            format!("{{{} : {key} => {value}{dots}{}}}", show_for(introduction), show_if(condition.as_deref()))
        }
        ExprKind::Tuple(elements) => format!("[{}]", list(elements)),
        ExprKind::Object(items) => {
            let item = |key: &ObjectKey, value: &Expr| match key {
                ObjectKey::Name(name) => format!("{} = {}", name.name, show(value)),
                ObjectKey::Expr(key) => format!("<{}> = {}", show(key), show(value)),
            };
            let items: Vec<String> = items.iter().map(|entry| item(&entry.key, &entry.value)).collect();
            format!("{{{}}}", items.join(", "))
        }
        ExprKind::Parenthesis(inner) => format!("paren({})", show(inner)),
    }
}

fn list(elements: &[Expr]) -> String {
    elements.iter().map(show).collect::<Vec<_>>().join(", ")
}

fn show_step(step: &Step) -> String {
    match &step.kind {
        StepKind::Attribute(name) => format!(".{name}"),
        StepKind::Index(key) => format!("[{}]", show(key)),
        StepKind::LegacyIndex(index) => format!(".{index}"),
        StepKind::AttributeSplat => ".*".into(),
        StepKind::FullSplat => "[*]".into(),
    }
}

fn show_for(introduction: &ForIntroduction) -> String {
    let key = introduction.key.as_ref().map_or(String::new(), |key| format!("{}, ", key.name));
    format!("for {key}{} in {}", introduction.value.name, show(&introduction.collection))
}

fn show_if(condition: Option<&Expr>) -> String {
    condition.map_or(String::new(), |condition| format!(" if {}", show(condition)))
}

/// A template: `t` or `heredoc`, and its pieces.
pub(crate) fn show_template(template: &Template) -> String {
    let pieces = show_pieces(&template.pieces);
    match &template.heredoc {
        Some(heredoc) => format!("{}{}({pieces})", if heredoc.flush { "<<-" } else { "<<" }, heredoc.marker),
        None => format!("t({pieces})"),
    }
}

fn show_pieces(pieces: &[Piece]) -> String {
    let show_piece = |piece: &Piece| match piece {
        Piece::Literal { text, .. } => format!("{text:?}"),
        Piece::Interpolation { expr, .. } => format!("${{{}}}", show(expr)),
        Piece::If(piece) => format!(
            "if {} ({}) else ({})",
            show(&piece.condition),
            show_pieces(&piece.then),
            show_pieces(&piece.otherwise)
        ),
        Piece::For(piece) => {
            let key = piece.key.as_ref().map_or(String::new(), |key| format!("{}, ", key.name));
            format!("for {key}{} in {} ({})", piece.value.name, show(&piece.collection), show_pieces(&piece.body))
        }
    };
    pieces.iter().map(show_piece).collect::<Vec<_>>().join(" ")
}

/// A body as lines: attributes as `name = value`, blocks as `kind "label" { ... }`, in source order.
pub(crate) fn show_body(body: &Body) -> Vec<String> {
    let mut lines = Vec::new();
    for item in body.items() {
        match item {
            terravet_hcl::Item::Attribute(attribute) => {
                lines.push(format!("{} = {}", attribute.name.name, show(&attribute.expr)));
            }
            terravet_hcl::Item::Block(block) => {
                let labels: String = block.labels.iter().map(|label| format!(" {:?}", label.text)).collect();
                lines.push(format!("{}{labels} {{ {} }}", block.kind.name, show_body(&block.body).join("; ")));
            }
        }
    }
    lines
}

/// What a node is, its span, and how deep it stands.
pub(crate) type See<'a> = &'a mut dyn FnMut(&str, Span, usize);

/// Every node of a body in the order of the source, each before its parts.
pub(crate) fn each_node(body: &Body, depth: usize, see: See<'_>) {
    for item in body.items() {
        match item {
            terravet_hcl::Item::Attribute(attribute) => {
                see("attribute", attribute.span, depth);
                see("name", attribute.name.span, depth + 1);
                each_expr(&attribute.expr, depth + 1, see);
            }
            terravet_hcl::Item::Block(block) => {
                see("block", block.span, depth);
                see("kind", block.kind.span, depth + 1);
                for label in &block.labels {
                    see("label", label.span, depth + 1);
                }
                see("header", block.header, depth + 1);
                see("insertion", block.insertion, depth + 1);
                see("body", block.body.span, depth + 1);
                each_node(&block.body, depth + 2, see);
            }
        }
    }
}

/// Every node of an expression.
pub(crate) fn each_expr(expr: &Expr, depth: usize, see: See<'_>) {
    let inside = depth + 1;
    match &expr.kind {
        ExprKind::Null | ExprKind::Bool(_) => see("keyword", expr.span, depth),
        ExprKind::Number(_) => see("number", expr.span, depth),
        ExprKind::Variable(_) => see("variable", expr.span, depth),
        ExprKind::String { content, .. } => {
            see("string", expr.span, depth);
            see("content", *content, inside);
        }
        ExprKind::Template(template) => {
            see("template", expr.span, depth);
            each_piece(&template.pieces, inside, see);
        }
        ExprKind::Traversal(traversal) => {
            see("traversal", expr.span, depth);
            each_expr(&traversal.root, inside, see);
            for step in &traversal.steps {
                see("step", step.span, inside);
                if let StepKind::Index(key) = &step.kind {
                    each_expr(key, inside + 1, see);
                }
            }
        }
        ExprKind::FunctionCall(call) => {
            see("call", expr.span, depth);
            see("name", call.name_span, inside);
            call.arguments.iter().for_each(|argument| each_expr(argument, inside, see));
        }
        ExprKind::Unary { operand, .. } => {
            see("unary", expr.span, depth);
            each_expr(operand, inside, see);
        }
        ExprKind::Binary { left, right, .. } => {
            see("binary", expr.span, depth);
            each_expr(left, inside, see);
            each_expr(right, inside, see);
        }
        ExprKind::Conditional { condition, then, otherwise } => {
            see("conditional", expr.span, depth);
            [condition, then, otherwise].into_iter().for_each(|part| each_expr(part, inside, see));
        }
        ExprKind::ForTuple { introduction, element, condition } => {
            see("for", expr.span, depth);
            each_introduction(introduction, inside, see);
            each_expr(element, inside, see);
            condition.iter().for_each(|condition| each_expr(condition, inside, see));
        }
        ExprKind::ForObject { introduction, key, value, condition, .. } => {
            see("for", expr.span, depth);
            each_introduction(introduction, inside, see);
            each_expr(key, inside, see);
            each_expr(value, inside, see);
            condition.iter().for_each(|condition| each_expr(condition, inside, see));
        }
        ExprKind::Tuple(elements) => {
            see("tuple", expr.span, depth);
            elements.iter().for_each(|element| each_expr(element, inside, see));
        }
        ExprKind::Object(items) => {
            see("object", expr.span, depth);
            for item in items {
                match &item.key {
                    ObjectKey::Name(name) => see("key", name.span, inside),
                    ObjectKey::Expr(key) => each_expr(key, inside, see),
                }
                each_expr(&item.value, inside, see);
            }
        }
        ExprKind::Parenthesis(inner) => {
            see("parenthesis", expr.span, depth);
            each_expr(inner, inside, see);
        }
    }
}

fn each_introduction(introduction: &ForIntroduction, depth: usize, see: See<'_>) {
    introduction.key.iter().for_each(|key| see("variable", key.span, depth));
    see("variable", introduction.value.span, depth);
    each_expr(&introduction.collection, depth, see);
}

/// Every node of the pieces of a template.
pub(crate) fn each_piece(pieces: &[Piece], depth: usize, see: See<'_>) {
    let inside = depth + 1;
    for piece in pieces {
        match piece {
            Piece::Literal { span, .. } => see("text", *span, depth),
            Piece::Interpolation { expr, span } => {
                see("interpolation", *span, depth);
                each_expr(expr, inside, see);
            }
            Piece::If(piece) => {
                see("if", piece.span, depth);
                each_expr(&piece.condition, inside, see);
                each_piece(&piece.then, inside, see);
                each_piece(&piece.otherwise, inside, see);
            }
            Piece::For(piece) => {
                see("for", piece.span, depth);
                piece.key.iter().for_each(|key| see("variable", key.span, inside));
                see("variable", piece.value.span, inside);
                each_expr(&piece.collection, inside, see);
                each_piece(&piece.body, inside, see);
            }
        }
    }
}

/// Every node as a line, with the source at its span.
pub(crate) fn outline(path: &str, text: &str) -> Vec<String> {
    let (file, body) = body(path, text);
    let mut lines = Vec::new();
    each_node(&body, 0, &mut |what, span, depth| {
        lines.push(format!("{}{what} {}", "  ".repeat(depth), file.slice(span).escape_debug()));
    });
    lines
}
