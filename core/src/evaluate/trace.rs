//! Every rule checked, the fact it saw, its verdict, every amount and rounding (R66). Derived on demand, outside every digest.

use alloc::{format, string::String, vec::Vec};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Evaluation, observe};
use crate::id::PromotionId;
use crate::money::Amount;
use crate::quote::{Decision, Outcome, Quote};
use crate::reason::{Class, Reason};

/// One step of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// A rule was checked.
    Checked {
        /// Of which promotion.
        promotion: PromotionId,
        /// The number of the rule.
        rule: u8,
        /// What came of it.
        verdict: Verdict,
        /// The fact it saw.
        saw: String,
    },
    /// An exact amount was rounded (R3).
    Rounded {
        /// The amount it was computed on.
        of_minor: Amount,
        /// The exact result in minor units, as a decimal.
        exact: String,
        /// What it became.
        rounded_minor: Amount,
    },
    /// A cap cut a discount (R13).
    Capped {
        /// What it was.
        discount_minor: Amount,
        /// What it became.
        cap_minor: Amount,
    },
    /// A code, or a discount that acts without one, was decided on.
    Decided {
        /// The code as it is shown; none for what acts without one.
        code: Option<String>,
        /// The promotion, where it may be known.
        promotion: Option<PromotionId>,
        /// What came of it: `applied`, `waiting` or `rejected`.
        status: &'static str,
        /// What it takes off.
        discount_minor: Amount,
    },
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The rule holds.
    Holds,
    /// The rule fails.
    Fails,
    /// A fact is missing.
    Missing,
}

impl Step {
    pub(super) fn checked(promotion: &PromotionId, rule: u8, verdict: Verdict, saw: String) -> Self {
        Self::Checked { promotion: promotion.clone(), rule, verdict, saw }
    }

    pub(super) fn refused(promotion: &PromotionId, reason: &Reason) -> Self {
        let (class, rule) = reason.class_and_rule();
        let verdict = if class == Class::Missing { Verdict::Missing } else { Verdict::Fails };
        Self::checked(promotion, rule, verdict, reason.message())
    }

    pub(super) fn rounded(of_minor: Amount, exact: Decimal, rounded_minor: Amount) -> Self {
        Self::Rounded { of_minor, exact: format!("{}", exact.normalize()), rounded_minor }
    }

    pub(super) const fn capped(discount_minor: Amount, cap_minor: Amount) -> Self {
        Self::Capped { discount_minor, cap_minor }
    }

    pub(super) fn decided(decision: &Decision) -> Self {
        let status = match decision.outcome {
            Outcome::Applied { .. } => "applied",
            Outcome::Waiting { .. } => "waiting",
            Outcome::Rejected { .. } => "rejected",
        };
        Self::Decided {
            code: decision.code.as_deref().map(Into::into),
            promotion: decision.promotion.clone(),
            status,
            discount_minor: decision.discount(),
        }
    }
}

/// Sees the steps of an evaluation as they happen. The unit type sees nothing and costs nothing.
pub(super) trait Observer {
    fn note(&mut self, step: impl FnOnce() -> Step);

    /// Sees only the checks of one promotion, of a pass in which others are judged again.
    type Narrow<'o>: Observer
    where
        Self: 'o;

    fn narrow<'o>(&'o mut self, promotion: Option<&'o PromotionId>) -> Self::Narrow<'o>;
}

impl Observer for () {
    fn note(&mut self, _: impl FnOnce() -> Step) {}

    type Narrow<'o> = ();

    fn narrow<'o>(&'o mut self, _: Option<&'o PromotionId>) -> Self::Narrow<'o> {}
}

impl Observer for Vec<Step> {
    fn note(&mut self, step: impl FnOnce() -> Step) {
        self.push(step());
    }

    type Narrow<'o> = ChecksOf<'o>;

    fn narrow<'o>(&'o mut self, promotion: Option<&'o PromotionId>) -> Self::Narrow<'o> {
        ChecksOf { promotion, steps: self }
    }
}

/// The steps, of which only the checks of one promotion are added.
pub(super) struct ChecksOf<'o> {
    promotion: Option<&'o PromotionId>,
    steps: &'o mut Vec<Step>,
}

impl Observer for ChecksOf<'_> {
    fn note(&mut self, step: impl FnOnce() -> Step) {
        let step = step();
        if matches!(&step, Step::Checked { promotion, .. } if Some(promotion) == self.promotion) {
            self.steps.push(step);
        }
    }

    type Narrow<'o>
        = ChecksOf<'o>
    where
        Self: 'o;

    fn narrow<'o>(&'o mut self, promotion: Option<&'o PromotionId>) -> Self::Narrow<'o> {
        ChecksOf { promotion, steps: self.steps }
    }
}

/// Evaluates once more and tells every step.
#[must_use]
pub fn trace(evaluation: &Evaluation<'_>) -> (Quote, Vec<Step>) {
    let mut steps = Vec::new();
    let quote = observe(evaluation, &mut steps);
    (quote, steps)
}
