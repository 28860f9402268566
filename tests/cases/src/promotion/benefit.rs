//! What promotions give, in amounts near what the cart costs.

mod tiers;

use tearoff_core::catalog::MoneyDraft;
use tearoff_core::promotion::draft::BenefitDraft;
use tearoff_core::promotion::{Kind, Per};

use super::{Aim, Obstacle, scope};
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
    FixedPrice,
    SpendTiers,
    QuantityTiers,
    BuyGet,
}

pub(super) fn draw(random: &mut Random, scene: &Scene, aim: Aim, kind: Kind) -> BenefitDraft {
    if kind == Kind::Gift {
        return gift(random);
    }
    let of = if aim.has(Obstacle::TooFew) {
        random.weighted(&[(1, Type::SpendTiers), (1, Type::QuantityTiers), (2, Type::BuyGet)])
    } else {
        random.weighted(&[
            (20, Type::Percent),
            (18, Type::Fixed),
            (5, Type::NoDiscount),
            (8, Type::FixedPrice),
            (6, Type::SpendTiers),
            (6, Type::QuantityTiers),
            (10, Type::BuyGet),
        ])
    };
    match of {
        Type::Percent => {
            let is_capped = random.chance(40) || aim.has(Obstacle::OtherCurrency);
            let most = scene.subtotal() / 2;
            let cap = if random.chance(5) { 0 } else { random.between(0, most) };
            BenefitDraft::Percent {
                percent_bp: percent_bp(random),
                caps: if is_capped { amounts(random, scene, aim, cap) } else { Vec::new() },
            }
        }
        Type::Fixed => {
            let per = random.weighted(&[(2, Per::Redemption), (1, Per::Occurrence), (1, Per::Unit)]);
            let amount = fixed_amount(random, scene, per);
            BenefitDraft::Fixed { amounts: amounts(random, scene, aim, amount), per }
        }
        Type::NoDiscount => BenefitDraft::NoDiscount {},
        Type::FixedPrice => {
            let price = fixed_amount(random, scene, Per::Unit);
            BenefitDraft::FixedPrice { prices: amounts(random, scene, aim, price) }
        }
        Type::SpendTiers => BenefitDraft::SpendTiers { tiers: tiers::by_spend(random, scene, aim) },
        Type::QuantityTiers => BenefitDraft::QuantityTiers { tiers: tiers::by_quantity(random, scene, aim) },
        Type::BuyGet => buy_get(random, scene, aim),
    }
}

fn percent_bp(random: &mut Random) -> i64 {
    match random.weighted(&[(8, -1), (5, -2), (2, 10_000), (1, 0)]) {
        -1 => *random.pick(&PERCENT_BP),
        -2 => random.between(0, 10_000),
        whole => whole,
    }
}

fn buy_get(random: &mut Random, scene: &Scene, aim: Aim) -> BenefitDraft {
    let buy = if aim.has(Obstacle::TooFew) { random.between(8, 10_000) } else { random.between(1, 3) };
    let percent_bp = if random.chance(60) { 10_000 } else { percent_bp(random) };
    BenefitDraft::BuyGet {
        buy,
        get: random.between(1, 2),
        percent_bp,
        from: random.chance(45).then(|| scope::of_cheaper(random, scene)),
        sets_max: random.chance(30).then(|| random.between(1, 3)),
    }
}

fn gift(random: &mut Random) -> BenefitDraft {
    let mut items = ["tote", "mat", "towel", "yoga", "massage", "card"];
    random.shuffle(&mut items);
    let count = random.weighted(&[(2, 1), (2, 2), (1, 5)]);
    BenefitDraft::Gift { items: items.iter().take(count).map(|item| (*item).into()).collect() }
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
