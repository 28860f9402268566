//! Reserving (R55, R56, R60, R70): one order, one decision, one redemption.

mod earlier;
mod refusal;
mod replace;

use chrono::{DateTime, TimeDelta, Utc};
use tearoff_core::ENGINE;
use tearoff_core::canonical::Canonical;
use tearoff_core::code::CodeKey;
use tearoff_core::digest::{Digest, Digests};
use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::money::Amount;
use tearoff_core::quote::{Decision, Quote};
use tearoff_core::redemption::record::Counted;
use tearoff_core::redemption::{Recorded, State};
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;

use crate::answers::Repeatable;
use crate::customer::Customer;
use crate::establish::{Ask, Choices, Question, Unestablished};
use crate::ids::{Ids, RedemptionId};
use crate::limiter::{Tells, TooMany};
use crate::problem::Problem;
use crate::signed_cart::Vouched;
use crate::store::{
    Fingerprint, FirstAnswer, KeyKind, Mode, Order, Redemption, SiteNumber, SiteRecord, StoreError, Stored, Taken, Use,
    Weighed, Write,
};
use earlier::earlier;
use refusal::{forbidden, refusal, too_often};
pub use replace::{Replaced, replace};

/// A checked request to reserve.
#[derive(Clone, Debug)]
pub struct Reservation {
    /// Of which site.
    pub site: SiteNumber,
    /// By whose key.
    pub caller: KeyKind,
    /// Whether it is meant.
    pub mode: Mode,
    /// The hash of the idempotency key.
    pub key: [u8; 16],
    /// The hash of the request.
    pub fingerprint: Fingerprint,
    /// Which order.
    pub order: Order,
    /// The cart.
    pub cart: CartRequest,
    /// Whose word the cart is.
    pub vouched: Vouched,
    /// The codes, as typed.
    pub codes: Vec<String>,
    /// The customer; `None` while nobody said.
    pub customer: Option<Customer>,
    /// What else was said.
    pub choices: Choices,
    /// What the visitor saw.
    pub seen: Seen,
    /// The snapshot with which the page priced, its signature checked.
    pub snapshot: Option<Snapshot>,
    /// Whether the order is placed at once.
    pub place: bool,
    /// Why nothing new may be recorded for whoever asks (R55): only what was recorded before is told.
    pub barred: Option<TooMany>,
}

impl Reservation {
    pub(crate) const fn repeatable(&self) -> Repeatable {
        Repeatable { site: self.site, key: self.key, fingerprint: self.fingerprint }
    }
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
    /// It was so found under the same idempotency key before: the answer of then, byte for byte.
    Found(Vec<u8>),
    /// It is refused; the answer is kept for the host's backend, and for no page.
    Refused {
        /// The status.
        status: u16,
        /// The problem, byte for byte.
        body: Vec<u8>,
        /// Whether it was answered so before.
        replayed: bool,
    },
    /// It could not be considered; nothing is kept.
    Problem(Problem),
}

/// Decides and records, within the writer's transaction. What is decided anew is held against the budget of whoever asks before it is
/// recorded or told: `charge` says whether that bears it, and else what is answered. It may be asked more than once, and the last time counts.
///
/// # Errors
/// [`StoreError`]: nothing is recorded.
pub fn reserve(
    store: &dyn Write,
    ids: &dyn Ids,
    now: DateTime<Utc>,
    asked: &Reservation,
    charge: &mut dyn FnMut(Tells) -> Result<(), Problem>,
) -> Stored<Reserved> {
    let site = store.site(asked.site)?.ok_or_else(|| StoreError::Inconsistent("a key's site".into()))?;
    match (earlier(store, asked, now)?, forbidden(&site, asked)) {
        // What was done is done, also where it would not be allowed any more.
        (Some(Ok(same)), _) => return Ok(same),
        // Who may not redeem learns nothing of what others have redeemed.
        (_, Some(problem)) | (Some(Err(problem)), None) => return Ok(Reserved::Problem(problem)),
        (None, None) => {}
    }
    if let Some(barred) = asked.barred {
        return Ok(Reserved::Problem(too_often(barred)));
    }
    // Honoring only ever helps (R70): where the shown terms refuse, or knew fewer limits than there are now, today's decide.
    for snapshot in asked.snapshot.iter().map(Some).chain([None]) {
        let question = match establish(store, &site, now, asked, snapshot) {
            Ok(question) => question,
            Err(Unestablished::Store(error)) => return Err(error),
            Err(error) => return Ok(Reserved::Problem(error.into())),
        };
        let (quote, digests) = question.decide();
        if let Some(problem) = refusal(&quote, &digests, asked) {
            if snapshot.is_some() {
                continue;
            }
            return match charge(question.tells(&quote)) {
                Ok(()) => refuse(store, asked, now, &problem),
                Err(too_many) => Ok(Reserved::Problem(too_many)),
            };
        }
        if let Err(too_many) = charge(Tells::default()) {
            return Ok(Reserved::Problem(too_many));
        }
        let redemption = record(ids, &site, now, asked, &question, &quote, digests)?;
        if store.attempt(&mut || take_uses(store, &question, &redemption))? {
            store.add_redemption(&redemption)?;
            let first = FirstAnswer::Recorded { redemption: redemption.id, state: redemption.state };
            asked.repeatable().keep(store, now, first)?;
            return Ok(Reserved::New(redemption));
        }
    }
    Err(StoreError::Inconsistent("a limit is reached that evaluation did not see".into()))
}

/// When a redemption that begins in this state was placed and confirmed.
fn marks(state: State, at: DateTime<Utc>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let placed = matches!(state, State::Placed | State::Confirmed);
    (placed.then_some(at), (state == State::Confirmed).then_some(at))
}

fn establish(
    store: &dyn Write,
    site: &SiteRecord,
    now: DateTime<Utc>,
    asked: &Reservation,
    snapshot: Option<&Snapshot>,
) -> Result<Question, Unestablished> {
    let ask = Ask {
        site,
        caller: asked.caller,
        mode: asked.mode,
        cart: &asked.cart,
        vouched: asked.vouched,
        codes: &asked.codes,
        customer: asked.customer.as_ref(),
        choices: &asked.choices,
    };
    Question::establish(store, ask, now, snapshot)
}

/// A refusal, kept for the host's backend only: anybody can have a page refused as often as they like, and a whole quote each time would
/// fill the disk. A page that asks again is considered again.
fn refuse(store: &dyn Write, asked: &Reservation, now: DateTime<Utc>, problem: &Problem) -> Stored<Reserved> {
    let refused = refused(problem);
    if let (KeyKind::Secret, Reserved::Refused { status, body, .. }) = (asked.caller, &refused) {
        asked.repeatable().keep(store, now, FirstAnswer::Told { status: *status, body: body.clone() })?;
    }
    Ok(refused)
}

/// A refusal that nobody has kept.
fn refused(problem: &Problem) -> Reserved {
    Reserved::Refused { status: problem.status().as_u16(), body: problem.body(), replayed: false }
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
        mode: asked.mode,
        reserved_by: asked.caller,
        fingerprint: asked.fingerprint,
        engine: ENGINE,
        state,
        reserved_at: now,
        day: question.day,
        expires_at: now.checked_add_signed(hold).unwrap_or(now),
        placed_at,
        confirmed_at,
        released_at: None,
        reversed_at: None,
        recorded: None,
        replaced_by: None,
        customer: question.customer.clone(),
        has_appointment: question.cart.lines().iter().any(|line| line.kind.is_appointment()),
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
    let covered = Recorded::of(&question.evaluation(), quote, |_| Counted::Occurrence).uses();
    // A customer's standing discount is nobody's promotion, and has no uses.
    let is_use = |decision: &&Decision| decision.is_applied() && decision.promotion.is_some();
    let applied = quote.decisions.iter().filter(is_use);
    let used = |decision: &Decision| {
        let is = |promotion| decision.promotion.as_ref() == Some(promotion);
        let candidate = question.candidates.iter().find(|candidate| is(&candidate.terms.promotion))?;
        let record = question.promotions.iter().find(|record| is(&record.promotion.terms.promotion))?;
        let occurrences = covered.iter().find(|counts| is(&counts.promotion)).map_or(0, |counts| counts.count);
        Some(Use {
            promotion: record.number,
            version: candidate.terms.version,
            code: decision.code.as_deref().and_then(|code| CodeKey::normalize(code).ok()),
            occurrences,
            discount: decision.discount(),
        })
    };
    let unknown = || StoreError::Inconsistent("an applied code without a promotion".into());
    applied.map(|decision| used(decision).ok_or_else(unknown)).collect()
}

/// Counts every use against the limits of today, in the order of the promotions' numbers, so that two writers of one database
/// cannot wait for each other.
fn take_uses(store: &dyn Write, question: &Question, redemption: &Redemption) -> Stored<bool> {
    let record = |used: &'_ Use| question.promotions.iter().find(|record| record.number == used.promotion);
    let mut uses: Vec<_> = redemption.uses.iter().filter_map(|used| Some((record(used)?, used))).collect();
    uses.sort_by_key(|(record, _)| record.number);
    for (record, used) in uses {
        let taken = store.take_use(record.number, &record.promotion.limits, &Weighed::of(redemption, used))?;
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
