//! What the builds of the services read: asked after each that has passed, given up when the next begins, and made a part of
//! the plan of what is watched. Called by the loop. Does not know: toolchains.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::mpsc::UnboundedSender;

use super::turn::Session;
use crate::engine::{BuildOutcome, Event, Generation, ServiceName};
use crate::inputs::{self, Reads};
use crate::watch;

/// What is known, and what is being asked.
#[derive(Debug)]
pub(super) struct Reading {
    known: BTreeMap<ServiceName, Arc<watch::Inputs>>,
    /// The newest build of each service, and when it began.
    began: BTreeMap<ServiceName, (Generation, SystemTime)>,
    asking: BTreeMap<ServiceName, inputs::Handle>,
    inbox: UnboundedSender<inputs::Answer>,
}

impl Reading {
    pub(super) fn new(inbox: UnboundedSender<inputs::Answer>) -> Self {
        Self { known: BTreeMap::new(), began: BTreeMap::new(), asking: BTreeMap::new(), inbox }
    }

    /// Nobody needs to know what the build before has read: it is asked again after this one.
    pub(super) fn build_began(&mut self, service: &ServiceName, generation: Generation) {
        self.asking.remove(service);
        self.began.insert(service.clone(), (generation, SystemTime::now()));
    }

    /// Adds what is known to a plan.
    pub(super) fn complete(&self, plan: &mut watch::Plan) {
        for interest in &mut plan.interests {
            if let Some(sources) = &mut interest.sources {
                sources.inputs = self.known.get(&interest.service).cloned();
            }
        }
    }
}

/// The build that has just passed, if that is what happened.
pub(super) fn passed(event: &Event) -> Option<(ServiceName, Generation)> {
    let Event::BuildExited { service, generation, outcome: BuildOutcome::Passed { .. } } = event else {
        return None;
    };
    Some((service.clone(), *generation))
}

impl Session {
    /// Asks what a build has read that has passed, if one has, unless a person has said what is to be watched.
    pub(super) fn ask(&mut self, passed: Option<(ServiceName, Generation)>) {
        let Some((service, generation)) = passed else { return };
        let is_newest = self.reading.began.get(&service).is_some_and(|(newest, _)| *newest == generation);
        let Some(configured) = self.service(&service).filter(|_| is_newest) else { return };
        if configured.interest.sources.is_none() {
            return;
        }
        let Some(request) = self.build_request(&service, generation, None, BTreeSet::new()) else { return };
        let request = inputs::Request {
            service: request.service,
            generation,
            root: request.root,
            dir: request.dir,
            command: request.command,
            env: request.env,
        };
        let handle = inputs::spawn(request, self.reading.inbox.clone());
        self.reading.asking.insert(service, handle);
    }

    /// This is what a build has read.
    pub(super) fn answered(&mut self, answer: inputs::Answer) {
        let inputs::Answer { service, generation, reads } = answer;
        let Some((_, began)) = self.reading.began.get(&service).filter(|(newest, _)| *newest == generation)
        else {
            return;
        };
        let began = *began;
        self.reading.asking.remove(&service);
        let known = &mut self.reading.known;
        match reads {
            Reads::Known(inputs) => {
                tracing::debug!(%service, by = inputs.by, whole = inputs.is_whole, "what the build reads");
                known.insert(service, inputs);
            }
            Reads::Unknown => drop(known.remove(&service)),
            // What counted goes on counting, and what was guessed before anybody told counts again.
            Reads::Unanswered => {
                known.entry(service).and_modify(|inputs| Arc::make_mut(inputs).is_whole = false);
            }
        }
        let mut plan = (*self.watch_plan).clone();
        self.reading.complete(&mut plan);
        if plan != *self.watch_plan {
            self.watch_plan = Arc::new(plan.clone());
            self.watch.replan_since(plan, began);
        }
    }
}
