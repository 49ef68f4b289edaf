//! `template_file`: a template rendered over variables.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/template/latest/docs/data-sources/file>.

use terravet_graph::{Entries, Type, Value};

use super::{Computed, Request};
use crate::evaluate::render;
use terravet_terraform_functions::TemplateSource;
use terravet_terraform_functions::convert::convert;

/// Renders the template.
pub(super) fn read(request: &Request<'_>) -> Computed {
    let template = request.text("template")?;
    let variables = request.argument("vars");
    let variables = if variables.is_unset() { Value::object([]) } else { variables };
    let rendered = if template.as_str().is_none() || variables.is_unknown() {
        let open = if template.as_str().is_none() { &template } else { &variables };
        request.open_because(open, Type::String)
    } else {
        let span = template.span().unwrap_or(request.header);
        let rendered = render(TemplateSource::Text(&template), &variables, span, request.scope)
            .and_then(|value| {
                convert(&value, &Type::String)
                    .map_err(|error| terravet_terraform_functions::FunctionError::new(error.to_string()))
            })
            .map_err(|error| request.refused(&template, error.message))?;
        let origin = rendered.origin.clone().or_else(|| template.origin.clone());
        Value { origin, ..rendered }
    };
    Ok(Entries::from_iter([("rendered".into(), rendered)]))
}
