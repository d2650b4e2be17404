//! Everybody who may allow a plan, put into one verdict. Called by `session` and `cli`.

use super::{Plan, Store, Verdict, Voucher};
use crate::config::Pin;

/// What holds for `plan`. In this order: a hash that was given for exactly this plan (`--allow`, `RELOAD_LSP_ALLOW`); a
/// stored no; a person, or a client unless the configuration pins (`trust.pin = "always"`); a stored yes.
/// Without a store (`None`, it could not be opened) nothing was ever decided.
pub fn judge(plan: &Plan, pin: Pin, voucher: Voucher, allow: Option<&str>, store: Option<&Store>) -> Verdict {
    if allow.is_some_and(|hash| hash.trim().eq_ignore_ascii_case(&plan.hash)) {
        return Verdict::Allowed;
    }
    let stored = store.map_or(Verdict::Unknown { before: None }, |store| store.verdict(plan));
    match (stored, voucher, pin) {
        (Verdict::Unknown { .. }, Voucher::Person, Pin::Auto | Pin::Always)
        | (Verdict::Unknown { .. }, Voucher::Client, Pin::Auto) => Verdict::Allowed,
        (stored, Voucher::Person | Voucher::Client | Voucher::Nobody, Pin::Auto | Pin::Always) => stored,
    }
}
