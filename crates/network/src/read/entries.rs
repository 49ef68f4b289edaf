//! Entry points outside of a VPC that pass requests on into one: function URLs, APIs, CloudFront distributions.

use super::Builder;
use super::forwards::BALANCERS;
use super::holders::{Shape, tcp_ports};
use super::item::{Item, Link, text};
use super::table::{Field, Noun};
use crate::address::Addresses;
use crate::topology::{Forward, ForwardKind, ForwardTo, PublicEndpoint, SubjectId};
use crate::traffic::Traffic;
use crate::when::{Choice, Either};

/// What an origin, a link or an integration may lead to.
const BEHIND: &[Noun] = &[
    Noun::Balancer,
    Noun::Classic,
    Noun::Listener,
    Noun::Instance,
    Noun::Function,
    Noun::FunctionAlias,
    Noun::Api,
    Noun::Service,
];

impl<'g> Builder<'_, 'g> {
    /// All entry points.
    pub(super) fn entries(&mut self) {
        for item in self.of(Noun::FunctionUrl) {
            self.function_url(item);
        }
        for item in self.of(Noun::Api) {
            let public =
                item.either(Field::Kind, true, "is not PRIVATE", |value| text(value).as_deref() != Some("PRIVATE"));
            self.entry(item, Traffic::tcp(443), public);
        }
        for item in self.of(Noun::Distribution) {
            self.entry(item, Traffic::tcp(80).union(&Traffic::tcp(443)), Either::always());
        }
        for item in self.of(Noun::VpcLink) {
            self.vpc_link(item);
        }
        for item in self.of(Noun::Integration) {
            self.integration(item);
        }
        for item in self.of(Noun::Origin) {
            self.origin(item);
        }
    }

    /// A subject that is on the internet by itself.
    fn entry(&mut self, item: &Item<'g>, traffic: Traffic, when: Either) {
        let subject = self.subject(item);
        let from = vec![Choice::always(Addresses::all())];
        self.topology.subjects[subject.0].endpoints.push(PublicEndpoint { place: item.place(), traffic, from, when });
    }

    fn function_url(&mut self, item: &Item<'g>) {
        // With AWS_IAM a request reaches the function only with a signature that its policy allows.
        let public = item.either(Field::Kind, false, "is NONE", |value| text(value).as_deref() == Some("NONE"));
        let public = public.and(&Either::when(item.when.clone()));
        for link in self.items.links(item, Field::Function, &[Noun::Function, Noun::FunctionAlias]) {
            let Link::To(id) = link.value else { continue };
            let Some(subject) = self.subject_behind(id) else { continue };
            let from = vec![Choice::always(Addresses::all())];
            let when = public.and(&Either::when(link.when));
            let traffic = Traffic::tcp(443);
            self.topology.subjects[subject.0].endpoints.push(PublicEndpoint {
                place: item.place(),
                traffic,
                from,
                when,
            });
        }
    }

    /// Adds a way on which a subject passes on what it takes.
    fn pass_on(
        &mut self,
        from: SubjectId,
        item: &Item<'g>,
        kind: ForwardKind,
        to: Choice<SubjectId>,
        ports: Option<Traffic>,
    ) {
        let Some(when) = to.when.and(&item.when) else { return };
        self.topology.subjects[from.0].forwards.push(Forward {
            place: item.place(),
            kind,
            takes: Traffic::all(),
            to: ForwardTo::Subject(to.value, ports),
            when,
        });
    }

    /// The subjects that a field leads to, with the port of a listener where it is one.
    fn behind(&mut self, item: &Item<'g>, field: Field) -> Vec<(Choice<SubjectId>, Option<Traffic>)> {
        let mut found = Vec::new();
        for link in self.items.links(item, field, BEHIND) {
            let Link::To(id) = link.value else { continue };
            let listener = self.listener_ids.get(&id).map(|(_, traffic)| traffic.value.clone());
            if let Some(subject) = self.subject_behind(id) {
                found.push((Choice { value: subject, when: link.when }, listener));
            }
        }
        found
    }

    fn vpc_link(&mut self, item: &Item<'g>) {
        let subject = self.subject(item);
        let shape = Shape { public_by_subnet: Either::never(), ..self.shape(item) };
        self.hold(subject, item.id, &item.place(), &item.when, &shape);
        for (balancer, _) in self.behind(item, Field::Target) {
            // AWS PrivateLink leads to the balancer itself.
            self.pass_on(subject, item, ForwardKind::Invoke, balancer, None);
        }
    }

    fn integration(&mut self, item: &Item<'g>) {
        let apis = self.items.links(item, Field::Api, &[Noun::Api]);
        let links = self.items.links(item, Field::Link, &[Noun::VpcLink]);
        let targets = self.behind(item, Field::Target);
        for api in apis {
            let Link::To(id) = api.value else { continue };
            let Some(subject) = self.subject_of(id) else { continue };
            for link in &links {
                let Link::To(id) = link.value else { continue };
                let Some(through) = self.subject_of(id) else { continue };
                self.pass_on(
                    subject,
                    item,
                    ForwardKind::Invoke,
                    Choice { value: through, when: link.when.clone() },
                    None,
                );
                for (target, ports) in &targets {
                    self.pass_on(through, item, ForwardKind::Link, target.clone(), ports.clone());
                }
            }
            if links.is_empty() {
                for (target, _) in &targets {
                    let resource = self.topology.subjects[target.value.0].resource;
                    // Over the internet an API reaches what anybody reaches.
                    if self.items.is(resource, &[Noun::Function]) {
                        self.pass_on(subject, item, ForwardKind::Invoke, target.clone(), None);
                    }
                }
            }
        }
    }

    fn origin(&mut self, item: &Item<'g>) {
        let Some(subject) = self.subject_of(item.id) else { return };
        let mut ports = Traffic::none();
        for port in tcp_ports(item, Field::Port) {
            ports = ports.union(&port.value);
        }
        if ports.is_empty() {
            ports = Traffic::tcp(80).union(&Traffic::tcp(443));
        }
        let private = !item.values(Field::Private).is_empty();
        for (target, _) in self.behind(item, Field::Target) {
            let resource = self.topology.subjects[target.value.0].resource;
            let balancer = self.items.is(resource, BALANCERS) || self.items.is(resource, &[Noun::Instance]);
            let kind = match (balancer, private) {
                (true, true) => ForwardKind::Link,
                (true, false) => ForwardKind::CloudFront,
                (false, _) => ForwardKind::Invoke,
            };
            let ports = balancer.then(|| ports.clone());
            self.pass_on(subject, item, kind, target, ports);
        }
    }
}
