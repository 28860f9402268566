//! Which lines promotions touch, in words that the cart's lines know.

use tearoff_core::promotion::draft::{ScopeDraft, SelectorDraft};
use tearoff_core::request::LineRequest;

use super::{Aim, Obstacle};
use crate::Random;
use crate::cart::{ITEMS, WORDS};
use crate::scene::Scene;

pub(super) fn draw(random: &mut Random, scene: &Scene, aim: Aim) -> ScopeDraft {
    if aim.has(Obstacle::OutOfScope) {
        return ScopeDraft { include: vec![item("nothing-like-it")], ..ScopeDraft::default() };
    }
    let lines = &scene.cart.lines;
    let mut include = Vec::new();
    if random.chance(50) {
        include.extend(random.pick_any(lines).map(|line| naming(random, line)));
        for _ in 0..random.below(3) {
            include.push(any(random));
        }
    }
    let mut exclude = Vec::new();
    if random.chance(15) {
        exclude.push(any(random));
    }
    let mut locations = Vec::new();
    if random.chance(9) {
        let known = random.pick_any(lines).and_then(|line| line.location.clone());
        locations.extend(known.or_else(|| random.pick_any(&scene.site.locations).map(|location| location.id.clone())));
        locations.extend(random.chance(30).then(|| "elsewhere".into()));
    }
    ScopeDraft { include, exclude, locations, phrases: phrases(random, scene), exclude_discounted: random.chance(15) }
}

/// Phrases from the names of a line, now and then with another.
fn phrases(random: &mut Random, scene: &Scene) -> Vec<String> {
    if !random.chance(12) {
        return Vec::new();
    }
    let mut phrases = Vec::new();
    if let Some(texts) = random.pick_any(&scene.cart.lines).and_then(|line| line.texts.as_ref()) {
        let names = [&texts.service, &texts.schedule, &texts.resource, &texts.slot_title, &texts.slot_location];
        let known: Vec<&String> = names.into_iter().chain([&texts.length]).flatten().collect();
        phrases.extend(random.pick_any(&known).map(|name| match random.chance(50) {
            true => name.chars().skip(1).collect::<String>().trim().to_owned(),
            false => (*name).clone(),
        }));
    }
    if random.chance(if phrases.is_empty() { 40 } else { 15 }) {
        phrases.push((*random.pick(&WORDS)).into());
    }
    phrases
}

/// The scope of the units that get cheaper where others are bought.
pub(super) fn of_cheaper(random: &mut Random, scene: &Scene) -> ScopeDraft {
    let mut include: Vec<SelectorDraft> = Vec::new();
    include.extend(random.pick_any(&scene.cart.lines).map(|line| naming(random, line)));
    include.extend(random.chance(40).then(|| any(random)));
    ScopeDraft { include, exclude_discounted: random.chance(10), ..ScopeDraft::default() }
}

/// Names a line by its kind, one of its categories or its item.
fn naming(random: &mut Random, line: &LineRequest) -> SelectorDraft {
    let category = random.pick_any(line.categories.as_deref().unwrap_or_default());
    match (random.below(3), category, &line.kind) {
        (0, Some(category), _) => SelectorDraft::Category { category: category.clone() },
        (1, _, Some(kind)) => SelectorDraft::Kind { kind: kind.clone() },
        _ => item(&line.item),
    }
}

/// Names whatever is sold.
fn any(random: &mut Random) -> SelectorDraft {
    let (name, kind, _) = *random.pick(&ITEMS);
    match random.below(3) {
        0 => SelectorDraft::Kind { kind: kind.into() },
        1 => SelectorDraft::Category {
            category: (*random.pick(&["classes", "memberships", "shop", "wellness", "new"])).into(),
        },
        _ => item(name),
    }
}

fn item(name: &str) -> SelectorDraft {
    SelectorDraft::Item { item: name.into() }
}
