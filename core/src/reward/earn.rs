//! What an order earns: its customer by loyalty (R53), whoever referred them by referral (R52).

use serde::{Deserialize, Serialize};

use super::Refusal;
use super::rules::{Earning, Rules};
use crate::cart::{Cart, LineKind};
use crate::customer::Identity;
use crate::id::IdentityKey;
use crate::money::Amount;
use crate::money::rounding::Half;
use crate::quote::Quote;

/// Which payment of a subscription an order is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    /// The first, or nothing that comes again.
    #[default]
    First,
    /// A later one, for which subscriptions earn nothing.
    Renewal,
}

/// What an order earns its customer: a part of what its eligible lines cost after promotions and spent credit, rounded once.
///
/// `quote` is what is left to pay: [reduced](Quote::reduced) by the credit that was spent.
///
/// # Errors
/// [`Refusal`] where the site has no loyalty, or it is not stated for the currency.
pub fn by_loyalty(rules: &Rules, quote: &Quote, cart: &Cart, cycle: Cycle, half: Half) -> Result<Amount, Refusal> {
    earned(rules.loyalty.as_ref(), quote, cart, cycle, half)
}

/// What a friend's order earns whoever referred them.
///
/// `referrer` and `friend` are all the identities known of the two: one in common is enough to be the same person.
///
/// # Errors
/// [`Refusal::OwnCode`] when the friend is the referrer, [`Refusal::SignInNeeded`] when nobody said who the friend is; otherwise as
/// [`by_loyalty`].
pub fn by_referral(
    rules: &Rules,
    quote: &Quote,
    cart: &Cart,
    referrer: &[IdentityKey],
    friend: &[IdentityKey],
    half: Half,
) -> Result<Amount, Refusal> {
    // Without an identity nothing tells a friend from the referrer.
    if friend.is_empty() {
        return Err(Refusal::SignInNeeded);
    }
    if friend.iter().any(|identity| referrer.contains(identity)) {
        return Err(Refusal::OwnCode);
    }
    earned(rules.referral.as_ref(), quote, cart, Cycle::First, half)
}

/// Credit is for customers whose identity is asserted (R69).
///
/// # Errors
/// [`Refusal::SignInNeeded`] for anybody else.
pub const fn check_identity(customer: Option<Identity>) -> Result<(), Refusal> {
    match customer {
        Some(Identity::Asserted) => Ok(()),
        Some(Identity::Claimed) | None => Err(Refusal::SignInNeeded),
    }
}

fn earned(earning: Option<&Earning>, quote: &Quote, cart: &Cart, cycle: Cycle, half: Half) -> Result<Amount, Refusal> {
    let earning = earning.ok_or(Refusal::NotOffered)?;
    let comes_again = |kind| cycle == Cycle::Renewal && kind == LineKind::Subscription;
    let lines = cart.lines().iter().zip(&quote.lines);
    let eligible = lines.filter(|(line, _)| earning.earn_on.contains(line) && !comes_again(line.kind));
    let whole = Amount::sum(eligible.map(|(_, quoted)| quoted.total));
    earning.reward.of(whole, quote.currency, half).ok_or(Refusal::CurrencyNotOffered { currency: quote.currency })
}
