//! `terravet eval`: what expressions are worth.

use std::io::{self, BufRead as _, Write};
use std::sync::Arc;

use serde_json::Value as Json;
use terravet_diagnostics::Diagnostic;
use terravet_engine::{Console, EngineError};
use terravet_frontend::Root;
use terravet_report::evaluation::{self, Answer};
use terravet_report::terminal;
use terravet_source::{Disk, FileSystem as _, Sources};

use crate::arguments::{Color, Eval, ListFormat};
use crate::exit::{Failure, Status};
use crate::{graph, output, setup};

/// Bytes of a line of JSON on standard input, at most.
const MAX_LINE: usize = 16 << 20;

/// Evaluates and writes the values.
pub(crate) fn run(arguments: Eval, color: Color) -> Result<Status, Failure> {
    let Eval { expressions, dir, template, stdin, format, inputs } = arguments;
    let root = template.map_or(Root::Folder(dir), Root::File);
    let place = root.path().to_path_buf();
    if Disk.kind(&place).is_none() {
        return Err(EngineError::NoSuchPath(place).into());
    }
    let session = setup::session(graph::options(vec![place], inputs), color)?;
    let console = session
        .console(&root)
        .ok_or_else(|| Failure::Words(format!("{} is nothing to evaluate in", root.path().display())))?
        .map_err(|error| Failure::Words(format!("cannot read {}: {error}", root.path().display())))?;
    let mut dialogue = Dialogue { console, sources: session.sources(), color, complete: true };
    output::to(None, |out| match (stdin, format) {
        (true, _) => dialogue.answer_lines(out),
        (false, ListFormat::Json) => expressions
            .iter()
            .zip(1u64..)
            .try_for_each(|(text, number)| dialogue.answer_json(out, &Json::from(number), text)),
        (false, ListFormat::Text) => expressions.iter().try_for_each(|text| dialogue.answer_text(out, text)),
    })?;
    dialogue.show_problems()?;
    Ok(if dialogue.complete { Status::Clean } else { Status::Incomplete })
}

/// Questions and answers.
struct Dialogue<'s> {
    console: Box<dyn Console + 's>,
    sources: Arc<Sources>,
    color: Color,
    /// Whether everything could be evaluated.
    complete: bool,
}

impl Dialogue<'_> {
    fn answer_text(&mut self, out: &mut dyn Write, text: &str) -> Result<(), Failure> {
        match self.console.ask(text) {
            Ok(answer) => Ok(evaluation::write_text(out, &answer.value)?),
            Err(problems) => {
                out.flush()?;
                self.complain(&problems)
            }
        }
    }

    fn answer_json(&mut self, out: &mut dyn Write, id: &Json, text: &str) -> Result<(), Failure> {
        let answer = self.console.ask(text).map_err(|problems| words(&problems));
        let answer = answer.map(|answer| Answer { value: answer.value, ty: answer.ty });
        self.complete &= answer.is_ok();
        Ok(evaluation::write_json(out, id, answer.as_ref().map_err(String::as_str))?)
    }

    /// Answers lines of JSON until there are no more. A line that is no question is answered with an error.
    fn answer_lines(&mut self, out: &mut dyn Write) -> Result<(), Failure> {
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = io::Read::take(&mut input, MAX_LINE as u64).read_until(b'\n', &mut line);
            if read.map_err(|error| Failure::Words(format!("cannot read standard input: {error}")))? == 0 {
                return Ok(());
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match question(&line) {
                Ok((id, text)) => self.answer_json(out, &id, &text)?,
                Err(refusal) => {
                    self.complete = false;
                    evaluation::write_json(out, &Json::Null, Err(&refusal))?;
                }
            }
            // Whoever asks may wait for this answer before the next question.
            out.flush()?;
        }
    }

    /// Shows errors on standard error, with their source.
    fn complain(&mut self, problems: &[Diagnostic]) -> Result<(), Failure> {
        self.complete = false;
        let style = output::style_of_stderr(self.color);
        Ok(terminal::write_problems(&mut io::stderr().lock(), problems, &setup::places(&self.sources), style)?)
    }

    /// Shows what is wrong with the module or template itself.
    fn show_problems(&mut self) -> Result<(), Failure> {
        let problems: Vec<Diagnostic> = self.console.problems().into_iter().filter(Diagnostic::is_error).collect();
        if problems.is_empty() { Ok(()) } else { self.complain(&problems) }
    }
}

/// The id and the expression of a line.
fn question(line: &[u8]) -> Result<(Json, String), String> {
    let mut question: Json = serde_json::from_slice(line).map_err(|error| format!("this line is no JSON: {error}"))?;
    let id = question.get_mut("id").map_or(Json::Null, Json::take);
    match question.get_mut("expr").map(Json::take) {
        Some(Json::String(text)) => Ok((id, text)),
        _ => Err("a question is written {\"id\": ..., \"expr\": \"...\"}".to_owned()),
    }
}

/// Errors on one line.
fn words(problems: &[Diagnostic]) -> String {
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    if messages.is_empty() { "this cannot be evaluated".to_owned() } else { messages.join("; ") }
}
