//! What is kept, and the contract of whoever keeps it. SQL is spoken in the modules below and nowhere else.
//!
//! Reading and writing are two traits: a reader sees one consistent state; a writer works in batches, each of which is one durable
//! commit, and each item of which stands alone. A limit is guarded by the statement that counts a use, so that no order of events
//! can exceed it.

mod backup;
pub mod counter;
mod open;
pub mod postgres;
mod record;
mod sql;
pub mod sqlite;
pub mod transfer;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use tearoff_core::catalog::{Catalog, CatalogItemDraft};
use tearoff_core::code::CodeKey;
use tearoff_core::id::{CustomerId, ItemId, PromotionId};
use tearoff_core::money::Currency;
use tearoff_core::policy::SitePolicyDraft;
use tearoff_core::project::Usage;
use tearoff_core::promotion::draft::Draft;
use tearoff_core::promotion::{Limit, Promotion};

pub use backup::{BackupError, Copied, back_up};
pub use open::{OpenError, open, open_to_read, open_with};
pub use record::{
    Answered, CartSecret, CodeNumber, CodeRecord, CustomerRecord, Fingerprint, FirstAnswer, KeyKind, KeyRecord, Mode,
    Order, Ordered, PromotionNumber, PromotionRecord, Purpose, Redemption, Reversed, Secret, SiteNumber, SiteRecord,
    Use,
};

pub use counter::Weighed;

use crate::customer::{IdentityKey, IdentityKind};
use crate::customers::CustomerDraft;
use crate::edits::{Change, Edit, Editor, Wanted};
use crate::ids::{NoRandomness, RedemptionId};
use crate::keys::Key;

/// The store could not do what was asked of it. Nothing of it was recorded.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or its disk did.
    #[error("the database failed: {0}")]
    Database(String),
    /// A row does not hold what it must.
    #[error("the database holds something impossible: {0}")]
    Inconsistent(String),
    /// Somebody else writes to the database, or it cannot be reached, for longer than is worth waiting.
    #[error("the database is busy")]
    Busy,
    /// Something random was needed and there was none.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// The tables that grow with every order, code or customer: no statement looks through one, however it is asked.
pub const GROWING: [&str; 10] = [
    "redemptions",
    "uses",
    "answers",
    "counters",
    "codes",
    "customers",
    "customer_identities",
    "identity_orders",
    "reversals",
    "edits",
];

/// What reading gives.
pub type Stored<T> = Result<T, StoreError>;

/// A page of a list: what comes after a place, at most so many.
#[derive(Clone, Copy, Debug)]
pub struct Page<T> {
    /// The last thing of the page before; nothing for the first page.
    pub after: Option<T>,
    /// Most things on the page.
    pub limit: u32,
}

/// Whose use of a promotion is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Live or test uses.
    pub mode: Mode,
    /// The customer's identities; `None` while nobody said who they are.
    pub customer: Option<&'a [IdentityKey]>,
    /// The code that was entered.
    pub code: Option<&'a CodeKey>,
    /// The day on the site's calendar.
    pub day: NaiveDate,
    /// The currency of the cart.
    pub currency: Currency,
}

/// Reads one consistent state.
pub trait Read {
    /// The site of that number.
    ///
    /// # Errors
    /// [`StoreError`], as with everything here.
    fn site(&self, number: SiteNumber) -> Stored<Option<Arc<SiteRecord>>>;

    /// The site of that id.
    fn find_site(&self, id: &str) -> Stored<Option<Arc<SiteRecord>>>;

    /// The key with this hash.
    fn find_key(&self, hash: &[u8; 32]) -> Stored<Option<KeyRecord>>;

    /// A site's keys that have not ended at `now`, the oldest first.
    fn keys(&self, site: SiteNumber, now: DateTime<Utc>) -> Stored<Vec<KeyRecord>>;

    /// The ids of the sites without any key, which nobody can use; `None` where there is no site at all.
    fn keyless_sites(&self) -> Stored<Option<Vec<String>>>;

    /// Whether the pages of any site live at this origin.
    fn knows_origin(&self, origin: &str) -> Stored<bool>;

    /// A site's secret; the newest where no version is named.
    fn secret(&self, site: SiteNumber, purpose: Purpose, version: Option<u8>) -> Stored<Option<Secret>>;

    /// When a version of a site's secret was replaced by a newer one; `None` while it is the newest.
    fn secret_replaced_at(&self, site: SiteNumber, purpose: Purpose, version: u8) -> Stored<Option<DateTime<Utc>>>;

    /// A site's secrets for carts that have not ended at `now`, the oldest first.
    fn cart_secrets(&self, site: SiteNumber, now: DateTime<Utc>) -> Stored<Vec<CartSecret>>;

    /// Those of the items that the site's catalog has.
    fn catalog_items(&self, site: SiteNumber, items: &[ItemId]) -> Stored<Catalog>;

    /// The whole catalog, as its owner wrote it, by item id.
    fn catalog(&self, site: SiteNumber) -> Stored<Vec<CatalogItemDraft>>;

    /// A code of this site, retired ones included.
    fn find_code(&self, site: SiteNumber, key: &CodeKey) -> Stored<Option<CodeRecord>>;

    /// The codes of this site with these keys, each at the place of its key.
    fn find_codes(&self, site: SiteNumber, keys: &[&CodeKey]) -> Stored<Vec<Option<CodeRecord>>>;

    /// A promotion at its newest terms version.
    fn promotion(&self, number: PromotionNumber) -> Stored<Option<Arc<PromotionRecord>>>;

    /// What a promotion's owner wrote, at its newest terms version.
    fn draft(&self, number: PromotionNumber) -> Stored<Option<Draft>>;

    /// A promotion of this site by its id.
    fn find_promotion(&self, site: SiteNumber, id: &PromotionId) -> Stored<Option<PromotionRecord>>;

    /// A promotion at a certain terms version.
    fn terms_version(&self, number: PromotionNumber, version: u32) -> Stored<Option<Promotion>>;

    /// A site's promotions, the oldest first.
    fn promotions(&self, site: SiteNumber, page: Page<PromotionNumber>) -> Stored<Vec<PromotionRecord>>;

    /// A site's active promotions that act without a code, the oldest first, at most `limit`.
    fn without_codes(&self, site: SiteNumber, limit: u32) -> Stored<Arc<[Arc<PromotionRecord>]>>;

    /// A promotion's codes that are not retired as their owner spells them, in the order in which they were added, at most `limit`.
    fn codes(&self, promotion: PromotionNumber, limit: u32) -> Stored<Vec<String>>;

    /// A promotion's codes, retired ones included, in the order in which they were added.
    fn code_page(&self, promotion: PromotionNumber, page: Page<CodeNumber>) -> Stored<Vec<CodeRecord>>;

    /// How often each of a promotion's codes is used at `now`, in the unit of the limit per code; `None` where there is no such limit.
    fn used_by_codes(
        &self,
        promotion: &PromotionRecord,
        mode: Mode,
        codes: &[CodeRecord],
        now: DateTime<Utc>,
    ) -> Stored<Option<Vec<u32>>>;

    /// How often a promotion is used at `now`, as far as its limits ask it of whoever asks. Holds that have ended do not count,
    /// whether or not they have been swept.
    fn usage(&self, promotion: &PromotionRecord, asking: &Asking<'_>, now: DateTime<Utc>) -> Stored<Usage>;

    /// How often a promotion is used at `now` by anybody, where a limit counts that.
    fn used(&self, promotion: &PromotionRecord, mode: Mode, now: DateTime<Utc>) -> Stored<Option<u32>>;

    /// The customer of that id, as the host tells of them.
    fn customer(&self, site: SiteNumber, id: &CustomerId) -> Stored<Option<CustomerRecord>>;

    /// A site's customers, in the order of their ids.
    fn customers(&self, site: SiteNumber, page: Page<&CustomerId>) -> Stored<Vec<CustomerRecord>>;

    /// The customers whom any of these identities names, each once, at most `limit` for each identity.
    fn customers_of(&self, site: SiteNumber, identities: &[IdentityKey], limit: u32) -> Stored<Vec<CustomerRecord>>;

    /// What was redeemed at this site by whom these identities name, as far as it counts at `now`: cancelled orders do not, open holds
    /// do (R30).
    fn ordered(&self, site: SiteNumber, mode: Mode, identities: &[IdentityKey], now: DateTime<Utc>) -> Stored<Ordered>;

    /// The redemption of that id.
    fn redemption(&self, site: SiteNumber, id: RedemptionId) -> Stored<Option<Redemption>>;

    /// The redemption of that order, among those of pages or those of the host's backend.
    fn find_order(
        &self,
        site: SiteNumber,
        mode: Mode,
        reserved_by: KeyKind,
        order: &Order,
    ) -> Stored<Option<Redemption>>;

    /// What was taken back of a redemption, in order.
    fn reversals(&self, redemption: RedemptionId) -> Stored<Vec<Reversed>>;

    /// A site's redemptions, the oldest first.
    fn redemptions(&self, site: SiteNumber, mode: Mode, page: Page<RedemptionId>) -> Stored<Vec<Redemption>>;

    /// How many redemptions there are, of all sites.
    fn redemption_count(&self) -> Stored<u64>;

    /// The redemptions of all sites, the oldest first.
    fn redemption_ids(&self, page: Page<RedemptionId>) -> Stored<Vec<(SiteNumber, RedemptionId)>>;

    /// Who changed what of a site, the newest first; a page begins before the number of its `after`.
    fn edits(&self, site: SiteNumber, wanted: &Wanted, page: Page<i64>) -> Stored<Vec<Edit>>;

    /// What was answered under this idempotency key, while it is kept.
    fn answered(&self, site: SiteNumber, key: &[u8; 16], now: DateTime<Utc>) -> Stored<Option<Answered>>;
}

/// Whether a limit bore a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The use is counted.
    Counted,
    /// A limit is reached; what was counted before it in the same item must be undone by failing the item's savepoint.
    LimitReached,
}

/// Writes, within one item of a batch.
pub trait Write: Read {
    /// Does `work` so that it can be undone: when it answers `false` or fails, nothing of it remains.
    ///
    /// # Errors
    /// [`StoreError`], as with everything here; also that of `work`.
    fn attempt(&self, work: &mut dyn FnMut() -> Stored<bool>) -> Stored<bool>;

    /// Adds a site with its two secrets.
    fn add_site(
        &self,
        id: &str,
        policy: &SitePolicyDraft,
        secrets: [&Secret; 2],
        now: DateTime<Utc>,
    ) -> Stored<SiteNumber>;

    /// Replaces a site's policy.
    fn set_policy(&self, site: SiteNumber, policy: &SitePolicyDraft, now: DateTime<Utc>) -> Stored<()>;

    /// Replaces the origins of a site's pages.
    fn set_origins(&self, site: SiteNumber, origins: &[String]) -> Stored<()>;

    /// Adds a key; one that is there already stays as it is.
    fn add_key(&self, site: SiteNumber, key: &Key, now: DateTime<Utc>) -> Stored<()>;

    /// Lets the key with this hash end.
    fn end_key(&self, hash: &[u8; 32], at: DateTime<Utc>) -> Stored<()>;

    /// Adds a version of a site's secret, and forgets all but the one before it.
    fn replace_secret(&self, site: SiteNumber, purpose: Purpose, secret: &Secret, now: DateTime<Utc>) -> Stored<()>;

    /// Adds a site's secret for carts. Those before it end at `until`, where they do not end earlier; those that have ended by the time this
    /// one is made are deleted.
    fn add_cart_secret(&self, site: SiteNumber, secret: &CartSecret, until: DateTime<Utc>) -> Stored<()>;

    /// Replaces a site's catalog.
    fn set_catalog(&self, site: SiteNumber, items: &[CatalogItemDraft]) -> Stored<()>;

    /// Adds a promotion at its first terms version, with the counters that its limits need.
    fn add_promotion(
        &self,
        site: SiteNumber,
        promotion: &Promotion,
        draft: &Draft,
        active: bool,
        now: DateTime<Utc>,
    ) -> Stored<PromotionNumber>;

    /// Adds codes, each a key with its spelling, that nobody has on this site: they were looked for in the same piece of work, and differ.
    fn add_codes(
        &self,
        site: SiteNumber,
        codes: &[(&CodeKey, &str)],
        promotion: PromotionNumber,
        now: DateTime<Utc>,
    ) -> Stored<()>;

    /// Retires a code: it unlocks nothing any more, and stays taken (R7).
    fn retire_code(&self, code: &CodeRecord, now: DateTime<Utc>) -> Stored<()>;

    /// Deletes a code: its key is free again (R7). What was redeemed with it stays as it is (R11).
    fn delete_code(&self, code: &CodeRecord) -> Stored<()>;

    /// Adds a terms version. A limit that was not there before begins with the uses recorded so far.
    fn add_terms_version(
        &self,
        number: PromotionNumber,
        promotion: &Promotion,
        draft: &Draft,
        now: DateTime<Utc>,
    ) -> Stored<()>;

    /// Switches a promotion on or off.
    fn set_active(&self, promotion: PromotionNumber, active: bool, now: DateTime<Utc>) -> Stored<()>;

    /// Counts one use against every limit of a promotion, unless one is reached.
    fn take_use(&self, promotion: PromotionNumber, limits: &[Limit], used: &Weighed<'_>) -> Stored<Taken>;

    /// Takes what a use weighs back from every counter of these limits, which are the promotion's newest, but for what it still weighs
    /// with `left` occurrences.
    fn give_back_use(&self, promotion: PromotionNumber, limits: &[Limit], used: &Weighed<'_>, left: u32) -> Stored<()>;

    /// Keeps what is told of a customer in place of what was told before, and what they are known by, of each kind that is named. Tells
    /// whether they are new.
    fn set_customer(
        &self,
        site: SiteNumber,
        id: &CustomerId,
        draft: &CustomerDraft,
        identities: &[(IdentityKind, Vec<IdentityKey>)],
        now: DateTime<Utc>,
    ) -> Stored<bool>;

    /// Forgets a customer with all that they are known by; tells whether there was one. What counts their uses and orders are hashes
    /// that name nobody, and stay (R47). Who has edited them stays, and does not name them.
    fn erase_customer(&self, site: SiteNumber, id: &CustomerId) -> Stored<bool>;

    /// Records a redemption with its uses. Counting them is [`take_use`](Self::take_use)'s part.
    fn add_redemption(&self, redemption: &Redemption) -> Stored<()>;

    /// Writes a redemption's state and the times that go with it. What was taken back is kept before: one that was only cleared away is still
    /// an order.
    fn set_state(&self, redemption: &Redemption) -> Stored<()>;

    /// Writes what is left of a redemption: its record, and how much of each use still counts.
    fn set_left(&self, redemption: &Redemption) -> Stored<()>;

    /// Adds what was taken back of a redemption.
    fn add_reversal(&self, redemption: RedemptionId, reversed: &Reversed) -> Stored<()>;

    /// Keeps an answer under its idempotency key until `until`.
    fn keep_answer(&self, site: SiteNumber, key: &[u8; 16], answer: &Answered, until: DateTime<Utc>) -> Stored<()>;

    /// Redemptions whose hold has ended by `now`, at most `limit`.
    fn ended_holds(&self, now: DateTime<Utc>, limit: u32) -> Stored<Vec<(SiteNumber, RedemptionId)>>;

    /// Sets a hold aside that cannot be ended: it keeps its uses, and is not among those that have ended any more.
    fn set_aside(&self, hold: RedemptionId) -> Stored<()>;

    /// Keeps who changed what; of a site at most [`EDITS_MAX`](crate::edits::EDITS_MAX), give or take a thousand.
    fn add_edit(&self, site: SiteNumber, editor: Editor, change: &Change<'_>, now: DateTime<Utc>) -> Stored<()>;

    /// Forgets edits that have been kept for long enough, at most `limit`; tells how many.
    fn forget_edits(&self, now: DateTime<Utc>, limit: u32) -> Stored<u32>;

    /// Forgets answers that need not be kept any longer, at most `limit`; tells how many.
    fn forget_answers(&self, now: DateTime<Utc>, limit: u32) -> Stored<u32>;
}

/// One item of a batch.
pub trait Item {
    /// The site that it is about, where that is known before it runs: a writer that is not the only one keeps the others away from it.
    fn site(&self) -> Option<SiteNumber>;

    /// Does the item's work. When it fails nothing of it remains, and the rest of the batch is not touched. A writer may undo a whole
    /// batch and run it again: what counts is the last run.
    ///
    /// # Errors
    /// That it failed; why, the item keeps for whoever waits.
    fn run(&mut self, store: &dyn Write) -> Result<(), Undo>;
}

/// An item that must leave no trace.
#[derive(Clone, Copy, Debug)]
pub struct Undo;

/// The one who writes.
pub trait Writer: Send {
    /// Runs all items within one durable commit. Only after `Ok` may anybody be told of a success.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the batch could not be recorded for now, and later ones may fare better. Over a network that may have cut
    /// off the very answer to a commit: who asks again, under the same key and order, is told. Any other when the commit failed: nothing of
    /// the batch is recorded, and nothing more may be written by this process.
    fn commit(&mut self, items: &mut [&mut dyn Item]) -> Result<(), StoreError>;
}

/// A store that is open: who writes, and who reads beside.
pub struct Opened {
    /// Those who read. They go first: whoever writes closes the database last, and folds its log into it.
    pub readers: Arc<dyn Readers>,
    /// The one who writes.
    pub writer: Box<dyn Writer>,
    /// Where servers that share the database share their limits; `None` where a database has one server.
    pub limits: Option<Box<dyn SharedLimits>>,
}

/// What was spent of a budget, or given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spending {
    /// The place in the limiters' table that whoever spent it falls on; it tells nobody's address.
    pub place: u16,
    /// Which of the place's budgets.
    pub budget: u8,
    /// How long it takes to come back; below zero what is given back.
    pub microseconds: i64,
}

/// What all servers with one database have spent. It is quick rather than durable: the limits of promotions are not kept here.
pub trait SharedLimits: Send {
    /// The key that places are found with: `proposed` where no server has said one before.
    ///
    /// # Errors
    /// [`StoreError`], as with everything here.
    fn key(&mut self, proposed: [u8; 32]) -> Stored<[u8; 32]>;

    /// Adds what was spent, each place and budget named once, in their order; tells how many microseconds it takes now until all of each
    /// has come back.
    fn spend(&mut self, spendings: &[Spending]) -> Stored<Vec<i64>>;

    /// Forgets what has come back.
    fn forget(&mut self) -> Stored<()>;
}

/// Those who read, beside the writer.
pub trait Readers: Send + Sync {
    /// Whether reading a few rows takes no longer than a disk: nobody else is asked and nobody waited for. Then whoever serves connections may
    /// do it between two requests.
    fn are_near(&self) -> bool {
        false
    }

    /// Runs `work` on one consistent state.
    ///
    /// # Errors
    /// When there is no state to read from.
    fn read(&self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError>;

    /// The same, but that what owners have set up may be as it was when this was called, and the rest as it is a moment later.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn recall(&self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError> {
        self.read(work)
    }

    /// Has `work` done soon, on one consistent state that is not older than this call, and that it may share with others who ask at the same time.
    /// Whoever calls does not wait for it where the database is not near; what cannot be done is dropped.
    fn read_together(&self, work: Together) {
        let mut work = Some(work);
        // What was not done is dropped here.
        let _ = self.read(&mut |read| {
            if let Some(work) = work.take() {
                work(read);
            }
        });
    }
}

/// Work that reads a few rows, for whoever reads for many.
pub type Together = Box<dyn FnOnce(&dyn Read) + Send>;
