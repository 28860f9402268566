//! From what a caller sends to a question that core can answer.
//!
//! Lookups, quotes and redemptions all pass through here, so that they cannot disagree: the cart is priced by the site's own rule
//! (R61), the codes are matched, the promotions projected with their counts (R66), the clock is the server's.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::canonical::{Canonical, Writer};
use tearoff_core::cart::{Cart, PriceSource, Site};
use tearoff_core::catalog::Catalog;
use tearoff_core::code::CodeKey;
use tearoff_core::customer::{self, Identity};
use tearoff_core::digest::Digests;
use tearoff_core::evaluate::{Evaluation, evaluate, explain};
use tearoff_core::facts::{Candidate, Entered, Facts, Gift, Venue};
use tearoff_core::id::{ItemId, PromotionId};
use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::money::Currency;
use tearoff_core::project::{self, asked_history, conceal, project};
use tearoff_core::promotion::condition::Channel;
use tearoff_core::promotion::{Condition, LimitPer};
use tearoff_core::quote::Quote;
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;
use utoipa::ToSchema;

use crate::customer::{Customer, IdentityKey, binding};
use crate::customers::Known;
use crate::limiter::Tells;
use crate::signed_cart::{Refused, Vouched};
use crate::store::{Asking, KeyKind, Mode, PromotionRecord, Purpose, Read, SiteRecord, StoreError};
use crate::venues::venues;

/// Most codes in one request: more than anybody holds, few enough that each can be charged as a guess.
pub const CODES_MAX: usize = 10;
/// Most active promotions of a site that act without a code: each is held against every cart.
pub const WITHOUT_CODES_MAX: u32 = 100;
/// Most bytes of a code worth looking at, as core has it.
const CODE_BYTES_MAX: usize = 1024;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Of which site.
    pub site: &'a SiteRecord,
    /// With whose key.
    pub caller: KeyKind,
    /// Whether it is meant.
    pub mode: Mode,
    /// About which cart.
    pub cart: &'a CartRequest,
    /// Whose word the cart is.
    pub vouched: Vouched,
    /// With which codes, as typed.
    pub codes: &'a [String],
    /// By whom; `None` while nobody said.
    pub customer: Option<&'a Customer>,
    /// What else was said.
    pub choices: &'a Choices,
}

/// What a caller may say beside cart, codes and customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Where it is booked; on the booking page when absent, and for every page (R34).
    pub channel: Option<Channel>,
    /// The gifts that the customer chose, at most one a promotion (R17).
    pub gifts: Vec<ChosenGift>,
}

/// A gift that the customer chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenGift {
    /// Id of the promotion that gives it.
    pub promotion: String,
    /// Which item of its list: an item of the catalog, which says what it costs otherwise.
    pub item: String,
}

/// A question for core, with what it was made of.
#[derive(Clone, Debug)]
pub struct Question {
    /// The cart, priced.
    pub cart: Cart,
    /// What else is known.
    pub facts: Facts,
    /// The promotions that may act.
    pub candidates: Vec<Candidate>,
    /// The items of the cart.
    pub catalog: Catalog,
    /// The promotions as they are kept, each once.
    pub promotions: Vec<Arc<PromotionRecord>>,
    /// The customer's identities as keyed hashes.
    pub customer: Vec<IdentityKey>,
    /// The day on the site's calendar.
    pub day: NaiveDate,
}

/// Why there is no question.
#[derive(Debug)]
pub enum Unestablished {
    /// The request is at fault.
    Invalid(Vec<InvalidField>),
    /// The cart is nobody's word that counts.
    Cart(Refused),
    /// We are.
    Store(StoreError),
}

impl From<StoreError> for Unestablished {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Ask<'_> {
    /// Whose word counts for prices: never a page's own, and the host's only where the site says so (R61).
    ///
    /// # Errors
    /// [`Refused`] for a page's own cart where the site takes signed ones only, and for one that was signed for a time that is over.
    pub const fn prices(&self) -> Result<PriceSource, Refused> {
        match (self.site.policy.prices, self.vouched, self.caller) {
            (_, Vouched::SignedOnce, _) => Err(Refused::Expired),
            (PriceSource::Signed, Vouched::Signed, _) => Ok(PriceSource::Signed),
            (PriceSource::Signed, Vouched::ByCaller, KeyKind::Publishable) => Err(Refused::Unsigned),
            // Whoever has the secret key could as well make a secret and sign.
            (PriceSource::Signed | PriceSource::Caller, _, KeyKind::Secret) => Ok(PriceSource::Caller),
            (PriceSource::Catalog, ..) | (PriceSource::Caller, _, KeyKind::Publishable) => Ok(PriceSource::Catalog),
        }
    }
}

impl Question {
    /// Establishes what is asked at `now`. A snapshot that may be honored fixes the terms and *now* (R70).
    ///
    /// # Errors
    /// [`Unestablished`].
    pub fn establish(
        read: &dyn Read,
        ask: Ask<'_>,
        now: DateTime<Utc>,
        snapshot: Option<&Snapshot>,
    ) -> Result<Self, Unestablished> {
        let policy = &ask.site.policy;
        let prices = ask.prices().map_err(Unestablished::Cart)?;
        let chosen = ask.chosen().map_err(Unestablished::Invalid)?;
        let mut items = ask.cart.items();
        items.extend(chosen.iter().map(|(_, item)| item.clone()));
        let catalog = read.catalog_items(ask.site.number, &items)?;
        let gifts = gifts(&chosen, &catalog, policy.currency).map_err(Unestablished::Invalid)?;
        let locations = policy.location_ids();
        let site = Site { currency: policy.currency, locations: &locations, catalog: &catalog, prices };
        let cart = Cart::establish(ask.cart, site).map_err(Unestablished::Invalid)?;
        let customer = identities(read, ask)?;
        let known = match ask.customer {
            Some(_) => Some(Known::of(read, (ask.site.number, ask.mode), &customer, now)?),
            None => None,
        };
        // Some rules take nobody's mere word for who they are, unless the site does (R69).
        let believed = ask.customer.is_some_and(|customer| customer.sure() == Identity::Asserted)
            || policy.evaluation.trusts_claims;
        let codes = find_codes(read, ask)?;
        let entered = Entered::match_codes(ask.codes.iter().map(String::as_str), |key| {
            let found = codes.iter().find(|found| found.key == *key)?;
            Some((found.spelling.clone(), found.promotion.promotion.terms.promotion.clone()))
        });
        let venues = venues(policy, &cart, now);
        let day = today(&venues, now)?;
        let coded = codes.into_iter().map(|found| (Some(found.key), found.promotion));
        let uncoded = read.without_codes(ask.site.number, WITHOUT_CODES_MAX)?;
        let uncoded = uncoded.iter().map(|record| (None, Arc::clone(record)));
        let (mut promotions, mut candidates): (Vec<Arc<PromotionRecord>>, Vec<Candidate>) = Default::default();
        for (code, record) in coded.chain(uncoded) {
            if promotions.iter().any(|known| known.number == record.number) {
                continue;
            }
            let asking = Asking {
                mode: ask.mode,
                customer: ask.customer.map(|_| customer.as_slice()),
                code: code.as_ref(),
                day,
                currency: cart.currency(),
            };
            let usage = read.usage(&record, &asking, now)?;
            let marks = known.as_ref().filter(|_| believed).map(Known::marks);
            let known = project::Known { active: record.active, usage, marks, is_own: false };
            candidates.push(project(&record.promotion, &known, cart.currency()));
            promotions.push(record);
        }
        let facts = Facts {
            now,
            policy: policy.evaluation.clone(),
            venues,
            entered,
            customer: ask.customer.zip(known.as_ref()).map(|(customer, known)| customer::Customer {
                identity: customer.sure(),
                history: known.history,
                standing: known.standing.filter(|_| believed),
            }),
            channel: ask.choices.channel.unwrap_or_default(),
            gifts,
        };
        let mut question = Self { cart, facts, candidates, catalog, promotions, customer, day };
        if let Some(snapshot) = snapshot {
            question.honor(snapshot, ask.site, now);
        }
        conceal(&mut question.candidates, &question.cart, &mut question.facts);
        if let Some(customer) = &mut question.facts.customer {
            customer.history = asked_history(customer.history, &question.candidates);
        }
        Ok(question)
    }

    /// Takes terms and *now* from a snapshot that was made for this customer and these codes, while the site honors it. What is
    /// left of limits, and whether a promotion is active, are never taken from it. What acts without a code and was not shown does not act.
    fn honor(&mut self, snapshot: &Snapshot, site: &SiteRecord, now: DateTime<Utc>) {
        let age = now.signed_duration_since(snapshot.facts.now).num_milliseconds();
        let honored = i64::from(site.policy.honor_quote_seconds).saturating_mul(1000);
        let fits = snapshot.site == site.id
            && snapshot.customer == binding(&self.customer)
            && snapshot.currency == site.policy.currency
            && snapshot.facts.entered == self.facts.entered
            && snapshot.facts.gifts == self.facts.gifts
            && (0..honored).contains(&age);
        let shown = |candidate: &Candidate| {
            let same = |shown: &&Candidate| {
                shown.terms.promotion == candidate.terms.promotion
                    && shown.terms.limited_per == candidate.terms.limited_per
            };
            snapshot.candidates.iter().find(same).map(|shown| shown.terms.clone())
        };
        let all_shown = |candidate: &Candidate| !candidate.terms.needs_code || shown(candidate).is_some();
        if !fits || !self.candidates.iter().all(all_shown) {
            return;
        }
        self.candidates.retain_mut(|candidate| match shown(candidate) {
            Some(terms) => {
                candidate.terms = terms;
                true
            }
            None => false,
        });
        self.facts.now = snapshot.facts.now;
        self.facts.venues = venues(&site.policy, &self.cart, snapshot.facts.now);
    }

    /// The question in the form in which it is evaluated.
    #[must_use]
    pub fn evaluation(&self) -> Evaluation<'_> {
        Evaluation { candidates: &self.candidates, cart: &self.cart, facts: &self.facts }
    }

    /// The answer with its digests, without hints: what is recorded.
    #[must_use]
    pub fn decide(&self) -> (Quote, Digests) {
        let evaluation = self.evaluation();
        let quote = evaluate(&evaluation);
        let digests = Digests::of(&evaluation, &quote);
        (quote, digests)
    }

    /// The answer with its digests and hints: what is shown.
    #[must_use]
    pub fn answer(&self) -> (Quote, Digests) {
        let (mut quote, digests) = self.decide();
        explain(&self.evaluation(), &mut quote);
        (quote, digests)
    }

    /// What the answer tells somebody who guesses: codes that are answered as unknown, and apart from them what depends on a customer who
    /// is only claimed to be there (R69).
    #[must_use]
    pub fn tells(&self, quote: &Quote) -> Tells {
        let claimed = self.facts.customer.is_some_and(|customer| customer.identity == Identity::Claimed);
        let tells = |candidate: &Candidate| claimed && asks_of_customer(candidate);
        let is_of_claimed = |promotion: &PromotionId| {
            self.candidates.iter().any(|candidate| candidate.terms.promotion == *promotion && tells(candidate))
        };
        // What acts without a code was not guessed.
        let of_codes = || quote.decisions.iter().filter(|decision| decision.code.is_some());
        let wrong_codes = of_codes().filter(|decision| decision.promotion.is_none()).count();
        let of_claimed = of_codes().filter(|decision| decision.promotion.as_ref().is_some_and(is_of_claimed)).count();
        // A standing discount shows in any answer, and so does that there is none; so does what acts without a code.
        let by_itself = |candidate: &Candidate| !candidate.terms.needs_code && tells(candidate);
        let by_word = claimed && self.facts.policy.trusts_claims || self.candidates.iter().any(by_itself);
        let count = |found: usize| u32::try_from(found).unwrap_or(u32::MAX);
        Tells { wrong_codes: count(wrong_codes), of_claimed: count(of_claimed.saturating_add(usize::from(by_word))) }
    }

    /// The facts as they are recorded: canonical bytes, then each candidate's id, terms version and state.
    #[must_use]
    pub fn recorded_facts(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.facts.write(&mut out);
        out.unsigned(self.candidates.len() as u64);
        for candidate in &self.candidates {
            candidate.terms.promotion.write(&mut out);
            candidate.terms.version.write(&mut out);
            candidate.state.write(&mut out);
        }
        out.bytes().to_vec()
    }
}

/// Whether the decision on a promotion tells something of the customer.
fn asks_of_customer(Candidate { terms, .. }: &Candidate) -> bool {
    let asks = |condition: &Condition| {
        matches!(
            condition,
            Condition::Audience { .. }
                | Condition::FirstOrder
                | Condition::FirstAppointment
                | Condition::NamedCustomers
                | Condition::ActivePass
        )
    };
    terms.limited_per.contains(&LimitPer::Customer) || terms.conditions.iter().any(asks)
}

/// The day on the site's wall clock.
fn today(venues: &[Venue], now: DateTime<Utc>) -> Result<NaiveDate, StoreError> {
    let site = venues.iter().find(|venue| venue.location.is_none());
    let local = site.and_then(|site| site.offsets.local(now));
    local.map(|local| local.date()).ok_or_else(|| StoreError::Inconsistent("a site's clock".into()))
}

impl Ask<'_> {
    /// The gifts, by id; each promotion at most once.
    fn chosen(&self) -> Result<Vec<(PromotionId, ItemId)>, Vec<InvalidField>> {
        let (mut faults, mut chosen) = (Faults::default(), Vec::<(PromotionId, ItemId)>::new());
        let is_page = self.caller == KeyKind::Publishable;
        if is_page && self.choices.channel.is_some_and(|channel| channel != Channel::BookingPage) {
            faults.add("channel", Fault::Contradiction, "is for the host's backend to say: a page is the booking page");
        }
        if self.choices.gifts.len() > CODES_MAX {
            faults.add("gifts", Fault::OutOfBounds, format!("must have at most {CODES_MAX} entries"));
        }
        for (index, gift) in self.choices.gifts.iter().take(CODES_MAX).enumerate() {
            let malformed = |what| (Fault::Malformed, format!("must be the id of {what}"));
            let field = format!("gifts[{index}]");
            let promotion = PromotionId::parse(&gift.promotion).map_err(|_| malformed("a promotion"));
            let promotion = faults.keep(&format!("{field}.promotion"), promotion);
            let item = ItemId::parse(&gift.item).map_err(|_| malformed("an item"));
            let item = faults.keep(&format!("{field}.item"), item);
            let Some((promotion, item)) = promotion.zip(item) else { continue };
            if chosen.iter().any(|(other, _)| *other == promotion) {
                faults.add(&format!("{field}.promotion"), Fault::Duplicate, "has a gift chosen for it already");
            }
            chosen.push((promotion, item));
        }
        if faults.is_empty() { Ok(chosen) } else { Err(faults.into_vec()) }
    }
}

/// The gifts with what they would cost: the catalog's word, whoever asks.
fn gifts(
    chosen: &[(PromotionId, ItemId)],
    catalog: &Catalog,
    currency: Currency,
) -> Result<Vec<Gift>, Vec<InvalidField>> {
    let (mut faults, mut gifts) = (Faults::default(), Vec::new());
    for (index, (promotion, item)) in chosen.iter().enumerate() {
        let price = catalog.find(item).and_then(|found| found.prices.find(currency));
        let price = price.ok_or((Fault::Unknown, "is no item of the catalog with a price in the site's currency"));
        if let Some(price) = faults.keep(&format!("gifts[{index}].item"), price) {
            gifts.push(Gift { promotion: promotion.clone(), item: item.clone(), price });
        }
    }
    if faults.is_empty() { Ok(gifts) } else { Err(faults.into_vec()) }
}

/// A code that was found.
struct Found {
    key: CodeKey,
    spelling: Box<str>,
    promotion: Arc<PromotionRecord>,
}

fn find_codes(read: &dyn Read, ask: Ask<'_>) -> Result<Vec<Found>, StoreError> {
    let mut found: Vec<Found> = Vec::new();
    for key in ask.codes.iter().filter_map(|typed| CodeKey::normalize(typed).ok()) {
        if found.iter().any(|other| other.key == key) {
            continue;
        }
        let Some(code) = read.find_code(ask.site.number, &key)?.filter(|code| code.retired_at.is_none()) else {
            continue;
        };
        let promotion =
            read.promotion(code.promotion)?.ok_or_else(|| StoreError::Inconsistent("a code's promotion".into()))?;
        found.push(Found { key, spelling: code.spelling, promotion });
    }
    Ok(found)
}

/// The keyed hashes of the customer's identities; none while nobody is known.
///
/// # Errors
/// [`StoreError`].
pub fn identities(read: &dyn Read, ask: Ask<'_>) -> Result<Vec<IdentityKey>, StoreError> {
    let Some(customer) = ask.customer else { return Ok(Vec::new()) };
    let secret = read.secret(ask.site.number, Purpose::Identities, None)?;
    let secret = secret.ok_or_else(|| StoreError::Inconsistent("a site's secrets".into()))?;
    Ok(customer.keys(&secret))
}

/// Checks how many codes there are and how long: what is no code is an ordinary no, but a flood is not worth looking at.
///
/// # Errors
/// Every fault with its field below `field`.
pub fn check_codes(codes: &[String], field: &str) -> Result<(), Vec<InvalidField>> {
    let mut faults = Faults::within(field);
    if codes.len() > CODES_MAX {
        faults.add("", Fault::OutOfBounds, format!("must have at most {CODES_MAX} entries"));
    }
    for (index, code) in codes.iter().take(CODES_MAX).enumerate() {
        if code.len() > CODE_BYTES_MAX {
            faults.add(&format!("[{index}]"), Fault::OutOfBounds, format!("must have at most {CODE_BYTES_MAX} bytes"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.into_vec()) }
}
