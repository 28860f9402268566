//! Taking more off a quote whose promotions have acted: reward credit (R54), a discount given by hand (R62).

use alloc::vec::Vec;

use super::{Allocation, OccurrenceAllocation, Quote, QuotedLine};
use crate::id::LineId;
use crate::money::Amount;
use crate::money::allocate::{Leftover, by_value, in_turn};

/// Shares an amount out over what is left of the lines that take it, then over their occurrences, like any discount (R3).
///
/// By value whatever the site's [`Split`](crate::policy::Split), which is about promotions.
/// The shares sum to the amount, or to what those lines cost where that is less.
#[must_use]
pub fn share(
    amount: Amount,
    lines: &[QuotedLine],
    takes: impl Fn(&LineId) -> bool,
    leftover: Leftover,
) -> Vec<Allocation> {
    let bears = |line: &QuotedLine| if takes(&line.id) { line.total } else { Amount::ZERO };
    let weights: Vec<Amount> = lines.iter().map(bears).collect();
    let id = |index: usize| lines.get(index).map(|line| &line.id);
    let shares = by_value(amount, &weights, &|one, two| id(one).cmp(&id(two)), leftover);
    let taken = lines.iter().zip(shares).filter(|(_, share)| !share.is_zero());
    taken.map(|(line, share)| of_line(line, share, leftover)).collect()
}

fn of_line(line: &QuotedLine, discount: Amount, leftover: Leftover) -> Allocation {
    let weights: Vec<Amount> = line.occurrences.iter().map(|occurrence| occurrence.total).collect();
    let shares = by_value(discount, &weights, &in_turn, leftover);
    let parts = line.occurrences.iter().zip(shares).filter(|(_, share)| !share.is_zero());
    let occurrences =
        parts.map(|(occurrence, discount)| OccurrenceAllocation { start: occurrence.start, discount }).collect();
    Allocation { line: line.id.clone(), discount, occurrences }
}

impl Quote {
    /// The same quote with more taken off, never more than a line costs; its decisions stay what they were.
    #[must_use]
    pub fn reduced(&self, allocations: &[Allocation]) -> Self {
        let mut quote = self.clone();
        for allocation in allocations {
            let Some(line) = quote.lines.iter_mut().find(|line| line.id == allocation.line) else { continue };
            take(&mut line.discount, &mut line.total, allocation.discount);
            for part in &allocation.occurrences {
                let occurrence = line.occurrences.iter_mut().find(|occurrence| occurrence.start == part.start);
                if let Some(occurrence) = occurrence {
                    take(&mut occurrence.discount, &mut occurrence.total, part.discount);
                }
            }
        }
        quote.discount = Amount::sum(quote.lines.iter().map(|line| line.discount));
        quote.total = Amount::sum(quote.lines.iter().map(|line| line.total));
        quote
    }
}

fn take(discount: &mut Amount, total: &mut Amount, share: Amount) {
    let share = share.min(*total);
    *discount = Amount::sum([*discount, share]);
    *total = total.minus_or_zero(share);
}
