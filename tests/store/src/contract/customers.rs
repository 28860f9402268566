//! What is told of customers, and what their orders tell (R29 to R33, R47).

use chrono::TimeDelta;
use serde_json::{Value, json};
use tearoff_core::customer::Identity;
use tearoff_core::id::CustomerId;
use tearoff_core::redemption::{Cause, State, Step};
use tearoff_server::customer::{Customer, IdentityKey};
use tearoff_server::customers::{NewCustomer, keep};
use tearoff_server::store::{Mode, Ordered, Page, Purpose};

use super::reversals::taken_back;
use crate::ledger::{Asked, Database, Ledger};

const NEVER: Ordered = Ordered { any: false, appointment: false };
/// A mug is no appointment.
const ONCE: Ordered = Ordered { any: true, appointment: false };

fn id(text: &str) -> CustomerId {
    CustomerId::parse(text).expect("an id")
}

/// Tells of a customer; whether they are new.
pub(super) fn tell<D: Database>(ledger: &Ledger<D>, id: &str, customer: Value) -> bool {
    let draft = serde_json::from_value(customer).expect("a customer");
    let customer = NewCustomer::parse((id, "id"), draft, "").expect("a good customer");
    let site = ledger.site("studio").number;
    ledger.write(move |store, now| keep(store, site, &customer, now)).expect("an answer")
}

/// What somebody is known by at a site.
fn keys<D: Database>(ledger: &Ledger<D>, site: &str, customer: Value) -> Vec<IdentityKey> {
    let request = serde_json::from_value(customer).expect("a customer");
    let customer = Customer::parse(Some(&request), Identity::Asserted).expect("good identities").expect("somebody");
    let site = ledger.site(site).number;
    ledger
        .read(|read| customer.keys(&read.secret(site, Purpose::Identities, None).expect("reading").expect("a secret")))
}

/// The ids of all whom somebody may be.
fn alike<D: Database>(ledger: &Ledger<D>, customer: Value) -> Vec<String> {
    let (keys, site) = (keys(ledger, "studio", customer), ledger.site("studio").number);
    let found = ledger.read(|read| read.customers_of(site, &keys, 20)).expect("reading");
    found.iter().map(|found| found.id.as_str().to_owned()).collect()
}

fn ordered<D: Database>(ledger: &Ledger<D>, mode: Mode, customer: Value) -> Ordered {
    let (keys, site, now) = (keys(ledger, "studio", customer), ledger.site("studio").number, ledger.now());
    ledger.read(|read| read.ordered(site, mode, &keys, now)).expect("reading")
}

/// What is told again takes the place of what was told before, but for identities of which nothing is said.
///
/// # Panics
/// When the contract is broken; so does every story.
pub fn a_customer_is_told_of_and_forgotten<D: Database>() {
    let ledger = Ledger::<D>::open();
    let site = ledger.site("studio").number;
    let find = || ledger.read(|read| read.customer(site, &id("42"))).expect("reading");
    assert!(tell(
        &ledger,
        "42",
        json!({ "emails": ["ana@example.com"], "phones": ["+302101234567"], "tags": ["vip"] })
    ));
    let first = find().expect("a customer");
    assert!(!tell(&ledger, "42", json!({ "emails": ["eleni@example.com"], "standing_bp": 500 })));
    let second = find().expect("a customer");
    assert_ne!(first.revision, second.revision);
    assert_eq!((second.emails, second.phones, second.told.tags.len()), (1, 1, 0));
    assert_eq!(alike(&ledger, json!({ "email": "ana@example.com" })), [""; 0]);
    for known in
        [json!({ "email": "eleni@example.com" }), json!({ "phone": "+302101234567" }), json!({ "account": "42" })]
    {
        assert_eq!(alike(&ledger, known), ["42"]);
    }
    let annex = ledger.site("annex").number;
    assert_eq!(ledger.read(|read| read.customer(annex, &id("42"))).expect("reading"), None);
    assert!(ledger.write(move |store, _| store.erase_customer(site, &id("42"))).expect("an answer"));
    assert!(!ledger.write(move |store, _| store.erase_customer(site, &id("42"))).expect("an answer"));
    assert_eq!((find(), alike(&ledger, json!({ "account": "42" }))), (None, Vec::new()));
}

/// Nobody is merged with anybody through a third (R47).
pub fn whoever_shares_an_address_is_any_of_them<D: Database>() {
    let ledger = Ledger::<D>::open();
    for (id, emails) in [("1", ["home@example.com", "a@example.com"]), ("2", ["home@example.com", "b@example.com"])] {
        assert!(tell(&ledger, id, json!({ "emails": emails })));
    }
    assert_eq!(alike(&ledger, json!({ "email": "home@example.com" })), ["1", "2"]);
    assert_eq!(alike(&ledger, json!({ "email": "a@example.com" })), ["1"]);
    assert_eq!(alike(&ledger, json!({ "email": "b@example.com", "account": "2" })), ["2"]);
    let site = ledger.site("studio").number;
    let page = |after: Option<&CustomerId>| {
        let found = ledger.read(|read| read.customers(site, Page { after, limit: 1 })).expect("reading");
        found.iter().map(|found| found.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((page(None), page(Some(&id("1"))), page(Some(&id("2")))), (vec!["1".into()], vec!["2".into()], vec![]));
}

/// Reserved, placed and confirmed orders count, and those that were only cleared away; released, expired and cancelled ones do not,
/// whether or not they were swept (R30).
pub fn orders_count_as_long_as_they_stand<D: Database>() {
    let ledger = Ledger::<D>::open();
    let (ana, phone) =
        (json!({ "email": "ana@example.com", "phone": "+302101234567" }), json!({ "phone": "+302101234567" }));
    let now = || ordered(&ledger, Mode::Live, phone.clone());
    assert_eq!(now(), NEVER);
    let first = ledger.granted(&Asked::of("A-1", "FREELY").by(ana.clone()));
    assert_eq!((now(), ordered(&ledger, Mode::Test, ana.clone())), (ONCE, NEVER));
    let second = ledger.granted(&Asked::of("A-2", "FREELY").by(ana.clone()));
    assert_eq!(ledger.stepped(first.id, Step::Release), State::Released);
    assert_eq!(now(), ONCE, "the other stands");
    ledger.wait(TimeDelta::hours(1));
    assert_eq!(now(), NEVER, "its hold is over");
    let _ = ledger.granted(&Asked::of("A-3", "FREELY"));
    assert_eq!(now(), NEVER, "and now it is swept");
    assert_eq!(ledger.stepped(second.id, Step::Confirm), State::Confirmed);
    assert_eq!(now(), ONCE, "an expired one that is confirmed stands again");
    assert_eq!(ordered(&ledger, Mode::Live, json!({ "email": "bob@example.com" })), NEVER);
    ledger.audit();
    let _ = taken_back(&ledger, second.id, &[], Cause::Cancelled);
    assert_eq!(now(), NEVER, "which was cancelled");
    let third = ledger.granted(&Asked { place: true, ..Asked::of("A-4", "FREELY").by(ana.clone()) });
    assert_eq!(ledger.stepped(third.id, Step::Confirm), State::Confirmed);
    let _ = taken_back(&ledger, third.id, &[], Cause::Housekeeping);
    assert_eq!(now(), ONCE, "what is only cleared away was an order");
    ledger.audit();
}
