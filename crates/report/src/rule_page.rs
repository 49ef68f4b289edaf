//! The page of a rule in the terminal: `terravet explain`.
//!
//! In: a rule. Out: its facts, then its Markdown as plain text with emphasis by colour: headings, paragraphs wrapped to the
//! width, lists, quotes, code as it stands. Markdown beyond that (tables, images, HTML) is shown as its text.

use std::io::{self, Write};

use owo_colors::{OwoColorize as _, Style as Ink};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use terravet_diagnostics::RuleInfo;

use crate::{Style, safe_text};

/// Columns of prose at most: longer lines are hard to read.
const MAX_WIDTH: usize = 100;

/// Writes the page.
///
/// # Errors
/// What the writer answers.
pub fn write(out: &mut dyn Write, rule: &RuleInfo, style: Style) -> io::Result<()> {
    let id = safe_text::inline(&rule.id).style(style.strong()).to_string();
    writeln!(out, "{}", style.link(&id, &rule.url))?;
    let severity = rule.severity.as_str().style(style.severity(rule.severity)).to_string();
    writeln!(out, "{severity}, {} profile, {}", rule.profile, safe_text::inline(&rule.service))?;
    if !rule.equivalents.is_empty() {
        write_facts(out, "also known as", &rule.equivalents.join(", "), style)?;
    }
    if !rule.standards.is_empty() {
        write_facts(out, "covers", &rule.standards.join(", "), style)?;
    }
    if !style.links {
        writeln!(out, "{}", safe_text::inline(&rule.url).style(style.faint()))?;
    }
    let mut page = Page::new(style);
    for event in Parser::new(&rule.body) {
        page.event(event);
    }
    for line in page.text.lines() {
        writeln!(out, "{}", safe_text::drawn_line(line))?;
    }
    Ok(())
}

fn write_facts(out: &mut dyn Write, title: &str, facts: &str, style: Style) -> io::Result<()> {
    let text = format!("{title}: {}", safe_text::inline(facts));
    let options = wrapping(style).subsequent_indent("  ");
    writeln!(out, "{}", textwrap::fill(&text, options).style(style.faint()))
}

/// What a fence of an example says, in words: `hcl fails finding=4` is "Terraform that fails". Others stay as they are.
fn example_title(info: &str) -> String {
    let mut words = info.split_whitespace();
    let language = match words.next() {
        Some("hcl") => "Terraform",
        Some("yaml" | "json") => "CloudFormation",
        _ => return info.to_owned(),
    };
    match words.next() {
        Some("fails") => format!("{language} that fails"),
        Some("passes") => format!("{language} that passes"),
        Some("undecided") => format!("{language} that is not known before apply"),
        _ => info.to_owned(),
    }
}

fn wrapping(style: Style) -> textwrap::Options<'static> {
    textwrap::Options::new(style.width.min(MAX_WIDTH))
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}

/// A page on its way to text.
struct Page {
    style: Style,
    text: String,
    /// Pieces of the paragraph that is being read, each with its ink: wrapped before it is coloured.
    words: Vec<(String, Ink)>,
    ink: Ink,
    /// For each list around: the number of the next item, or none for bullets.
    lists: Vec<Option<u64>>,
    /// What stands before the first line of the next paragraph in a list.
    bullet: Option<String>,
    quotes: usize,
    in_code: bool,
    link: Option<String>,
}

impl Page {
    fn new(style: Style) -> Self {
        Self {
            style,
            text: String::new(),
            words: Vec::new(),
            ink: Ink::new(),
            lists: Vec::new(),
            bullet: None,
            quotes: 0,
            in_code: false,
            link: None,
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_code => self.code_lines(&text),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.push(&text, self.ink),
            Event::Code(code) => self.push(&code, self.style.code()),
            Event::SoftBreak => self.push(" ", self.ink),
            Event::HardBreak => self.push("\n", self.ink),
            Event::Rule => self.text.push('\n'),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => self.ink = self.style.strong(),
            Tag::Strong | Tag::Emphasis => self.ink = self.style.strong(),
            Tag::List(first) => {
                self.paragraph(false);
                self.lists.push(first);
            }
            Tag::Item => {
                let bullet = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
                self.bullet = Some(bullet);
            }
            Tag::BlockQuote(_) => self.quotes += 1,
            Tag::CodeBlock(kind) => {
                self.in_code = true;
                if let CodeBlockKind::Fenced(info) = kind
                    && !info.is_empty()
                {
                    let title = safe_text::inline(&example_title(&info)).into_owned();
                    self.text.push_str(&format!("\n    {}\n", format!("{title}:").style(self.style.faint())));
                } else {
                    self.text.push('\n');
                }
            }
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.to_string()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.paragraph(true);
                self.ink = Ink::new();
            }
            TagEnd::Paragraph => self.paragraph(self.lists.is_empty()),
            TagEnd::Strong | TagEnd::Emphasis => self.ink = Ink::new(),
            TagEnd::Item => self.paragraph(false),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::TableCell => self.push("  ", Ink::new()),
            TagEnd::TableRow | TagEnd::TableHead => self.paragraph(false),
            TagEnd::Link => {
                if let Some(url) = self.link.take()
                    && url.contains("://")
                    && self.words.last().is_none_or(|(text, _)| *text != url)
                {
                    self.push(&format!(" <{url}>"), self.style.faint());
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str, ink: Ink) {
        self.words.push((safe_text::lines(text), ink));
    }

    fn code_lines(&mut self, text: &str) {
        for line in text.lines() {
            let mut shown = String::new();
            safe_text::source_line(line, &mut shown);
            let indented = if shown.is_empty() { shown } else { format!("      {}", shown.style(self.style.code())) };
            self.text.push_str(&indented);
            self.text.push('\n');
        }
    }

    /// Writes what was collected, wrapped; with an empty line before it where `apart`.
    fn paragraph(&mut self, apart: bool) {
        let words = std::mem::take(&mut self.words);
        let plain: String = words.iter().map(|(text, _)| text.as_str()).collect();
        if plain.trim().is_empty() {
            return;
        }
        let indent = format!("{}{}", "> ".repeat(self.quotes), "  ".repeat(self.lists.len()));
        let bullet = self.bullet.take().unwrap_or_default();
        let first = format!("{}{bullet}", indent.get(..indent.len().saturating_sub(bullet.len())).unwrap_or_default());
        let rest = if bullet.is_empty() { indent } else { " ".repeat(first.len()) };
        let first = if bullet.is_empty() { rest.clone() } else { first };
        let options = wrapping(self.style).initial_indent(&first).subsequent_indent(&rest);
        if apart {
            self.text.push('\n');
        }
        self.text.push_str(&coloured(&textwrap::fill(&plain, options), &words));
        self.text.push('\n');
    }
}

/// Puts the ink of the pieces onto the wrapped text: both have the same characters but for white space.
fn coloured(wrapped: &str, pieces: &[(String, Ink)]) -> String {
    let mut inks = pieces
        .iter()
        .flat_map(|(text, ink)| text.chars().filter(|c| !c.is_whitespace()).map(move |c| (c, *ink)))
        .peekable();
    let (mut out, mut run, mut run_ink) = (String::new(), String::new(), Ink::new());
    for character in wrapped.chars() {
        // What wrapping added (indents, bullets) matches no piece and has no ink.
        let ink = match inks.next_if(|(expected, _)| *expected == character) {
            Some((_, ink)) => ink,
            None if character == ' ' && inks.peek().is_some_and(|(_, next)| *next == run_ink) => run_ink,
            None => Ink::new(),
        };
        if ink != run_ink {
            out.push_str(&run.style(run_ink).to_string());
            run.clear();
            run_ink = ink;
        }
        if character == '\n' {
            out.push_str(&run.style(run_ink).to_string());
            run.clear();
            out.push('\n');
        } else {
            run.push(character);
        }
    }
    out.push_str(&run.style(run_ink).to_string());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(markdown: &str, colour: bool) -> String {
        let mut page = Page::new(Style { colour, width: 40, ..Style::plain() });
        for event in Parser::new(markdown) {
            page.event(event);
        }
        page.text
    }

    #[test]
    fn prose_is_wrapped_and_code_stands_as_it_is() {
        let markdown = "# Title\n\nSome `code` in a paragraph that is longer than a line.\n\n- one\n- two, which is long \
                        enough to be wrapped once\n\n```hcl fails\nresource \"a\" \"b\" {\n\n}\n```\n";
        let expected = "
Title

Some code in a paragraph that is longer
than a line.
- one
- two, which is long enough to be
  wrapped once

    Terraform that fails:
      resource \"a\" \"b\" {

      }
";
        assert_eq!(rendered(markdown, false), expected);
    }

    #[test]
    fn colour_does_not_change_the_wrapping() {
        let markdown =
            "Some `code` and **strong words** and [a link](https://example.com/page), all in one paragraph.\n";
        let plain = rendered(markdown, false);
        let coloured = rendered(markdown, true);
        assert!(coloured.contains("\u{1b}[36mcode\u{1b}[0m and \u{1b}[1mstrong words\u{1b}[0m"), "{coloured:?}");
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            stripped.push_str(before);
            rest = after.split_once('m').map_or("", |(_, rest)| rest);
        }
        stripped.push_str(rest);
        assert_eq!(stripped, plain);
    }
}
