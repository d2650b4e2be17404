//! What the tests share: waiting, temporary projects, clients.

pub(crate) mod client;
pub(crate) mod page;
pub(crate) mod project;
