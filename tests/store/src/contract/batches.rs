//! One commit for many, each of which stands alone.

use tearoff_server::redeem::Failed;
use tearoff_server::store::{Mode, StoreError, Write};

use crate::ledger::{Asked, Database, Ledger, a_use};

/// Three are queued together; the one in the middle writes and then fails.
///
/// # Panics
/// When the contract is broken; so does every story.
pub fn what_fails_leaves_no_trace_and_harms_no_other<D: Database>() {
    let ledger = Ledger::<D>::open();
    let record = ledger.promotion("THREE");
    let (before, after) = (Asked::of("A-1", "THREE"), Asked::of("A-2", "THREE"));
    let (before, after) = (ledger.reserving(&before), ledger.reserving(&after));
    let batcher = ledger.batcher().clone();
    let site = ledger.site("studio").number;
    let failing = async move {
        let work = move |store: &dyn Write, now| -> Result<(), StoreError> {
            store.set_active(record.number, false, now)?;
            let _ = store.take_use(record.number, &record.promotion.limits, &a_use(&[]))?;
            Err(StoreError::Inconsistent("a fault made for the test".into()))
        };
        batcher.submit(site, work).await
    };
    let (before, failed, after) = ledger.runtime().block_on(async {
        let (before, failing, after) = (tokio::spawn(before), tokio::spawn(failing), tokio::spawn(after));
        (before.await.expect("one"), failing.await.expect("two"), after.await.expect("three"))
    });
    assert!(before.is_ok() && after.is_ok());
    assert!(matches!(failed, Err(Failed::Store(StoreError::Inconsistent(_)))), "{failed:?}");
    assert!(ledger.promotion("THREE").active);
    assert_eq!(ledger.used("THREE"), 2);
    ledger.audit();
}

/// An attempt within an item that does not succeed is as if it had not been made; the rest of the item stands.
pub fn what_is_attempted_is_undone_whole<D: Database>() {
    let ledger = Ledger::<D>::open();
    let (first, second) = (ledger.promotion("THREE"), ledger.promotion("LAST"));
    let attempted = ledger.write(move |store, now| {
        store.set_active(second.number, false, now)?;
        let take = |record: &tearoff_server::store::PromotionRecord| {
            store.take_use(record.number, &record.promotion.limits, &a_use(&[]))
        };
        let undone = store.attempt(&mut || take(&first).map(|_| false))?;
        let failed = store.attempt(&mut || take(&first).and(Err(StoreError::Inconsistent("a fault".into()))));
        let kept = store.attempt(&mut || take(&second).map(|_| true))?;
        Ok((undone, failed.is_err(), kept))
    });
    assert_eq!(attempted.expect("an answer"), (false, true, true));
    assert_eq!((ledger.used("THREE"), ledger.used("LAST")), (0, 1));
    assert!(!ledger.promotion("LAST").active);
}

/// What is committed while somebody reads is not seen by them, and is by the next.
pub fn a_reader_sees_one_state<D: Database>() {
    let ledger = Ledger::<D>::open();
    let record = ledger.promotion("THREE");
    let now = ledger.now();
    let used =
        |read: &dyn tearoff_server::store::Read| read.used(&record, Mode::Live, now).expect("reading").unwrap_or(0);
    let seen = ledger.read(|read| {
        let before = used(read);
        let _ = ledger.granted(&Asked::of("A-1", "THREE"));
        (before, used(read))
    });
    assert_eq!(seen, (0, 0));
    assert_eq!(ledger.used("THREE"), 1);
}
