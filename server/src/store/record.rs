//! What is kept, as types.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::code::CodeKey;
use tearoff_core::digest::Digests;
use tearoff_core::id::CustomerId;
use tearoff_core::money::{Amount, Currency};
use tearoff_core::policy::{SitePolicy, SitePolicyDraft};
use tearoff_core::promotion::Promotion;
use tearoff_core::redemption::State;
use tearoff_core::redemption::reversal::Reversal;
use tearoff_core::text::is_ambiguous;

use crate::customer::IdentityKey;
use crate::customers::{CustomerDraft, Told};
use crate::ids::RedemptionId;

/// A site's number within one database: small, because every row about the site carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteNumber(pub i64);

/// A promotion's number within one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromotionNumber(pub i64);

/// A code's number among those of its promotion: they are listed in the order in which they were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeNumber(pub i64);

/// A site.
#[derive(Clone, Debug)]
pub struct SiteRecord {
    /// Its number.
    pub number: SiteNumber,
    /// Its id.
    pub id: Box<str>,
    /// What its owner decided, as written.
    pub draft: SitePolicyDraft,
    /// The same, checked.
    pub policy: SitePolicy,
    /// Where its pages live: exact origins such as `https://studio.example`.
    pub origins: Vec<String>,
    /// How often policy or origins were changed, from 1.
    pub revision: u32,
    /// How often its catalog was changed, from 1.
    pub catalog_revision: u32,
}

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A page's: anybody can read it there.
    Publishable,
    /// The host's backend's, staff's or owner's.
    Secret,
}

/// Whether a redemption is one. What test keys redeem is listed and counted apart, and nothing else is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// It is meant.
    #[default]
    Live,
    /// It tries a site out.
    Test,
}

/// A key, as it is kept.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// Whose it is.
    pub kind: KeyKind,
    /// Whether what it does is meant.
    pub mode: Mode,
    /// Its last four characters; nobody knows those of the oldest.
    pub last_four: Option<Box<str>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it opens nothing any more.
    pub valid_until: Option<DateTime<Utc>>,
    /// The site it opens.
    pub site: SiteNumber,
}

impl KeyRecord {
    /// Whether it has not ended at `now`.
    #[must_use]
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.valid_until.is_none_or(|until| now < until)
    }
}

/// What a site's secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signing snapshots.
    Snapshots,
    /// Hashing customers' identities (R47).
    Identities,
}

/// A site's secret. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Which of its versions, from 1.
    pub version: u8,
    /// The secret itself.
    pub bytes: [u8; 32],
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Secret(version {})", self.version)
    }
}

/// A secret with which the host's backend signs carts (R61). `Debug` tells nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct CartSecret {
    /// Which of the site's, from 1; a number is not given again while a later one is there.
    pub number: u32,
    /// The secret itself.
    pub bytes: [u8; 32],
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on nothing that it signs counts; `None` while nothing took its place.
    pub valid_until: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for CartSecret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "CartSecret({})", self.number)
    }
}

/// A promotion at its newest terms version.
#[derive(Clone, Debug)]
pub struct PromotionRecord {
    /// Its number.
    pub number: PromotionNumber,
    /// How often its terms were changed or it was switched on or off, from 1.
    pub revision: u32,
    /// Whether it is active (R68).
    pub active: bool,
    /// What its owner wrote, checked, its dates turned into instants when it was written.
    pub promotion: Promotion,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A reference for an order: 1 to 128 characters, each of which shows, with no white space but U+0020 between them, unique per site for ever (R56) among those of its host's
/// backend, and apart from them among those of its pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order(Box<str>);

impl Order {
    const LENGTH_MAX: usize = 128;

    /// Checks a reference.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::kept(text).filter(|_| !text.chars().any(is_ambiguous))
    }

    /// A reference as it is kept: what was recorded once can be read for ever.
    #[must_use]
    pub(super) fn kept(text: &str) -> Option<Self> {
        let fits = (1..=Self::LENGTH_MAX).contains(&text.chars().count());
        (fits && text.trim() == text && !text.chars().any(char::is_control)).then(|| Self(text.into()))
    }

    /// The reference.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRecord {
    /// Its one form.
    pub key: CodeKey,
    /// As its owner spells it.
    pub spelling: Box<str>,
    /// The promotion that it unlocks.
    pub promotion: PromotionNumber,
    /// Its number among those of its promotion.
    pub number: CodeNumber,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// Since when it is retired: it unlocks nothing, and stays taken (R7).
    pub retired_at: Option<DateTime<Utc>>,
}

/// A customer as their host tells of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRecord {
    /// The host's own id of their account.
    pub id: CustomerId,
    /// Which state of what is told this is. One that is told of again after being erased has no state of before.
    pub revision: u32,
    /// What is told, as written, without addresses and phone numbers.
    pub draft: CustomerDraft,
    /// The same, checked.
    pub told: Told,
    /// How many e-mail addresses they are known by.
    pub emails: u32,
    /// How many phone numbers they are known by.
    pub phones: u32,
    /// When they were first told of.
    pub created_at: DateTime<Utc>,
    /// When they were last told of.
    pub updated_at: DateTime<Utc>,
}

/// What somebody has redeemed, as far as it counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ordered {
    /// Whether there is any order.
    pub any: bool,
    /// Whether one holds an appointment.
    pub appointment: bool,
}

/// The hash of a request: two requests with one fingerprint ask for the same thing.
pub type Fingerprint = [u8; 32];

/// One use of a promotion within a redemption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Of which promotion.
    pub promotion: PromotionNumber,
    /// By which of its terms versions it was priced.
    pub version: u32,
    /// The code that was entered; `None` for what acts without one.
    pub code: Option<CodeKey>,
    /// How many occurrences it covers that still count; none once it was given back (R44, R57).
    pub occurrences: u32,
    /// What it took off.
    pub discount: Amount,
}

/// The record of one order's whole decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Redemption {
    /// Its id.
    pub id: RedemptionId,
    /// The site.
    pub site: SiteNumber,
    /// The order.
    pub order: Order,
    /// Whether it is one, or only tries the site out.
    pub mode: Mode,
    /// With whose key: by a page or by the host's backend.
    pub reserved_by: KeyKind,
    /// The hash of the request that made it.
    pub fingerprint: Fingerprint,
    /// The engine that decided.
    pub engine: u32,
    /// Where it stands.
    pub state: State,
    /// When it was reserved.
    pub reserved_at: DateTime<Utc>,
    /// The day that was on the site's calendar: what limits per day, week and month count by (R45).
    pub day: NaiveDate,
    /// When its hold ends, if it is not placed before.
    pub expires_at: DateTime<Utc>,
    /// When it was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When it was released.
    pub released_at: Option<DateTime<Utc>>,
    /// When the last of it was taken back.
    pub reversed_at: Option<DateTime<Utc>>,
    /// Canonical bytes of what is left of it, once a part was taken back; before that it follows from cart, facts and result.
    pub recorded: Option<Vec<u8>>,
    /// The redemption that took its place.
    pub replaced_by: Option<RedemptionId>,
    /// The customer's identities, as keyed hashes.
    pub customer: Vec<IdentityKey>,
    /// Whether its cart holds an appointment (R31).
    pub has_appointment: bool,
    /// The currency of its amounts.
    pub currency: Currency,
    /// What the cart cost before discounts.
    pub subtotal: Amount,
    /// What was taken off.
    pub discount: Amount,
    /// What the cart cost after discounts.
    pub total: Amount,
    /// Canonical bytes of the cart.
    pub cart: Vec<u8>,
    /// Canonical bytes of the facts and of the candidates' states.
    pub facts: Vec<u8>,
    /// Canonical bytes of the quote.
    pub result: Vec<u8>,
    /// The digests of the evaluation.
    pub digests: Digests,
    /// What it uses.
    pub uses: Vec<Use>,
}

impl Redemption {
    /// Where it stands at `now`: a hold that has ended has expired, whether or not it was swept.
    #[must_use]
    pub fn state_at(&self, now: DateTime<Utc>) -> State {
        let over = self.state == State::Reserved && self.expires_at <= now;
        if over { State::Expired } else { self.state }
    }
}

/// What was taken back at once of a redemption, or all that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversed {
    /// When.
    pub at: DateTime<Utc>,
    /// What, and why.
    pub reversal: Reversal,
}

/// What was answered under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The hash of the request.
    pub fingerprint: Fingerprint,
    /// The answer.
    pub first: FirstAnswer,
}

/// The first answer to a request, in the least that it can be told again from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstAnswer {
    /// A redemption was recorded, and stood so.
    Recorded {
        /// Which.
        redemption: RedemptionId,
        /// In which state it began.
        state: State,
    },
    /// Nothing is kept that the answer could be made from again, so it is kept itself.
    Told {
        /// Its status.
        status: u16,
        /// Its body.
        body: Vec<u8>,
    },
}
