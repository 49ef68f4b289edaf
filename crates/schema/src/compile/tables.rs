//! Tables and days in conditions: `tables.name[key].column`, `key in tables.name`, `today`.

use std::sync::Arc;

use cel::common::ast::IdedExpr;
use terravet_diagnostics::did_you_mean;

use super::types::Ty;
use super::{Compiled, Compiler, Wrong, place, wrong};
use crate::day::Day;
use crate::expression::Expression;
use crate::literal::Literal;

impl Compiler<'_> {
    /// What is called so whatever the kind is: the day, and tables.
    pub(super) fn reserved(&self, segments: &[&str], node: u64) -> Option<Compiled> {
        let is_variable = self.scope.iter().any(|(name, _)| name == segments[0]);
        match segments {
            _ if is_variable => None,
            ["today"] => Some(Ok((Expression::Today, Ty::Date))),
            ["tables", name, rest @ ..] => Some(match self.schema.table(name) {
                None => {
                    let hint = did_you_mean(name, self.schema.table_names());
                    let hint = hint.map(|question| format!("; {question}")).unwrap_or_default();
                    wrong(node, format!("there is no table `{name}`{hint}"))
                }
                Some(_) => {
                    let table: Arc<str> = (*name).into();
                    let of = Expression::HasRow { table: Arc::clone(&table), keys: Vec::new() };
                    self.members(of, Ty::Table(table, 0), rest, node)
                }
            }),
            _ => None,
        }
    }

    /// `table[key]`.
    pub(super) fn index(&mut self, of: &IdedExpr, key: &IdedExpr, node: u64) -> Compiled {
        let (Expression::HasRow { table, mut keys }, Ty::Table(name, level)) = self.expression(of)? else {
            return wrong(node, "only tables are looked into by a key, as `tables.name[key]`");
        };
        keys.push(self.key(&name, &keys, key)?);
        let levels = self.schema.table(&name).map_or(0, |table| table.keys.len());
        let ty = if level + 1 < levels { Ty::Table(name, level + 1) } else { Ty::Row(name) };
        Ok((Expression::HasRow { table, keys }, ty))
    }

    /// A key of a table, after those before it. One that is written out must be there.
    pub(super) fn key(&mut self, name: &str, before: &[Expression], key: &IdedExpr) -> Result<Expression, Wrong> {
        let (key, node) = (self.expression(key)?, place(key));
        if !matches!(key.1, Ty::String | Ty::Number | Ty::Any) {
            return wrong(node, format!("this is {}, where the key of a table is needed", key.1));
        }
        let literal = |expression: &Expression| match expression {
            Expression::Literal(literal) => literal.as_str().map(str::to_owned),
            _ => None,
        };
        let known: Option<Vec<String>> = before.iter().map(literal).collect();
        if let (Some(table), Some(text), Some(before)) = (self.schema.table(name), literal(&key.0), known) {
            let before: Vec<&str> = before.iter().map(String::as_str).collect();
            if !table.keys_at(&before).any(|known| known == text) {
                let hint = did_you_mean(&text, table.keys_at(&before));
                let hint = hint.map(|question| format!("; {question}")).unwrap_or_default();
                return wrong(node, format!("the table {name} has no key `{text}`{hint}"));
            }
        }
        Ok(key.0)
    }

    /// A column of a row.
    pub(super) fn column(&self, of: Expression, table: &str, column: &str, node: u64) -> Compiled {
        let columns = self.schema.table(table).map(|table| &table.columns);
        let (Expression::HasRow { table, keys }, Some(columns)) = (of, columns) else {
            return wrong(node, "a row of a table is needed here");
        };
        match columns.get(column) {
            Some(found) => Ok((Expression::Cell { table, keys, column: column.into() }, Ty::of(&found.ty))),
            None => {
                let all = || format!("it has {}", columns.keys().map(|name| &**name).collect::<Vec<_>>().join(", "));
                let hint = did_you_mean(column, columns.keys().map(|name| &**name)).unwrap_or_else(all);
                wrong(node, format!("the table {table} has no column `{column}`; {hint}"))
            }
        }
    }
}

/// A day that is written as text, where it is compared with a day.
pub(super) fn as_day(one: &mut (Expression, Ty), other: &Ty, node: &IdedExpr) -> Result<(), Wrong> {
    let Expression::Literal(Literal::Text(text)) = &one.0 else { return Ok(()) };
    if *other != Ty::Date {
        return Ok(());
    }
    let Some(day) = Day::parse(text) else {
        return wrong(place(node), format!("`{text}` is no day; write it as \"2026-12-01\""));
    };
    *one = (Expression::Literal(Literal::Number(day.number().into())), Ty::Date);
    Ok(())
}
