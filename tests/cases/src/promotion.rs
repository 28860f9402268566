//! Promotions that look at the cart: most fit it, the others fail it in one chosen way.

mod benefit;
mod condition;
mod scope;

use tearoff_core::promotion::draft::{BenefitDraft, Draft, LimitsDraft};
use tearoff_core::promotion::{Disclosure, Kind};
use tearoff_core::standalone::PromotionRequest;

use crate::Random;
use crate::codes;
use crate::scene::Scene;

/// What a promotion is made to fail at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    Inactive,
    OtherCurrency,
    TooEarly,
    TooLate,
    UsedUp,
    UsedUpByCustomer,
    OutOfScope,
    OtherDays,
    TooLittle,
    TooMuch,
}

/// How often each obstacle is drawn; a promotion has none, one, or rarely two.
const OBSTACLES: [(u64, Obstacle); 10] = [
    (3, Obstacle::Inactive),
    (3, Obstacle::OtherCurrency),
    (3, Obstacle::TooEarly),
    (3, Obstacle::TooLate),
    (3, Obstacle::UsedUp),
    (3, Obstacle::UsedUpByCustomer),
    (3, Obstacle::OutOfScope),
    (6, Obstacle::OtherDays),
    (6, Obstacle::TooLittle),
    (3, Obstacle::TooMuch),
];

/// What a promotion is made to fail at, if anything.
#[derive(Clone, Copy)]
pub(crate) struct Aim([Option<Obstacle>; 2]);

impl Aim {
    fn draw(random: &mut Random) -> Self {
        let first = random.chance(35).then(|| random.weighted(&OBSTACLES));
        let second = (first.is_some() && random.chance(15)).then(|| random.weighted(&OBSTACLES));
        Self([first, second])
    }

    pub(crate) fn has(self, obstacle: Obstacle) -> bool {
        self.0.contains(&Some(obstacle))
    }
}

/// A promotion and what it was aimed at.
pub(crate) struct Aimed {
    pub(crate) request: PromotionRequest,
    pub(crate) aim: Aim,
}

pub(crate) fn draw_all(random: &mut Random, scene: &Scene) -> Vec<Aimed> {
    let count = random.weighted(&[(3, 0_u64), (55, 1), (32, 2), (10, 3)]);
    let mut taken = Vec::new();
    (0..count).map(|number| draw(random, scene, number, &mut taken)).collect()
}

fn draw(random: &mut Random, scene: &Scene, number: u64, taken: &mut Vec<String>) -> Aimed {
    let aim = Aim::draw(random);
    let benefit = benefit::draw(random, scene, aim);
    let needs_note = matches!(benefit, BenefitDraft::NoDiscount {});
    let codes = (0..random.weighted(&[(1, 0_u64), (70, 1), (20, 2), (9, 3)])).map(|_| codes::owned(random, taken));
    let codes = codes.collect();
    let scope = scope::draw(random, scene, aim);
    let conditions = condition::draw_all(random, scene, aim, &scope);
    let terms = Draft {
        name: format!("promotion {number}"),
        description: random.chance(20).then(|| "for nobody's eyes".into()),
        kind: Kind::Coupon,
        label: random.pick(&["Welcome", "20 % off", "Früh buchen", "夏のセール"]).to_string(),
        note: (needs_note || random.chance(15)).then(|| "Show this at the desk.".into()),
        disclosure: if random.chance(75) { Disclosure::Open } else { Disclosure::Private },
        benefit,
        scope,
        conditions,
        limits: limits(random, aim),
    };
    let request = PromotionRequest { id: format!("prm_{number}"), codes, active: !aim.has(Obstacle::Inactive), terms };
    Aimed { request, aim }
}

fn limits(random: &mut Random, aim: Aim) -> LimitsDraft {
    let mut limit = |needed: bool| {
        let most = random.weighted(&[(2, 1), (2, 5), (1, 1_000_000_000)]);
        (random.chance(35) || needed).then(|| random.between(1, most))
    };
    LimitsDraft { total: limit(aim.has(Obstacle::UsedUp)), per_customer: limit(aim.has(Obstacle::UsedUpByCustomer)) }
}
