//! Holds as clients name them: by a token, for a while. Used by the borders. Does not know: what is held.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::str::FromStr;
use std::time::Duration;

use crate::engine::{HOLD_LIMIT, HoldId};

/// How long a hold lasts that says nothing about it.
const HOLD_TIME: Duration = Duration::from_secs(60);

/// A hold, as a client names it: 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token(pub(super) HoldId);

/// Why there is no such hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadHold {
    /// It is no token.
    #[error("`{0}` is no token (help: `hold` has answered with one)")]
    NoToken(String),
    /// It would last for no time, or too long.
    #[error("a hold lasts between 1 ms and {} s (help: hold again before it ends)", HOLD_LIMIT.as_secs())]
    BadTime,
}

impl Token {
    /// Nobody has this one.
    pub fn fresh() -> Self {
        // Its keys differ from call to call.
        Self(HoldId(RandomState::new().build_hasher().finish()))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0.0)
    }
}

impl FromStr for Token {
    type Err = BadHold;

    fn from_str(text: &str) -> Result<Self, BadHold> {
        let id = u64::from_str_radix(text, 16).map_err(|_| BadHold::NoToken(text.to_owned()))?;
        Ok(Self(HoldId(id)))
    }
}

/// How long a hold lasts of which a client says this.
pub(super) fn time(ttl_ms: Option<u64>) -> Result<Duration, BadHold> {
    let time = ttl_ms.map_or(HOLD_TIME, Duration::from_millis);
    if time.is_zero() || time > HOLD_LIMIT { Err(BadHold::BadTime) } else { Ok(time) }
}
