//! The server behind its streams: what any client may send, in any order, and what becomes of it. Sessions are faked; the
//! real ones are in the other tests.

mod ending;
mod fake;
mod framing;
mod order;
mod process;
mod protocol;
mod shown;
