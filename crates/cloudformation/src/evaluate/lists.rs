//! The functions over lists.

use terravet_graph::{Type, Unknown, Value};
use terravet_yaml::Node;

use super::candidates::over;
use super::text::as_text;
use super::{Evaluator, Fault, error, reason};
use crate::cidr;
use crate::sections::kind_of;

/// The bits of a block of `Fn::Cidr` where none are given for IPv4.
const DEFAULT_BITS: u32 = 8;

impl Evaluator<'_> {
    /// `Fn::Select`.
    pub(super) fn select(&self, argument: &Node) -> Result<Value, Fault> {
        let Some([index, list]) = argument.as_sequence() else { return Ok(error()) };
        over(&[self.value(index), self.value(list)], |values| {
            let [at, from] = values else { return Ok(error()) };
            if at.is_unknown() {
                return Ok(Value::unknown(reason(at), Type::Any).marked(from.sensitive));
            }
            let number = as_text(at).and_then(|text| text.as_str().and_then(|text| text.trim().parse::<usize>().ok()));
            let Some(number) = number else {
                let message = "Fn::Select takes a number from 0 on, and this is none";
                return Err(Fault::new(index.span, message, "write the place of the member, counted from 0"));
            };
            let Some(items) = from.as_items() else {
                if from.is_unknown() {
                    let certain = self.certain_part(list, number);
                    let member = certain.unwrap_or_else(|| member_of_unknown(from));
                    return Ok(member.marked(from.sensitive));
                }
                let message = format!("Fn::Select takes a list, and this is {}", kind_of(list));
                return Err(Fault::new(list.span, message, "use Fn::Split to make a list of text"));
            };
            match items.get(number) {
                Some(item) if item.is_unset() => {
                    Err(Fault::new(list.span, "Fn::Select gives null here", "leave members that are null out"))
                }
                Some(item) => Ok(from.part(item)),
                None => {
                    let message = format!("there is no member {number} in a list of {}", items.len());
                    Err(Fault::new(index.span, message, "count from 0"))
                }
            }
        })
    }

    /// `Fn::Cidr`.
    pub(super) fn cidr(&self, argument: &Node) -> Result<Value, Fault> {
        let Some(arguments) = argument.as_sequence().filter(|items| matches!(items.len(), 2 | 3)) else {
            return Ok(error());
        };
        let values: Vec<Value> = arguments.iter().map(|node| self.value(node)).collect();
        over(&values, |values| {
            if let Some(unknown) = values.iter().find(|value| value.is_unknown()) {
                let list = Unknown { not_null: true, ..Unknown::new(reason(unknown), Type::list(Type::String)) };
                return Ok(list.into());
            }
            let number = |at: usize| {
                let text = values.get(at).and_then(as_text);
                text.and_then(|text| text.as_str().and_then(|text| text.trim().parse::<u32>().ok()))
            };
            let block = as_text(&values[0]).and_then(|text| text.as_str().map(str::to_owned));
            let bits = if values.len() == 2 { Some(DEFAULT_BITS) } else { number(2) };
            let (Some(block), Some(count), Some(bits)) = (block, number(1), bits) else {
                let message = "Fn::Cidr takes a block, how many blocks to make of it, and how many bits each has";
                return Err(Fault::new(argument.span, message, "write [10.0.0.0/16, 4, 8]"));
            };
            match cidr::blocks(&block, count, bits) {
                Ok(blocks) => Ok(Value::tuple(blocks.into_iter().map(Value::string))),
                Err(message) => Err(Fault::new(
                    argument.span,
                    message,
                    "make fewer or smaller blocks, or take them from a larger one",
                )),
            }
        })
    }

    /// `Fn::Length`.
    pub(super) fn length(&self, argument: &Node) -> Result<Value, Fault> {
        over(&[self.value(argument)], |values| match values[0].as_items() {
            Some(items) if items.iter().any(|item| !item.is_not_null() && !item.is_unset()) => Ok(Value::unknown(
                items.iter().find(|item| item.is_unknown()).map_or(terravet_graph::Why::Error, reason),
                Type::Number,
            )),
            Some(items) => Ok(Value::number(items.len())),
            None if values[0].is_unknown() => Ok(Value::unknown(reason(&values[0]), Type::Number)),
            None => {
                let message = format!("Fn::Length takes a list, and this is {}", kind_of(argument));
                Err(Fault::new(argument.span, message, "write a list, or use Fn::Split to make one of text"))
            }
        })
    }
}

/// A member of a list of which no member is known.
fn member_of_unknown(list: &Value) -> Value {
    Unknown { not_null: true, ..Unknown::new(reason(list), Type::String) }.into()
}
