//! Codes: listed, retired, deleted (R7, R11).

use serde_json::json;
use tearoff_core::code::CodeKey;
use tearoff_server::store::{CodeNumber, CodeRecord, Mode, Page};

use crate::ledger::{Asked, Database, Ledger};

fn key(code: &str) -> CodeKey {
    CodeKey::normalize(code).expect("a code")
}

fn page<D: Database>(ledger: &Ledger<D>, after: Option<CodeNumber>, limit: u32) -> Vec<CodeRecord> {
    let number = ledger.promotion("MANY").number;
    ledger.read(|read| read.code_page(number, Page { after, limit })).expect("reading")
}

fn keys(codes: &[CodeRecord]) -> Vec<&str> {
    codes.iter().map(|code| code.key.as_str()).collect()
}

/// A retired code is listed and taken; a deleted one is neither. Each is counted for itself, in its own mode.
///
/// # Panics
/// When the contract is broken; so does every story.
pub fn codes_are_listed_as_they_were_added<D: Database>() {
    let ledger = Ledger::<D>::open();
    let (record, site) = (ledger.promotion("MANY"), ledger.site("studio").number);
    let add = |code: &'static str| {
        let number = record.number;
        ledger
            .write(move |store, now| {
                let is_free = store.find_codes(site, &[&key(code)])? == [None];
                let free = [(&key(code), code)];
                store.add_codes(site, if is_free { &free } else { &[] }, number, now).map(|()| is_free)
            })
            .expect("an answer")
    };
    assert!(add("ALSO") && !add("FREELY") && add("Best") && !add("ALSO"));
    let all = page(&ledger, None, 10);
    assert_eq!(keys(&all), ["MANY", "TWIN", "ALSO", "BEST"]);
    assert_eq!(keys(&page(&ledger, Some(all[1].number), 1)), ["ALSO"]);
    let also = all[2].clone();
    ledger.write(move |store, now| store.retire_code(&also, now)).expect("an answer");
    let retired = ledger.read(|read| read.find_code(site, &key("also"))).expect("reading").expect("a code");
    assert_eq!((retired.retired_at, add("ALSO")), (Some(ledger.now()), false));
    let shown = ledger.read(|read| read.codes(record.number, 10)).expect("reading");
    assert_eq!(shown, ["MANY", "TWIN", "Best"]);
    let twin = all[1].clone();
    ledger.write(move |store, _| store.delete_code(&twin)).expect("an answer");
    assert_eq!(keys(&page(&ledger, None, 10)), ["MANY", "ALSO", "BEST"]);
    assert!(add("TWIN"), "it is free again");
    ledger.limit("MANY", json!({ "per_code": 3 }));
    let _ = ledger.granted(&Asked::of("A-1", "MANY"));
    let _ = ledger.granted(&Asked::of("A-2", "TWIN").as_a_test());
    let (record, codes, now) = (ledger.promotion("MANY"), page(&ledger, None, 10), ledger.now());
    let used = |mode| ledger.read(|read| read.used_by_codes(&record, mode, &codes, now)).expect("reading");
    assert_eq!((used(Mode::Live), used(Mode::Test)), (Some(vec![1, 0, 0, 0]), Some(vec![0, 0, 0, 1])));
    ledger.limit("MANY", json!({}));
    let record = ledger.promotion("MANY");
    assert_eq!(ledger.read(|read| read.used_by_codes(&record, Mode::Live, &codes, now)).expect("reading"), None);
}
