//! What is typed, by whom, and what has been used.

use chrono::{Datelike, Timelike};
use tearoff_core::customer::Identity;
use tearoff_core::standalone::{CustomerRequest, FactsRequest, UsageRequest};

use crate::Random;
use crate::codes;
use crate::promotion::{Aimed, Obstacle};
use crate::scene::Scene;

pub(crate) fn draw(random: &mut Random, scene: &Scene, promotions: &[Aimed]) -> FactsRequest {
    let identity = random.weighted(&[(3, Identity::Claimed), (2, Identity::Asserted)]);
    let is_used_up = promotions.iter().any(|promotion| promotion.aim.has(Obstacle::UsedUpByCustomer));
    let is_known = is_used_up || random.chance(75);
    FactsRequest {
        now_at: now_text(scene),
        codes: typed(random, promotions),
        customer: is_known.then_some(CustomerRequest { identity }),
        usage: promotions.iter().filter_map(|promotion| usage(random, promotion)).collect(),
    }
}

fn now_text(scene: &Scene) -> String {
    let (date, time) = (scene.now.date_naive(), scene.now.time());
    let milliseconds = scene.now.timestamp_subsec_millis();
    let decimals = if milliseconds == 0 { String::new() } else { format!(".{milliseconds:03}") };
    let date = format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
    format!("{date}T{:02}:{:02}:{:02}{decimals}Z", time.hour(), time.minute(), time.second())
}

fn typed(random: &mut Random, promotions: &[Aimed]) -> Vec<String> {
    let owned: Vec<&String> = promotions.iter().flat_map(|promotion| &promotion.request.codes).collect();
    let mut typed = Vec::new();
    for _ in 0..random.weighted(&[(1, 0), (62, 1), (27, 2), (10, 3)]) {
        let is_known = random.chance(94);
        typed.push(match random.pick_any(&owned) {
            Some(code) if is_known => codes::typed(random, code),
            _ => codes::unknown(random),
        });
    }
    // The same again, as somebody types it who did not see the first.
    if random.chance(6) {
        let again = random.pick_any(&typed).map(|code| format!(" {}", code.to_ascii_lowercase()));
        typed.extend(again);
    }
    typed
}

/// Counts near the limits: full where this is the obstacle, else with one left at the least.
fn usage(random: &mut Random, promotion: &Aimed) -> Option<UsageRequest> {
    let mut count = |limit: Option<i64>, obstacle: Obstacle| {
        let limit = limit.unwrap_or(3);
        let used = match random.below(4) {
            _ if promotion.aim.has(obstacle) => limit.saturating_add(random.weighted(&[(3, 0), (1, 1)])),
            0 => 0,
            1 => random.between(0, limit - 1),
            _ => limit - 1,
        };
        u32::try_from(used).unwrap_or(u32::MAX)
    };
    let limits = promotion.request.terms.limits;
    let total = count(limits.total, Obstacle::UsedUp);
    let customer = count(limits.per_customer, Obstacle::UsedUpByCustomer);
    (total > 0 || customer > 0).then(|| UsageRequest { promotion: promotion.request.id.clone(), total, customer })
}
