//! What a statement or document grants: which actions, on which resources.
//!
//! Actions may be given as patterns: a statement *reaches* `s3:Get*` if it matches some action of it, and *covers* it if it
//! matches every one. `NotAction` and `NotResource` are all but what they list, as in
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html>.

use std::cell::OnceCell;

use terravet_graph::{Truth, Value};

use crate::condition::{Comparison, Condition, is_conditioned};
use crate::document::{Document, Statement};
use crate::judgement::{Judgement, MAX_WITNESSES};
use crate::listing::Values;
use crate::pattern::{Letters, Pattern, agreed, judge};

/// Every resource there is.
pub const EVERYTHING: &str = "arn:{}:*:*:*:*";
/// The most denials that are weighed against what a document allows; a policy of the size that AWS accepts has fewer.
pub const MAX_DENIALS: usize = 256;

/// Some or every action of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// At least one action of it.
    Some,
    /// Every action of it.
    Every,
}

/// Whether the statement is about actions that `pattern` (`s3:GetObject`, `s3:Get*`) matches, whatever its effect.
#[must_use]
pub fn concerns_action(statement: &Statement, pattern: &str, extent: Extent) -> Judgement {
    ActionPattern::new(pattern, extent).concerns(statement)
}

/// Whether the statement allows an action that `pattern` matches. Resources and conditions are not looked at.
#[must_use]
pub fn allows_action(statement: &Statement, pattern: &str) -> Judgement {
    statement.allows(|| concerns_action(statement, pattern, Extent::Some))
}

/// Whether the statement allows every action that `pattern` matches.
#[must_use]
pub fn allows_every_action(statement: &Statement, pattern: &str) -> Judgement {
    statement.allows(|| concerns_action(statement, pattern, Extent::Every))
}

/// Whether the statement lists an `Action` that stands for every action of every service: `*`, `*:*`.
#[must_use]
pub fn lists_every_action(statement: &Statement) -> Judgement {
    ActionPattern::new("*:*", Extent::Every).listed_in(&statement.actions)
}

/// Whether the statement lists an `Action` that stands for every action of one service: `s3:*`.
#[must_use]
pub(crate) fn lists_every_action_of_a_service(statement: &Statement) -> Judgement {
    statement.actions.exists(|action| Judgement::of(is_service_wildcard(action), action))
}

/// The services that are nothing but the channels over which the agent of Systems Manager talks. It needs their few
/// actions, which can be limited to no resource
/// (<https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html>).
const CHANNELS: &[&str] = &["ec2messages:*", "ssmmessages:*"];

/// Whether the statement lists every action of a service whose actions matter one by one.
#[must_use]
pub(crate) fn opens_a_service(statement: &Statement) -> Judgement {
    opens_a_service_but(statement, |_| Truth::False)
}

/// As [`opens_a_service`], where no unconditional denial of the document takes all actions of the service back.
#[must_use]
pub(crate) fn keeps_a_service(document: &Document, statement: &Statement) -> Judgement {
    let (denials, resources) = (Denials::of(document), Pattern::template(EVERYTHING));
    opens_a_service_but(statement, |action| {
        judge(action, Letters::AnyCase, |listed| {
            let action = ActionPattern {
                name: listed.literal(),
                prefix: listed.literal_prefix(),
                pattern: listed.clone(),
                extent: Extent::Every,
            };
            denials.take(&action, &resources)
        })
    })
}

fn opens_a_service_but(statement: &Statement, taken: impl Fn(&Value) -> Truth) -> Judgement {
    statement.actions.exists(|action| {
        let is_channel = judge(action, Letters::AnyCase, |pattern| {
            CHANNELS
                .iter()
                .fold(Truth::False, |truth, channel| truth.or(Pattern::new(channel, Letters::AnyCase).covers(pattern)))
        });
        let opens = is_service_wildcard(action).and(!is_channel);
        Judgement::of(if opens.is_false() { opens } else { opens.and(!taken(action)) }, action)
    })
}

/// Whether an action is every action of one service.
#[must_use]
pub(crate) fn is_service_wildcard(action: &Value) -> Truth {
    judge(action, Letters::AnyCase, |pattern| match pattern.split(':', 2).as_slice() {
        [service, name] => (!service.is_everything()).and(name.is_everything()).and(Truth::from(!service.is_empty())),
        _ if pattern.is_fixed() == Truth::Unknown => Truth::Unknown,
        _ => (!pattern.is_everything()).and(Truth::from(pattern.ends_with_wildcard())),
    })
}

/// Whether the statement is about all resources that a template ([`Pattern::template`]) stands for.
#[must_use]
pub(crate) fn concerns_all(statement: &Statement, template: &str) -> Judgement {
    concerns_all_of(statement, &Pattern::template(template))
}

fn concerns_all_of(statement: &Statement, template: &Pattern) -> Judgement {
    let covers = |value: &Value| judge(value, Letters::Exact, |pattern| pattern.covers(template));
    let overlaps = |value: &Value| judge(value, Letters::Exact, |pattern| pattern.overlaps(template));
    let listed = statement.resources.exists(|value| Judgement::of(covers(value), value));
    listed.or(all_but(&statement.not_resources, |value| Judgement::of(overlaps(value), value)))
}

/// Whether the statement lists a `Resource` that stands for every resource: `*`, `arn:aws:*:*:*:*`.
#[must_use]
pub(crate) fn lists_every_resource(statement: &Statement) -> Judgement {
    let template = Pattern::template(EVERYTHING);
    statement
        .resources
        .exists(|value| Judgement::of(judge(value, Letters::Exact, |pattern| pattern.covers(&template)), value))
}

/// That a negated list is written and `excludes` holds of nothing in it.
fn all_but(list: &Values, excludes: impl Fn(&Value) -> Judgement) -> Judgement {
    list.is_present().and_then(|| list.exists(excludes).negated())
}

/// A pattern of actions, ready to be laid against many.
#[derive(Clone, Debug)]
struct ActionPattern {
    /// Its name where it is one action.
    name: Option<String>,
    /// The known text that it begins with, in lower case.
    prefix: String,
    pattern: Pattern,
    extent: Extent,
}

impl ActionPattern {
    fn new(text: &str, extent: Extent) -> Self {
        let pattern = Pattern::new(text, Letters::AnyCase);
        Self { name: pattern.literal(), prefix: pattern.literal_prefix(), pattern, extent }
    }

    fn matched_by(&self, listed: &Pattern, extent: Extent) -> Truth {
        match (&self.name, extent) {
            (Some(name), _) => listed.matches(name),
            (None, Extent::Some) => listed.overlaps(&self.pattern),
            (None, Extent::Every) => listed.covers(&self.pattern),
        }
    }

    /// Whether an action certainly does not match, as its letters before any wildcard or variable tell: so it is with most.
    fn differs_early(&self, action: &Value, extent: Extent) -> bool {
        let Some(text) = action.as_str() else { return false };
        let mut expected = self.prefix.bytes();
        for byte in text.bytes() {
            match (byte, expected.next()) {
                (b'*' | b'?' | b'$', _) => return false,
                (_, None) if self.name.is_some() => return true,
                (byte, Some(expected)) if byte.to_ascii_lowercase() != expected => return true,
                _ => {}
            }
        }
        // An action that is spelled out is not every action of a pattern.
        expected.next().is_some() || (extent == Extent::Every && self.name.is_none())
    }

    fn judge(&self, action: &Value, extent: Extent) -> Judgement {
        if self.differs_early(action, extent) {
            return Judgement::no();
        }
        let truth = judge(action, Letters::AnyCase, |listed| self.matched_by(listed, extent));
        Judgement::of(truth, action)
    }

    fn listed_in(&self, actions: &Values) -> Judgement {
        actions.exists(|action| self.judge(action, self.extent))
    }

    fn concerns(&self, statement: &Statement) -> Judgement {
        // What a negated list leaves over is some of the pattern unless all of it is excluded, and conversely.
        let excluding = if self.extent == Extent::Some { Extent::Every } else { Extent::Some };
        self.listed_in(&statement.actions).or(all_but(&statement.not_actions, |action| self.judge(action, excluding)))
    }
}

/// A permission that matters where it is granted without limits: any of some actions, on all of some resources.
#[derive(Clone, Copy, Debug)]
pub struct Permission<'t> {
    /// Actions or patterns of actions, any of which suffices.
    pub actions: &'t [&'t str],
    /// How much of each pattern must be granted.
    pub extent: Extent,
    /// All resources of this template.
    pub resources: &'t str,
    /// The service that a role is passed to, for `iam:PassRole`: being limited to it is no limit.
    pub passed_to: Option<&'t str>,
}

impl<'t> Permission<'t> {
    /// Any of these actions on all resources of a template.
    #[must_use]
    pub const fn any(actions: &'t [&'t str], resources: &'t str) -> Self {
        Self { actions, extent: Extent::Some, resources, passed_to: None }
    }

    /// Every action of a pattern on all resources of a template.
    #[must_use]
    pub const fn every(pattern: &'t [&'t str], resources: &'t str) -> Self {
        Self { actions: pattern, extent: Extent::Every, resources, passed_to: None }
    }

    /// Whether a statement grants it, and no condition limits that.
    #[must_use]
    pub fn granted_by(&self, statement: &Statement) -> Judgement {
        let (patterns, resources) = (self.patterns(), Pattern::template(self.resources));
        self.granted_on(statement, &resources, || any_action(statement, &patterns, |_| Truth::False))
    }

    /// Whether a document grants it: a statement does, and no unconditional denial takes the same action back on the same
    /// resources.
    #[must_use]
    pub fn granted_in(&self, document: &Document) -> Judgement {
        let (patterns, resources) = (self.patterns(), Pattern::template(self.resources));
        let denials = Denials::of(document);
        let denied: Vec<OnceCell<Truth>> = vec![OnceCell::new(); patterns.len()];
        let is_denied = |at: usize| *denied[at].get_or_init(|| denials.take(&patterns[at], &resources));
        document
            .statements
            .exists(|statement| self.granted_on(statement, &resources, || any_action(statement, &patterns, is_denied)))
    }

    /// As [`Permission::granted_by`], where no unconditional denial of the statement's document takes the same action back on the
    /// same resources.
    #[must_use]
    pub fn granted_among(&self, document: &Document, statement: &Statement) -> Judgement {
        self.granted_by(statement).and_then(|| {
            let (patterns, resources) = (self.patterns(), Pattern::template(self.resources));
            let denials = Denials::of(document);
            let is_denied = |at: usize| denials.take(&patterns[at], &resources);
            self.granted_on(statement, &resources, || any_action(statement, &patterns, is_denied))
        })
    }

    fn patterns(&self) -> Vec<ActionPattern> {
        self.actions.iter().map(|action| ActionPattern::new(action, self.extent)).collect()
    }

    /// Whether a statement allows what `actions` says, on all the resources, without a limiting condition.
    fn granted_on(&self, statement: &Statement, resources: &Pattern, actions: impl FnOnce() -> Judgement) -> Judgement {
        statement.allows(|| {
            actions()
                .and_then(|| concerns_all_of(statement, resources))
                .and_then(|| self.is_limited(statement).negated())
        })
    }

    fn is_limited(&self, statement: &Statement) -> Judgement {
        statement.conditions.exists(|condition| {
            let limits = Truth::from(condition.is_limiting()).and(!self.is_passing_to(condition));
            Judgement::of(limits, &condition.values.value)
        })
    }

    /// Whether a condition limits the passing of roles to the very service.
    fn is_passing_to(&self, condition: &Condition) -> Truth {
        let Some(service) = self.passed_to.filter(|_| condition.is_about("iam:PassedToService")) else {
            return Truth::False;
        };
        let operator = condition.operator();
        if operator.negated || !matches!(operator.comparison, Comparison::StringEquals | Comparison::StringLike) {
            return Truth::Unknown;
        }
        let to = |value: &Value| judge(value, Letters::AnyCase, |pattern| pattern.matches(service));
        condition.values.exists(|value| Judgement::of(to(value), value)).truth
    }
}

/// Whether a statement is about an action of one of the patterns that is not `denied`.
fn any_action(statement: &Statement, patterns: &[ActionPattern], denied: impl Fn(usize) -> Truth) -> Judgement {
    let listed = statement.actions.exists(|action| {
        let near: Vec<usize> =
            (0..patterns.len()).filter(|at| !patterns[*at].differs_early(action, patterns[*at].extent)).collect();
        if near.is_empty() {
            return Judgement::no();
        }
        let look = |listed: &Pattern| {
            near.iter().fold(Truth::False, |truth, at| {
                if truth.is_true() {
                    return truth;
                }
                let matched = patterns[*at].matched_by(listed, patterns[*at].extent);
                truth.or(if matched.is_false() { matched } else { matched.and(!denied(*at)) })
            })
        };
        Judgement::of(judge(action, Letters::AnyCase, look), action)
    });
    if statement.not_actions.present.is_false() || listed.witness.len() >= MAX_WITNESSES {
        return listed;
    }
    patterns.iter().enumerate().fold(listed, |judgement, (at, pattern)| {
        let excluding = if pattern.extent == Extent::Some { Extent::Every } else { Extent::Some };
        let left = all_but(&statement.not_actions, |action| pattern.judge(action, excluding));
        let left = Judgement { truth: left.truth.and(!denied(at)), ..left };
        if left.truth.is_false() { judgement } else { judgement.or(left) }
    })
}

/// The denials of a document that may hold without conditions.
struct Denials<'d> {
    statements: Vec<(&'d Statement, Truth)>,
    /// Whether there may be more than these.
    open: bool,
}

impl<'d> Denials<'d> {
    fn of(document: &'d Document) -> Self {
        let certain = document.statements.items.iter().map(|statement| (statement, Truth::True));
        let possible = document.statements.possible.iter().map(|statement| (statement, Truth::Unknown));
        let weigh = |(statement, there): (&'d Statement, Truth)| {
            let denies = there.and(statement.is_deny());
            if denies.is_false() {
                return None;
            }
            let holds = denies.and(!is_conditioned(statement).truth);
            (!holds.is_false()).then_some((statement, holds))
        };
        let mut statements: Vec<_> = certain.chain(possible).filter_map(weigh).take(MAX_DENIALS + 1).collect();
        let open = statements.len() > MAX_DENIALS || !document.statements.complete;
        statements.truncate(MAX_DENIALS);
        Self { statements, open }
    }

    /// Whether one of them takes an action back on all resources of a template.
    fn take(&self, action: &ActionPattern, resources: &Pattern) -> Truth {
        let every = ActionPattern { extent: Extent::Every, ..action.clone() };
        let taken = self.statements.iter().fold(Truth::False, |truth, (statement, holds)| {
            if truth.is_true() {
                return truth;
            }
            truth.or(holds.and(every.concerns(statement).truth).and(concerns_all_of(statement, resources).truth))
        });
        if self.open { taken.or(Truth::Unknown) } else { taken }
    }
}

/// The services of which the statement lists every action, in lower case and sorted.
#[must_use]
pub fn wildcard_services(statement: &Statement) -> Vec<String> {
    let mut services: Vec<String> = statement
        .actions
        .items
        .iter()
        .filter(|action| is_service_wildcard(action).is_true())
        .filter_map(|action| Pattern::of(action, Letters::AnyCase)?.split(':', 2).first()?.literal())
        .collect();
    services.sort_unstable();
    services.dedup();
    services
}

/// Whether an action is none that IAM could know: no `service:Name`, or with white space in it.
#[must_use]
pub(crate) fn is_malformed_action(action: &Value) -> Truth {
    let of = |value: &Value| match value.as_str() {
        Some("*") => Truth::False,
        Some(text) => {
            let named = text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
            Truth::from(!named || text.chars().any(char::is_whitespace) || text.matches(':').count() > 1)
        }
        None => Truth::from(!value.is_unknown()),
    };
    match action.as_unknown() {
        Some(unknown) if !unknown.candidates.is_empty() => {
            agreed(unknown.candidates.iter().map(|candidate| of(&candidate.value)))
        }
        Some(_) => Truth::Unknown,
        None => of(action),
    }
}
