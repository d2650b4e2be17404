//! Parameters and results of the requests. What is shown elsewhere too is in `snapshot`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::snapshot::Snapshot;

/// What most requests are about: one service, or all; of one root, or all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Target {
    /// Which service; without it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Something in the root that is meant; without it every root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
}

/// Parameters of `reload/restart`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Restart {
    /// What is meant.
    #[serde(flatten)]
    pub target: Target,
    /// Build before.
    pub build: bool,
}

/// Parameters of `reload/hold`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Hold {
    /// Something in the root that is meant; without it every root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// How long, at most an hour; without it a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    /// The token of a hold that is to last longer; without it another one begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// The answer to `reload/hold`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// What `reload/release` names.
    pub token: String,
}

/// Parameters of `reload/release`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Release {
    /// Something in the root that is meant; without it every root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Which hold; without it every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Parameters of `reload/getLog`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct GetLog {
    /// What is meant. Without `uri` the first root.
    #[serde(flatten)]
    pub target: Target,
    /// Only lines with numbers above this.
    pub after: u64,
    /// So many lines at most; without it 1,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<usize>,
}

/// Parameters of `reload/explain`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Explain {
    /// The file that would be saved.
    pub uri: String,
    /// Only the verdict of this service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// Parameters of `reload/allow`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Allow {
    /// The hash of the plan that was shown.
    pub plan: String,
    /// What was decided.
    pub decision: Decision,
}

/// What somebody decided about a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Decision {
    /// Allowed, now and later.
    Allow,
    /// Allowed until the session ends.
    OnlyNow,
    /// Denied, now and later.
    Never,
}

/// The answer to a request that was queued. What becomes of it shows in the status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// Always true.
    pub accepted: bool,
    /// The generation that is the newest at this moment, where one service is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
}

/// The answer to `reload/getStatus`: one picture for each root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Statuses {
    /// In the order of the folders.
    pub statuses: Vec<Snapshot>,
}

/// The `data` of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorData {
    /// `untrusted`, `unknownService` or `misconfigured`.
    pub kind: String,
}
