//! The server without its doors: a store, the one who writes, and a clock.

mod asked;
mod books;
mod seed;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tearoff_core::customer::Identity;
use tearoff_core::money::{Amount, Currency};
use tearoff_core::promotion::draft::Draft;
use tearoff_core::promotion::{Benefit, Kind};
use tearoff_core::redemption::reversal::Part;
use tearoff_core::redemption::{Cause, State, Step};
use tearoff_server::clock::{Clock, ManualClock};
use tearoff_server::config;
use tearoff_server::customer::{Customer, IdentityKey};
use tearoff_server::establish::{Choices, ChosenGift};
use tearoff_server::ids::{RedemptionId, SystemIds};
use tearoff_server::promotions;
use tearoff_server::redeem::{
    Batcher, Ended, Failed, Replaced, Reservation, Reserved, Reversing, Seen, Stepped, replace, reserve, reverse, step,
};
use tearoff_server::seed::plant;
use tearoff_server::signed_cart::Vouched;
use tearoff_server::store::{
    self, KeyKind, Mode, Opened, Order, Page, PromotionRecord, Read, Readers, Redemption, SiteRecord, Weighed, Write,
};
use tokio::runtime::Runtime;

pub use asked::Asked;
pub use seed::CODES;

/// A database under test, empty at first. Opening it again finds what was committed.
pub trait Database: 'static {
    /// An empty one.
    fn new() -> Self;

    /// Its name, as a command line has it.
    fn name(&self) -> config::Database;

    /// Opens it.
    ///
    /// # Panics
    /// When it cannot be opened.
    fn open(&self) -> Opened {
        store::open(&self.name()).expect("opening")
    }
}

/// What the clock of every ledger shows when it is opened.
const OPENING: &str = "2026-12-01T10:00:00Z";
/// What every order costs before discounts.
pub const PRICE_MINOR: i64 = 1000;

/// A store with its writer at work.
pub struct Ledger<D> {
    database: D,
    runtime: Runtime,
    clock: Arc<ManualClock>,
    work: Option<(Batcher, Ended, Arc<dyn Readers>)>,
}

impl<D: Database> Ledger<D> {
    /// A ledger with two studios, on an empty database.
    ///
    /// # Panics
    /// When it cannot be opened; so does everything here when the server does what it must not.
    #[must_use]
    pub fn open() -> Self {
        Self::with(D::new())
    }

    /// The same on a database that is there.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[must_use]
    pub fn with(database: D) -> Self {
        Self::on(database, Arc::new(ManualClock::at(OPENING.parse().expect("an instant"))))
    }

    /// Another server on the same database, by the same clock.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[must_use]
    pub fn beside(&self) -> Self
    where
        D: Clone,
    {
        Self::on(self.database.clone(), Arc::clone(&self.clock))
    }

    fn on(database: D, clock: Arc<ManualClock>) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let mut ledger = Self { database, runtime, clock, work: None };
        ledger.start();
        let ids: Arc<dyn tearoff_server::ids::Ids> = Arc::new(SystemIds);
        ledger.runtime.block_on(plant(seed::seed(), ledger.batcher(), &ids)).expect("the seed");
        ledger
    }

    fn start(&mut self) {
        let Opened { writer, readers, .. } = self.database.open();
        let (batcher, ended) = Batcher::start(writer, self.clock.clone()).expect("a thread");
        self.work = Some((batcher, ended, readers));
    }

    /// Stops the writer and opens the database again.
    ///
    /// # Panics
    /// When the writer does not end well.
    pub fn reopen(&mut self) {
        let (batcher, ended, readers) = self.work.take().expect("a writer");
        drop((batcher, readers));
        self.runtime.block_on(ended).expect("the writer lives to its end").expect("the last commit holds");
        self.start();
    }

    /// The database.
    pub const fn database(&self) -> &D {
        &self.database
    }

    /// Where work is queued.
    ///
    /// # Panics
    /// Never: a ledger has a writer.
    #[must_use]
    pub fn batcher(&self) -> &Batcher {
        &self.work.as_ref().expect("a writer").0
    }

    /// The runtime, for tests that do many things at once.
    pub const fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// What the clock shows.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Moves the clock.
    pub fn wait(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// Reads.
    ///
    /// # Panics
    /// When nothing can be read.
    pub fn read<T>(&self, work: impl FnOnce(&dyn Read) -> T) -> T {
        let readers = &self.work.as_ref().expect("a writer").2;
        let (mut work, mut done) = (Some(work), None);
        readers.read(&mut |read| done = work.take().map(|work| work(read))).expect("reading");
        done.expect("an answer")
    }

    /// Writes.
    ///
    /// # Errors
    /// What the store says.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&dyn Write, DateTime<Utc>) -> Result<T, tearoff_server::store::StoreError> + Send + 'static,
    ) -> Result<T, Failed> {
        let site = self.site("studio").number;
        self.runtime.block_on(self.batcher().submit(site, work))
    }

    /// A site.
    ///
    /// # Panics
    /// When it is not there.
    #[must_use]
    pub fn site(&self, id: &str) -> Arc<SiteRecord> {
        self.read(|read| read.find_site(id)).expect("reading").expect("a site")
    }

    /// Asks to reserve.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn reserve(&self, asked: &Asked) -> Reserved {
        self.runtime.block_on(self.reserving(asked)).expect("an answer")
    }

    /// The same, to be awaited, or dropped like a lost connection.
    pub fn reserving(&self, asked: &Asked) -> impl Future<Output = Result<Reserved, Failed>> + Send + use<D> {
        let reservation = self.reservation(asked);
        let batcher = self.batcher().clone();
        let site = reservation.site;
        // With a secret key nobody pays.
        let work = move |store: &dyn Write, now| reserve(store, &SystemIds, now, &reservation, &mut |_| Ok(()));
        async move { batcher.submit(site, work).await }
    }

    fn reservation(&self, asked: &Asked) -> Reservation {
        let customer = serde_json::from_value(asked.customer.clone()).expect("a customer");
        let customer: Option<tearoff_server::customer::CustomerRequest> = customer;
        // A gift is the mug, of whichever promotion the code is; a coupon has none.
        let promotion = self.promotion_at(asked.site, asked.code).promotion;
        let is_gift = promotion.terms.kind == Kind::Gift;
        let gift = ChosenGift { promotion: promotion.terms.promotion.as_str().to_owned(), item: "mug".into() };
        let choices = Choices { gifts: if is_gift { vec![gift] } else { Vec::new() }, ..Choices::default() };
        let off = if is_gift || promotion.terms.benefit == Benefit::NoDiscount { 0 } else { 100 };
        let lines: Vec<Value> = (0..asked.mugs).map(|mug| json!({ "id": mug.to_string(), "item": "mug" })).collect();
        Reservation {
            site: self.site(asked.site).number,
            caller: KeyKind::Secret,
            mode: asked.mode,
            key: asked.key(),
            fingerprint: asked.fingerprint(),
            order: Order::parse(&asked.order).expect("an order"),
            cart: serde_json::from_value(json!({ "lines": lines })).expect("a cart"),
            vouched: Vouched::ByCaller,
            codes: vec![asked.code.to_owned()],
            customer: Customer::parse(customer.as_ref(), Identity::Asserted).expect("a customer"),
            choices,
            seen: Seen::total(Amount::new(PRICE_MINOR * i64::from(asked.mugs) - off).expect("an amount")),
            snapshot: None,
            place: asked.place,
            barred: None,
        }
    }

    /// Reserves, which must be granted.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn granted(&self, asked: &Asked) -> Redemption {
        match self.reserve(asked) {
            Reserved::New(redemption) => redemption,
            other => panic!("{asked:?}: {other:?}"),
        }
    }

    /// Asks to reserve, which must be refused; tells the problem's code.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn refused(&self, asked: &Asked) -> String {
        match self.reserve(asked) {
            Reserved::Refused { status: 409, body, .. } => code(&body),
            Reserved::Problem(problem) => code(&problem.body()),
            other => panic!("{asked:?}: {other:?}"),
        }
    }

    /// Takes a step.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn step(&self, id: RedemptionId, asked: Step) -> Stepped {
        let site = self.site("studio").number;
        let work = move |store: &dyn Write, now| step(store, now, (site, Mode::Live), id, asked);
        self.write(work).expect("an answer")
    }

    /// A step that must be possible; tells the state after it.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn stepped(&self, id: RedemptionId, asked: Step) -> State {
        match self.step(id, asked) {
            Stepped::Done(redemption) => redemption.state,
            other => panic!("{asked:?}: {other:?}"),
        }
    }

    /// Takes parts of a live redemption back; all that is left when there are none.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn reverse(&self, id: RedemptionId, parts: &[Part], cause: Cause) -> Reversing {
        let site = self.site("studio").number;
        let parts = parts.to_vec();
        let work = move |store: &dyn Write, now| reverse(store, now, (site, Mode::Live), id, &parts, cause);
        self.write(work).expect("an answer")
    }

    /// Puts an order in the place of a redemption.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn replace(&self, id: RedemptionId, asked: &Asked) -> Replaced {
        let reservation = self.reservation(asked);
        self.write(move |store, now| replace(store, &SystemIds, now, id, &reservation)).expect("an answer")
    }

    /// The promotion that a code of the first site unlocks.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn promotion(&self, code: &str) -> PromotionRecord {
        self.promotion_at("studio", code)
    }

    fn promotion_at(&self, site: &str, code: &str) -> PromotionRecord {
        let site = self.site(site).number;
        let key = tearoff_core::code::CodeKey::normalize(code).expect("a code");
        self.read(|read| {
            let code = read.find_code(site, &key).expect("reading").expect("a code");
            Arc::unwrap_or_clone(read.promotion(code.promotion).expect("reading").expect("a promotion"))
        })
    }

    /// What the owner of a code's promotion wrote.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn draft(&self, code: &str) -> Draft {
        let number = self.promotion(code).number;
        self.read(|read| read.draft(number)).expect("reading").expect("a draft")
    }

    /// Writes these limits into the terms of a promotion.
    ///
    /// # Panics
    /// When they are refused.
    pub fn limit(&self, code: &str, limits: Value) {
        let record = self.promotion(code);
        let site = self.site("studio");
        let mut draft = self.draft(code);
        draft.limits = serde_json::from_value(limits).expect("limits");
        let edited = self.write(move |store, now| promotions::edit(store, now, &site, record.clone(), &draft));
        edited.expect("an answer").expect("good terms");
    }

    /// How often a code's promotion is used, as far as it is counted.
    ///
    /// # Panics
    /// When nothing can be read.
    #[must_use]
    pub fn used(&self, code: &str) -> u32 {
        let (record, now) = (self.promotion(code), self.now());
        self.read(|read| read.used(&record, Mode::Live, now)).expect("reading").unwrap_or(0)
    }

    /// All redemptions of the first site.
    ///
    /// # Panics
    /// When nothing can be read.
    #[must_use]
    pub fn redemptions(&self) -> Vec<Redemption> {
        self.redemptions_in(Mode::Live)
    }

    /// The same of one mode.
    ///
    /// # Panics
    /// When nothing can be read.
    #[must_use]
    pub fn redemptions_in(&self, mode: Mode) -> Vec<Redemption> {
        let site = self.site("studio").number;
        let page = Page { after: None, limit: 10_000 };
        self.read(|read| read.redemptions(site, mode, page)).expect("reading")
    }

    /// Holds what is counted against what is recorded, for every code of the seed: nothing may be counted that is not there, and
    /// nothing may be there that is not counted.
    ///
    /// # Panics
    /// When the books do not balance.
    pub fn audit(&self) {
        for mode in [Mode::Live, Mode::Test] {
            let redemptions = self.redemptions_in(mode);
            for code in CODES {
                books::balance(self, mode, code, &redemptions);
            }
            books::orders_balance(self, mode, &redemptions);
        }
    }
}

/// A live use of one mug by this customer.
///
/// # Panics
/// Never.
#[must_use]
pub fn a_use(customer: &[IdentityKey]) -> Weighed<'_> {
    Weighed {
        mode: Mode::Live,
        customer,
        code: None,
        day: "2026-12-01".parse().expect("a date"),
        occurrences: 1,
        discount: Amount::new(100).expect("an amount"),
        currency: Currency::parse("EUR").expect("a currency"),
    }
}

fn code(problem: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(problem).expect("a problem");
    problem["code"].as_str().expect("a code").to_owned()
}
