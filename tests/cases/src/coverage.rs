//! What random cases reached, and how often they must.

mod cart;
mod decision;
mod lanes;
mod minimums;
mod terms;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tearoff_core::quote::Decision;
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
        cart::note(request, answer, &mut seen);
        lanes::note(request, answer, &mut seen);
        for decision in &answer.quote.decisions {
            decision::note(decision, &mut seen);
            if let Some(promotion) = known(request, decision) {
                lanes::note_decision(promotion, decision, &mut seen);
                terms::note(request, answer, promotion, decision, &mut seen);
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

/// The promotion that a decision is about, where it may be known.
fn known<'a>(request: &'a EvaluationRequest, decision: &Decision) -> Option<&'a PromotionRequest> {
    let id = decision.promotion.as_ref()?.as_str();
    request.promotions.iter().find(|promotion| promotion.id == id)
}
