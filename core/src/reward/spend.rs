//! How much credit an order bears, and where it falls (R54).

use alloc::vec::Vec;

use serde::Serialize;

use super::Refusal;
use super::earn::check_identity;
use super::rules::Rules;
use crate::canonical::canonical_struct;
use crate::cart::Cart;
use crate::customer::Identity;
use crate::id::LineId;
use crate::money::{Amount, Money};
use crate::policy::Rounding;
use crate::quote::{Allocation, Quote, reduce};

/// Credit that an order takes, shared out over its lines like any discount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spending {
    /// How much.
    #[serde(rename = "amount_minor")]
    pub amount: Amount,
    /// Where it falls. They sum to the amount.
    pub allocations: Vec<Allocation>,
}
canonical_struct!(Spending { amount, allocations });

/// The most credit an order bears, whatever the customer has: what its eligible lines cost after promotions, up to the maximum.
///
/// # Errors
/// [`Refusal`] when it bears none at all.
pub fn most(rules: &Rules, quote: &Quote, cart: &Cart, rounding: Rounding) -> Result<Amount, Refusal> {
    let money = |amount| Money { currency: quote.currency, amount };
    let missing = Refusal::CurrencyNotOffered { currency: quote.currency };
    if let Some(minimum) = &rules.minimum_order {
        let required = minimum.find(quote.currency).ok_or_else(|| missing.clone())?;
        if quote.subtotal < required {
            return Err(Refusal::MinimumOrderNotMet { required: money(required), actual: money(quote.subtotal) });
        }
    }
    let takes = eligible(rules, cart);
    if takes.is_empty() {
        return Err(Refusal::NoEligibleLines);
    }
    let lines = quote.lines.iter().filter(|line| takes.contains(&&line.id));
    let whole = Amount::sum(lines.map(|line| line.total));
    match &rules.maximum {
        None => Ok(whole),
        // Of the order, not of its eligible lines: an owner who says "at most half an order" means the order.
        Some(maximum) => {
            let most = maximum.of(quote.total, quote.currency, rounding.half).ok_or(missing)?;
            Ok(most.min(whole))
        }
    }
}

/// Spends `asked` on an order, if the rules allow it. The account is debited apart, by [`Ledger::spend`](super::Ledger::spend).
///
/// # Errors
/// [`Refusal`]: the customer is not known for sure, the order is too small or bears less.
pub fn spend(
    rules: &Rules,
    quote: &Quote,
    cart: &Cart,
    asked: Amount,
    customer: Option<Identity>,
    rounding: Rounding,
) -> Result<Spending, Refusal> {
    check_identity(customer)?;
    let allowed = most(rules, quote, cart, rounding)?;
    if asked > allowed {
        let money = |amount| Money { currency: quote.currency, amount };
        return Err(Refusal::MaximumExceeded { allowed: money(allowed), actual: money(asked) });
    }
    let takes = eligible(rules, cart);
    let allocations = reduce::share(asked, &quote.lines, |line| takes.contains(&line), rounding.leftover);
    Ok(Spending { amount: asked, allocations })
}

fn eligible<'a>(rules: &Rules, cart: &'a Cart) -> Vec<&'a LineId> {
    cart.lines().iter().filter(|line| rules.spend_on.contains(line)).map(|line| &line.id).collect()
}
