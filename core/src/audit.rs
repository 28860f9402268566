//! Audit of promotions before anybody uses them: what never applies, contradicts itself, is shadowed by another, and what it may
//! cost at the most (R67).
//!
//! Only what is certain is claimed. A finding that something *never applies* or is *shadowed* holds for every cart, customer and
//! instant from now on, as long as site and promotions stay as they are; laws try to prove it wrong. Everything else is told as a
//! contradiction, as not checked, or as a note.

mod benefit;
mod calendar;
mod cost;
mod customers;
mod finding;
mod lines;
#[cfg(feature = "zones")]
pub mod request;
mod shadow;
mod spending;
mod subject;

use alloc::vec::Vec;
use chrono::{DateTime, Utc};

pub use finding::{Finding, Severity, What};

use crate::catalog::Catalog;
use crate::policy::SitePolicy;
use crate::promotion::Promotion;
use subject::Subject;

/// A promotion to look at, a draft or one in use.
#[derive(Clone, Copy, Debug)]
pub struct Audited<'a> {
    /// The promotion.
    pub promotion: &'a Promotion,
    /// Whether it is active (R68).
    pub active: bool,
    /// How many codes unlock it.
    pub codes: u64,
}

/// Everything worth knowing about these promotions of one site, in their order. With a catalog, items are looked up in it.
#[must_use]
pub fn audit(
    promotions: &[Audited<'_>],
    policy: &SitePolicy,
    catalog: Option<&Catalog>,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for audited in promotions {
        let mut subject = Subject { audited: *audited, policy, catalog, now, findings: &mut findings };
        subject.state();
        subject.currencies();
        subject.calendar();
        subject.lines();
        subject.spending();
        subject.benefit();
        subject.customers();
        subject.shadows(promotions);
        subject.cost();
    }
    findings
}

#[cfg(feature = "zones")]
#[cfg(test)]
mod tests;
