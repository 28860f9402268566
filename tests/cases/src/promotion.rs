//! Promotions that look at the cart and the customer: most fit, the others fail in one chosen way.

mod aim;
mod benefit;
mod condition;
mod limits;
mod scope;

use tearoff_core::promotion::benefit::Pick;
use tearoff_core::promotion::draft::{BenefitDraft, ConditionDraft, Draft, LimitsDraft, UnitsDraft};
use tearoff_core::promotion::{Disclosure, Kind, Per, Unit};
use tearoff_core::standalone::PromotionRequest;

pub(crate) use aim::{Aim, Obstacle};

use crate::Random;
use crate::codes;
use crate::scene::Scene;

/// A promotion and what it was aimed at.
pub(crate) struct Aimed {
    pub(crate) request: PromotionRequest,
    pub(crate) aim: Aim,
}

pub(crate) fn draw_all(random: &mut Random, scene: &Scene) -> Vec<Aimed> {
    let count = random.weighted(&[(3, 0_u64), (40, 1), (34, 2), (16, 3), (7, 4)]);
    let mut taken = Vec::new();
    let mut drawn: Vec<Aimed> = Vec::new();
    for number in 0..count {
        // A gift seldom comes alone, or hardly any cart would have two.
        let has_gift = drawn.iter().any(|one| one.request.terms.kind == Kind::Gift);
        let kind = (has_gift && random.chance(25)).then_some(Kind::Gift);
        drawn.push(draw(random, scene, number, kind, &mut taken));
    }
    random.shuffle(&mut drawn);
    drawn
}

fn draw(random: &mut Random, scene: &Scene, number: u64, wanted: Option<Kind>, taken: &mut Vec<String>) -> Aimed {
    let mut aim = Aim::draw(random);
    let kind = wanted.unwrap_or_else(|| kind(random, aim));
    let needs_code = if kind == Kind::Gift { random.pick(&[None, Some(true), Some(false)]) } else { &None };
    let acts_alone = kind == Kind::Automatic || *needs_code == Some(false);
    // What acts by itself and does not apply is not told: most of it had better apply.
    if acts_alone && random.chance(70) {
        aim = aim.without_most();
    }
    let benefit = benefit::draw(random, scene, aim, kind);
    let needs_note = matches!(benefit, BenefitDraft::NoDiscount {});
    let scope = scope::draw(random, scene, aim);
    let conditions = condition::draw_all(random, scene, aim, &scope);
    let every_payment = random.chance(20);
    let mut terms = Draft {
        name: format!("promotion {number}"),
        description: random.chance(20).then(|| "for nobody's eyes".into()),
        kind,
        needs_code: *needs_code,
        lane: lane(random, scene, kind),
        priority: *random.pick(&[0, 0, 1, 2, 1_000_000]),
        label: random.pick(&["Welcome", "20 % off", "Früh buchen", "夏のセール"]).to_string(),
        note: (needs_note || random.chance(15)).then(|| "Show this at the desk.".into()),
        disclosure: if random.chance(78) { Disclosure::Open } else { Disclosure::Private },
        units: units(random, &benefit),
        benefit,
        first_occurrences: random.chance(20).then(|| random.between(1, 3)),
        first_payments: (!every_payment && random.chance(30)).then(|| random.between(1, 12)),
        every_payment,
        scope,
        conditions,
        limits: limits::draw(random, scene, aim, acts_alone),
    };
    // Sets that take what gets cheaper from lines of their own do not go with what is counted in occurrences.
    if counts_occurrences(&terms)
        && let BenefitDraft::BuyGet { from, .. } = &mut terms.benefit
    {
        *from = None;
    }
    let count = if acts_alone { 0 } else { random.weighted(&[(1, 0_u64), (70, 1), (20, 2), (9, 3)]) };
    let codes = (0..count).map(|_| codes::owned(random, taken)).collect();
    let request = PromotionRequest { id: format!("prm_{number}"), codes, active: !aim.has(Obstacle::Inactive), terms };
    Aimed { request, aim }
}

/// Whether first dates or limits on occurrences are part of the terms.
fn counts_occurrences(terms: &Draft) -> bool {
    let LimitsDraft { total, per_customer, per_code, per_day, per_week, per_month, budget: _ } = &terms.limits;
    let limits = [total, per_customer, per_code, per_day, per_week, per_month];
    let first = |condition: &ConditionDraft| matches!(condition, ConditionDraft::FirstAppointment {});
    terms.first_occurrences.is_some()
        || terms.conditions.iter().any(first)
        || limits.into_iter().flatten().any(|limit| limit.count == Unit::Occurrences)
}

fn kind(random: &mut Random, aim: Aim) -> Kind {
    if aim.has(Obstacle::GiftNotChosen) {
        Kind::Gift
    } else if aim.has(Obstacle::OwnReferral) {
        Kind::Referral
    } else {
        random.weighted(&[(52, Kind::Coupon), (15, Kind::Automatic), (17, Kind::Gift), (16, Kind::Referral)])
    }
}

/// A lane other than that of its kind, now and then: one of the owner's own, where there are any, gifts more often, so that there are
/// several in a cart.
fn lane(random: &mut Random, scene: &Scene, kind: Kind) -> Option<String> {
    let percent = if kind == Kind::Gift { 60 } else { 40 };
    let own = random.pick_any(&scene.site.lanes).filter(|_| random.chance(percent)).map(|lane| lane.id.clone());
    own.or_else(|| random.chance(8).then(|| (*random.pick(&["price", "gift", "referral"])).into()))
}

/// Only so many units, where the benefit can be given on single ones.
fn units(random: &mut Random, benefit: &BenefitDraft) -> Option<UnitsDraft> {
    let is_of_units = matches!(
        benefit,
        BenefitDraft::Percent { .. } | BenefitDraft::FixedPrice { .. } | BenefitDraft::Fixed { per: Per::Unit, .. }
    );
    (is_of_units && random.chance(25)).then(|| UnitsDraft {
        max: random.between(1, 6),
        pick: random.weighted(&[(1, Pick::Dearest), (1, Pick::Cheapest)]),
    })
}
