//! How long one evaluation takes, natively: five checks, 20 % off, allocation; input parsed, looped inside.
//!
//! Prints one line a size, `lines median_ns min_ns max_ns`, for `cargo xtask bench` to read.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use tearoff_core::evaluate;
use tearoff_core::standalone::Question;

const ROUNDS: usize = 9;

fn main() {
    for lines in [5, 50, 500] {
        let question = question(lines);
        let evaluations = 200_000 / lines;
        let mut rounds: Vec<u128> = (0..ROUNDS)
            .map(|_| {
                let begin = Instant::now();
                for _ in 0..evaluations {
                    black_box(evaluate(black_box(&question.evaluation())));
                }
                begin.elapsed().as_nanos() / evaluations as u128
            })
            .collect();
        rounds.sort_unstable();
        println!("{lines} {} {} {}", rounds[ROUNDS / 2], rounds[0], rounds[ROUNDS - 1]);
    }
}

fn question(lines: usize) -> Question {
    let mut cart = String::new();
    for line in 0..lines {
        let (comma, price, quantity) = (if line == 0 { "" } else { "," }, 1999 + 100 * line, 1 + line % 3);
        let _ = write!(
            cart,
            r#"{comma}{{"id":"i{line}","item":"p{}","kind":"group_class","quantity":{quantity},"unit_price_minor":{price},"occurrences":[{{"start":"2026-12-01T18:00"}}]}}"#,
            line % 4
        );
    }
    let request = format!(
        r#"{{"site":{{"currency":"EUR","zone":"Europe/Athens"}},
        "promotions":[{{"id":"prm_1","codes":["SAVE20"],"terms":{{"name":"n","kind":"coupon","label":"l",
            "benefit":{{"type":"percent","percent_bp":2000}},
            "conditions":[{{"type":"redeemable","from":"2026-01-01","until":"2026-12-31"}},{{"type":"weekdays","days":["mon","tue"]}},
                {{"type":"minimum_subtotal","amounts":[{{"currency":"EUR","amount_minor":5000}}]}}],
            "limits":{{"total":1000}}}}}}],
        "cart":{{"lines":[{cart}]}},"facts":{{"now_at":"2026-11-20T10:00:00Z","codes":["save20"]}}}}"#
    );
    Question::parse(&serde_json::from_str(&request).expect("the request is JSON")).expect("the request is valid")
}
