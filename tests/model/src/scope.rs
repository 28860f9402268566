//! Which lines a promotion touches (R19 to R24).

use serde_json::Value;

use crate::cart::Line;
use crate::read::{list, must, texts, truth};

/// Whether a line is in a scope: named by an inclusion, or by none where there is none and its kind need not be named; at one of the
/// venues; showing every phrase; not excluded, and not discounted where that is out.
pub(crate) fn is_in_scope(scope: &Value, line: &Line<'_>) -> bool {
    let names = |selector: &Value| match must(selector, "type") {
        "kind" => must(selector, "kind") == line.kind,
        "category" => line.categories.contains(&must(selector, "category")),
        "item" => must(selector, "item") == line.item,
        other => panic!("`{other}` is no selector"),
    };
    let (include, exclude, locations) = (list(scope, "include"), list(scope, "exclude"), texts(scope, "locations"));
    let must_be_named = ["fee", "tip", "deposit", "tax"].contains(&line.kind);
    let included = if include.is_empty() { !must_be_named } else { include.iter().any(names) };
    let at_venue = locations.is_empty() || line.location.is_some_and(|location| locations.contains(&location));
    let shown = texts(scope, "phrases").into_iter().all(|phrase| line.names.iter().any(|name| name.contains(phrase)));
    let full_price = !truth(scope, "exclude_discounted", false) || !line.discounted;
    included && at_venue && shown && full_price && !exclude.iter().any(names)
}

/// Whether a benefit may touch a line that is in scope: none takes anything off what is not paid for, but a gift may come of it (R23).
pub(crate) fn may_touch(benefit: &Value, line: &Line<'_>) -> bool {
    line.paid || must(benefit, "type") == "gift"
}
