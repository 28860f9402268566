//! Keys and secrets of a site: made, ended, replaced.

use chrono::TimeDelta;
use tearoff_server::ids::SystemIds;
use tearoff_server::keys::Key;
use tearoff_server::store::{CartSecret, KeyKind, Mode, Purpose, Secret};

use crate::ledger::{Database, Ledger};

/// A key that has ended is listed no more, and is kept, so that a seed that names it does not bring it back.
///
/// # Panics
/// When the contract is broken; so does every story.
pub fn a_key_ends_and_is_not_made_again<D: Database>() {
    let ledger = Ledger::<D>::open();
    let site = ledger.site("studio").number;
    let listed = || ledger.read(|read| read.keys(site, ledger.now())).expect("reading");
    let key = Key::generate(KeyKind::Secret, Mode::Test, &SystemIds).expect("a key");
    let add = || {
        let key = key.clone();
        ledger.write(move |store, now| store.add_key(site, &key, now)).expect("an answer");
    };
    let before = listed().len();
    add();
    let made = listed().into_iter().find(|made| made.hash == key.hash()).expect("the key");
    assert_eq!((made.kind, made.mode, made.last_four.as_deref()), (KeyKind::Secret, Mode::Test, Some(key.last_four())));
    let (hash, until) = (key.hash(), ledger.now() + TimeDelta::hours(1));
    ledger.write(move |store, _| store.end_key(&hash, until)).expect("an answer");
    assert_eq!(listed().len(), before + 1, "it has not ended yet");
    ledger.wait(TimeDelta::hours(1));
    add();
    assert_eq!(listed().len(), before);
    let ended = ledger.read(|read| read.find_key(&hash)).expect("reading").expect("the key");
    assert_eq!((ended.valid_until, ended.is_valid_at(ledger.now())), (Some(until), false));
    assert!(ended.is_valid_at(until - TimeDelta::milliseconds(1)));
}

/// Those before a new one end with it or later, and never later than they would have; what has ended is forgotten.
///
/// # Panics
/// When the contract is broken.
pub fn a_secret_for_carts_takes_the_place_of_others<D: Database>() {
    let ledger = Ledger::<D>::open();
    let (site, other) = (ledger.site("studio").number, ledger.site("annex").number);
    let there = |site| ledger.read(|read| read.cart_secrets(site, ledger.now())).expect("reading");
    let ends = || there(site).iter().map(|secret| (secret.number, secret.valid_until)).collect::<Vec<_>>();
    assert!(there(site).is_empty());
    let begun = ledger.now();
    let hours = |hours| begun + TimeDelta::hours(hours);
    let add = |site, number: u32, until| {
        let bytes = [u8::try_from(number).expect("a small number"); 32];
        let secret = CartSecret { number, bytes, created_at: ledger.now(), valid_until: None };
        let added = secret.clone();
        ledger.write(move |store, _| store.add_cart_secret(site, &added, until)).expect("an answer");
        secret
    };
    let first = add(site, 1, hours(9));
    assert_eq!(there(site), [first]);
    add(other, 1, hours(9));
    add(site, 2, hours(2));
    add(site, 3, hours(4));
    assert_eq!(ends(), [(1, Some(hours(2))), (2, Some(hours(4))), (3, None)]);
    ledger.wait(TimeDelta::hours(2));
    assert_eq!(ends(), [(2, Some(hours(4))), (3, None)]);
    add(site, 4, ledger.now());
    assert_eq!(ends(), [(4, None)], "all that were there are over");
    assert_eq!(there(other).len(), 1, "another site has its own");
}

/// The newest signs; the one before it is still known, and since when it was replaced; older ones are forgotten.
pub fn a_secret_is_replaced_and_the_one_before_it_is_known<D: Database>() {
    let ledger = Ledger::<D>::open();
    let site = ledger.site("studio").number;
    let secret = |version| ledger.read(|read| read.secret(site, Purpose::Snapshots, version)).expect("reading");
    let replaced =
        |version| ledger.read(|read| read.secret_replaced_at(site, Purpose::Snapshots, version)).expect("reading");
    let identities = ledger.read(|read| read.secret(site, Purpose::Identities, None)).expect("reading");
    let first = secret(None).expect("a secret");
    assert_eq!((first.version, replaced(1)), (1, None));
    let replace = |version| {
        let next = Secret { version, bytes: [version; 32] };
        ledger.write(move |store, now| store.replace_secret(site, Purpose::Snapshots, &next, now)).expect("an answer");
    };
    replace(2);
    let then = ledger.now();
    assert_eq!((secret(None).expect("a secret").version, secret(Some(1)), replaced(1)), (2, Some(first), Some(then)));
    ledger.wait(TimeDelta::minutes(1));
    replace(3);
    assert_eq!((secret(Some(1)), replaced(1).is_some(), replaced(2)), (None, true, Some(ledger.now())));
    assert_eq!((replaced(3), secret(Some(4))), (None, None));
    let unchanged = ledger.read(|read| read.secret(site, Purpose::Identities, None)).expect("reading");
    assert!(unchanged == identities, "who customers are is hashed as before");
}
