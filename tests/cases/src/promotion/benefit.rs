//! What promotions give, in amounts near what the cart costs.

use tearoff_core::catalog::MoneyDraft;
use tearoff_core::promotion::Per;
use tearoff_core::promotion::draft::BenefitDraft;

use super::{Aim, Obstacle};
use crate::Random;
use crate::scene::{Scene, line_subtotal};
use crate::site::CURRENCIES;

/// The bound on an amount.
const AMOUNT_MAX: i64 = 1_000_000_000_000;

/// Percentages at which rounding has something to decide.
const PERCENT_BP: [i64; 12] = [0, 1, 100, 250, 333, 500, 1000, 1500, 2500, 3333, 5000, 9999];

#[derive(Clone, Copy)]
enum Type {
    Percent,
    Fixed,
    NoDiscount,
}

pub(super) fn draw(random: &mut Random, scene: &Scene, aim: Aim) -> BenefitDraft {
    match random.weighted(&[(10, Type::Percent), (9, Type::Fixed), (2, Type::NoDiscount)]) {
        Type::Percent => {
            let percent_bp = random.weighted(&[(8, -1), (5, -2), (2, 10_000)]);
            let percent_bp = match percent_bp {
                -1 => *random.pick(&PERCENT_BP),
                -2 => random.between(0, 10_000),
                whole => whole,
            };
            let is_capped = random.chance(40) || aim.has(Obstacle::OtherCurrency);
            let most = scene.subtotal() / 2;
            let cap = if random.chance(5) { 0 } else { random.between(0, most) };
            BenefitDraft::Percent {
                percent_bp,
                caps: if is_capped { amounts(random, scene, aim, cap) } else { Vec::new() },
            }
        }
        Type::Fixed => {
            let per = random.weighted(&[(2, Per::Redemption), (1, Per::Occurrence), (1, Per::Unit)]);
            let amount = fixed_amount(random, scene, per);
            BenefitDraft::Fixed { amounts: amounts(random, scene, aim, amount), per }
        }
        Type::NoDiscount => BenefitDraft::NoDiscount {},
    }
}

/// An amount below, at or above what it acts on.
fn fixed_amount(random: &mut Random, scene: &Scene, per: Per) -> i64 {
    let lines = &scene.cart.lines;
    let near = match (per, random.pick_any(lines)) {
        (Per::Redemption, _) | (_, None) => scene.subtotal(),
        (Per::Occurrence, Some(line)) => line_subtotal(line) / 2,
        (Per::Unit, Some(line)) => line.unit_price_minor.unwrap_or(0),
    };
    let drawn = match random.below(20) {
        0 => 0,
        1 => AMOUNT_MAX,
        2 => near,
        3..=6 => near.saturating_add(random.between(-2, 2)),
        7 => near.saturating_mul(3),
        _ => random.between(0, near),
    };
    drawn.clamp(0, AMOUNT_MAX)
}

/// A table with that amount in the cart's currency, or without that currency where this is the obstacle.
pub(super) fn amounts(random: &mut Random, scene: &Scene, aim: Aim, amount: i64) -> Vec<MoneyDraft> {
    let mut table: Vec<MoneyDraft> = Vec::new();
    if !aim.has(Obstacle::OtherCurrency) {
        table.push(MoneyDraft { currency: scene.currency.clone(), amount_minor: amount });
    }
    for currency in CURRENCIES {
        let wanted = random.chance(20) || (table.is_empty() && currency == "TWD");
        if wanted && currency != scene.currency {
            table.push(MoneyDraft { currency: currency.into(), amount_minor: random.between(0, 5000) });
        }
    }
    if table.is_empty() {
        table.push(MoneyDraft { currency: "GBP".into(), amount_minor: 500 });
    }
    random.shuffle(&mut table);
    table
}
