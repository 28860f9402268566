//! A long random walk through the life of redemptions, against a model so simple that it is plainly right.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::{lookup, reservation_of, terms};

const TOTAL: usize = 6;
const PER_CUSTOMER: usize = 2;
const CUSTOMERS: u64 = 4;
const HOLD: TimeDelta = TimeDelta::minutes(15);

/// What the model knows of a redemption.
struct Known {
    id: String,
    customer: u64,
    state: &'static str,
    expires_at: DateTime<Utc>,
}

/// The whole model: a list, counted anew at every question.
#[derive(Default)]
struct Model(Vec<Known>);

impl Model {
    fn expire(&mut self, now: DateTime<Utc>) {
        for known in self.0.iter_mut().filter(|known| known.state == "reserved" && known.expires_at <= now) {
            known.state = "expired";
        }
    }

    fn held(&self, customer: Option<u64>) -> usize {
        let counts = |known: &&Known| matches!(known.state, "reserved" | "placed" | "confirmed");
        self.0.iter().filter(counts).filter(|known| customer.is_none_or(|customer| known.customer == customer)).count()
    }

    /// Why a customer cannot use it once more, if they cannot.
    fn refusal(&self, customer: u64) -> Option<&'static str> {
        if self.held(None) >= TOTAL {
            Some("usage_limit_reached")
        } else if self.held(Some(customer)) >= PER_CUSTOMER {
            Some("customer_limit_reached")
        } else {
            None
        }
    }

    /// What must come of a step: the state afterwards, or the code of the refusal.
    fn step(&self, index: usize, step: &str) -> Result<&'static str, &'static str> {
        let known = &self.0[index];
        match (step, known.state) {
            ("place", "reserved") => Ok("placed"),
            ("confirm", "reserved" | "placed") => Ok("confirmed"),
            ("release", "reserved" | "placed" | "expired") => Ok("released"),
            ("place" | "confirm", "expired") if self.refusal(known.customer).is_some() => Err("hold_expired"),
            ("place", "expired") => Ok("placed"),
            ("confirm", "expired") => Ok("confirmed"),
            ("place", "placed" | "confirmed") | ("confirm", "confirmed") | ("release", "released") => Ok(known.state),
            _ => Err("wrong_state"),
        }
    }
}

/// A small generator of numbers, the same for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

fn email(customer: u64) -> Value {
    json!({ "email": format!("customer{customer}@example.com") })
}

/// Walks so far that a good part of the uses is confirmed, and no further: then only refusals are left. Tells what came up.
fn walk(seed: u64) -> BTreeSet<String> {
    let harness = Harness::open();
    let backend = harness.backend();
    let limits = json!({ "limits": { "total": TOTAL, "per_customer": PER_CUSTOMER } });
    let made = backend
        .post("/v1/promotions", &json!({ "codes": ["WALK"], "terms": terms("Walk", 1000, &limits) }))
        .expect(201);
    let (mut dice, mut model, mut seen) = (Dice(seed), Model::default(), BTreeSet::new());
    for round in 0..100 {
        let told = format!("seed {seed}, round {round}");
        model.expire(harness.now());
        seen.extend(match dice.below(12) {
            0..4 => reserve(&harness, &backend, &mut model, dice.below(CUSTOMERS), &told),
            4..9 if !model.0.is_empty() => {
                let index = usize::try_from(dice.below(model.0.len() as u64)).unwrap();
                let step = ["place", "confirm", "release", "release"][usize::try_from(dice.below(4)).unwrap()];
                take(&backend, &mut model, index, step, &told)
            }
            9 => look(&backend, &model, dice.below(CUSTOMERS), &told),
            _ => {
                harness.clock().advance(TimeDelta::seconds(i64::try_from(dice.below(900)).unwrap()));
                None
            }
        });
    }
    model.expire(harness.now());
    let listed = harness.redemptions();
    assert_eq!(listed.len(), model.0.len(), "seed {seed}");
    for known in &model.0 {
        let found = listed.iter().find(|found| found["id"] == known.id.as_str()).expect("it is listed");
        assert_eq!(found["state"], known.state, "seed {seed}: {found}");
    }
    let used = backend.get(&format!("/v1/promotions/{}", made["id"].as_str().unwrap())).expect(200)["used"].clone();
    assert_eq!(used, model.held(None), "seed {seed}");
    seen
}

fn reserve(harness: &Harness, backend: &Client, model: &mut Model, customer: u64, told: &str) -> Option<String> {
    let order = format!("order-{}", model.0.len());
    // A key of its own for each try: a refusal stays the answer under its key.
    let answer =
        backend.reserve(&told.replace([' ', ','], "-"), &reservation_of(&order, "WALK", 1620, email(customer)));
    match model.refusal(customer) {
        Some(reason) => {
            refused(&answer, reason, told);
            Some(format!("reserve: {reason}"))
        }
        None => {
            assert_eq!(answer.status, 201, "{told}: {}", answer.text());
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            model.0.push(Known { id, customer, state: "reserved", expires_at: harness.now() + HOLD });
            None
        }
    }
}

fn take(backend: &Client, model: &mut Model, index: usize, step: &str, told: &str) -> Option<String> {
    let answer = backend.request("POST", &format!("/v1/redemptions/{}/{step}", model.0[index].id)).send();
    let known = &model.0[index];
    let came_up = match model.step(index, step) {
        // Which of the limits was in the way matters, though callers are told the same.
        Err("hold_expired") => format!("{step} hold_expired: {}", model.refusal(known.customer).unwrap_or_default()),
        outcome => format!("{step} {}: {outcome:?}", known.state),
    };
    match model.step(index, step) {
        Err(code) => refused(&answer, code, told),
        Ok(state) => {
            assert_eq!(
                (answer.status, answer.json()["state"].as_str()),
                (200, Some(state)),
                "{told}: {}",
                answer.text()
            );
            model.0[index].state = state;
        }
    }
    Some(came_up)
}

fn look(backend: &Client, model: &Model, customer: u64, told: &str) -> Option<String> {
    let mut asked = lookup("WALK");
    asked["customer"] = email(customer);
    let decision = backend.post("/v1/lookups", &asked).expect(200)["quote"]["decisions"][0].clone();
    let reason = decision["reasons"][0]["code"].as_str();
    assert_eq!(reason, model.refusal(customer), "{told}: {decision}");
    reason.map(|reason| format!("look: {reason}"))
}

fn refused(answer: &Answer, code: &str, told: &str) {
    assert_eq!((answer.status, answer.any_problem()["code"].as_str()), (409, Some(code)), "{told}: {}", answer.text());
}

#[test]
fn random_walks_agree_with_the_model() {
    let seen: BTreeSet<String> = (1..=16_u64).flat_map(|seed| walk(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))).collect();
    // All that can happen has happened: every step from every state, and every limit in the way of everything.
    for state in ["reserved", "placed", "confirmed", "released", "expired"] {
        for step in ["place", "confirm", "release"] {
            let came_up = |seen: &String| seen.starts_with(&format!("{step} {state}"));
            assert!(seen.iter().any(came_up), "no `{step}` from `{state}`: {seen:#?}");
        }
    }
    for limit in ["usage_limit_reached", "customer_limit_reached"] {
        for event in ["reserve", "look", "place hold_expired", "confirm hold_expired"] {
            assert!(seen.contains(&format!("{event}: {limit}")), "no `{event}: {limit}`: {seen:#?}");
        }
    }
}
