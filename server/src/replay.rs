//! What this engine makes of a redemption that is kept: the same bytes, or what differs (R67).

use serde::Serialize;
use tearoff_core::ENGINE;
use tearoff_core::canonical::{Canonical, Reader};
use tearoff_core::cart::Cart;
use tearoff_core::digest::Digests;
use tearoff_core::evaluate;
use tearoff_core::evaluate::Evaluation;
use tearoff_core::facts::{Candidate, Facts, State};
use tearoff_core::id::PromotionId;
use tearoff_core::quote::{Decision, Quote};

use crate::store::{Read, Redemption, Stored};

/// What is kept of a redemption that cannot be read by the engine that wrote it. Codes are for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Its cart.
    Cart,
    /// Its facts.
    Facts,
    /// Its quote.
    Quote,
    /// A terms version by which it was priced.
    Terms,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Replayed {
    /// Every byte is the same.
    Same,
    /// Another engine answered: only that one reads its bytes.
    OtherEngine,
    /// What is kept cannot be read.
    Unreadable(Part),
    /// Something else.
    Differs(Box<Both>),
}

/// An answer, then and now.
#[derive(Clone, Debug, PartialEq)]
pub struct Both {
    /// Where the bytes of the quote first differ; `None` where they are the same, and something that is kept beside them differs.
    pub byte: Option<usize>,
    /// What is kept.
    pub then: Kept,
    /// What this engine makes of it.
    pub now: Kept,
}

/// What is kept of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Kept {
    subtotal_minor: i64,
    discount_minor: i64,
    total_minor: i64,
    /// What each promotion took off, in the order of their numbers.
    uses_minor: Vec<i64>,
    quote: Quote,
    digests: Digests,
}

/// Evaluates a redemption again from what is kept of it, and compares.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError).
pub fn replay(read: &dyn Read, redemption: &Redemption) -> Stored<Replayed> {
    if redemption.engine != ENGINE {
        return Ok(Replayed::OtherEngine);
    }
    let Some((facts, decided)) = facts(&redemption.facts) else { return Ok(Replayed::Unreadable(Part::Facts)) };
    let Ok(cart) = Cart::from_bytes(&redemption.cart) else { return Ok(Replayed::Unreadable(Part::Cart)) };
    let Ok(then) = Quote::from_bytes(&redemption.result) else { return Ok(Replayed::Unreadable(Part::Quote)) };
    let mut candidates = Vec::with_capacity(decided.len());
    for Decided { promotion, version, state } in decided {
        let found = read.find_promotion(redemption.site, &promotion)?;
        let terms = found.map(|found| read.terms_version(found.number, version)).transpose()?.flatten();
        let Some(promotion) = terms else { return Ok(Replayed::Unreadable(Part::Terms)) };
        candidates.push(Candidate { terms: promotion.terms, state });
    }
    let evaluation = Evaluation { candidates: &candidates, cart: &cart, facts: &facts };
    let quote = evaluate(&evaluation);
    let (was, is) = (&redemption.result, quote.to_bytes());
    let now = Kept {
        subtotal_minor: quote.subtotal.minor(),
        discount_minor: quote.discount.minor(),
        total_minor: quote.total.minor(),
        uses_minor: uses_now(read, redemption, &quote)?,
        digests: Digests::of(&evaluation, &quote),
        quote,
    };
    let then = Kept {
        subtotal_minor: redemption.subtotal.minor(),
        discount_minor: redemption.discount.minor(),
        total_minor: redemption.total.minor(),
        uses_minor: uses_then(redemption),
        digests: redemption.digests,
        quote: then,
    };
    if *was == is && then == now {
        return Ok(Replayed::Same);
    }
    let common = was.iter().zip(&is).take_while(|(was, is)| was == is).count();
    let byte = (*was != is).then_some(common);
    Ok(Replayed::Differs(Box::new(Both { byte, then, now })))
}

/// A promotion as it stood when it was decided on.
pub(crate) struct Decided {
    /// Which.
    pub(crate) promotion: PromotionId,
    /// By which of its versions.
    version: u32,
    /// What was known of it.
    pub(crate) state: State,
}

/// The facts as [`Question::recorded_facts`](crate::establish::Question::recorded_facts) writes them; `None` where
/// they cannot be read.
pub(crate) fn facts(bytes: &[u8]) -> Option<(Facts, Vec<Decided>)> {
    let mut reader = Reader::over(bytes);
    let facts = Facts::take(&mut reader);
    let mut decided = Vec::new();
    for _ in 0..reader.unsigned() {
        // What has failed goes on failing, however often it says that it goes on.
        if reader.has_failed() {
            return None;
        }
        let promotion = PromotionId::take(&mut reader);
        let version = u32::take(&mut reader);
        decided.push(Decided { promotion, version, state: State::take(&mut reader) });
    }
    (!reader.has_failed() && reader.rest().is_empty()).then_some((facts, decided))
}

fn uses_then(redemption: &Redemption) -> Vec<i64> {
    let mut uses: Vec<_> = redemption.uses.iter().collect();
    uses.sort_unstable_by_key(|used| used.promotion);
    uses.into_iter().map(|used| used.discount.minor()).collect()
}

fn uses_now(read: &dyn Read, redemption: &Redemption, quote: &Quote) -> Stored<Vec<i64>> {
    let mut uses = Vec::new();
    for decision in quote.decisions.iter().filter(|decision| decision.is_applied()) {
        let Some(promotion) = &decision.promotion else { continue };
        let number = read.find_promotion(redemption.site, promotion)?.map(|record| record.number);
        uses.push((number, Decision::discount(decision).minor()));
    }
    uses.sort_unstable();
    Ok(uses.into_iter().map(|(_, discount)| discount).collect())
}
