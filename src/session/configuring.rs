//! How the configuration reaches the workers and the engine: read, judged by `trust`, applied.
//! Called by the loop when the session begins, when a configuration file changes, and when somebody decides.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::claims::Taken;
use super::turn::Session;
use super::{Configuration, Trust};
use crate::config::{self, Config, ConfigProblem, Overrides};
use crate::engine::{Event, Generation, RunId, ServiceName, TaskId};
use crate::trust::{self, Decision, Verdict, Voucher};
use crate::{artifact, build, service, watch};

/// What is watched while there is no valid configuration: the files that may become one.
pub(super) fn bare_plan(root: &Path, overrides: &Overrides) -> watch::Plan {
    let file = overrides.file.clone().unwrap_or_else(|| root.join(config::FILE));
    watch::Plan::configuration_only(root, vec![file])
}

impl Session {
    /// Reads the configuration, and applies it if it is valid and allowed. What runs goes on otherwise.
    pub(super) fn reconfigure(&mut self) {
        let read = self.read();
        self.take_in(read);
    }

    /// The same, if it is another than the last that was read.
    pub(super) fn look_again(&mut self) {
        let read = self.read();
        let known = &self.configuration.errors;
        let is_known = match &read {
            Ok((config, _)) => {
                known.is_empty() && Some(config) == self.asking.as_ref().or(self.config.as_ref())
            }
            Err(errors) => errors == known,
        };
        if !is_known {
            self.take_in(read);
        }
    }

    fn read(&self) -> Result<(Config, trust::Plan), Vec<ConfigProblem>> {
        self.watch.has_read(watch::Glance::at(&self.watch_plan));
        let config = config::load(&self.root, &self.setup.overrides)?;
        // The plan is of the whole configuration: to run a part of what was allowed is no other plan.
        let plan = trust::plan(&config);
        Ok((config.only(&self.setup.only).map_err(|problem| vec![problem])?, plan))
    }

    fn take_in(&mut self, read: Result<(Config, trust::Plan), Vec<ConfigProblem>>) {
        match read {
            Ok((config, plan)) => {
                let (file, warnings) = (config.file.clone(), config.warnings.clone());
                self.configuration = Arc::new(Configuration { file, errors: Vec::new(), warnings });
                self.consider(config, plan);
            }
            Err(errors) => self.misconfigured(errors),
        }
    }

    fn misconfigured(&mut self, errors: Vec<ConfigProblem>) {
        let mut files: Vec<PathBuf> =
            errors.iter().filter_map(|error| error.spot.as_ref().map(|spot| spot.path.clone())).collect();
        files.dedup();
        let file = files.first().cloned().or_else(|| self.configuration.file.clone());
        self.configuration = Arc::new(Configuration { file, errors, warnings: Vec::new() });
        let mut plan = match &self.config {
            Some(config) => config.watch_plan(),
            None => bare_plan(&self.root, &self.setup.overrides),
        };
        plan.configuration
            .extend(files.into_iter().filter(|file| !plan.configuration.contains(file)).collect::<Vec<_>>());
        self.replan(plan);
    }

    /// Asks `trust` about a valid configuration.
    fn consider(&mut self, config: Config, plan: trust::Plan) {
        let voucher = match self.setup.voucher {
            Voucher::Client if !config.root.starts_with(&self.root) => Voucher::Nobody,
            voucher @ (Voucher::Nobody | Voucher::Client | Voucher::Person) => voucher,
        };
        let store = trust::Store::open().inspect_err(|error| tracing::warn!("{error}")).ok();
        match trust::judge(&plan, config.pin, voucher, self.setup.allow.as_deref(), store.as_ref()) {
            Verdict::Allowed => self.apply(config),
            Verdict::Denied => self.wait_for_a_decision(config, Trust::Denied { plan }),
            Verdict::Unknown { before } => self.wait_for_a_decision(config, Trust::Asking { plan, before }),
        }
    }

    /// Keeps what runs, and watches nothing new but the configuration, and the file in which somebody else may decide.
    fn wait_for_a_decision(&mut self, config: Config, trust: Trust) {
        let mut wanted = config.watch_plan();
        wanted.configuration.extend(trust::Store::open().map(|store| store.path(&config.root)));
        let held = self.config.as_ref().map(Config::watch_plan);
        let plan = held.unwrap_or_else(|| watch::Plan { interests: Vec::new(), ..wanted.clone() });
        self.replan(watch::Plan { configuration: wanted.configuration, ..plan });
        self.trust = Arc::new(trust);
        self.asking = Some(config);
    }

    /// Somebody decided about a plan; it counts only if that is still the one in question.
    pub(super) fn decided(&mut self, hash: &str, decision: Decision) {
        let (Trust::Asking { plan, .. } | Trust::Denied { plan }) = &*self.trust else { return };
        let plan = plan.clone();
        let Some(config) = self.asking.take_if(|_| plan.hash == hash) else { return };
        if let Err(error) = trust::Store::open().and_then(|store| store.record(&plan, decision)) {
            tracing::warn!("{error}");
        }
        match decision {
            Decision::Allow | Decision::OnlyNow => {
                self.setup.allow = Some(plan.hash);
                self.apply(config);
            }
            Decision::Never => self.wait_for_a_decision(config, Trust::Denied { plan }),
        }
    }

    fn apply(&mut self, config: Config) {
        self.trust = Arc::new(Trust::Allowed);
        self.asking = None;
        let names = config.services.iter().map(|service| &service.name);
        if let Err(taken) = self.claims.take(&config.root, names) {
            return self.come_second(&config, taken);
        }
        self.replan(config.watch_plan());
        let wanted: Vec<_> = config.services.iter().flat_map(|service| service.listen.clone()).collect();
        self.listeners.keep_only(&wanted);
        let specs = config.specs();
        self.config = Some(config);
        self.handle(Event::Configured(specs));
    }

    /// Another session has a service of this configuration. What runs goes on; this is tried again when that one has ended.
    fn come_second(&mut self, config: &Config, taken: Taken) {
        let who = taken.pid.map_or_else(|| "reload-lsp".to_owned(), |pid| format!("reload-lsp (pid {pid})"));
        let message = format!("another {who} looks after `{}` of this project already", taken.service);
        let help = "end it, and this one takes over; until then it sees what is saved here, too";
        let service = config.services.iter().find(|service| service.name == taken.service);
        let spot = service.map(|service| service.build_spot.clone());
        let reporter = self.reporter.clone();
        self.claims.wait(taken, move || drop(reporter.send(watch::Report::Configuration)));
        self.misconfigured(vec![ConfigProblem { spot, message, help: Some(help.to_owned()) }]);
    }

    /// The editor watches from now on, and what came before is compared; or it does not, and we do.
    pub(super) fn client_watches(&mut self, does: bool) {
        if does {
            self.watch.compare();
        } else {
            self.setup.overrides.client_watches = false;
            self.reconfigure();
        }
    }

    fn replan(&mut self, mut plan: watch::Plan) {
        self.reading.complete(&mut plan);
        if *self.watch_plan != plan {
            self.watch_plan = Arc::new(plan.clone());
            self.watch.replan(plan);
        }
    }

    /// The service as it is configured now.
    pub(super) fn service(&self, name: &ServiceName) -> Option<&config::Service> {
        self.config.as_ref()?.services.iter().find(|service| service.name == *name)
    }

    pub(super) fn build_request(
        &self,
        name: &ServiceName,
        generation: Generation,
        running: Option<Generation>,
        needed: BTreeSet<Generation>,
    ) -> Option<build::Request> {
        let service = self.service(name)?;
        let exe = service.run.as_ref().is_some_and(|run| artifact::is_named(run, "{exe}"));
        Some(build::Request {
            service: name.clone(),
            generation,
            purpose: build::Purpose::Build { running, needed, exe },
            root: self.config.as_ref()?.root.clone(),
            dir: service.dir.clone(),
            command: service.build.clone()?,
            env: service.env.clone(),
            formats: service.problems.clone(),
            matchers: service.matchers.clone(),
        })
    }

    pub(super) fn task_request(
        &self,
        name: &ServiceName,
        task: TaskId,
        number: Generation,
    ) -> Option<build::Request> {
        let service = self.service(name)?;
        let found = service.tasks.iter().find(|found| found.id == task)?;
        Some(build::Request {
            service: name.clone(),
            generation: number,
            purpose: build::Purpose::Task(task),
            root: self.config.as_ref()?.root.clone(),
            dir: service.dir.clone(),
            command: found.command.clone(),
            env: service.env.clone(),
            // `problems` of the service is about its build.
            formats: Vec::new(),
            matchers: service.matchers.clone(),
        })
    }

    pub(super) fn run_request(
        &self,
        name: &ServiceName,
        run: RunId,
        generation: Generation,
        hush: Duration,
    ) -> Option<service::Request> {
        let service = self.service(name)?;
        Some(service::Request {
            service: name.clone(),
            run,
            generation,
            root: self.config.as_ref()?.root.clone(),
            dir: service.dir.clone(),
            command: service.run.clone()?,
            env: service.env.clone(),
            env_files: service.env_files.clone(),
            listen: service.listen.clone(),
            listeners: self.listeners.clone(),
            ready: service.ready.clone(),
            stop_signal: service.stop_signal,
            hush,
        })
    }
}
