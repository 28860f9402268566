//! Requests with promotions that an audit has something to say about.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta};
use serde_json::{Value, json};
use tearoff_cases::{Random, case};
use tearoff_core::promotion::Kind;
use tearoff_core::promotion::draft::{BenefitDraft, ConditionDraft, ScopeDraft};
use tearoff_core::standalone::{EvaluationRequest, PromotionRequest};

/// The request with some of its promotions bent, and with doubles of others.
pub(crate) fn bent(request: &EvaluationRequest, random: &mut Random) -> EvaluationRequest {
    let mut changed = request.clone();
    let today = changed.facts.now_at.get(..10).and_then(|date| date.parse().ok()).unwrap_or_default();
    for promotion in &mut changed.promotions {
        if random.chance(40) {
            act_alone(promotion);
        }
        for _ in 0..random.below(3) {
            bend(promotion, today, random);
        }
    }
    let doubles: Vec<PromotionRequest> =
        changed.promotions.iter().filter(|promotion| promotion.codes.is_empty()).cloned().collect();
    for (index, mut double) in doubles.into_iter().enumerate() {
        double.id = format!("double_{index}");
        double.active = true;
        ease(&mut double, random);
        changed.promotions.push(double);
    }
    if random.chance(30) {
        changed.site.has_frequency = !changed.site.has_frequency;
    }
    changed
}

/// The promotions as other visitors meet them: with another cart, by another customer, later.
pub(crate) fn met_by_others(request: &EvaluationRequest, seed: u64, random: &mut Random) -> EvaluationRequest {
    let other = case(seed, 1 + random.below(1000));
    let mut changed = request.clone();
    if random.chance(70) {
        changed.cart = other.cart;
        for line in &mut changed.cart.lines {
            let venue = random.pick_any(&changed.site.locations).filter(|_| random.chance(50));
            line.location = venue.map(|venue| venue.id.clone());
        }
        if random.chance(70) {
            changed.cart.currency.clone_from(&request.cart.currency);
        }
    }
    if random.chance(30) {
        by_night(&mut changed, random);
    }
    if random.chance(50) {
        changed.facts.customer = other.facts.customer;
    }
    if random.chance(50) {
        changed.facts.usage.clear();
    }
    if let Ok(now) = DateTime::parse_from_rfc3339(&request.facts.now_at) {
        let later = now + TimeDelta::hours(random.weighted(&[(2, 0), (1, 5), (1, 24 * 5), (1, 24 * 40)]));
        changed.facts.now_at = later.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    }
    let codes: Vec<&String> = changed.promotions.iter().flat_map(|promotion| &promotion.codes).collect();
    changed.facts.codes = random.pick_any(&codes).into_iter().map(ToString::to_string).collect();
    changed
}

/// Moves every appointment to some night soon.
fn by_night(request: &mut EvaluationRequest, random: &mut Random) {
    let today: NaiveDate = request.facts.now_at.get(..10).and_then(|date| date.parse().ok()).unwrap_or_default();
    for occurrences in request.cart.lines.iter_mut().map(|line| &mut line.occurrences) {
        occurrences.truncate(1);
        for occurrence in occurrences {
            occurrence.start = format!("{}T0{}:30", today + Days::new(random.below(12)), random.below(4));
        }
    }
}

/// Makes a discount act without a code.
fn act_alone(promotion: &mut PromotionRequest) {
    if promotion.terms.kind == Kind::Coupon {
        promotion.terms.kind = Kind::Automatic;
        promotion.codes.clear();
    }
}

/// Makes a double stronger, or wider, or neither.
fn ease(double: &mut PromotionRequest, random: &mut Random) {
    let terms = &mut double.terms;
    terms.priority = random.between(0, 2);
    if random.chance(80) {
        terms.limits = tearoff_core::promotion::draft::LimitsDraft::default();
    }
    if let BenefitDraft::Percent { percent_bp, .. } = &mut terms.benefit {
        *percent_bp = (*percent_bp + random.between(-500, 500)).clamp(0, 10_000);
    }
    let mut keep = |percent: u64| random.chance(percent);
    terms.conditions.retain(|_| keep(70));
    if keep(20) {
        terms.scope = ScopeDraft::default();
    }
    if keep(20) {
        terms.units = None;
    }
    if keep(20) {
        terms.first_occurrences = None;
    }
}

/// Bends a promotion in one way.
fn bend(promotion: &mut PromotionRequest, today: NaiveDate, random: &mut Random) {
    let terms = &mut promotion.terms;
    let day = |ahead: u64| (today + Days::new(ahead)).to_string();
    let past = (today - Days::new(20)).to_string();
    let from = random.below(12);
    let until = from + random.below(5);
    match random.below(14) {
        0 => set(&mut terms.conditions, &json!({ "type": "redeemable", "until": past })),
        1 => {
            set(
                &mut terms.conditions,
                &json!({ "type": "appointment_window", "from": day(from), "until": day(until) }),
            );
            let days = [["mon"], ["wed"], ["fri"], ["sun"]];
            set(&mut terms.conditions, &json!({ "type": "weekdays", "days": random.pick(&days) }));
        }
        2 => {
            let window =
                json!({ "type": "appointment_window", "from": day(from) + "T09:00", "until": day(from) + "T13:00" });
            set(&mut terms.conditions, &window);
            let hours = [("17:00", "19:00"), ("12:00", "14:00"), ("22:00", "09:30"), ("20:00", "02:00")];
            let (from, until) = *random.pick(&hours);
            set(&mut terms.conditions, &json!({ "type": "appointment_hours", "from": from, "until": until }));
        }
        3 => {
            set(
                &mut terms.conditions,
                &json!({ "type": "appointment_window", "from": day(from), "until": day(until) }),
            );
            let lead = random.between(0, 20 * 1440);
            set(&mut terms.conditions, &json!({ "type": "lead_time", "at_least_minutes": lead }));
        }
        4 => {
            set(&mut terms.conditions, &json!({ "type": "redeemable", "until": day(from) }));
            set(&mut terms.conditions, &json!({ "type": "appointment_window", "from": day(from + 3) }));
            set(&mut terms.conditions, &json!({ "type": "lead_time", "at_most_minutes": random.between(0, 3 * 1440) }));
        }
        5 => {
            let mut amount = |kind: &str| {
                let basis = random.pick(&["all_lines", "eligible_lines"]).to_string();
                let counts = random.pick(&["before_discounts", "after_discounts"]).to_string();
                let minor = random.between(100, 6000);
                json!({ "type": kind, "basis": basis, "counts": counts,
                    "amounts": [{ "currency": "EUR", "amount_minor": minor }] })
            };
            let (minimum, maximum) = (amount("minimum_subtotal"), amount("maximum_subtotal"));
            set(&mut terms.conditions, &minimum);
            set(&mut terms.conditions, &maximum);
        }
        6 => terms.scope.exclude.clone_from(&terms.scope.include),
        7 => {
            terms.scope.include =
                read(&json!([{ "type": "kind", "kind": "product" }, { "type": "kind", "kind": "package" }]))
        }
        8 => terms.scope.locations.push("moon".into()),
        9 if promotion.codes.is_empty() => {
            let nothing = [
                json!({ "type": "percent", "percent_bp": 0 }),
                json!({ "type": "fixed", "amounts": [{ "currency": "EUR", "amount_minor": 0 }] }),
                json!({ "type": "percent", "percent_bp": 5000, "caps": [{ "currency": "EUR", "amount_minor": 0 }] }),
            ];
            if terms.kind == Kind::Automatic {
                terms.benefit = read(random.pick(&nothing));
                terms.units = None;
            }
        }
        10 => terms.limits.budget = read(&json!([{ "currency": random.pick(&["EUR", "CHF"]), "amount_minor": 0 }])),
        11 => {
            // After midnight, in hours that began on the day before.
            let night =
                json!({ "type": "appointment_window", "from": day(from) + "T00:00", "until": day(from) + "T04:00" });
            set(&mut terms.conditions, &night);
            set(&mut terms.conditions, &json!({ "type": "appointment_hours", "from": "20:00", "until": "05:00" }));
            let ahead = [from, from.saturating_sub(1)];
            let weekday = (today + Days::new(*random.pick(&ahead))).weekday().to_string().to_lowercase();
            set(&mut terms.conditions, &json!({ "type": "weekdays", "days": [weekday] }));
        }
        12 => {
            terms.scope.include.clear();
            terms.scope.exclude = read(&json!([
                { "type": "kind", "kind": "appointment" },
                { "type": "kind", "kind": "group_class" },
                { "type": "kind", "kind": "series_class" },
            ]));
        }
        _ => promotion.codes.truncate(1),
    }
}

/// Puts a condition in the place of one of its type.
fn set(conditions: &mut Vec<ConditionDraft>, json: &Value) {
    let kind = |condition: &ConditionDraft| serde_json::to_value(condition).expect("a condition")["type"].clone();
    conditions.retain(|other| kind(other) != json["type"]);
    conditions.push(read(json));
}

fn read<T: serde::de::DeserializeOwned>(json: &Value) -> T {
    serde_json::from_value(json.clone()).expect("a part of a draft")
}
