//! Putting indices in order.

use core::cmp::Ordering;

/// Sorts indices by what they stand for; equal ones keep their places.
///
/// All of evaluation sorts through this one function: a sort of its own for each place would be a tenth of the rules' weight in a
/// page.
pub(crate) fn sort(indices: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    indices.sort_by(|one, two| compare(*one, *two));
}
