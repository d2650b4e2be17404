//! Every decision: when to build, when to stop, what to start. Called by `session` only.
//! Does not know: the clock, tokio, processes, files, LSP.

mod change;
mod effect;
mod event;
mod generation;
mod policy;
mod problem;
mod status;

pub use change::{Action, Change, Content, Origin, SaveReason, Trigger};
pub use effect::Effect;
pub use event::{Event, Request, RunExit};
pub use generation::{Generation, Moment, RunId, ServiceName};
pub use policy::*;
pub use problem::{
    BuildOutcome, ColumnUnit, Edit, Exit, Fix, Place, Position, Problem, Related, Severity, Tag,
};
pub use status::{
    BuildStage, BuildStatus, LastExit, Reload, RunStage, RunStatus, ServiceStatus, State, Status, Waiting,
    Why,
};
