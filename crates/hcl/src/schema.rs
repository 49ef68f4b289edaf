//! Terraform's own blocks: where JSON has to tell them from arguments, and where native syntax goes on after an error.
//!
//! In JSON both are properties: `"lifecycle": {...}` is a block and `"tags": {...}` an argument only because the
//! language, or a provider, says so. What the language says stands here. What a provider says is not known: see
//! [`BodySchema::is_open`].
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

/// How the strings of an argument's value are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strings {
    /// As templates.
    Template,
    /// As they are: Terraform interprets nothing in the value of such an argument.
    Literal,
    /// As expressions: references, types, keywords.
    Expression,
}

/// A kind of block in a body.
pub(crate) struct BlockSchema {
    pub(crate) kind: &'static str,
    /// What each label is.
    pub(crate) labels: &'static [&'static str],
    pub(crate) body: &'static BodySchema,
}

/// What a body may hold, apart from arguments whose strings are templates.
pub(crate) struct BodySchema {
    pub(crate) blocks: &'static [BlockSchema],
    /// The arguments whose strings are something else.
    pub(crate) arguments: &'static [(&'static str, Strings)],
    /// How the strings of all other arguments are read.
    pub(crate) others: Strings,
    /// Whether a provider or a module decides about arguments and blocks. What the language does not know is then an
    /// argument, unless a `dynamic` block in it shows that it is a block. A reader of the tree takes an object, or a tuple of
    /// them, for what blocks of that name would make.
    pub(crate) is_open: bool,
}

impl BodySchema {
    /// The block of this kind.
    pub(crate) fn block(&self, kind: &str) -> Option<&'static BlockSchema> {
        self.blocks.iter().find(|block| block.kind == kind)
    }

    /// How the strings of this argument are read.
    pub(crate) fn strings(&self, argument: &str) -> Strings {
        self.arguments.iter().find(|(name, _)| *name == argument).map_or(self.others, |(_, strings)| *strings)
    }
}

const fn block(kind: &'static str, labels: &'static [&'static str], body: &'static BodySchema) -> BlockSchema {
    BlockSchema { kind, labels, body }
}

/// A body without blocks of its own.
const fn arguments(arguments: &'static [(&'static str, Strings)]) -> BodySchema {
    BodySchema { blocks: &[], arguments, others: Strings::Template, is_open: false }
}

/// A body of which Terraform evaluates nothing.
const fn literal(blocks: &'static [BlockSchema], arguments: &'static [(&'static str, Strings)]) -> BodySchema {
    BodySchema { blocks, arguments, others: Strings::Literal, is_open: false }
}

/// The top of a file.
pub(crate) static FILE: BodySchema = BodySchema {
    blocks: &[
        block("resource", &["type", "name"], &RESOURCE),
        block("data", &["type", "name"], &RESOURCE),
        block("ephemeral", &["type", "name"], &RESOURCE),
        block("module", &["name"], &MODULE),
        block("variable", &["name"], &VARIABLE),
        block("output", &["name"], &OUTPUT),
        block("locals", &[], &PLAIN),
        block("provider", &["name"], &PROVIDER),
        block("terraform", &[], &TERRAFORM),
        block("check", &["name"], &CHECK),
        block("moved", &[], &MOVED),
        block("removed", &[], &REMOVED),
        block("import", &[], &IMPORT),
        block("encryption", &[], &PLAIN),
    ],
    ..PLAIN
};

/// A file of values for input variables.
pub(crate) static VALUES: BodySchema = literal(&[], &[]);

static PLAIN: BodySchema = arguments(&[]);

static RESOURCE: BodySchema = BodySchema {
    blocks: &[
        block("lifecycle", &[], &LIFECYCLE),
        block("provisioner", &["type"], &PROVISIONER),
        block("connection", &[], &PLAIN),
        block("dynamic", &["block type"], &DYNAMIC),
    ],
    arguments: &[("depends_on", Strings::Expression), ("provider", Strings::Expression)],
    is_open: true,
    ..PLAIN
};

/// A block within a resource, whose kind a provider defines.
pub(crate) static NESTED: BodySchema =
    BodySchema { blocks: &[block("dynamic", &["block type"], &DYNAMIC)], is_open: true, ..PLAIN };

static DYNAMIC: BodySchema =
    BodySchema { blocks: &[block("content", &[], &NESTED)], arguments: &[("iterator", Strings::Expression)], ..PLAIN };

static LIFECYCLE: BodySchema = BodySchema {
    blocks: &[block("precondition", &[], &PLAIN), block("postcondition", &[], &PLAIN)],
    arguments: &[("ignore_changes", Strings::Expression), ("replace_triggered_by", Strings::Expression)],
    ..PLAIN
};

static PROVISIONER: BodySchema = BodySchema {
    blocks: &[block("connection", &[], &PLAIN)],
    arguments: &[("when", Strings::Expression), ("on_failure", Strings::Expression)],
    ..PLAIN
};

static MODULE: BodySchema = arguments(&[("depends_on", Strings::Expression), ("providers", Strings::Expression)]);

static VARIABLE: BodySchema = BodySchema {
    blocks: &[block("validation", &[], &PLAIN)],
    arguments: &[("type", Strings::Expression)],
    others: Strings::Literal,
    is_open: false,
};

static OUTPUT: BodySchema = BodySchema {
    blocks: &[block("precondition", &[], &PLAIN)],
    arguments: &[
        ("depends_on", Strings::Expression),
        ("type", Strings::Expression),
        ("description", Strings::Literal),
        ("deprecated", Strings::Literal),
    ],
    ..PLAIN
};

static PROVIDER: BodySchema =
    BodySchema { arguments: &[("alias", Strings::Literal), ("version", Strings::Literal)], ..NESTED };

static TERRAFORM: BodySchema = literal(
    &[
        block("required_providers", &[], &VALUES),
        block("backend", &["type"], &VALUES),
        block("cloud", &[], &CLOUD),
        block("provider_meta", &["provider"], &PLAIN),
    ],
    &[("experiments", Strings::Expression)],
);

static CLOUD: BodySchema = literal(&[block("workspaces", &[], &VALUES)], &[]);

static CHECK: BodySchema =
    BodySchema { blocks: &[block("data", &["type", "name"], &RESOURCE), block("assert", &[], &PLAIN)], ..PLAIN };

static MOVED: BodySchema = arguments(&[("from", Strings::Expression), ("to", Strings::Expression)]);

static REMOVED: BodySchema = BodySchema {
    blocks: &[block("lifecycle", &[], &PLAIN), block("provisioner", &["type"], &PROVISIONER)],
    arguments: &[("from", Strings::Expression)],
    ..PLAIN
};

static IMPORT: BodySchema = arguments(&[("to", Strings::Expression), ("provider", Strings::Expression)]);
