//! Function calls, and the forms that look like calls but see expressions.

use terravet_graph::{Data, Type, Unknown, Value, Why};
use terravet_hcl::{Expr, ExprKind, FunctionCall, Step, StepKind};
use terravet_source::Span;

use super::candidates::map;
use super::{Evaluated, EvaluationError, Scope, evaluate as evaluate_expression, kind_of};
use terravet_terraform_functions::convert::first_reason;
use terravet_terraform_functions::{self as functions, Call, FunctionError, TemplateSource};

/// `name(arguments)`.
pub(super) fn evaluate(call: &FunctionCall, span: Span, scope: &dyn Scope) -> Evaluated {
    let plain = call.name.strip_prefix("core::").unwrap_or(&call.name);
    if let Some(why) = scope.refuses_function(&call.name) {
        return Err(EvaluationError::new(call.name_span, format!("{plain}() cannot be called here: {why}")));
    }
    match plain {
        "try" => first_that_works(call, span, scope),
        "can" => can(call, span, scope),
        "ephemeralasnull" => super::ephemeral::as_null(call, span, scope),
        _ => scope.budget().deeper(span, || ordinary(call, span, scope)),
    }
}

/// `templatestring` renders what is written elsewhere: of a template in its own argument, which would be evaluated before,
/// nothing is left to render.
fn check_template(template: &Expr) -> Result<(), EvaluationError> {
    let is_reference = match &template.kind {
        ExprKind::Variable(_) => true,
        ExprKind::Traversal(traversal) => {
            let splat = |step: &Step| matches!(step.kind, StepKind::AttributeSplat | StepKind::FullSplat);
            matches!(traversal.root.kind, ExprKind::Variable(_)) && !traversal.steps.iter().any(splat)
        }
        _ => false,
    };
    if is_reference {
        return Ok(());
    }
    Err(EvaluationError::new(
        template.span,
        "templatestring() refuses this: the template must be a reference to a string",
    )
    .with_help("put the template into a local value and refer to it, or write its content here as it is"))
}

pub(super) fn ordinary(call: &FunctionCall, span: Span, scope: &dyn Scope) -> Evaluated {
    if let ("templatestring" | "core::templatestring", Some(template)) = (&*call.name, call.arguments.first()) {
        check_template(template)?;
    }
    let (fixed, expanded) = match call.arguments.split_last() {
        Some((last, fixed)) if call.expand_final => (fixed, Some(last)),
        _ => (call.arguments.as_slice(), None),
    };
    let mut arguments =
        fixed.iter().map(|argument| evaluate_expression(argument, scope)).collect::<Result<Vec<_>, _>>()?;
    if let Some(last) = expanded {
        let list = evaluate_expression(last, scope)?;
        return map(&list, |list| match &list.data {
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                let mut all = arguments.clone();
                all.extend(list.elements());
                invoke(call, all, span, scope)
            }
            Data::Unknown(_) => {
                let why = first_reason(list).unwrap_or_else(|| Why::Other("not known before apply".into()));
                Ok(Value::unknown(why, Type::Any).written_at(span).marked(list.sensitive))
            }
            _ => {
                let message = format!("`...` needs a list, set or tuple before it, and this is {}", kind_of(list));
                Err(EvaluationError::new(last.span, message))
            }
        });
    }
    let arguments = std::mem::take(&mut arguments);
    invoke(call, arguments, span, scope)
}

fn invoke(call: &FunctionCall, arguments: Vec<Value>, span: Span, scope: &dyn Scope) -> Evaluated {
    let render =
        |source: TemplateSource<'_>, variables: &Value| super::template::render(source, variables, span, scope);
    let request = Call { arguments, span, files: scope.files(), work: scope.budget().work(), render_template: &render };
    let value = functions::call(&call.name, request).map_err(|error| refusal(call, &error, span))?;
    scope.budget().weigh(&value, span)?;
    Ok(value)
}

fn refusal(call: &FunctionCall, error: &FunctionError, span: Span) -> EvaluationError {
    let place = error.argument.and_then(|at| call.arguments.get(at)).map_or(span, |argument| argument.span);
    if error.message.starts_with("there is no function") {
        return EvaluationError::new(call.name_span, error.message.clone());
    }
    let message = format!("{}() refuses this: {}", call.name, error.message);
    EvaluationError { limit: error.limit, spent: error.spent, ..EvaluationError::new(place, message) }
}

/// `try(a, b, ...)`: the first argument that can be evaluated. Where that depends on what is not known, so does the result.
fn first_that_works(call: &FunctionCall, span: Span, scope: &dyn Scope) -> Evaluated {
    let mut last = EvaluationError::new(span, "try() needs at least one argument");
    for argument in expressions(call, span)? {
        match evaluate_expression(argument, scope) {
            // Something unknown may turn out to lack the attribute that is asked of it: Terraform then answers an unknown.
            Ok(value) if is_open(&value) && depends_on_shape(argument) => {
                let why = first_reason(&value).unwrap_or(Why::Computed);
                let reference = value.as_unknown().and_then(|unknown| unknown.reference.clone());
                let open = Unknown { reference, ..Unknown::new(why, Type::Any) };
                return Ok(Value { origin: value.origin.clone(), ..open.into() }.marked(value.sensitive));
            }
            Ok(value) => return Ok(value),
            Err(error) if error.limit => return Err(error),
            Err(error) => last = error,
        }
    }
    Err(EvaluationError::new(span, format!("no argument of try() can be evaluated; the last: {}", last.message)))
}

/// `can(a)`: whether the argument can be evaluated.
fn can(call: &FunctionCall, span: Span, scope: &dyn Scope) -> Evaluated {
    let [argument] = expressions(call, span)? else {
        return Err(EvaluationError::new(span, "can() takes one argument"));
    };
    let result = match evaluate_expression(argument, scope) {
        Ok(value) if is_open(&value) && depends_on_shape(argument) => {
            let why = first_reason(&value).unwrap_or(Why::Computed);
            Value::unknown(why, Type::Bool)
        }
        Ok(_) => Value::bool(true),
        Err(error) if error.limit => return Err(error),
        Err(_) => Value::bool(false),
    };
    Ok(result.written_at(span))
}

fn expressions(call: &FunctionCall, span: Span) -> Result<&[Expr], EvaluationError> {
    if call.expand_final {
        return Err(EvaluationError::new(span, format!("{}() takes expressions, and `...` gives values", call.name)));
    }
    Ok(&call.arguments)
}

/// Whether the type of a value, or of a part of it, is open, so that a step into it may yet fail. Parts that are attributes of
/// resources are there, whatever their type.
fn is_open(value: &Value) -> bool {
    let open = |unknown: &Unknown| unknown.ty == Type::Any && unknown.candidates.is_empty();
    match &value.data {
        Data::Unknown(unknown) => open(unknown),
        Data::Tuple(_) | Data::Object(_) => {
            let items = value.as_items().into_iter().flatten();
            let mut parts = items.chain(value.as_entries().into_iter().flat_map(|entries| entries.values()));
            parts.any(|part| match part.as_unknown() {
                Some(unknown) => open(unknown) && unknown.reference.is_none(),
                None => is_open(part),
            })
        }
        _ => false,
    }
}

/// Whether an expression can fail for the shape of what it looks into.
fn depends_on_shape(expr: &Expr) -> bool {
    !matches!(
        expr.kind,
        ExprKind::Variable(_) | ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String { .. }
    )
}
