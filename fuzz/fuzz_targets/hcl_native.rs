//! Native syntax: any text has a tree whose diagnostics lie within it. `cargo +nightly fuzz run hcl_native`

#![no_main]

use std::path::Path;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use terravet_source::{Memory, Sources};

fuzz_target!(|text: &str| {
    let sources = Sources::new(Arc::new(Memory::default()));
    let file = sources.add(Path::new("main.tf"), text);
    let parsed = terravet_hcl::parse_native(&file);
    let (_, of_template) = terravet_hcl::parse_template(&file);
    for span in parsed.diagnostics.iter().chain(&of_template).flat_map(|diagnostic| diagnostic.spans()) {
        assert!(text.get(span.range()).is_some(), "{span:?}");
    }
    for span in terravet_hcl::comments(&file) {
        assert!(text.get(span.range()).is_some(), "{span:?}");
    }
});
