//! What the tests share: waiting, temporary projects, clients.
