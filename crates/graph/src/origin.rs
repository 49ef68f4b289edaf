//! Where a value was written and the way it took to where it is used.
//!
//! An origin is a chain: its head is the latest place, its last link the place where the value was written.
//! A literal has one link. Chains are shared and never longer than [`MAX_STEPS`]; what would make them longer
//! drops steps in the middle, since both ends matter most.

use std::fmt;
use std::sync::Arc;

use terravet_source::Span;

use crate::unknown::Reference;

/// The longest chain that is kept.
const MAX_STEPS: usize = 24;

/// What happened to a value at one place of its way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// It was written there.
    Written,
    /// It was taken from something named there, such as `var.acl`, `local.rules`, `each.value`.
    Named(Arc<str>),
    /// It was taken from a resource's attribute there.
    Resource(Reference),
    /// It is the default of an input variable, by name.
    VariableDefault(Arc<str>),
    /// It was assigned to an input variable in a values file, by name.
    VariableAssignment(Arc<str>),
    /// It is the argument of a module call, by argument name.
    ModuleArgument(Arc<str>),
    /// It is the value of a local, by name.
    Local(Arc<str>),
    /// It is the value of a module's output, by name.
    Output(Arc<str>),
    /// It is the default of a template parameter, by name.
    ParameterDefault(Arc<str>),
    /// It was given for a template parameter in a parameters file, by name.
    ParameterValue(Arc<str>),
    /// It stands in a mapping, by the path of keys.
    Mapping(Arc<str>),
    /// It is what a function made there, by function name.
    Function(Arc<str>),
    /// It is the content of a file, by path.
    FileContent(Arc<str>),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written => f.write_str("written here"),
            Self::Named(name) => write!(f, "through {name}"),
            Self::Resource(reference) => write!(f, "through {reference}"),
            Self::VariableDefault(name) => write!(f, "default of var.{name}"),
            Self::VariableAssignment(name) => write!(f, "var.{name} is set here"),
            Self::ModuleArgument(name) => write!(f, "module argument {name}"),
            Self::Local(name) => write!(f, "value of local.{name}"),
            Self::Output(name) => write!(f, "value of output {name}"),
            Self::ParameterDefault(name) => write!(f, "default of parameter {name}"),
            Self::ParameterValue(name) => write!(f, "parameter {name} is set here"),
            Self::Mapping(path) => write!(f, "mapping {path}"),
            Self::Function(name) => write!(f, "made by {name}()"),
            Self::FileContent(path) => write!(f, "content of {path}"),
        }
    }
}

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Where.
    pub span: Span,
    /// What happened there.
    pub step: Step,
    /// Where it came from before that.
    pub from: Option<Arc<Origin>>,
    length: u8,
}

impl Origin {
    /// The origin of what is written at `span`.
    #[must_use]
    pub fn written(span: Span) -> Arc<Self> {
        Arc::new(Self { span, step: Step::Written, from: None, length: 1 })
    }

    /// The origin with one more step in front.
    #[must_use]
    pub fn then(span: Span, step: Step, from: Option<Arc<Origin>>) -> Arc<Self> {
        let Some(before) = from else {
            return Arc::new(Self { span, step, from: None, length: 1 });
        };
        if usize::from(before.length) >= MAX_STEPS {
            // Keep the head, drop its predecessor: the way back to the source stays.
            let skipped = before.from.clone();
            let length = skipped.as_ref().map_or(1, |origin| origin.length.saturating_add(1));
            return Arc::new(Self { span, step, from: skipped, length });
        }
        let length = before.length + 1;
        Arc::new(Self { span, step, from: Some(before), length })
    }

    /// The links from the latest place to where the value was written.
    pub fn chain(&self) -> impl Iterator<Item = &Origin> {
        std::iter::successors(Some(self), |origin| origin.from.as_deref())
    }

    /// The place where the value was written: the last link.
    #[must_use]
    pub fn source(&self) -> &Origin {
        self.chain().last().unwrap_or(self)
    }

    /// The origin of a part of a collection that came the way `self`: the collection's way, ending at the
    /// place where the part itself was written, which is narrower than the collection's. From where both came the same
    /// way, that is the part's.
    #[must_use]
    pub fn of_part(self: &Arc<Self>, part: &Arc<Origin>) -> Arc<Origin> {
        if self.from.is_none() && self.step == Step::Written {
            return Arc::clone(part);
        }
        let links: Vec<&Origin> = self.chain().collect();
        let mut ways = std::iter::successors(Some(part), |origin| origin.from.as_ref());
        let meeting = ways.find_map(|own| {
            let at = links.iter().position(|link| link.span == own.span && link.step == own.step)?;
            Some((at, Arc::clone(own)))
        });
        if let Some((at, own)) = meeting {
            return links[..at].iter().rev().fold(own, |way, link| Self::then(link.span, link.step.clone(), Some(way)));
        }
        let (last, before) = (links[links.len() - 1], &links[..links.len() - 1]);
        // The collection's last link and the part's literal are one step when the one contains the other.
        let mut joined = if part.from.is_none() && part.step == Step::Written && last.span.contains(part.span) {
            Self::then(part.span, last.step.clone(), None)
        } else {
            Self::then(last.span, last.step.clone(), Some(Arc::clone(part)))
        };
        for link in before.iter().rev() {
            joined = Self::then(link.span, link.step.clone(), Some(joined));
        }
        joined
    }
}
