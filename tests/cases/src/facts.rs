//! What is typed and chosen, and what has been used.

use chrono::{Datelike, Timelike};
use tearoff_core::promotion::Kind;
use tearoff_core::promotion::draft::{BenefitDraft, LimitDraft};
use tearoff_core::standalone::{FactsRequest, GiftRequest, UsageRequest};

use crate::Random;
use crate::codes;
use crate::promotion::{Aimed, Obstacle};
use crate::scene::Scene;

pub(crate) fn draw(random: &mut Random, scene: &Scene, promotions: &[Aimed]) -> FactsRequest {
    let mut customer = scene.customer.clone();
    if let Some(customer) = &mut customer {
        customer.own_codes = own_codes(random, promotions);
    }
    let mut most = 1_000_000_000_000 - scene.subtotal();
    FactsRequest {
        now_at: now_text(scene),
        codes: typed(random, scene, promotions),
        customer,
        channel: scene.channel,
        gifts: promotions.iter().filter_map(|promotion| gift(random, promotion, &mut most)).collect(),
        usage: promotions.iter().filter_map(|promotion| usage(random, scene, promotion)).collect(),
    }
}

fn now_text(scene: &Scene) -> String {
    let (date, time) = (scene.now.date_naive(), scene.now.time());
    let milliseconds = scene.now.timestamp_subsec_millis();
    let decimals = if milliseconds == 0 { String::new() } else { format!(".{milliseconds:03}") };
    let date = format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
    format!("{date}T{:02}:{:02}:{:02}{decimals}Z", time.hour(), time.minute(), time.second())
}

/// The customer's own referral codes: such as nobody uses here, and those that shall be refused for it.
fn own_codes(random: &mut Random, promotions: &[Aimed]) -> Vec<String> {
    let mut own = Vec::new();
    own.extend(random.chance(10).then(|| "MY OWN".into()));
    for promotion in promotions {
        let is_referral = promotion.request.terms.kind == Kind::Referral;
        // Owning the code of another kind of promotion means nothing.
        if promotion.aim.has(Obstacle::OwnReferral) || (!is_referral && random.chance(3)) {
            own.extend(random.pick_any(&promotion.request.codes).map(|code| codes::typed(random, code)));
        }
    }
    own
}

/// Codes of different promotions first, as somebody types them who has several; where several are allowed mostly several.
fn typed(random: &mut Random, scene: &Scene, promotions: &[Aimed]) -> Vec<String> {
    let mut owned: Vec<&String> = promotions.iter().filter_map(|one| random.pick_any(&one.request.codes)).collect();
    random.shuffle(&mut owned);
    owned.extend(promotions.iter().flat_map(|promotion| &promotion.request.codes));
    let mut typed = Vec::new();
    let counts = if scene.site.codes_max > 1 { [1, 20, 50, 20] } else { [1, 60, 29, 10] };
    let counts = [(counts[0], 0), (counts[1], 1), (counts[2], 2), (counts[3], 3_u64)];
    for place in 0..random.weighted(&counts) {
        let next = owned.iter().zip(0..).find(|(_, other)| *other == place).map(|(code, _)| *code);
        match next {
            Some(code) if random.chance(96) => typed.push(codes::typed(random, code)),
            // Whoever has no code left seldom makes one up.
            None if place > 0 && random.chance(75) => {}
            _ => typed.push(codes::unknown(random)),
        }
    }
    // The same again, as somebody types it who did not see the first.
    if random.chance(6) {
        let again = random.pick_any(&typed).map(|code| format!(" {}", code.to_ascii_lowercase()));
        typed.extend(again);
    }
    typed
}

/// A gift chosen from the promotion's list, rarely one that is not on it, so dear that the cart still has a sum.
fn gift(random: &mut Random, promotion: &Aimed, most: &mut i64) -> Option<GiftRequest> {
    let BenefitDraft::Gift { items } = &promotion.request.terms.benefit else { return None };
    let is_missing = promotion.aim.has(Obstacle::GiftNotChosen);
    if is_missing && random.chance(60) {
        return None;
    }
    let item = if is_missing { "no-gift".into() } else { random.pick_any(items)?.clone() };
    let price = if random.chance(4) { 0 } else { random.between(1, 60) * 50 };
    let unit_price_minor = price.min(*most);
    *most -= unit_price_minor;
    Some(GiftRequest { promotion: promotion.request.id.clone(), item, unit_price_minor })
}

/// Counts near the limits: full where this is the obstacle, else with one left at the least.
fn usage(random: &mut Random, scene: &Scene, promotion: &Aimed) -> Option<UsageRequest> {
    let mut count = |limit: Option<LimitDraft>, obstacle: Obstacle| {
        let limit = limit.map_or(3, |limit| limit.max);
        let used = match random.below(5) {
            _ if promotion.aim.has(obstacle) => limit.saturating_add(random.weighted(&[(3, 0), (1, 1)])),
            0 => 0,
            1 => random.between(0, limit - 1),
            2 => limit - random.between(1, limit.min(4)),
            _ => limit - 1,
        };
        u32::try_from(used).unwrap_or(u32::MAX)
    };
    let limits = &promotion.request.terms.limits;
    let usage = UsageRequest {
        promotion: promotion.request.id.clone(),
        total: count(limits.total, Obstacle::UsedUp),
        customer: count(limits.per_customer, Obstacle::UsedUpByCustomer),
        code: count(limits.per_code, Obstacle::CodeUsedUp),
        day: count(limits.per_day, Obstacle::PeriodUsedUp),
        week: count(limits.per_week, Obstacle::PeriodUsedUp),
        month: count(limits.per_month, Obstacle::PeriodUsedUp),
        spent_minor: spent(random, scene, promotion),
    };
    (usage != UsageRequest { promotion: usage.promotion.clone(), ..UsageRequest::default() }).then_some(usage)
}

/// What has been spent of a budget: all but little where this is the obstacle, else so much that the cart still has room.
fn spent(random: &mut Random, scene: &Scene, promotion: &Aimed) -> i64 {
    let budget = promotion.request.terms.limits.budget.iter().find(|money| money.currency == scene.currency);
    let Some(budget) = budget.map(|money| money.amount_minor) else { return 0 };
    if promotion.aim.has(Obstacle::BudgetSpent) {
        return budget - random.between(0, (scene.subtotal() / 20).min(budget));
    }
    match random.below(3) {
        0 => 0,
        1 => (budget - scene.subtotal()).max(0),
        _ => random.between(0, budget),
    }
}
