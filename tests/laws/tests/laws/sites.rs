//! What a site may decide: choices that go against one another are refused with their field, and each of them alone is taken.

use serde_json::{Value, json};
use tearoff_core::policy::{SitePolicy, SitePolicyDraft};
use tearoff_core::zones;

/// The fields at fault, with these laid over a plain site.
fn faults(more: &Value) -> Vec<String> {
    let mut site = json!({ "currency": "EUR", "zone": "Europe/Athens" });
    site.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let draft: SitePolicyDraft = serde_json::from_value(site).unwrap();
    let parsed = SitePolicy::parse(&draft, &zones::exists, "site");
    parsed.err().unwrap_or_default().into_iter().map(|fault| fault.field).collect()
}

/// A page that redeems by itself is believed: only about what the catalog or the host's signature says, and only where nobody confirms later (R61).
#[test]
fn a_page_redeems_only_where_nothing_more_is_asked_of_the_host() {
    for confirm_on in ["placed", "paid", "finalized"] {
        for prices in ["catalog", "caller", "signed"] {
            for tag_redeems in [false, true] {
                let goes = !tag_redeems || (confirm_on == "placed" && prices != "caller");
                let site = json!({ "confirm_on": confirm_on, "prices": prices, "tag_redeems": tag_redeems });
                assert_eq!(faults(&site).is_empty(), goes, "{site}");
                assert!(goes || faults(&site) == ["site.tag_redeems"], "{site}");
            }
        }
    }
}

#[test]
fn each_thing_has_a_name_of_its_own_and_each_zone_exists() {
    let location = |id: &str, zone: &str| json!({ "id": id, "zone": zone });
    for (site, want) in [
        (json!({ "lanes": [{ "id": "a" }, { "id": "b" }] }), None),
        (json!({ "lanes": [{ "id": "a" }, { "id": "b" }, { "id": "a" }] }), Some("site.lanes[2].id")),
        (json!({ "lanes": [{ "id": "a" }, { "id": "b c" }] }), Some("site.lanes[1].id")),
        (json!({ "locations": [location("a", "Asia/Tokyo"), location("b", "Asia/Tokyo")] }), None),
        (
            json!({ "locations": [location("a", "Asia/Tokyo"), location("a", "Europe/Athens")] }),
            Some("site.locations[1].id"),
        ),
        (json!({ "locations": [location("a", "Asia/Tokyo"), location("b", "Mars")] }), Some("site.locations[1].zone")),
        (json!({ "locations": [location("", "Asia/Tokyo")] }), Some("site.locations[0].id")),
        (json!({ "zone": "Mars" }), Some("site.zone")),
        (json!({ "currency": "ZZZ" }), Some("site.currency")),
    ] {
        assert_eq!(faults(&site), want.into_iter().collect::<Vec<_>>(), "{site}");
    }
}
