//! Who changed what: kept with the change, read from the newest, and not for ever.

use chrono::TimeDelta;
use tearoff_core::id::CustomerId;
use tearoff_server::customers::CustomerDraft;
use tearoff_server::edits::{Action, Change, EDITS_MAX, Edit, Editor, KEPT, ROUTINE_MAX, Resource, Wanted};
use tearoff_server::keys::KeyId;
use tearoff_server::store::{Mode, Page, StoreError};

use crate::ledger::{Database, Ledger};

fn editor() -> Editor {
    Editor { key: KeyId::of(&[7; 32]), mode: Mode::Live }
}

/// Keeps these changes in one piece of work.
fn keep<D: Database>(ledger: &Ledger<D>, changes: Vec<Change<'static>>) {
    let site = ledger.site("studio").number;
    let kept =
        ledger.write(move |store, now| changes.iter().try_for_each(|change| editor().keep(store, site, now, change)));
    kept.expect("they are kept");
}

fn listed<D: Database>(ledger: &Ledger<D>, wanted: &Wanted, after: Option<i64>, limit: u32) -> Vec<Edit> {
    let site = ledger.site("studio").number;
    ledger.read(|read| read.edits(site, wanted, Page { after, limit })).expect("reading")
}

fn numbers(edits: &[Edit]) -> Vec<i64> {
    edits.iter().map(|edit| edit.number).collect()
}

/// The newest come first, those of one thing are found among all, and what changed nothing is not there.
///
/// # Panics
/// When the contract is broken.
pub fn edits_are_listed_from_the_newest<D: Database>() {
    let ledger = Ledger::<D>::open();
    let promotion = |id| Change::of(Resource::Promotion, Action::Changed).to(id);
    keep(
        &ledger,
        vec![
            Change::of(Resource::Site, Action::Changed).between(Some(1), Some(2)),
            promotion("prm_a").between(Some(1), Some(2)),
            promotion("prm_a").between(Some(2), Some(2)),
            Change::of(Resource::Codes, Action::Added).to("prm_a").counting(0),
            promotion("prm_b").between(Some(1), Some(2)),
        ],
    );
    ledger.wait(TimeDelta::minutes(1));
    keep(&ledger, vec![Change::of(Resource::Codes, Action::Added).to("prm_a").counting(7)]);
    let all = listed(&ledger, &Wanted::All, None, 10);
    assert_eq!(numbers(&all), [4, 3, 2, 1]);
    let newest = Edit {
        number: 4,
        edited_at: ledger.now(),
        editor: editor(),
        resource: Resource::Codes,
        id: Some("prm_a".into()),
        action: Action::Added,
        revision_before: None,
        revision_after: None,
        count: Some(7),
    };
    assert_eq!(all[0], newest);
    assert_eq!((all[3].id.as_deref(), all[3].revision_before, all[3].revision_after), (None, Some(1), Some(2)));
    assert_eq!(numbers(&listed(&ledger, &Wanted::All, Some(4), 2)), [3, 2]);
    assert_eq!(numbers(&listed(&ledger, &Wanted::Of(Resource::Promotion), None, 10)), [3, 2]);
    assert_eq!(numbers(&listed(&ledger, &Wanted::OfThing(Resource::Promotion, "prm_a".into()), None, 10)), [2]);
    let annex = ledger.site("annex").number;
    let page = Page { after: None, limit: 10 };
    assert!(ledger.read(|read| read.edits(annex, &Wanted::All, page)).expect("reading").is_empty());
}

/// A change that is undone was made by nobody.
///
/// # Panics
/// When the contract is broken.
pub fn an_edit_goes_with_what_it_tells_of<D: Database>() {
    let ledger = Ledger::<D>::open();
    let site = ledger.site("studio").number;
    let failed = ledger.write(move |store, now| -> Result<(), StoreError> {
        editor().keep(store, site, now, &Change::of(Resource::Site, Action::Changed))?;
        Err(StoreError::Inconsistent("as this test wants it".into()))
    });
    assert!(failed.is_err());
    assert!(listed(&ledger, &Wanted::All, None, 10).is_empty());
}

/// Whoever is erased is named no longer, also in what was kept before.
///
/// # Panics
/// When the contract is broken.
pub fn an_edit_does_not_name_whoever_was_erased<D: Database>() {
    let ledger = Ledger::<D>::open();
    let site = ledger.site("studio").number;
    let told = ledger.write(move |store, now| {
        for id in ["ana", "bob"] {
            let customer = CustomerId::parse(id).expect("an id");
            let _ = store.set_customer(site, &customer, &CustomerDraft::default(), &[], now)?;
            editor().keep(store, site, now, &Change::of(Resource::Customer, Action::Made).to(id))?;
        }
        // Something else of the same name is no customer.
        editor().keep(store, site, now, &Change::of(Resource::Promotion, Action::Made).to("ana"))
    });
    told.expect("they are told of");
    let erased = ledger.write(move |store, now| {
        let _ = store.erase_customer(site, &CustomerId::parse("ana").expect("an id"))?;
        editor().keep(store, site, now, &Change::of(Resource::Customer, Action::Erased))
    });
    erased.expect("she is erased");
    let customers = listed(&ledger, &Wanted::Of(Resource::Customer), None, 10);
    let names: Vec<_> = customers.iter().map(|edit| (edit.action, edit.id.as_deref())).collect();
    assert_eq!(names, [(Action::Erased, None), (Action::Made, Some("bob")), (Action::Made, None)]);
    assert_eq!(listed(&ledger, &Wanted::OfThing(Resource::Promotion, "ana".into()), None, 10).len(), 1);
}

/// After 400 days an edit is forgotten, some at a time; numbers go on.
///
/// # Panics
/// When the contract is broken.
pub fn an_edit_is_forgotten_when_its_time_is_over<D: Database>() {
    let ledger = Ledger::<D>::open();
    let change = || Change::of(Resource::Site, Action::Changed);
    keep(&ledger, vec![change(), change(), change()]);
    ledger.wait(TimeDelta::days(1));
    keep(&ledger, vec![change()]);
    let forget = || ledger.write(|store, now| store.forget_edits(now, 2)).expect("they are forgotten");
    ledger.wait(KEPT - TimeDelta::days(1) - TimeDelta::milliseconds(1));
    assert_eq!(forget(), 0);
    ledger.wait(TimeDelta::milliseconds(1));
    assert_eq!([forget(), forget(), forget()], [2, 1, 0]);
    assert_eq!(numbers(&listed(&ledger, &Wanted::All, None, 10)), [4]);
    ledger.wait(TimeDelta::days(1));
    assert_eq!(forget(), 0, "the last stays, or numbers would begin anew");
    keep(&ledger, vec![change()]);
    assert_eq!(numbers(&listed(&ledger, &Wanted::All, None, 10)), [5, 4]);
    assert_eq!(forget(), 1);
}

/// However much somebody edits: the newest of a site are kept, and no more; of what programs do all day fewer.
///
/// # Panics
/// When the contract is broken.
pub fn no_more_edits_of_a_site_are_kept_than_it_may_have<D: Database>(insert: impl Fn(&Ledger<D>, i64)) {
    let ledger = Ledger::<D>::open();
    let change = || Change::of(Resource::Site, Action::Changed);
    let routine = || Change::of(Resource::Customer, Action::Changed);
    let kept = || listed(&ledger, &Wanted::All, None, 10_000);
    keep(&ledger, vec![change(), routine(), change()]);
    insert(&ledger, ROUTINE_MAX + 1);
    keep(&ledger, (2..=999).map(|_| change()).collect());
    assert_eq!(kept().len(), 3 + 999);
    keep(&ledger, vec![routine()]);
    let now = kept();
    assert_eq!(now[0].number, ROUTINE_MAX + 1000);
    assert_eq!(numbers(&now[1000..]), [3, 1], "a customer's is forgotten, and the site's are not");
    insert(&ledger, EDITS_MAX + 999);
    keep(&ledger, vec![change()]);
    let now = numbers(&kept());
    assert_eq!(now[0], EDITS_MAX + 1000);
    assert!(!now.contains(&3) && now.contains(&(ROUTINE_MAX + 1)), "the oldest are forgotten");
}
