//! What several facts take.

use terravet_schema::{Argument, ArgumentType};

/// The name of an attribute of the kind.
pub(crate) const ATTRIBUTE: &[Argument] = &[Argument::new("attribute", ArgumentType::Attribute)];

/// A protocol and a port.
pub(crate) const PORT: &[Argument] = &[
    Argument::new("protocol", ArgumentType::Word(|| vec!["tcp", "udp"])),
    Argument::new("port", ArgumentType::Number(0, 65_535)),
];
