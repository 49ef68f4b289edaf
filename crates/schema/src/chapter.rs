//! One `kinds.yaml`: a chapter of the schema, read when it is first needed.
//!
//! In: a file. Out: the words by which it is found, without parsing; its kinds and what is wrong with it, parsed once.
//!
//! Invariant: the words are never too few. A kind's name stands at the beginning of a line, as YAML's block style has it,
//! and every native type that a kind speaks of is a word of the text.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use terravet_diagnostics::Diagnostic;
use terravet_source::SourceFile;

use crate::decode::decode;
use crate::kind::Kind;
use crate::signature::Signatures;

/// A file of kinds.
#[derive(Debug)]
pub(crate) struct Chapter {
    file: Arc<SourceFile>,
    signatures: &'static Signatures,
    decoded: OnceLock<(Vec<Kind>, Vec<Diagnostic>)>,
}

/// The words by which a chapter is found.
pub(crate) struct Words<'t> {
    /// The names of its kinds.
    pub(crate) kinds: Vec<&'t str>,
    /// The words that may be native types.
    pub(crate) types: BTreeSet<&'t str>,
}

impl Chapter {
    pub(crate) fn new(file: Arc<SourceFile>, signatures: &'static Signatures) -> Self {
        Self { file, signatures, decoded: OnceLock::new() }
    }

    /// The file.
    pub(crate) fn file(&self) -> &SourceFile {
        &self.file
    }

    /// The kinds, in the order of the file.
    pub(crate) fn kinds(&self) -> &[Kind] {
        &self.decoded().0
    }

    /// What is wrong with the file by itself.
    pub(crate) fn problems(&self) -> &[Diagnostic] {
        &self.decoded().1
    }

    fn decoded(&self) -> &(Vec<Kind>, Vec<Diagnostic>) {
        self.decoded.get_or_init(|| decode(&self.file, self.signatures))
    }

    /// The words of the text.
    pub(crate) fn words(&self) -> Words<'_> {
        let text = self.file.text();
        let names =
            text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '"' || c == '\''));
        let kinds =
            names.filter_map(|line| Some(line.split_once(':')?.0.trim_end().trim_matches(['"', '\'']))).collect();
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
        let types =
            words.map(|word| word.trim_end_matches(':')).filter(|word| word.contains("::") || word.contains('_'));
        Words { kinds, types: types.collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use terravet_source::{Memory, Sources};

    use super::*;

    #[test]
    fn a_chapter_is_found_by_its_words() {
        let sources = Sources::new(Arc::new(Memory::default()));
        let text = "# A comment.\naws.s3.bucket:\n  terraform: [aws_s3_bucket, data.aws_s3_bucket]\n  cloudformation: AWS::S3::Bucket\n";
        static NONE: Signatures = Signatures { facts: BTreeMap::new(), derivations: BTreeMap::new() };
        let chapter = Chapter::new(sources.add(Path::new("kinds.yaml"), text), &NONE);
        let words = chapter.words();
        assert_eq!(words.kinds, ["aws.s3.bucket"]);
        assert_eq!(words.types.into_iter().collect::<Vec<_>>(), ["AWS::S3::Bucket", "aws_s3_bucket"]);
    }
}
