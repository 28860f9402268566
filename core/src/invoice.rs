//! Invoices (R62): a draft that is priced anew on every edit, by what was stored with the order; once finalized, nothing changes.
//!
//! A line may have a discount of its own, which is shown under it. What is left of the lines may then take one discount of the
//! whole invoice, as a row of its own: a code, or a part given by hand. Spent reward credit comes off after it.

mod priced;
mod stored;

use alloc::vec::Vec;
use core::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use priced::{Priced, PricedLine, Row};
pub use stored::StoredTerms;

use crate::canonical::{canonical_enum, canonical_struct};
use crate::cart::Cart;
use crate::id::LineId;
use crate::money::portion::Portion;
use crate::money::{Amount, Currency};
use crate::policy::ConfirmOn;
use crate::redemption::{State, Step};
use crate::reward::rules::Chosen;

/// An invoice that can still be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    cart: Cart,
    line_discounts: Vec<LineDiscount>,
    discount: Option<Discount>,
    reward: SpentCredit,
    order: StoredTerms,
    priced: Priced,
}
canonical_struct!(Draft { cart, line_discounts, discount, reward, order, priced });

/// Reward credit that was spent on an order. It stays spent whatever the invoice becomes, and what its lines cannot bear any more is
/// lost: there is no change (R54).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpentCredit {
    /// How much.
    pub amount: Amount,
    /// What it may be spent on.
    pub on: Chosen,
}
canonical_struct!(SpentCredit { amount, on });

/// A discount of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LineDiscount {
    line: LineId,
    portion: Portion,
}
canonical_struct!(LineDiscount { line, portion });

/// The one discount of a whole invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discount {
    /// By a code: the order's own, or one that staff chose.
    Code {
        /// The terms and facts by which it is priced, as they were when it was redeemed.
        terms: StoredTerms,
    },
    /// Given by hand, on everything but fees, tips, deposits and taxes.
    Custom {
        /// How much.
        portion: Portion,
    },
}
canonical_enum!(Discount { 0 => Code { terms }, 1 => Custom { portion } });

/// A change to a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Other lines, quantities or prices. Discounts of lines that are gone go with them.
    Lines {
        /// All lines.
        cart: Cart,
    },
    /// Another discount of a line; none when `None`.
    LineDiscount {
        /// Which line.
        line: LineId,
        /// How much.
        portion: Option<Portion>,
    },
    /// Another discount of the invoice in place of the one it has; none when `None`.
    Discount {
        /// Which.
        discount: Option<Discount>,
    },
}

/// An invoice that says what it says, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finalized {
    #[serde(flatten)]
    priced: Priced,
    #[serde(serialize_with = "crate::time::serialize_instant")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::UtcText"))]
    finalized_at: DateTime<Utc>,
}
canonical_struct!(Finalized { priced, finalized_at });

/// Why a draft stays as it is. Codes are for ever: add, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum NotEdited {
    /// It has no such line.
    UnknownLine {
        /// The line that was named.
        line: LineId,
    },
    /// Two currencies never meet (R1), and a discount must be stated for the one there is (R15).
    CurrencyNotOffered {
        /// The invoice's currency.
        currency: Currency,
    },
    /// The redemption behind the code is over: it cannot be confirmed.
    RedemptionOver,
}

impl fmt::Display for NotEdited {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownLine { line } => write!(out, "The invoice has no line {line}."),
            Self::CurrencyNotOffered { currency } => write!(out, "The invoice is in {currency}."),
            Self::RedemptionOver => out.write_str("The code was given back: take it off the invoice first."),
        }
    }
}

impl Draft {
    /// The draft of an order, its code and the credit spent on it carried over.
    #[must_use]
    pub fn of_order(cart: Cart, order: StoredTerms, reward: SpentCredit) -> Self {
        let discount = order.acts().then(|| Discount::Code { terms: order.clone() });
        let priced = Priced::plain(&cart, &order);
        let draft = Self { cart, line_discounts: Vec::new(), discount, reward, order, priced };
        // The code's amounts were stated for the order's currency, and there are no others yet.
        draft.repriced().unwrap_or(draft)
    }

    /// What it says.
    #[must_use]
    pub const fn priced(&self) -> &Priced {
        &self.priced
    }

    /// The lines as their own discounts leave them: what a code that staff choose is asked for.
    #[must_use]
    pub fn cart(&self) -> Cart {
        priced::net(&self.cart, |line| self.portion(line), self.order.rounding())
            .map_or_else(|| self.cart.clone(), |(cart, _)| cart)
    }

    fn portion(&self, line: &LineId) -> Option<&Portion> {
        self.line_discounts.iter().find(|discount| discount.line == *line).map(|discount| &discount.portion)
    }

    /// The draft after an edit, priced anew with the stored terms, customer facts and *now*; limits are not checked again.
    ///
    /// # Errors
    /// [`NotEdited`]; the draft is as it was.
    pub fn edit(&self, edit: Edit) -> Result<Self, NotEdited> {
        let mut draft = self.clone();
        match edit {
            Edit::Lines { cart } => {
                if cart.currency() != self.cart.currency() {
                    return Err(NotEdited::CurrencyNotOffered { currency: self.cart.currency() });
                }
                draft.line_discounts.retain(|discount| cart.lines().iter().any(|line| line.id == discount.line));
                draft.cart = cart;
            }
            Edit::LineDiscount { line, portion } => {
                if !self.cart.lines().iter().any(|known| known.id == line) {
                    return Err(NotEdited::UnknownLine { line });
                }
                draft.line_discounts.retain(|discount| discount.line != line);
                draft.line_discounts.extend(portion.map(|portion| LineDiscount { line, portion }));
            }
            Edit::Discount { discount } => draft.discount = discount,
        }
        draft.repriced()
    }

    fn repriced(&self) -> Result<Self, NotEdited> {
        let portion = |line: &LineId| self.portion(line);
        let priced = priced::price(&self.cart, portion, self.discount.as_ref(), &self.reward, &self.order)
            .ok_or(NotEdited::CurrencyNotOffered { currency: self.cart.currency() })?;
        Ok(Self { priced, ..self.clone() })
    }

    /// Closes the invoice, and says where the redemption of the order's code stands after it, if the order has one.
    ///
    /// The order's code is confirmed where it acts on the invoice, and so is an order without any. A code that staff took off, or that
    /// does not fit what the order became, gives its use back.
    ///
    /// # Errors
    /// [`NotEdited::RedemptionOver`] when the code is to be confirmed and its redemption is over.
    pub fn finalize(
        self,
        redemption: Option<State>,
        at: DateTime<Utc>,
    ) -> Result<(Finalized, Option<State>), NotEdited> {
        let stands = match &self.discount {
            Some(Discount::Code { terms }) => terms.has_promotions_of(&self.order) && self.priced.code_acts(),
            Some(Discount::Custom { .. }) | None => false,
        };
        let after = match redemption {
            Some(state) if stands || !self.order.acts() => {
                let confirmed = state.after(Step::Confirm, ConfirmOn::Finalized);
                Some(confirmed.map_err(|_| NotEdited::RedemptionOver)?)
            }
            Some(state) => {
                Some(state.reversed().or_else(|_| state.after(Step::Release, ConfirmOn::Finalized)).unwrap_or(state))
            }
            None => None,
        };
        Ok((Finalized { priced: self.priced, finalized_at: at }, after))
    }
}

impl Finalized {
    /// What it says.
    #[must_use]
    pub const fn priced(&self) -> &Priced {
        &self.priced
    }

    /// Since when.
    #[must_use]
    pub const fn finalized_at(&self) -> DateTime<Utc> {
        self.finalized_at
    }
}
