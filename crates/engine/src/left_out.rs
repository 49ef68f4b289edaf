//! What ignore files leave out, or its place.
//!
//! In: what discovery left out. Out: one note for each file or folder of it that holds configuration, and how many files these are. Documents
//! are told by their content, as those that are scanned; beyond a limit their number is a lower bound, and the note says so.

use std::path::Path;

use terravet_diagnostics::Diagnostic;
use terravet_source::discovery::{FileRole, LeftOut, Why, role};
use terravet_source::{Sources, Span};

use crate::units::kind_of;

/// How many documents are read to tell whether they are templates or plans.
const MAX_READ: usize = 1_000;

/// The notes, and how many files they speak of.
pub(crate) fn tell(left_out: &[LeftOut], sources: &Sources) -> (Vec<Diagnostic>, usize) {
    let (mut notes, mut total, mut left) = (Vec::new(), 0, MAX_READ);
    for it in left_out {
        let mut more = it.more;
        let mut count = 0;
        for file in &it.files {
            count += usize::from(match role(file) {
                FileRole::Terraform => true,
                _ if left == 0 => {
                    more = true;
                    false
                }
                _ => {
                    left -= 1;
                    is_unit(sources, file)
                }
            });
        }
        total += count;
        if count > 0 || more {
            notes.push(Diagnostic::note("left-out", Span::start_of(sources.id(&it.path)), words(it, count, more)));
        }
    }
    (notes, total)
}

fn is_unit(sources: &Sources, path: &Path) -> bool {
    sources.look(path).is_ok_and(|file| kind_of(file.text(), path, false).is_some())
}

fn words(it: &LeftOut, count: usize, more: bool) -> String {
    let is_file = it.files.first().is_some_and(|file| *file == it.path);
    let what = match (count, more) {
        _ if it.why == Why::Outside => "this folder is not scanned".to_owned(),
        _ if is_file => "this file is not scanned".to_owned(),
        (0, _) => "this folder is not scanned, and holds more files than are looked at".to_owned(),
        (1, false) => "1 file with configuration in this folder is not scanned".to_owned(),
        (count, false) => format!("{count} files with configuration in this folder are not scanned"),
        (count, true) => format!("at least {count} files with configuration in this folder are not scanned"),
    };
    let why = match &it.why {
        Why::Ignored(by) => format!("{} ignores it, and git does not track it", by.display()),
        Why::Hidden => "its name begins with a dot, and git does not track it".to_owned(),
        Why::Packed => "it is an asset that the AWS CDK has packed, and git does not track it".to_owned(),
        Why::Outside => "it is a link that leads outside of the scanned tree".to_owned(),
    };
    format!("{what}: {why}")
}
