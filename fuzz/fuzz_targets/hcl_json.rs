//! JSON syntax: any text has a tree whose diagnostics lie within it. `cargo +nightly fuzz run hcl_json`

#![no_main]

use std::path::Path;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use terravet_source::{Memory, Sources};

fuzz_target!(|text: &str| {
    let sources = Sources::new(Arc::new(Memory::default()));
    for name in ["main.tf.json", "values.tfvars.json"] {
        let file = sources.add(Path::new(name), text);
        let parsed = terravet_hcl::parse(&file);
        for span in parsed.diagnostics.iter().flat_map(|diagnostic| diagnostic.spans()) {
            assert!(text.get(span.range()).is_some(), "{span:?}");
        }
        for span in terravet_hcl::comments(&file) {
            assert!(text.get(span.range()).is_some(), "{span:?}");
        }
    }
});
