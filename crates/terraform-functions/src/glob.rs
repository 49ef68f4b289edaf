//! The patterns of `fileset`. Source: <https://developer.hashicorp.com/terraform/language/functions/fileset>.
//!
//! `*` and `?` stay within one name, `**` as a whole name stands for any number of folders, `[a-z]` for one character of
//! a class, `{a,b}` for alternatives. Hidden files are matched like any other.

use crate::{FileEntry, FileProblem, Files};

use crate::MAX_ELEMENTS;

/// How many patterns the alternatives in braces make at most.
const MAX_ALTERNATIVES: usize = 1024;
/// How many folders deep `**` looks.
const MAX_DEPTH: usize = 100;

/// A pattern: one for each choice of alternatives.
pub(crate) struct Glob {
    alternatives: Vec<Vec<String>>,
}

impl Glob {
    /// Reads a pattern in its shortest form; none where it is malformed.
    pub(crate) fn parse(pattern: &str) -> Option<Self> {
        let mut alternatives = Vec::new();
        for choice in choices(pattern)? {
            let parts: Vec<String> = choice.split('/').map(str::to_owned).collect();
            if parts.iter().any(|part| !is_valid(part)) {
                return None;
            }
            alternatives.push(parts);
        }
        Some(Self { alternatives })
    }

    /// The files that match, in no order, perhaps more than once.
    pub(crate) fn files(&self, files: &dyn Files) -> Result<Vec<String>, FileProblem> {
        let mut search = Search { files, found: Vec::new() };
        for parts in &self.alternatives {
            search.within(if parts.first().is_some_and(String::is_empty) { "/" } else { "" }, parts, 0)?;
        }
        Ok(search.found)
    }
}

/// The pattern once for each choice of alternatives in braces; none where a brace is not closed.
fn choices(pattern: &str) -> Option<Vec<String>> {
    let mut made = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(pattern) = open.pop() {
        let Some((start, end)) = first_braces(&pattern)? else {
            made.push(pattern);
            continue;
        };
        let (before, inner, after) = (&pattern[..start], &pattern[start + 1..end], &pattern[end + 1..]);
        open.extend(split_alternatives(inner).into_iter().map(|choice| format!("{before}{choice}{after}")));
        if open.len() + made.len() > MAX_ALTERNATIVES {
            return None;
        }
    }
    Some(made)
}

/// The places of the first brace and the one that closes it.
#[allow(clippy::option_option, reason = "no braces and an unclosed brace are different answers")]
fn first_braces(pattern: &str) -> Option<Option<(usize, usize)>> {
    let (mut start, mut depth, mut escaped, mut class) = (None, 0usize, false, false);
    for (at, character) in pattern.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '{' if !class => {
                start = start.or(Some(at));
                depth += 1;
            }
            '}' if !class && depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return Some(start.map(|start| (start, at)));
                }
            }
            _ => {}
        }
    }
    if depth > 0 { None } else { Some(None) }
}

fn split_alternatives(inner: &str) -> Vec<&str> {
    let (mut parts, mut from, mut depth, mut escaped) = (Vec::new(), 0, 0usize, false);
    for (at, character) in inner.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[from..]);
    parts
}

/// Whether the classes and escapes of a name's pattern are complete.
fn is_valid(part: &str) -> bool {
    let mut rest: Vec<char> = part.chars().collect();
    rest.reverse();
    while let Some(character) = rest.pop() {
        match character {
            '\\' if rest.pop().is_none() => return false,
            '[' if class(&mut rest, '\0').is_none() => return false,
            _ => {}
        }
    }
    true
}

/// Whether a character is of the class whose text follows (reversed) up to `]`; none where the class is malformed.
fn class(rest: &mut Vec<char>, character: char) -> Option<bool> {
    let negated = matches!(rest.last(), Some('^' | '!'));
    if negated {
        rest.pop();
    }
    let (mut found, mut is_empty) = (false, true);
    let single = |rest: &mut Vec<char>| match rest.pop()? {
        '\\' => rest.pop(),
        '-' => None,
        other => Some(other),
    };
    loop {
        if rest.last() == Some(&']') && !is_empty {
            rest.pop();
            return Some(found != negated);
        }
        is_empty = false;
        let low = single(rest).filter(|low| *low != ']')?;
        let high = if rest.last() == Some(&'-') {
            rest.pop();
            single(rest)?
        } else {
            low
        };
        found |= (low..=high).contains(&character);
    }
}

/// Whether a name matches the pattern of one.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut place) = (0, 0);
    // After the last star: where the pattern goes on, and how much the star has taken.
    let mut star: Option<(usize, usize)> = None;
    loop {
        let step = match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, place));
                at += 1;
                continue;
            }
            Some(first) if place < name.len() => one(pattern, at, *first, name[place]),
            None if place == name.len() => return true,
            _ => None,
        };
        match (step, star) {
            (Some(next), _) => (at, place) = (next, place + 1),
            (None, Some((after, taken))) if taken < name.len() => {
                star = Some((after, taken + 1));
                (at, place) = (after, taken + 1);
            }
            _ => return false,
        }
    }
}

/// Where the pattern goes on if the part of it at `at` stands for this character.
fn one(pattern: &[char], at: usize, first: char, character: char) -> Option<usize> {
    match first {
        '?' => Some(at + 1),
        '[' => {
            let mut rest: Vec<char> = pattern[at + 1..].iter().rev().copied().collect();
            let before = rest.len();
            class(&mut rest, character)?.then(|| at + 1 + before - rest.len())
        }
        '\\' => (pattern.get(at + 1) == Some(&character)).then_some(at + 2),
        plain => (plain == character).then_some(at + 1),
    }
}

struct Search<'f> {
    files: &'f dyn Files,
    found: Vec<String>,
}

impl Search<'_> {
    /// Looks in a folder for what matches the rest of a pattern.
    fn within(&mut self, folder: &str, parts: &[String], depth: usize) -> Result<(), FileProblem> {
        let Some((part, rest)) = parts.split_first() else { return Ok(()) };
        if part.is_empty() {
            return self.within(folder, rest, depth);
        }
        let join = |name: &str| match folder {
            "" => name.to_owned(),
            "/" => format!("/{name}"),
            _ => format!("{folder}/{name}"),
        };
        if part == "**" {
            return self.any_depth(folder, rest, depth);
        }
        if !part.contains(['*', '?', '[', '\\']) {
            let path = join(part);
            if !rest.is_empty() {
                return self.within(&path, rest, depth);
            }
            // A folder of this name is no match.
            if matches!(self.files.exists(&path), Ok(true)) {
                self.found.push(path);
            }
            return Ok(());
        }
        let pattern: Vec<char> = part.chars().collect();
        for entry in self.list(folder)? {
            let name: Vec<char> = entry.name.chars().collect();
            if !matches(&pattern, &name) {
                continue;
            }
            let path = join(&entry.name);
            match (rest.is_empty(), entry.is_folder) {
                (true, false) => self.add(path)?,
                (false, true) => self.within(&path, rest, depth)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Looks in a folder and all below it.
    fn any_depth(&mut self, folder: &str, rest: &[String], depth: usize) -> Result<(), FileProblem> {
        if depth > MAX_DEPTH {
            return Err(FileProblem::Refused(format!("the limit of {MAX_DEPTH} folders within folders is reached")));
        }
        if !rest.is_empty() {
            self.within(folder, rest, depth)?;
        }
        for entry in self.list(folder)? {
            let path = match folder {
                "" => entry.name.clone(),
                "/" => format!("/{}", entry.name),
                _ => format!("{folder}/{}", entry.name),
            };
            if entry.is_folder {
                self.any_depth(&path, rest, depth + 1)?;
            } else if rest.is_empty() {
                self.add(path)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: String) -> Result<(), FileProblem> {
        if self.found.len() >= MAX_ELEMENTS {
            return Err(FileProblem::Refused(format!("the limit of {MAX_ELEMENTS} files is reached")));
        }
        self.found.push(path);
        Ok(())
    }

    /// The entries of a folder; none of one that is not there.
    fn list(&self, folder: &str) -> Result<Vec<FileEntry>, FileProblem> {
        match self.files.list(if folder.is_empty() { "." } else { folder }) {
            Err(FileProblem::Refused(_)) => Ok(Vec::new()),
            answer => answer,
        }
    }
}
