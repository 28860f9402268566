//! Which promotions this server can keep: those whose facts it can establish by itself. Any other is refused when it is made, never
//! accepted and decided without its facts.

use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::promotion::Kind;
use tearoff_core::promotion::draft::Draft;

/// Whatever of a draft asks for facts that this server has no record of. Every condition's are kept.
pub(super) fn not_kept(draft: &Draft, field: &str) -> Vec<InvalidField> {
    let mut faults = Faults::within(field);
    match draft.kind {
        Kind::Coupon | Kind::Automatic | Kind::Gift => {}
        Kind::Referral => faults.add("kind", Fault::Unknown, "a promotion of this kind is not kept by this server"),
    }
    faults.into_vec()
}
