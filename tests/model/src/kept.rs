//! Which of the places that fit are kept: the first of a series, the first appointment, what limits have left (R31, R38, R44).

use serde_json::Value;

use crate::appointment::Fit;
use crate::limits::Limit;
use crate::question::{Place, Question};
use crate::read::{integer, text};
use crate::reason::Reason;

/// The places that are kept, in the cart's order, of those that fit.
pub(crate) fn kept(question: &Question<'_>, promotion: &Value, fits: &[Vec<Fit>], limits: &[Limit]) -> Vec<Place> {
    let mut kept = before_limits(question, promotion, fits);
    if refuses(question) {
        kept.sort_unstable();
        return kept;
    }
    // Where nothing is left at all, that is told, and nothing is cut.
    let left = limits.iter().filter(|limit| limit.counts_occurrences && limit.left > 0);
    if let Some(least) = left.map(|limit| limit.left).min() {
        kept = earliest(question, kept, usize::try_from(least).expect("a count"));
    }
    kept.sort_unstable();
    kept
}

/// The limits that have too little left, on a site that would rather refuse than cut (R44).
pub(crate) fn overflowing(
    question: &Question<'_>,
    promotion: &Value,
    fits: &[Vec<Fit>],
    limits: &[Limit],
) -> Vec<Reason> {
    if !refuses(question) {
        return Vec::new();
    }
    let eligible = before_limits(question, promotion, fits).len() as i64;
    let too_few = |limit: &&Limit| limit.counts_occurrences && limit.left > 0 && limit.left < eligible;
    limits.iter().filter(too_few).map(|limit| limit.reached.clone()).collect()
}

/// Whether nothing is cut: where limits have too little left, nothing is discounted.
fn refuses(question: &Question<'_>) -> bool {
    text(question.site, "overflow") == Some("refuse")
}

fn before_limits(question: &Question<'_>, promotion: &Value, fits: &[Vec<Fit>]) -> Vec<Place> {
    let first = integer(&promotion["terms"], "first_occurrences");
    let mut kept = Vec::new();
    for (line, of_line) in fits.iter().enumerate() {
        // The cart lists the occurrences of a line by start.
        let fitting = (0..of_line.len()).filter(|occurrence| of_line[*occurrence] == Fit::Yes);
        let most = first.map_or(usize::MAX, |first| usize::try_from(first).expect("a count"));
        kept.extend(fitting.take(most).map(|occurrence| (line, occurrence)));
    }
    match question.condition(promotion, "first_appointment") {
        Some(_) => earliest(question, kept, 1),
        None => kept,
    }
}

/// The earliest places by start, then line id; undated ones first.
fn earliest(question: &Question<'_>, mut places: Vec<Place>, count: usize) -> Vec<Place> {
    places.sort_by_key(|(line, slot)| (question.lines[*line].occurrences[*slot].start, question.lines[*line].id));
    places.truncate(count);
    places
}
