//! What a page holds to price on its own: a projection, the catalog of the items it asked about, and an expiry.
//!
//! Its canonical bytes travel with a signature that only the server checks. A page reads the bytes, never a promotion's private
//! side, and asks the server again when a change needs a fact that is not in them.

use alloc::{boxed::Box, vec::Vec};
use chrono::{DateTime, Utc};

use crate::ENGINE;
use crate::canonical::{Canonical, Malformed, Reader, canonical_struct};
use crate::cart::{Cart, Line, PriceSource, Site};
use crate::catalog::Catalog;
use crate::evaluate::{Evaluation, evaluate, explain};
use crate::facts::{Candidate, Facts};
use crate::id::LocationId;
use crate::money::Currency;
use crate::quote::Quote;
use crate::request::CartRequest;
use crate::time::{Edge, LocalStart};

/// A page's share of what the server knows, at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The engine that made it. First, so that a page of another engine can tell before it reads on.
    pub engine: u32,
    /// Which site.
    pub site: Box<str>,
    /// Who it was made for: a hash of the customer's identities, empty for nobody in particular.
    pub customer: Box<str>,
    /// From when on it must be fetched again.
    pub expires_at: DateTime<Utc>,
    /// The site's currency.
    pub currency: Currency,
    /// The site's venues.
    pub locations: Vec<LocationId>,
    /// The items of the cart it was asked with.
    pub catalog: Catalog,
    /// The promotions that may act.
    pub candidates: Vec<Candidate>,
    /// What else is known.
    pub facts: Facts,
}
canonical_struct!(Snapshot { engine, site, customer, expires_at, currency, locations, catalog, candidates, facts });

/// Why a page cannot price with a snapshot and must ask the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpriceable {
    /// The snapshot was made by another engine, or holds a condition or benefit this one does not know (R67).
    OtherEngine,
    /// The cart holds something the snapshot has no facts for, or breaks a bound.
    UnknownCart,
}

impl Snapshot {
    /// Reads a snapshot made by this engine.
    ///
    /// # Errors
    /// [`Unpriceable::OtherEngine`] for one of another engine, and for bytes this engine cannot read.
    pub fn read(bytes: &[u8]) -> Result<Self, Unpriceable> {
        let engine = u32::read(&mut Reader::over(bytes));
        if engine != Ok(ENGINE) {
            return Err(Unpriceable::OtherEngine);
        }
        Self::from_bytes(bytes).map_err(|Malformed| Unpriceable::OtherEngine)
    }

    /// The cart as this snapshot's catalog prices it.
    ///
    /// # Errors
    /// [`Unpriceable::UnknownCart`] when the snapshot lacks an item, a price or a venue, or the cart breaks a bound.
    pub fn establish(&self, cart: &CartRequest) -> Result<Cart, Unpriceable> {
        let site = Site {
            currency: self.currency,
            locations: &self.locations,
            catalog: &self.catalog,
            prices: PriceSource::Catalog,
        };
        let cart = Cart::establish_or_not(cart, site).ok_or(Unpriceable::UnknownCart)?;
        if cart.lines().iter().all(|line| self.knows_clock_of(line)) { Ok(cart) } else { Err(Unpriceable::UnknownCart) }
    }

    /// Whether the snapshot's clocks reach to every occurrence of a line, so that none is taken for one without an instant.
    fn knows_clock_of(&self, line: &Line) -> bool {
        let offsets = self.facts.offsets(line.location.as_ref());
        let reaches = |start: &LocalStart| {
            offsets.is_some_and(|offsets| offsets.instant(start.at_or_midnight(), Edge::Start).is_some())
        };
        line.slots.iter().filter_map(|slot| slot.start.as_ref()).all(reaches)
    }

    /// The question this snapshot asks of a cart.
    #[must_use]
    pub fn evaluation<'a>(&'a self, cart: &'a Cart) -> Evaluation<'a> {
        Evaluation { candidates: &self.candidates, cart, facts: &self.facts }
    }

    /// Prices a cart, hints included.
    #[must_use]
    pub fn quote(&self, cart: &Cart) -> Quote {
        let evaluation = self.evaluation(cart);
        let mut quote = evaluate(&evaluation);
        explain(&evaluation, &mut quote);
        quote
    }
}
