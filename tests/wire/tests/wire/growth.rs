//! Version 1 grows by the rule of `core/WIRE.md` only: held against what was frozen last.

use std::fs;

use serde_json::{Value, json};
use tearoff_wire::growth::{FROZEN, binding, breaks};
use tearoff_wire::{REQUESTS, committed, document};

fn parts() -> Value {
    serde_json::from_str(&binding(&document())).unwrap()
}

#[test]
fn nobody_who_keeps_to_what_is_frozen_is_broken() {
    let frozen = fs::read_to_string(committed().with_file_name(FROZEN)).unwrap();
    let frozen: Value = serde_json::from_str(&frozen).unwrap();
    let found = breaks(&frozen, &parts(), &REQUESTS);
    assert!(found.is_empty(), "this needs version 2, see core/WIRE.md:\n{}", found.join("\n"));
}

#[test]
fn what_may_grow_grows_and_all_else_is_told() {
    type Change = fn(&mut Value);
    fn field<'a>(parts: &'a mut Value, part: &str, name: &str) -> &'a mut Value {
        &mut parts[part]["properties"][name]
    }
    let fine: [Change; 6] = [
        |now| *field(now, "LineRequest", "colour") = json!({"type": "string"}),
        |now| *field(now, "Quote", "colour") = json!({"type": "string"}),
        |now| now["LineRequest"]["required"] = json!(["id"]),
        |now| now["LineKind"]["oneOf"].as_array_mut().unwrap().push(json!({"const": "boat", "type": "string"})),
        |now| now["Reason"]["oneOf"].as_array_mut().unwrap().push(json!({"properties": {"code": {"const": "rain"}}})),
        |now| field(now, "LineRequest", "quantity")["maximum"] = 20_000.into(),
    ];
    let broken: [(Change, &str); 10] = [
        (|now| drop(now["LineRequest"]["properties"].as_object_mut().unwrap().remove("paid")), "LineRequest.paid"),
        (|now| drop(now["Quote"]["properties"].as_object_mut().unwrap().remove("lines")), "Quote.lines"),
        (|now| now["LineRequest"]["required"] = json!(["id", "item", "kind"]), "LineRequest.kind"),
        (|now| now["Quote"]["required"] = json!(["lines"]), "Quote.currency"),
        (|now| field(now, "LineRequest", "quantity")["maximum"] = 5.into(), "LineRequest.quantity"),
        (|now| field(now, "Quote", "total_minor")["minimum"] = (-1).into(), "Quote.total_minor"),
        (|now| field(now, "Quote", "total_minor")["type"] = json!(["integer", "null"]), "Quote.total_minor"),
        (|now| drop(now["Reason"]["oneOf"].as_array_mut().unwrap().remove(0)), "Reason<unknown_code>"),
        (|now| drop(now["BenefitDraft"]["oneOf"].as_array_mut().unwrap().remove(0)), "BenefitDraft<percent>"),
        (|now| field(now, "Draft", "benefit")["$ref"] = "#/$defs/ScopeDraft".into(), "Draft.benefit"),
    ];
    let frozen = parts();
    for change in fine {
        let mut now = frozen.clone();
        change(&mut now);
        assert_ne!(now, frozen);
        assert_eq!(breaks(&frozen, &now, &REQUESTS), [""; 0]);
    }
    for (change, place) in broken {
        let mut now = frozen.clone();
        change(&mut now);
        let found = breaks(&frozen, &now, &REQUESTS);
        assert!(found.iter().any(|found| found.starts_with(place)), "{place}: {found:?}");
    }
}
