//! Laws about how much may be sent (R1): whatever has a bound is taken up to it, and one more is refused with the name of its field.

use std::ops::RangeInclusive;

use serde_json::{Value, json};
use tearoff_core::standalone::{EvaluationRequest, Question};

/// Something that is bounded: where it stands, in the request or else in the terms, the field that is blamed, how much there may be,
/// and that much of it.
struct Bound {
    at: &'static str,
    field: &'static str,
    within: RangeInclusive<usize>,
    many: fn(usize) -> Value,
}

fn request() -> Value {
    json!({
        "site": { "currency": "EUR", "zone": "Europe/Athens" },
        "promotions": [{ "id": "p", "codes": ["P"], "terms": {
            "name": "p", "kind": "coupon", "label": "p", "benefit": { "type": "percent", "percent_bp": 1000 },
        } }],
        "cart": { "lines": [{ "id": "1", "item": "yoga", "kind": "group_class", "unit_price_minor": 1 }] },
        "facts": { "now_at": "2026-12-01T12:00:00Z", "codes": ["P"] },
    })
}

/// A list of `count` entries, each told from the others by its number.
fn list(count: usize, entry: impl Fn(usize) -> Value) -> Value {
    (0..count).map(entry).collect()
}

fn names(count: usize) -> Value {
    list(count, |index| json!(format!("n{index}")))
}

fn number(count: usize) -> Value {
    json!(count)
}

/// A text of two bytes a character: what is bounded is what is read.
fn text(count: usize) -> Value {
    json!("ä".repeat(count))
}

fn id(count: usize) -> Value {
    json!("a".repeat(count))
}

fn lines(count: usize) -> Value {
    list(
        count,
        |index| json!({ "id": format!("n{index}"), "item": "yoga", "kind": "group_class", "unit_price_minor": 1 }),
    )
}

fn line_of(dates: usize, id: &str) -> Value {
    let date = |index: usize| json!({ "start": format!("20{:02}-{:02}-01", 30 + index / 12, 1 + index % 12) });
    json!({ "id": id, "item": "yoga", "kind": "group_class", "unit_price_minor": 1, "occurrences": list(dates, date) })
}

/// Lines of a hundred dates each, and one of what remains: a line counts once for each date, and once if it has none.
fn dates(count: usize) -> Value {
    let dated = count.saturating_sub(1);
    let mut lines: Vec<Value> = (0..dated / 100).map(|index| line_of(100, &format!("n{index}"))).collect();
    lines.push(line_of(0, "undated"));
    let more = dated % 100;
    lines.extend((more > 0).then(|| line_of(more, "last")));
    Value::Array(lines)
}

fn selectors(count: usize) -> Value {
    list(count, |index| json!({ "type": "item", "item": format!("n{index}") }))
}

fn tiers(count: usize, kind: &str, from: impl Fn(usize) -> Value) -> Value {
    json!({ "type": kind, "tiers": list(count, from) })
}

fn lead(count: usize) -> Value {
    json!([{ "type": "lead_time", "at_most_minutes": count }])
}

const TERMS: &str = "/promotions/0/terms";

const BOUNDS: [Bound; 35] = [
    Bound { at: "/cart/lines", field: "cart.lines", within: 0..=500, many: lines },
    Bound { at: "/cart/lines", field: "cart.lines", within: 0..=1000, many: dates },
    Bound { at: "/cart/lines/0/quantity", field: "cart.lines[0].quantity", within: 1..=10_000, many: number },
    Bound { at: "/cart/lines/0/id", field: "cart.lines[0].id", within: 1..=64, many: id },
    Bound { at: "/cart/lines/0/item", field: "cart.lines[0].item", within: 1..=64, many: id },
    Bound { at: "/cart/lines/0/categories", field: "cart.lines[0].categories", within: 0..=50, many: names },
    Bound {
        at: "/cart/lines/0/texts",
        field: "cart.lines[0].texts.service",
        within: 0..=500,
        many: |count| json!({ "service": text(count) }),
    },
    Bound {
        at: "/cart/lines/0/unit_price_minor",
        field: "cart.lines[0].unit_price_minor",
        within: 0..=1_000_000_000_000,
        many: number,
    },
    Bound { at: "/site/honor_quote_seconds", field: "site.honor_quote_seconds", within: 0..=900, many: number },
    Bound { at: "/site/hold_seconds", field: "site.hold_seconds", within: 60..=86_400, many: number },
    Bound { at: "/site/codes_max", field: "site.codes_max", within: 1..=10, many: number },
    Bound {
        at: "/site/lanes",
        field: "site.lanes",
        within: 0..=20,
        many: |count| list(count, |index| json!({ "id": format!("n{index}") })),
    },
    Bound {
        at: "/site/locations",
        field: "site.locations",
        within: 0..=500,
        many: |count| list(count, |index| json!({ "id": format!("n{index}"), "zone": "Asia/Tokyo" })),
    },
    Bound { at: "/promotions/0/id", field: "promotions[0].id", within: 1..=64, many: id },
    Bound { at: "/promotions/0/codes/0", field: "promotions[0].codes[0]", within: 1..=64, many: id },
    Bound { at: "name", field: "name", within: 1..=500, many: text },
    Bound { at: "description", field: "description", within: 1..=500, many: text },
    Bound { at: "label", field: "label", within: 1..=500, many: text },
    Bound { at: "note", field: "note", within: 1..=500, many: text },
    Bound { at: "priority", field: "priority", within: 0..=1_000_000, many: number },
    Bound { at: "first_occurrences", field: "first_occurrences", within: 1..=1000, many: number },
    Bound { at: "first_payments", field: "first_payments", within: 1..=1000, many: number },
    Bound { at: "units", field: "units.max", within: 1..=10_000, many: |count| json!({ "max": count }) },
    Bound {
        at: "scope",
        field: "scope.include",
        within: 0..=1000,
        many: |count| json!({ "include": selectors(count) }),
    },
    Bound {
        at: "scope",
        field: "scope.exclude",
        within: 0..=1000,
        many: |count| json!({ "exclude": selectors(count) }),
    },
    Bound {
        at: "scope",
        field: "scope.locations",
        within: 0..=1000,
        many: |count| json!({ "locations": names(count) }),
    },
    Bound { at: "scope", field: "scope.phrases", within: 0..=20, many: |count| json!({ "phrases": names(count) }) },
    Bound {
        at: "benefit",
        field: "benefit.amounts[0].amount_minor",
        within: 0..=1_000_000_000_000,
        many: |count| json!({ "type": "fixed", "amounts": [{ "currency": "EUR", "amount_minor": count }] }),
    },
    Bound {
        at: "benefit",
        field: "benefit.percent_bp",
        within: 0..=10_000,
        many: |count| json!({ "type": "percent", "percent_bp": count }),
    },
    Bound {
        at: "benefit",
        field: "benefit.tiers",
        within: 1..=50,
        many: |count| {
            let from = |index| json!([{ "currency": "EUR", "amount_minor": index }]);
            tiers(count, "spend_tiers", |index| json!({ "from": from(index), "percent_bp": 1 }))
        },
    },
    Bound {
        at: "benefit",
        field: "benefit.tiers",
        within: 1..=50,
        many: |count| tiers(count, "quantity_tiers", |index| json!({ "from_quantity": index + 1, "percent_bp": 1 })),
    },
    Bound {
        at: "conditions",
        field: "conditions[0].customers",
        within: 1..=1000,
        many: |count| json!([{ "type": "named_customers", "customers": names(count) }]),
    },
    Bound {
        at: "conditions",
        field: "conditions[0].tags",
        within: 1..=1000,
        many: |count| json!([{ "type": "named_customers", "tags": names(count) }]),
    },
    Bound {
        at: "conditions",
        field: "conditions[0].passes",
        within: 1..=1000,
        many: |count| json!([{ "type": "active_pass", "passes": names(count) }]),
    },
    // Five years.
    Bound { at: "conditions", field: "conditions[0].at_most_minutes", within: 0..=2_635_200, many: lead },
];

/// The fields at fault in the plain request with this in it.
fn fields(bound: &Bound, count: usize) -> Vec<String> {
    let in_terms = !bound.at.starts_with('/');
    let path = if in_terms { format!("{TERMS}/{}", bound.at) } else { bound.at.to_owned() };
    let (parent, name) = path.rsplit_once('/').unwrap();
    let mut request = request();
    match request.pointer_mut(parent).unwrap() {
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = (bound.many)(count),
        parent => parent[name] = (bound.many)(count),
    }
    let request: EvaluationRequest = serde_json::from_value(request).unwrap();
    let faults = Question::parse(&request).err().unwrap_or_default();
    assert!(faults.iter().all(|fault| !fault.message.is_empty()), "{}: every fault is told in words", bound.field);
    faults.into_iter().map(|fault| fault.field).collect()
}

#[test]
fn a_bound_belongs_to_what_is_taken() {
    for bound in &BOUNDS {
        let (least, most) = (*bound.within.start(), *bound.within.end());
        for count in [least, most] {
            assert_eq!(fields(bound, count), Vec::<String>::new(), "{count} of {}", bound.field);
        }
        let terms = if bound.at.starts_with('/') { "" } else { "promotions[0].terms." };
        let field = format!("{terms}{}", bound.field);
        assert_eq!(fields(bound, most + 1), [field.as_str()], "{}", most + 1);
        if let Some(too_few) = least.checked_sub(1) {
            // Of two lists one may do, so that what holds them is blamed.
            let blamed = fields(bound, too_few);
            assert!(
                matches!(blamed.as_slice(), [blamed] if field.starts_with(blamed)),
                "{too_few} of {field}: {blamed:?}"
            );
        }
    }
}
