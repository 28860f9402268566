//! Reserving (R55, R56, R60, R70): one order, one decision, one redemption.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tearoff_core::ENGINE;
use tearoff_core::canonical::Canonical;
use tearoff_core::cart::PriceSource;
use tearoff_core::digest::{Digest, Digests};
use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::money::Amount;
use tearoff_core::policy::ConfirmOn;
use tearoff_core::quote::{Decision, Quote};
use tearoff_core::reason::Reason;
use tearoff_core::redemption::State;
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;

use crate::customer::Customer;
use crate::establish::{Ask, Question, Unestablished};
use crate::ids::{Ids, RedemptionId};
use crate::problem::Problem;
use crate::store::{
    Answered, Fingerprint, FirstAnswer, KeyKind, Order, Redemption, SiteNumber, SiteRecord, StoreError, Stored, Taken,
    Use, Write,
};

/// How long an answer is kept under its idempotency key.
const ANSWERS_KEPT: TimeDelta = TimeDelta::hours(48);

/// A checked request to reserve.
#[derive(Clone, Debug)]
pub struct Reservation {
    /// Of which site.
    pub site: SiteNumber,
    /// By whose key.
    pub caller: KeyKind,
    /// The hash of the idempotency key.
    pub key: [u8; 16],
    /// The hash of the request.
    pub fingerprint: Fingerprint,
    /// Which order.
    pub order: Order,
    /// The cart.
    pub cart: CartRequest,
    /// The codes, as typed.
    pub codes: Vec<String>,
    /// The customer; `None` while nobody said.
    pub customer: Option<Customer>,
    /// What the visitor saw.
    pub seen: Seen,
    /// The snapshot with which the page priced, its signature checked.
    pub snapshot: Option<Snapshot>,
    /// Whether the order is placed at once.
    pub place: bool,
}

/// What the visitor saw, and what the page says it computed that from (R66).
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The total.
    pub total: Amount,
    /// The digest of the terms, where the page tells it.
    pub terms: Option<Digest>,
    /// The digest of the cart, where the page tells it.
    pub cart: Option<Digest>,
    /// The digest of the result, where the page tells it.
    pub result: Option<Digest>,
}

impl Seen {
    /// Only a total.
    #[must_use]
    pub const fn total(total: Amount) -> Self {
        Self { total, terms: None, cart: None, result: None }
    }

    /// What the page computed otherwise than the server, if anything.
    fn differs(&self, digests: &Digests) -> Option<&'static str> {
        let told = [
            ("terms", self.terms, digests.terms),
            ("cart", self.cart, digests.cart),
            ("result", self.result, digests.result),
        ];
        told.into_iter().find(|(_, seen, ours)| seen.is_some_and(|seen| seen != *ours)).map(|(name, ..)| name)
    }
}

/// What came of a reservation.
#[derive(Debug)]
pub enum Reserved {
    /// It is recorded.
    New(Redemption),
    /// It was recorded before, under the same idempotency key; as it was then.
    Replayed(Redemption),
    /// It was recorded before, for the same order and with the same request; as it is now.
    Existing(Redemption),
    /// It is refused; the answer is kept for the host's backend, and for no page.
    Refused {
        /// The status.
        status: u16,
        /// The problem, byte for byte.
        body: Vec<u8>,
        /// Whether it was answered so before.
        replayed: bool,
        /// How many of its codes were guesses; none when it is only told again.
        guesses: usize,
    },
    /// It could not be considered; nothing is kept.
    Problem(Problem),
}

/// Decides and records, within the writer's transaction.
///
/// # Errors
/// [`StoreError`]: nothing is recorded.
pub fn reserve(store: &dyn Write, ids: &dyn Ids, now: DateTime<Utc>, asked: &Reservation) -> Stored<Reserved> {
    let site = store.site(asked.site)?.ok_or_else(|| StoreError::Inconsistent("a key's site".into()))?;
    match (earlier(store, asked, now)?, forbidden(&site, asked)) {
        // What was done is done, also where it would not be allowed any more.
        (Some(Ok(same)), _) => return Ok(same),
        // Who may not redeem learns nothing of what others have redeemed.
        (_, Some(problem)) | (Some(Err(problem)), None) => return Ok(Reserved::Problem(problem)),
        (None, None) => {}
    }
    // Honoring only ever helps (R70): where the shown terms refuse, or knew fewer limits than there are now, today's decide.
    for snapshot in asked.snapshot.iter().map(Some).chain([None]) {
        let question = match establish(store, &site, now, asked, snapshot) {
            Ok(question) => question,
            Err(Unestablished::Invalid(errors)) => return Ok(Reserved::Problem(Problem::invalid(&errors))),
            Err(Unestablished::Store(error)) => return Err(error),
        };
        let (quote, digests) = question.decide();
        if let Some(problem) = refusal(&quote, &digests, asked) {
            if snapshot.is_some() {
                continue;
            }
            return refuse(store, asked, now, &problem, question.guesses(&quote));
        }
        let redemption = record(ids, &site, now, asked, &question, &quote, digests)?;
        if store.attempt(&mut || take_uses(store, &question, &redemption))? {
            store.add_redemption(&redemption)?;
            let first = FirstAnswer::Recorded { redemption: redemption.id, state: redemption.state };
            keep(store, asked, now, first)?;
            return Ok(Reserved::New(redemption));
        }
    }
    Err(StoreError::Inconsistent("a limit is reached that evaluation did not see".into()))
}

/// What became of this request before, by its key or by its order (R56); or that its key or its order are another request's.
fn earlier(store: &dyn Write, asked: &Reservation, now: DateTime<Utc>) -> Stored<Option<Result<Reserved, Problem>>> {
    if let Some(answered) = store.answered(asked.site, &asked.key, now)? {
        let is_same = answered.fingerprint == asked.fingerprint;
        return if is_same {
            replay(store, asked, answered).map(|same| Some(Ok(same)))
        } else {
            Ok(Some(Err(key_reused())))
        };
    }
    let existing = store.find_order(asked.site, asked.caller, &asked.order)?;
    Ok(existing.map(|existing| {
        let is_same = existing.fingerprint == asked.fingerprint;
        if is_same { Ok(Reserved::Existing(existing)) } else { Err(order_taken(asked.caller, existing.id)) }
    }))
}

/// What was answered before, told again.
fn replay(store: &dyn Write, asked: &Reservation, answered: Answered) -> Stored<Reserved> {
    match answered.first {
        FirstAnswer::Refused { status, body } => Ok(Reserved::Refused { status, body, replayed: true, guesses: 0 }),
        FirstAnswer::Recorded { redemption, state } => {
            let found = store.redemption(asked.site, redemption)?;
            let found = found.ok_or_else(|| StoreError::Inconsistent("an answer's redemption".into()))?;
            Ok(Reserved::Replayed(as_it_began(found, state)))
        }
    }
}

/// A redemption as it stood when it was recorded.
fn as_it_began(now: Redemption, state: State) -> Redemption {
    let (placed, confirmed) = marks(state, now.reserved_at);
    Redemption { state, placed_at: placed, confirmed_at: confirmed, released_at: None, ..now }
}

/// When a redemption that begins in this state was placed and confirmed.
fn marks(state: State, at: DateTime<Utc>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let placed = matches!(state, State::Placed | State::Confirmed);
    (placed.then_some(at), (state == State::Confirmed).then_some(at))
}

/// A page may redeem only where the site lets its tag do it, and then only whole: an unplaced hold would be anybody's to park (R55).
fn forbidden(site: &SiteRecord, asked: &Reservation) -> Option<Problem> {
    let policy = &site.policy;
    let lets_tag =
        policy.tag_redeems && policy.confirm_on == ConfirmOn::Placed && policy.prices == PriceSource::Catalog;
    match asked.caller {
        KeyKind::Secret => None,
        // Without a code there is nothing to record; a page could only use up the host's order references.
        KeyKind::Publishable if lets_tag && asked.place && !asked.codes.is_empty() => None,
        KeyKind::Publishable => {
            Some(Problem::new(StatusCode::FORBIDDEN, "secret_key_needed", "this needs the site's secret key").detail(
                "a publishable key may redeem only where the site's policy has `tag_redeems`, with a code and with `place` true",
            ))
        }
    }
}

fn establish(
    store: &dyn Write,
    site: &SiteRecord,
    now: DateTime<Utc>,
    asked: &Reservation,
    snapshot: Option<&Snapshot>,
) -> Result<Question, Unestablished> {
    let ask =
        Ask { site, caller: asked.caller, cart: &asked.cart, codes: &asked.codes, customer: asked.customer.as_ref() };
    Question::establish(store, ask, now, snapshot)
}

/// Why this quote cannot be redeemed: a code that does not apply, or a total that the visitor has not seen.
fn refusal(quote: &Quote, digests: &Digests, asked: &Reservation) -> Option<Problem> {
    if let Some(refused) = quote.decisions.iter().find(|decision| !decision.is_applied()) {
        return Some(not_applied(refused, quote, digests));
    }
    if quote.total != asked.seen.total {
        let title = "the total is not the one that was seen";
        let problem = Problem::new(StatusCode::CONFLICT, "quote_changed", title);
        return Some(with_quote(problem, quote, digests));
    }
    if let Some(what) = asked.seen.differs(digests) {
        tracing::warn!(site = asked.site.0, what, "page and server agree on the total but not on how it came about");
    }
    None
}

fn not_applied(refused: &Decision, quote: &Quote, digests: &Digests) -> Problem {
    let shown = serde_json::to_value(refused).unwrap_or_default();
    let reasons = shown.get("reasons").cloned().unwrap_or_default();
    let first = reasons.get(0).and_then(|reason| reason.get("code")).and_then(Value::as_str).unwrap_or("rejected");
    let problem = Problem::new(StatusCode::CONFLICT, first, "a code does not apply");
    let message = refused.reasons().first().map(Reason::message).unwrap_or_default();
    with_quote(problem.detail(message).with("reasons", reasons), quote, digests)
}

fn with_quote(problem: Problem, quote: &Quote, digests: &Digests) -> Problem {
    problem.with("engine", ENGINE.into()).with("quote", json!(quote)).with("digests", json!(digests))
}

fn key_reused() -> Problem {
    let title = "this idempotency key was used with another request";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", title)
}

/// The host is told which redemption its order has; a page may be a stranger's, and is told of none.
fn order_taken(caller: KeyKind, existing: RedemptionId) -> Problem {
    let problem = Problem::new(StatusCode::CONFLICT, "order_already_redeemed", "this order has a redemption already");
    match caller {
        KeyKind::Secret => problem.with("redemption", json!(existing)),
        KeyKind::Publishable => problem,
    }
}

/// A refusal, kept for the host's backend only: anybody can have a page refused as often as they like, and a whole quote each time would
/// fill the disk. A page that asks again is considered again.
fn refuse(
    store: &dyn Write,
    asked: &Reservation,
    now: DateTime<Utc>,
    problem: &Problem,
    guesses: usize,
) -> Stored<Reserved> {
    let (status, body) = (problem.status().as_u16(), problem.body());
    if asked.caller == KeyKind::Secret {
        keep(store, asked, now, FirstAnswer::Refused { status, body: body.clone() })?;
    }
    Ok(Reserved::Refused { status, body, replayed: false, guesses })
}

fn keep(store: &dyn Write, asked: &Reservation, now: DateTime<Utc>, first: FirstAnswer) -> Stored<()> {
    let until = now.checked_add_signed(ANSWERS_KEPT).unwrap_or(DateTime::<Utc>::MAX_UTC);
    store.keep_answer(asked.site, &asked.key, &Answered { fingerprint: asked.fingerprint, first }, until)
}

fn record(
    ids: &dyn Ids,
    site: &SiteRecord,
    now: DateTime<Utc>,
    asked: &Reservation,
    question: &Question,
    quote: &Quote,
    digests: Digests,
) -> Stored<Redemption> {
    let state = State::first(asked.place, site.policy.confirm_on);
    let (placed_at, confirmed_at) = marks(state, now);
    let hold = TimeDelta::seconds(i64::from(site.policy.hold_seconds));
    Ok(Redemption {
        id: RedemptionId::new(ids, now)?,
        site: asked.site,
        order: asked.order.clone(),
        reserved_by: asked.caller,
        fingerprint: asked.fingerprint,
        engine: ENGINE,
        state,
        reserved_at: now,
        expires_at: now.checked_add_signed(hold).unwrap_or(now),
        placed_at,
        confirmed_at,
        released_at: None,
        customer: question.customer.clone(),
        currency: quote.currency,
        subtotal: quote.subtotal,
        discount: quote.discount,
        total: quote.total,
        cart: question.cart.to_bytes(),
        facts: question.recorded_facts(),
        result: quote.to_bytes(),
        digests,
        uses: uses(question, quote)?,
    })
}

/// One use per promotion applied.
fn uses(question: &Question, quote: &Quote) -> Stored<Vec<Use>> {
    let applied = quote.decisions.iter().filter(|decision| decision.is_applied());
    let used = |decision: &Decision| {
        let is = |promotion| decision.promotion.as_ref() == Some(promotion);
        let candidate = question.candidates.iter().find(|candidate| is(&candidate.terms.promotion))?;
        let record = question.promotions.iter().find(|record| is(&record.promotion.terms.promotion))?;
        Some(Use { promotion: record.number, version: candidate.terms.version, discount: decision.discount() })
    };
    let unknown = || StoreError::Inconsistent("an applied code without a promotion".into());
    applied.map(|decision| used(decision).ok_or_else(unknown)).collect()
}

/// Counts every use against the limits of today, in the order of the promotions' numbers, so that two writers of one database
/// cannot wait for each other.
fn take_uses(store: &dyn Write, question: &Question, redemption: &Redemption) -> Stored<bool> {
    let mut records: Vec<_> = question
        .promotions
        .iter()
        .filter(|record| redemption.uses.iter().any(|used| used.promotion == record.number))
        .collect();
    records.sort_by_key(|record| record.number);
    for record in records {
        let taken = store.take_use(record.number, &record.promotion.limits, &redemption.customer)?;
        if taken == Taken::LimitReached {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The fault of a request whose snapshot is none of this site's.
#[must_use]
pub fn foreign_snapshot() -> InvalidField {
    InvalidField {
        field: "snapshot".into(),
        code: Fault::Malformed,
        message: "is not a snapshot that this site has signed".into(),
    }
}
