//! All that evaluation may know beside the terms and the cart (R66).

use alloc::{boxed::Box, string::String, vec::Vec};
use chrono::{DateTime, NaiveDate, Utc};

use crate::canonical::{Canonical, Reader, Writer, canonical_enum, canonical_struct};
use crate::code::CodeKey;
use crate::customer::Customer;
use crate::id::{ItemId, LocationId, PromotionId};
use crate::money::Amount;
use crate::policy::Policy;
use crate::promotion::Version;
use crate::promotion::condition::Channel;
use crate::time::OffsetTable;

/// What holds for the whole cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// When the codes are used; from the server's clock.
    pub now: DateTime<Utc>,
    /// What the site decided.
    pub policy: Policy,
    /// The wall clocks of the venues in the cart.
    pub venues: Vec<Venue>,
    /// The codes entered, in order, each once.
    pub entered: Vec<Entered>,
    /// Who the customer is, reduced to what conditions ask; `None` while nobody said who they are (R69).
    pub customer: Option<Customer>,
    /// Where it is booked (R34).
    pub channel: Channel,
    /// The gifts that the customer chose, at most one a promotion (R17).
    pub gifts: Vec<Gift>,
}
canonical_struct!(Facts { now, policy, venues, entered, customer, channel, gifts });

impl Facts {
    /// The date on the site's wall clock.
    #[must_use]
    pub fn today(&self) -> Option<NaiveDate> {
        self.offsets(None)?.local(self.now).map(|local| local.date())
    }

    /// The wall clock of a venue; the site's own where the venue has none.
    #[must_use]
    pub fn offsets(&self, location: Option<&LocationId>) -> Option<&OffsetTable> {
        let of = |location: Option<&LocationId>| self.venues.iter().find(|venue| venue.location.as_ref() == location);
        of(location).or_else(|| of(None)).map(|venue| &venue.offsets)
    }
}

/// A gift that the customer chose, with what it would cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gift {
    /// Of which promotion.
    pub promotion: PromotionId,
    /// Which item of its list.
    pub item: ItemId,
    /// What one unit costs otherwise.
    pub price: Amount,
}
canonical_struct!(Gift { promotion, item, price });

/// A venue's wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    /// Which venue; `None` for the site itself.
    pub location: Option<LocationId>,
    /// Its offsets, from yesterday to beyond the last appointment.
    pub offsets: OffsetTable,
}
canonical_struct!(Venue { location, offsets });

/// A code that was entered, and what it unlocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The code as it is shown: as its owner spelled it, or what was typed where it is unknown.
    pub code: Box<str>,
    /// The promotion it belongs to; `None` for an unknown code.
    pub promotion: Option<PromotionId>,
}
canonical_struct!(Entered { code, promotion });

impl Entered {
    /// What was typed, matched with what it unlocks: each code once, in the order typed (R7). `find` gives a code's own spelling
    /// and its promotion.
    pub fn match_codes<'a>(
        typed: impl IntoIterator<Item = &'a str>,
        find: impl Fn(&CodeKey) -> Option<(Box<str>, PromotionId)>,
    ) -> Vec<Self> {
        let mut entered: Vec<Self> = Vec::new();
        for typed in typed {
            let found = CodeKey::normalize(typed).ok().and_then(|key| find(&key));
            let one = match found {
                Some((code, promotion)) => Self { code, promotion: Some(promotion) },
                None => Self::unknown(typed),
            };
            if !entered.contains(&one) {
                entered.push(one);
            }
        }
        entered
    }

    /// A code that unlocks nothing, shown as its key; or as typed, cut short, where it cannot be a code at all.
    #[must_use]
    pub fn unknown(typed: &str) -> Self {
        const SHOWN_MAX: usize = 64;
        let code = CodeKey::normalize(typed).map_or_else(
            |_| typed.trim().chars().take(SHOWN_MAX).collect::<String>().into_boxed_str(),
            |key| key.as_str().into(),
        );
        Self { code, promotion: None }
    }
}

/// A promotion that may act on the cart: its public terms and what the page may know of its state (R66).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The terms.
    pub terms: Version,
    /// Everything else.
    pub state: State,
}

/// What may be known of a promotion's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Whether it is active (R68).
    pub active: bool,
    /// What is left of each limit, in the order of the terms' [`limited_per`](crate::promotion::Terms::limited_per).
    pub left: Vec<Left>,
    /// Whether the customer is one of those named (R32); `None` while that is not known.
    pub named: Option<bool>,
    /// Whether the customer holds one of the passes (R33); `None` while that is not known.
    pub holds_pass: Option<bool>,
    /// Whether the code entered is the customer's own (R52).
    pub is_own: bool,
}
canonical_struct!(State { active, left, named, holds_pass, is_own });

/// What is left of a limit, never more than one cart could use (R66).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nobody said who the customer is, so their count is not known.
    Unknown,
    /// This many redemptions, 0 or 1.
    Redemptions {
        /// How many.
        count: u32,
    },
    /// This many occurrences, at most as many as a cart may have.
    Occurrences {
        /// How many.
        count: u32,
    },
    /// This much discount, in the cart's currency; `None` where none is stated for it.
    Budget {
        /// How much.
        amount: Option<Amount>,
    },
}
canonical_enum!(Left { 0 => Unknown, 1 => Redemptions { count }, 2 => Occurrences { count }, 3 => Budget { amount } });

impl Canonical for Candidate {
    fn write(&self, out: &mut Writer) {
        self.terms.write(out);
        self.state.write(out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let candidate = Self { terms: Version::take(reader), state: State::take(reader) };
        reader.require(candidate.state.left.len() == candidate.terms.limited_per.len());
        candidate
    }
}
