//! Minimums and maximums, to the minor unit.

use tearoff_core::promotion::condition::{Basis, Counts};
use tearoff_core::promotion::draft::{ConditionDraft, ScopeDraft};

use crate::Random;
use crate::promotion::benefit::amounts;
use crate::promotion::{Aim, Obstacle};
use crate::scene::{Scene, line_subtotal};

fn counts(random: &mut Random) -> Counts {
    random.weighted(&[(2, Counts::BeforeDiscounts), (1, Counts::AfterDiscounts)])
}

fn basis(random: &mut Random) -> Basis {
    if random.chance(60) { Basis::AllLines } else { Basis::EligibleLines }
}

pub(super) fn minimum(random: &mut Random, scene: &Scene, aim: Aim, scope: &ScopeDraft) -> ConditionDraft {
    let subtotal = scene.subtotal();
    let basis = basis(random);
    let amount = if aim.has(Obstacle::TooLittle) {
        subtotal.saturating_add(random.weighted(&[(1, 1), (2, 500)]))
    } else {
        // With a narrow scope some line may be all that is eligible.
        let is_narrow = basis == Basis::EligibleLines && !scope.include.is_empty();
        let line = random.pick_any(&scene.cart.lines).map_or(0, line_subtotal);
        match random.below(8) {
            0 => 0,
            1 | 2 if is_narrow => line,
            1 | 2 => subtotal,
            3 => line,
            _ if is_narrow => random.between(0, line / 2),
            _ => random.between(0, subtotal),
        }
    };
    ConditionDraft::MinimumSubtotal {
        amounts: amounts(random, scene, aim, within_bound(amount)),
        basis,
        counts: counts(random),
    }
}

pub(super) fn maximum(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let subtotal = scene.subtotal();
    let amount = if aim.has(Obstacle::TooMuch) {
        subtotal - random.between(1, 1 + subtotal / 2)
    } else {
        match random.below(8) {
            0 => 0,
            1 | 2 => subtotal,
            3 => subtotal / 2,
            _ => subtotal.saturating_add(random.between(1, 10_000)),
        }
    };
    ConditionDraft::MaximumSubtotal {
        amounts: amounts(random, scene, aim, within_bound(amount)),
        basis: basis(random),
        counts: counts(random),
    }
}

pub(super) fn lines(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let there = i64::try_from(scene.cart.lines.len()).unwrap_or(i64::MAX);
    let lines =
        if aim.has(Obstacle::TooManyLines) { there - random.between(1, 2) } else { there + random.between(0, 2) };
    ConditionDraft::MaximumLines { lines: lines.clamp(1, 500) }
}

/// An amount that can be stated; at least 1 where the cart costs nothing, since 0 would mean no limit.
fn within_bound(amount: i64) -> i64 {
    amount.clamp(0, 1_000_000_000_000)
}
