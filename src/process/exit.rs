//! How a process ended.

/// How a process ended, and what had to be done for it. Neither code nor signal: it could not be killed because it belongs to
/// somebody else, or its guard was killed; what was below a killed guard is being killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code, if it returned one.
    pub code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Whether we had told it to stop.
    pub stopped: bool,
    /// How many processes had to be killed after the grace, or were left behind.
    pub killed: u32,
}
