//! What random cases reached, and how often they must.

mod minimums;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tearoff_core::evaluate::Hint;
use tearoff_core::evaluate::trace::Step;
use tearoff_core::money::allocate::Leftover;
use tearoff_core::money::rounding::Half;
use tearoff_core::policy::{Round, Rounding, Split};
use tearoff_core::promotion::condition::Basis;
use tearoff_core::promotion::draft::{BenefitDraft, ConditionDraft, Draft};
use tearoff_core::promotion::{Disclosure, Per};
use tearoff_core::quote::{Decision, Outcome};
use tearoff_core::reason::Reason;
use tearoff_core::standalone::{Answer, EvaluationRequest, PromotionRequest};

use minimums::MINIMUMS;

/// In how many cases each thing happened at least once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    cases: u64,
    counts: BTreeMap<&'static str, u64>,
}

/// What happened in one case.
type Seen = BTreeSet<&'static str>;

impl Coverage {
    /// Counts one case with its answer.
    pub fn note(&mut self, request: &EvaluationRequest, answer: &Answer) {
        let mut seen = Seen::new();
        note_cart(request, answer, &mut seen);
        for decision in &answer.quote.decisions {
            note_decision(decision, &mut seen);
            let promotion = decision.promotion.as_ref().map(|id| id.as_str());
            let promotion = request.promotions.iter().find(|known| Some(known.id.as_str()) == promotion);
            if let Some(promotion) = promotion.filter(|_| decision.is_applied()) {
                note_promotion(request, promotion, &mut seen);
            }
        }
        self.cases += 1;
        for name in seen {
            *self.counts.entry(name).or_default() += 1;
        }
    }

    /// Adds what others counted.
    pub fn merge(&mut self, other: &Self) {
        self.cases += other.cases;
        for (name, count) in &other.counts {
            *self.counts.entry(name).or_default() += count;
        }
    }

    /// What happened in fewer cases than it must, one sentence each; empty where all is well.
    #[must_use]
    pub fn missed(&self) -> Vec<String> {
        let missed = MINIMUMS.iter().filter(|(name, per_mille)| self.count(name) * 1000 < per_mille * self.cases);
        missed
            .map(|(name, per_mille)| format!("{name}: {} of {}, not {per_mille} ‰", self.count(name), self.cases))
            .collect()
    }

    fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} cases; of a thousand, so many (and so many at least) had:", self.cases)?;
        for (name, per_mille) in MINIMUMS {
            let counted = self.count(name).saturating_mul(1000).checked_div(self.cases).unwrap_or(0);
            writeln!(out, "  {name:<40}{counted:>5} ({per_mille})")?;
        }
        Ok(())
    }
}

fn note_cart(request: &EvaluationRequest, answer: &Answer, seen: &mut Seen) {
    let quote = &answer.quote;
    seen.extend(quote.decisions.is_empty().then_some("no code"));
    seen.extend((quote.decisions.len() > 1).then_some("several codes"));
    seen.extend((quote.decisions.len() < request.facts.codes.len()).then_some("a code twice"));
    seen.extend((quote.lines.len() >= 20).then_some("20 lines or more"));
    seen.extend((quote.subtotal.minor() >= 100_000_000_000).then_some("a subtotal of 10^11 or more"));
    seen.extend(
        request.cart.lines.iter().any(|line| line.quantity >= Some(1000)).then_some("a quantity of 1000 or more"),
    );
    seen.insert(match quote.currency.decimals() {
        0 => "a currency of 0 decimals",
        2 => "a currency of 2 decimals",
        3 => "a currency of 3 decimals",
        _ => "a currency of 4 decimals",
    });
    seen.extend(answer.trace.iter().any(|step| matches!(step, Step::Capped { .. })).then_some("cap cut"));
    if quote.discount.is_zero() {
        return;
    }
    seen.insert("discount");
    note_rounding(request.site.rounding, seen);
    let shared = quote.lines.iter().filter(|line| !line.discount.is_zero());
    seen.extend((shared.count() > 1).then_some("discount on several lines"));
    seen.extend(quote.lines.iter().any(|line| line.discount.is_zero()).then_some("discount beside a line without"));
    seen.extend(quote.lines.iter().any(|line| line.subtotal.is_zero()).then_some("discount beside a line for nothing"));
    let many = quote.lines.iter().any(|line| line.occurrences.len() > 1 && !line.discount.is_zero());
    seen.extend(many.then_some("discount over occurrences"));
    seen.extend(quote.total.is_zero().then_some("nothing left to pay"));
}

fn note_rounding(rounding: Rounding, seen: &mut Seen) {
    seen.insert(match rounding.round {
        Round::PerCart => "round per_cart",
        Round::PerLine => "round per_line",
        Round::PerUnit => "round per_unit",
    });
    seen.insert(match rounding.half {
        Half::Up => "half up",
        Half::Even => "half even",
        Half::Down => "half down",
    });
    seen.insert(match rounding.leftover {
        Leftover::Largest => "leftover largest",
        Leftover::First => "leftover first",
        Leftover::Last => "leftover last",
    });
    seen.insert(match rounding.split {
        Split::ByValue => "split by_value",
        Split::PerUnit => "split per_unit",
    });
}

fn note_decision(decision: &Decision, seen: &mut Seen) {
    seen.insert(match decision.outcome {
        Outcome::Applied { .. } => "applied",
        Outcome::Waiting { .. } => "waiting",
        Outcome::Rejected { .. } => "rejected",
    });
    seen.extend((decision.reasons().len() > 1).then_some("several reasons"));
    // Spelled out, so that a new reason or hint must be named here, and be given a minimum, before this compiles.
    for reason in decision.reasons() {
        seen.insert(match reason {
            Reason::UnknownCode => "unknown_code",
            Reason::PromotionInactive => "promotion_inactive",
            Reason::CurrencyNotOffered { .. } => "currency_not_offered",
            Reason::NotYetActive { .. } => "not_yet_active",
            Reason::Expired { .. } => "expired",
            Reason::UsageLimitReached => "usage_limit_reached",
            Reason::CustomerLimitReached => "customer_limit_reached",
            Reason::EmptyCart => "empty_cart",
            Reason::DateNeeded => "date_needed",
            Reason::CustomerNeeded => "customer_needed",
            Reason::NoEligibleLines => "no_eligible_lines",
            Reason::OutsideWeekdays { .. } => "outside_weekdays",
            Reason::MinimumSpendNotMet { .. } => "minimum_spend_not_met",
            Reason::MaximumSpendExceeded { .. } => "maximum_spend_exceeded",
            Reason::NotCombinable { .. } => "not_combinable",
        });
    }
    for hint in &decision.hints {
        seen.insert(match hint {
            Hint::SpendMore { .. } => "hint spend_more",
            Hint::ChooseWeekday { .. } => "hint choose_weekday",
            Hint::Replace { .. } => "hint replace",
        });
    }
}

/// What the terms of an applied promotion held.
fn note_promotion(request: &EvaluationRequest, promotion: &PromotionRequest, seen: &mut Seen) {
    let terms: &Draft = &promotion.terms;
    seen.insert(match &terms.benefit {
        BenefitDraft::Percent { percent_bp: 0, .. } => "percent of 0 applied",
        BenefitDraft::Percent { percent_bp: 10_000, .. } => "percent of 100 applied",
        BenefitDraft::Percent { .. } => "percent applied",
        BenefitDraft::Fixed { per: Per::Redemption, .. } => "fixed per redemption applied",
        BenefitDraft::Fixed { per: Per::Occurrence, .. } => "fixed per occurrence applied",
        BenefitDraft::Fixed { per: Per::Unit, .. } => "fixed per unit applied",
        BenefitDraft::NoDiscount {} => "no_discount applied",
    });
    for condition in &terms.conditions {
        seen.insert(match condition {
            ConditionDraft::Redeemable { .. } => "redeemable holds",
            ConditionDraft::Weekdays { .. } if request.site.has_dates => "weekdays hold",
            ConditionDraft::Weekdays { .. } => "weekdays unchecked",
            ConditionDraft::MinimumSubtotal { basis: Basis::AllLines, .. } => "minimum of all lines holds",
            ConditionDraft::MinimumSubtotal { basis: Basis::EligibleLines, .. } => "minimum of eligible lines holds",
            ConditionDraft::MaximumSubtotal { basis: Basis::AllLines, .. } => "maximum of all lines holds",
            ConditionDraft::MaximumSubtotal { basis: Basis::EligibleLines, .. } => "maximum of eligible lines holds",
        });
    }
    seen.extend((!terms.scope.include.is_empty()).then_some("scope with inclusions applied"));
    seen.extend((!terms.scope.exclude.is_empty()).then_some("scope with exclusions applied"));
    seen.extend((!terms.scope.locations.is_empty()).then_some("scope with locations applied"));
    seen.extend(terms.limits.total.map(|_| "total limit holds"));
    seen.extend(terms.limits.per_customer.map(|_| "customer limit holds"));
    seen.extend((terms.disclosure == Disclosure::Private).then_some("private applied"));
}
