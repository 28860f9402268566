#![doc = include_str!("../README.md")]

mod cart;
mod codes;
pub mod coverage;
mod customer;
mod facts;
mod promotion;
mod random;
mod scene;
mod site;

use tearoff_core::standalone::EvaluationRequest;

pub use coverage::Coverage;
pub use random::Random;

use scene::Scene;

/// Case number `index` of a seed. Every case is a valid request, and depends on nothing but the two numbers.
#[must_use]
pub fn case(seed: u64, index: u64) -> EvaluationRequest {
    let mut random = Random::of(seed, index);
    let scene = Scene::draw(&mut random);
    let promotions = promotion::draw_all(&mut random, &scene);
    let facts = facts::draw(&mut random, &scene, &promotions);
    let promotions = promotions.into_iter().map(|aimed| aimed.request).collect();
    EvaluationRequest { site: scene.site, promotions, cart: scene.cart, facts, then: Vec::new() }
}
