//! How often promotions may be used: once, a few times, or so often that nobody counts.

use tearoff_core::promotion::Unit;
use tearoff_core::promotion::draft::{LimitDraft, LimitsDraft};

use super::benefit::amounts;
use super::{Aim, Obstacle};
use crate::Random;
use crate::scene::Scene;

pub(super) fn draw(random: &mut Random, scene: &Scene, aim: Aim, acts_alone: bool) -> LimitsDraft {
    let period = aim.has(Obstacle::PeriodUsedUp).then(|| random.below(3));
    let mut limit = |percent: u64, needed: bool| {
        let most = random.weighted(&[(2, 1), (3, 5), (1, 1_000_000_000)]);
        (random.chance(percent) || needed).then(|| LimitDraft {
            max: random.between(1, most),
            count: random.weighted(&[(3, Unit::Redemptions), (2, Unit::Occurrences)]),
        })
    };
    // Nobody knows a limit per customer of a customer whom nobody knows.
    let per_customer = if scene.customer.is_some() { 22 } else { 6 };
    let per_code = if acts_alone { 0 } else { 8 };
    LimitsDraft {
        total: limit(25, aim.has(Obstacle::UsedUp)),
        per_customer: limit(per_customer, aim.has(Obstacle::UsedUpByCustomer)),
        per_code: limit(per_code, aim.has(Obstacle::CodeUsedUp) && !acts_alone),
        per_day: limit(6, period == Some(0)),
        per_week: limit(6, period == Some(1)),
        per_month: limit(6, period == Some(2)),
        budget: budget(random, scene, aim),
    }
}

fn budget(random: &mut Random, scene: &Scene, aim: Aim) -> Vec<tearoff_core::catalog::MoneyDraft> {
    if !aim.has(Obstacle::BudgetSpent) && !random.chance(12) {
        return Vec::new();
    }
    let subtotal = scene.subtotal();
    let amount = match random.below(4) {
        0 => random.between(0, subtotal),
        1 => subtotal,
        _ => subtotal.saturating_add(random.between(1, 1_000_000)),
    };
    amounts(random, scene, aim, amount.clamp(0, 1_000_000_000_000))
}
