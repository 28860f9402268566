//! What an invoice says: its lines with their own discounts, then the one discount of the whole.

use alloc::vec::Vec;
use serde::Serialize;

use super::stored::StoredTerms;
use super::{Discount, SpentCredit};
use crate::canonical::{canonical_enum, canonical_struct};
use crate::cart::{Cart, Line, Slot};
use crate::id::LineId;
use crate::money::allocate::{Leftover, by_value, even_runs, in_turn};
use crate::money::portion::Portion;
use crate::money::{Amount, Currency};
use crate::policy::Rounding;
use crate::quote::{Decision, Quote, QuotedLine, reduce};

/// All amounts of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Priced {
    /// Of every amount.
    pub currency: Currency,
    /// The lines, in their order.
    pub lines: Vec<PricedLine>,
    /// What the lines cost after their own discounts.
    #[serde(rename = "subtotal_minor")]
    pub subtotal: Amount,
    /// The row of the discount of the whole, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<Row>,
    /// The reward credit that was spent, taken off after the discount: a reward and no payment (R54).
    #[serde(rename = "reward_minor")]
    pub reward: Amount,
    /// What is to be paid.
    #[serde(rename = "total_minor")]
    pub total: Amount,
}
canonical_struct!(Priced { currency, lines, subtotal, discount, reward, total });

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PricedLine {
    /// The line.
    pub id: LineId,
    /// Before any discount.
    #[serde(rename = "subtotal_minor")]
    pub subtotal: Amount,
    /// Its own discount, shown under it; `None` when it has none.
    #[serde(rename = "line_discount_minor", skip_serializing_if = "Option::is_none")]
    pub line_discount: Option<Amount>,
    /// Its share of the discount of the whole.
    #[serde(rename = "share_minor")]
    pub share: Amount,
    /// Its share of the reward credit that was spent.
    #[serde(rename = "reward_minor")]
    pub reward: Amount,
    /// What it costs after all of them: tax is computed on this (R6).
    #[serde(rename = "total_minor")]
    pub total: Amount,
}
canonical_struct!(PricedLine { id, subtotal, line_discount, share, reward, total });

/// The row of the discount of a whole invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Row {
    /// By code.
    Code {
        /// What it takes off; nothing where it does not fit what the invoice became.
        #[serde(rename = "discount_minor")]
        discount: Amount,
        /// What became of each code, and why.
        decisions: Vec<Decision>,
    },
    /// By hand.
    Custom {
        /// What it takes off.
        #[serde(rename = "discount_minor")]
        discount: Amount,
    },
}
canonical_enum!(Row { 0 => Code { discount, decisions }, 1 => Custom { discount } });

impl Priced {
    /// A cart as it is, with no discount at all.
    pub(super) fn plain(cart: &Cart, terms: &StoredTerms) -> Self {
        let quote = terms.price_without_codes(cart);
        Self::of(cart, &quote, &quote, |_| None, None)
    }

    /// Whether a code takes its place on the invoice, if only to give something outside it (R14).
    #[must_use]
    pub fn code_acts(&self) -> bool {
        matches!(&self.discount, Some(Row::Code { decisions, .. }) if decisions.iter().any(Decision::is_applied))
    }

    /// `quote` prices the lines as their own discounts left them, `charged` less the spent credit.
    fn of(
        cart: &Cart,
        quote: &Quote,
        charged: &Quote,
        off: impl Fn(&LineId) -> Option<Amount>,
        discount: Option<Row>,
    ) -> Self {
        // By id: what a quote adds to the cart has no line there.
        let listed = |id: &LineId| cart.lines().iter().find(|line| line.id == *id).map(Line::subtotal);
        let line = |(quoted, charged): (&QuotedLine, &QuotedLine)| PricedLine {
            id: quoted.id.clone(),
            subtotal: listed(&quoted.id).unwrap_or(quoted.subtotal),
            line_discount: off(&quoted.id),
            share: quoted.discount,
            reward: quoted.total.minus_or_zero(charged.total),
            total: charged.total,
        };
        Self {
            currency: quote.currency,
            lines: quote.lines.iter().zip(&charged.lines).map(line).collect(),
            subtotal: quote.subtotal,
            discount,
            reward: quote.total.minus_or_zero(charged.total),
            total: charged.total,
        }
    }
}

/// The lines as their own discounts leave them, and those discounts; `None` when one is not stated for their currency.
pub(super) fn net<'a>(
    cart: &Cart,
    portion: impl Fn(&LineId) -> Option<&'a Portion>,
    rounding: Rounding,
) -> Option<(Cart, Vec<(LineId, Amount)>)> {
    let mut own = Vec::new();
    for line in cart.lines() {
        if let Some(portion) = portion(&line.id) {
            own.push((line.id.clone(), portion.of(line.subtotal(), cart.currency(), rounding.half)?));
        }
    }
    if own.iter().all(|(_, amount)| amount.is_zero()) {
        return Some((cart.clone(), own));
    }
    let net = cart.map_lines(&|line| Some(after(line, find(&own, &line.id).unwrap_or_default(), rounding.leftover)))?;
    Some((net, own))
}

fn find(own: &[(LineId, Amount)], id: &LineId) -> Option<Amount> {
    own.iter().find(|(line, _)| line == id).map(|(_, amount)| *amount)
}

/// Prices an invoice; `None` when a discount given by hand is not stated for its currency.
pub(super) fn price<'a>(
    cart: &Cart,
    portion: impl Fn(&LineId) -> Option<&'a Portion>,
    discount: Option<&Discount>,
    reward: &SpentCredit,
    order: &StoredTerms,
) -> Option<Priced> {
    let rounding = order.rounding();
    let (net, own) = net(cart, portion, rounding)?;
    let (quote, row) = match discount {
        None => (order.price_without_codes(&net), None),
        Some(Discount::Code { terms }) => {
            let quote = terms.price(&net);
            let row = Row::Code { discount: quote.discount, decisions: quote.decisions.clone() };
            (quote, Some(row))
        }
        Some(Discount::Custom { portion }) => {
            let quote = order.price_without_codes(&net);
            let named = |id: &LineId| net.lines().iter().any(|line| line.id == *id && !line.kind.must_be_named());
            let whole = Amount::sum(quote.lines.iter().filter(|line| named(&line.id)).map(|line| line.total));
            let amount = portion.of(whole, quote.currency, rounding.half)?;
            let shares = reduce::share(amount, &quote.lines, named, rounding.leftover);
            (quote.reduced(&shares), Some(Row::Custom { discount: amount }))
        }
    };
    let takes = |id: &LineId| net.lines().iter().any(|line| line.id == *id && reward.on.contains(line));
    let charged = quote.reduced(&reduce::share(reward.amount, &quote.lines, takes, rounding.leftover));
    Some(Priced::of(cart, &quote, &charged, |id| find(&own, id), row))
}

/// A line as its own discount, if it has one, leaves it. That is its price for all that follows: a code's minimum counts what the
/// line costs now.
fn after(line: &Line, discount: Amount, leftover: Leftover) -> Line {
    if discount.is_zero() {
        return line.clone();
    }
    let weights: Vec<Amount> = line.slots.iter().map(|slot| slot.subtotal).collect();
    let shares = by_value(discount, &weights, &in_turn, leftover);
    let slot = |(slot, share): (&Slot, Amount)| {
        let subtotal = slot.subtotal.minus_or_zero(share);
        // Where units do not come out even, what most of them cost.
        let [_, (_, unit_price)] = even_runs(subtotal, line.quantity);
        Slot { unit_price, subtotal, ..*slot }
    };
    Line { slots: line.slots.iter().zip(shares).map(slot).collect(), discounted: true, ..line.clone() }
}
