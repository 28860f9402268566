//! What promotions are judged by, and what is taken off where.

use serde_json::Value;

use crate::cart::Line;
use crate::number::{Number, sum, zero};
use crate::read::{list, must};

/// The site, the cart and all that is known beside.
pub(crate) struct Question<'a> {
    pub(crate) site: &'a Value,
    pub(crate) lines: &'a [Line<'a>],
    pub(crate) currency: &'a str,
    pub(crate) facts: &'a Value,
}

/// An amount for each occurrence of each line.
pub(crate) type Amounts = Vec<Vec<Number>>;

/// One occurrence of one line, by their places in the cart.
pub(crate) type Place = (usize, usize);

impl<'a> Question<'a> {
    /// A promotion's condition of a kind, where it has one.
    pub(crate) fn condition(&self, promotion: &'a Value, kind: &str) -> Option<&'a Value> {
        list(&promotion["terms"], "conditions").iter().find(|condition| must(condition, "type") == kind)
    }

    /// What every place costs before discounts.
    pub(crate) fn list_prices(&self) -> Amounts {
        self.each_place(|line, occurrence| sum(&self.lines[line].occurrences[occurrence].units))
    }

    /// Nothing, everywhere.
    pub(crate) fn nothing(&self) -> Amounts {
        self.each_place(|_, _| zero())
    }

    /// All places, in the cart's order.
    pub(crate) fn places(&self) -> Vec<Place> {
        let lines = self.lines.iter().enumerate();
        lines.flat_map(|(line, of)| (0..of.occurrences.len()).map(move |occurrence| (line, occurrence))).collect()
    }

    fn each_place(&self, amount: impl Fn(usize, usize) -> Number) -> Amounts {
        let lines = self.lines.iter().enumerate();
        lines.map(|(line, of)| (0..of.occurrences.len()).map(|occurrence| amount(line, occurrence)).collect()).collect()
    }
}
