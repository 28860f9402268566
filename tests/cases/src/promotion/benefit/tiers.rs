//! Tiers around what the cart reaches.

use std::collections::BTreeSet;

use tearoff_core::catalog::MoneyDraft;
use tearoff_core::promotion::Per;
use tearoff_core::promotion::draft::TierDraft;

use super::{amounts, fixed_amount, percent_bp};
use crate::Random;
use crate::promotion::{Aim, Obstacle};
use crate::scene::{Scene, line_subtotal};

pub(super) fn by_spend(random: &mut Random, scene: &Scene, aim: Aim) -> Vec<TierDraft> {
    let subtotal = scene.subtotal();
    let thresholds: BTreeSet<i64> = (0..=random.below(4))
        .map(|_| match random.below(5) {
            _ if aim.has(Obstacle::TooFew) => subtotal.saturating_add(random.between(1, 5000)),
            0 => subtotal,
            1 => random.pick_any(&scene.cart.lines).map_or(0, line_subtotal),
            2 => 0,
            _ => random.between(0, subtotal.saturating_add(subtotal / 4)),
        })
        .map(|threshold| threshold.clamp(0, 1_000_000_000_000))
        .collect();
    // Every tier is stated for the same currencies, and rises in all of them.
    let other = if scene.currency == "USD" { "EUR" } else { "USD" };
    let has_other = random.chance(30) || aim.has(Obstacle::OtherCurrency);
    let mut tiers: Vec<TierDraft> = Vec::new();
    for (place, threshold) in (1_i64..).zip(thresholds) {
        let mut from = Vec::new();
        if !aim.has(Obstacle::OtherCurrency) {
            from.push(MoneyDraft { currency: scene.currency.clone(), amount_minor: threshold });
        }
        if has_other {
            from.push(MoneyDraft { currency: other.into(), amount_minor: place * 1000 });
        }
        random.shuffle(&mut from);
        tiers.push(TierDraft { from, ..gives(random, scene, aim) });
    }
    random.shuffle(&mut tiers);
    tiers
}

pub(super) fn by_quantity(random: &mut Random, scene: &Scene, aim: Aim) -> Vec<TierDraft> {
    let thresholds: BTreeSet<i64> = (0..=random.below(4))
        .map(|_| match random.below(4) {
            _ if aim.has(Obstacle::TooFew) => random.between(9, 10_000),
            0 => 1,
            _ => random.between(1, 9),
        })
        .collect();
    let mut tiers: Vec<TierDraft> = thresholds
        .into_iter()
        .map(|from| TierDraft { from_quantity: Some(from), ..gives(random, scene, aim) })
        .collect();
    random.shuffle(&mut tiers);
    tiers
}

/// What a tier gives, without what it begins at.
fn gives(random: &mut Random, scene: &Scene, aim: Aim) -> TierDraft {
    let is_percent = random.chance(60);
    let amount = fixed_amount(random, scene, Per::Redemption);
    TierDraft {
        from: Vec::new(),
        from_quantity: None,
        percent_bp: is_percent.then(|| percent_bp(random)),
        amounts: if is_percent { Vec::new() } else { amounts(random, scene, aim, amount) },
    }
}
