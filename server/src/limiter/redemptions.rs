//! How often a page may redeem (R55): by the hour, each address and each identity that it names.

use std::sync::atomic::Ordering;

use super::settle::Due;
use super::{Charged, Kind, Limiter, Payer, TooMany, Visitor, nanoseconds};
use crate::customer::Customer;

impl Limiter {
    /// Charges a redemption by a page to its address and to everybody it names (R55): to all of them, or to none.
    ///
    /// # Errors
    /// [`TooMany`] when a budget does not bear it.
    pub async fn charge_redemption(&self, visitor: Visitor<'_>) -> Result<(), TooMany> {
        let mut charged = Charged::default();
        let cost = self.redemptions.cost(1, 1);
        for payer in visitor.redeemers() {
            let spent = self.spend(&mut charged, (visitor.site, payer), Kind::Redemptions, self.redemptions, cost);
            if let Err(refused) = spent {
                self.give_back(&charged);
                return Err(refused);
            }
        }
        self.settle(charged).await
    }

    /// Gives back what was charged for a redemption that was not recorded.
    pub fn give_back_redemption(&self, visitor: Visitor<'_>) {
        let (kind, budget, cost) = (Kind::Redemptions, self.redemptions, self.redemptions.cost(1, 1));
        for payer in visitor.redeemers() {
            let Some((number, place)) = self.place(visitor.site, payer) else { continue };
            let (account, due) = (place.account(kind), Due::of(number, kind, budget, cost));
            account.spent.give_back(due.time());
            let Some(settler) = &self.settler else { continue };
            let time = nanoseconds(due.time());
            // What nobody was told of is not taken back from them.
            let untold = |untold: i64| (untold >= time).then(|| untold.saturating_sub(time));
            let was_untold = account.untold.try_update(Ordering::AcqRel, Ordering::Acquire, untold).is_ok();
            if !was_untold && !settler.give_back(due) {
                account.untold.fetch_sub(time, Ordering::AcqRel);
            }
        }
    }
}

impl<'a> Visitor<'a> {
    /// Everybody who redeems.
    fn redeemers(self) -> impl Iterator<Item = Payer<'a>> {
        let identities = self.customer.into_iter().flat_map(Customer::identities);
        let identities = identities.map(|(kind, identity)| Payer::Identity(kind, identity));
        std::iter::once(Payer::of(self.address)).chain(identities)
    }
}
