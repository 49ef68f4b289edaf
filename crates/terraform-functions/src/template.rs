//! `templatefile` and `templatestring`. Source:
//! <https://developer.hashicorp.com/terraform/language/functions/templatefile> and
//! <https://developer.hashicorp.com/terraform/language/functions/templatestring>.
//!
//! Rendering itself is the evaluator's work.

use terravet_graph::{Type, Value};

use crate::filesystem::{Content, answer, expanded};
use crate::signature::{Function, Kind, Parameter};
use crate::string::text;
use crate::{Context, FunctionError, TemplateSource};

const VARS: Parameter = Parameter::new("vars", Kind::Any);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::typed("templatefile", &[Parameter::new("path", Kind::String), VARS], any_type, template_file).nullable(),
    Function::typed("templatestring", &[Parameter::new("template", Kind::String), VARS], any_type, template_string)
        .nullable(),
];

/// A template that is one interpolation has the type of what it interpolates.
fn any_type(_: &[Value]) -> Result<Type, FunctionError> {
    Ok(Type::Any)
}

fn template_file(context: &Context<'_>, arguments: &[Value], ty: &Type) -> Result<Value, FunctionError> {
    let path = expanded(context, text(arguments, 0));
    let file = match answer(path.and_then(|path| context.files.read_text(&path)), ty)? {
        Content::Here(file) => file,
        Content::OutOfReach(open) => return Ok(open),
    };
    render(context, TemplateSource::File(&file), &arguments[1])
}

fn template_string(context: &Context<'_>, arguments: &[Value], _: &Type) -> Result<Value, FunctionError> {
    render(context, TemplateSource::Text(&arguments[0]), &arguments[1])
}

fn render(context: &Context<'_>, source: TemplateSource<'_>, variables: &Value) -> Result<Value, FunctionError> {
    let Some(entries) = variables.as_entries() else {
        return Err(FunctionError::argument(1, "invalid vars value: must be a map"));
    };
    if let Some(name) = entries.keys().find(|name| !is_identifier(name)) {
        let message = format!(
            "invalid template variable name {name:?}: must start with a letter, followed by zero or more letters, digits, and underscores"
        );
        return Err(FunctionError::argument(1, message));
    }
    (context.render_template)(source, variables)
}

/// Whether a name can be written in an expression.
fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(unicode_ident::is_xid_start)
        && characters.all(|character| character == '-' || unicode_ident::is_xid_continue(character))
}
