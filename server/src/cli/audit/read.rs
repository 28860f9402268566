//! What there is to audit, in the three forms in which it lies about: an audit's own, what the interface serves, and a seed.

use std::collections::HashSet;

use serde_json::{Map, Value};
use tearoff_core::audit::Finding;
use tearoff_core::audit::request::AuditRequest;
use tearoff_core::code::CodeKey;
use tearoff_core::id::PromotionId;
use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::standalone::PromotionRequest;

use crate::json;
use crate::seed::{Seed, SeedPromotion, SeedSite};

/// Fields that the interface serves with a promotion, and that are none of its terms.
const SERVED: [&str; 5] = ["version", "used", "created_at", "updated_at", "warnings"];

/// What there is to find in a file. Where it says no `now_at`, it is looked at from `now_at` on.
///
/// # Errors
/// Every fault with its field.
pub(super) fn findings(text: &[u8], now_at: &str) -> Result<Vec<Finding>, Vec<InvalidField>> {
    let Ok(Value::Object(fields)) = json::parse(text) else {
        // Neither form: said in the words for the first.
        return json::parse::<AuditRequest>(text).map_err(|fault| vec![fault])?.findings();
    };
    if fields.contains_key("sites") {
        let seed: Seed = json::parse(text).map_err(|fault| vec![fault])?;
        return of_seed(&seed, now_at);
    }
    if is_plain(&fields) {
        return json::parse::<AuditRequest>(text).map_err(|fault| vec![fault])?.findings();
    }
    if fields.get("promotions").and_then(|page| page.get("next")).is_some_and(|next| !next.is_null()) {
        return Err(vec![one_page_of_several()]);
    }
    let (plain, renamed) = plain(fields, now_at);
    let request = json::parse::<AuditRequest>(plain.to_string().as_bytes()).map_err(|fault| vec![fault]);
    request.and_then(|request| request.findings()).map_err(|faults| rename(faults, &renamed))
}

/// An audit of a part would call fine what a promotion of another page shadows.
fn one_page_of_several() -> InvalidField {
    let message = "must be null: this is one page of several, and an audit looks at all promotions; put those of the pages after it \
                   into the same list";
    InvalidField { field: "promotions.next".into(), code: Fault::Contradiction, message: message.into() }
}

/// Whether a file is in an audit's own form, as far as the forms differ.
fn is_plain(fields: &Map<String, Value>) -> bool {
    let served = |promotion: &Value| SERVED.iter().any(|name| promotion.get(name).is_some());
    let is_list = |name: &str| fields.get(name).is_none_or(|value| !value.is_object());
    fields.contains_key("now_at")
        && is_list("catalog")
        && is_list("promotions")
        && fields.get("site").is_none_or(|site| site.get("policy").is_none())
        && !fields.get("promotions").and_then(Value::as_array).into_iter().flatten().any(served)
}

/// Where something stands in the file, and where it stood in what was read.
type Renamed = Vec<(&'static str, String)>;

/// An audit's own form of what was put together from what the interface serves.
fn plain(mut fields: Map<String, Value>, now_at: &str) -> (Value, Renamed) {
    let mut renamed = Renamed::new();
    for (field, inner) in [("site", "policy"), ("catalog", "items"), ("promotions", "promotions")] {
        let Some(Value::Object(whole)) = fields.get_mut(field) else { continue };
        if let Some(value) = whole.remove(inner) {
            fields.insert(field.into(), value);
            renamed.push((field, format!("{field}.{inner}")));
        }
    }
    for promotion in fields.get_mut("promotions").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(promotion) = promotion {
            promotion.retain(|name, _| !SERVED.contains(&name.as_str()));
        }
    }
    fields.entry("now_at").or_insert_with(|| now_at.into());
    (Value::Object(fields), renamed)
}

/// The faults of what was read, at the places of the file.
fn rename(mut faults: Vec<InvalidField>, renamed: &Renamed) -> Vec<InvalidField> {
    for fault in &mut faults {
        let is_below = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
        let place = |(from, to): &(&str, String)| {
            let rest = fault.field.strip_prefix(from).filter(|rest| is_below(rest))?;
            Some(format!("{to}{rest}"))
        };
        if let Some(field) = renamed.iter().find_map(place) {
            fault.field = field;
        }
    }
    faults
}

fn of_seed(seed: &Seed, now_at: &str) -> Result<Vec<Finding>, Vec<InvalidField>> {
    let (mut findings, mut faults) = (Vec::new(), Vec::new());
    for (index, site) in seed.sites.iter().enumerate() {
        let request = AuditRequest {
            site: site.policy.clone(),
            promotions: named(index, site, seed.sites.len() > 1),
            now_at: now_at.into(),
            catalog: Some(site.catalog.items.clone()),
        };
        let at = |inner: &str| format!("sites[{index}].{inner}");
        let renamed = [("site", at("policy")), ("catalog", at("catalog.items")), ("promotions", at("promotions"))];
        match request.findings() {
            Ok(found) => findings.extend(found),
            Err(found) => faults.extend(rename(found, &renamed.into())),
        }
    }
    if faults.is_empty() { Ok(findings) } else { Err(faults) }
}

/// A seed's promotions with an id each. A seed knows them by their codes: the first names it, after its site where there are several.
/// Where there is none, or no id can be made of it that no other has, it is named by where it stands.
fn named(index: usize, site: &SeedSite, with_site: bool) -> Vec<PromotionRequest> {
    let mut taken = HashSet::new();
    let of = |(at, promotion): (usize, &SeedPromotion)| {
        let by_code = first_code(promotion).map(|code| if with_site { format!("{}/{code}", site.id) } else { code });
        let by_code = by_code.filter(|name| PromotionId::parse(name).is_ok() && taken.insert(name.clone()));
        PromotionRequest {
            id: by_code.unwrap_or_else(|| format!("sites[{index}].promotions[{at}]")),
            codes: promotion.codes.clone(),
            active: promotion.active,
            terms: promotion.terms.clone(),
        }
    };
    site.promotions.iter().enumerate().map(of).collect()
}

fn first_code(promotion: &SeedPromotion) -> Option<String> {
    let code = CodeKey::normalize(promotion.codes.first()?).ok()?;
    Some(code.as_str().replace(' ', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tearoff_core::audit::What;

    const NOW: &str = "2026-11-20T10:00:00Z";
    const OVER: &str = r#"{"name":"n","kind":"coupon","label":"l","benefit":{"type":"percent","percent_bp":1},
        "conditions":[{"type":"redeemable","until":"2020-01-01"}]}"#;

    fn over(text: &str) -> Vec<String> {
        let is_over = |finding: &&Finding| matches!(finding.what, What::Over { .. });
        let found = findings(text.as_bytes(), NOW).unwrap();
        found.iter().filter(is_over).map(|finding| finding.promotion.as_str().to_owned()).collect()
    }

    #[test]
    fn each_form_is_read() {
        let policy = r#"{"currency":"EUR","zone":"UTC"}"#;
        let plain = format!(r#"{{"id":"prm_1","codes":["A B"],"terms":{OVER}}}"#);
        let served = plain.replace("\"codes\"", r#""version":3,"used":null,"created_at":"x","updated_at":"y","codes""#);
        let seeded = plain.replace(r#""id":"prm_1","#, "");
        let item = r#"{"id":"yoga","name":"y","kind":"product","prices":[{"currency":"EUR","amount_minor":1}]}"#;
        let site = format!(
            r#"{{"id":"s","keys":[],"policy":{policy},"catalog":{{"items":[{item}]}},"promotions":[{seeded}]}}"#
        );
        for (text, id) in [
            (format!(r#"{{"site":{policy},"now_at":"{NOW}","catalog":[{item}],"promotions":[{plain}]}}"#), "prm_1"),
            (format!(r#"{{"site":{policy},"promotions":[{plain}]}}"#), "prm_1"),
            (format!(r#"{{"site":{policy},"catalog":{{"items":[{item}]}},"promotions":[{served}]}}"#), "prm_1"),
            (
                format!(
                    r#"{{"site":{{"id":"s","policy":{policy},"origins":[]}},"promotions":{{"promotions":[{served}],"next":null}}}}"#
                ),
                "prm_1",
            ),
            (format!(r#"{{"sites":[{site}]}}"#), "A_B"),
        ] {
            assert_eq!(over(&text), [id], "{text}");
        }
        assert_eq!(over(&format!(r#"{{"sites":[{site},{}]}}"#, site.replace("\"s\"", "\"t\""))), ["s/A_B", "t/A_B"]);
    }

    #[test]
    fn each_promotion_of_a_seed_has_a_name_of_its_own() {
        let promotion = |codes: &str| format!(r#"{{"codes":{codes},"terms":{OVER}}}"#);
        let promotions = ["[]", r#"["A B"]"#, r#"["A_B"]"#, "[]"].map(promotion).join(",");
        let site = |id: &str| {
            format!(
                r#"{{"id":"{id}","keys":[],"policy":{{"currency":"EUR","zone":"UTC"}},"promotions":[{promotions}]}}"#
            )
        };
        let at = |site: usize, promotion: usize| format!("sites[{site}].promotions[{promotion}]");
        let alone = over(&format!(r#"{{"sites":[{}]}}"#, site("s")));
        assert_eq!(alone, [at(0, 0), "A_B".into(), at(0, 2), at(0, 3)]);
        let long = "t".repeat(64);
        let two = over(&format!(r#"{{"sites":[{},{}]}}"#, site("s"), site(&long)));
        assert_eq!(two[..2], [at(0, 0), "s/A_B".into()]);
        assert_eq!(two[4..], [0, 1, 2, 3].map(|promotion| at(1, promotion)), "too long for an id");
    }

    #[test]
    fn faults_are_told_where_they_are_in_the_file() {
        for (text, field) in [
            (r#"{"site":{"policy":{"currency":"EUR","zone":"Moon"}},"promotions":[]}"#, "site.policy.zone"),
            (r#"{"site":{"currency":"EUR","zone":"UTC"},"promotions":[{"version":1}]}"#, "promotions[0].id"),
            (
                r#"{"site":{"currency":"EUR","zone":"UTC"},"promotions":{"promotions":[{"id":"a","colour":1}]}}"#,
                "promotions.promotions[0].colour",
            ),
            (
                r#"{"site":{"currency":"EUR","zone":"UTC"},"promotions":{"promotions":[],"next":"prm_1"}}"#,
                "promotions.next",
            ),
            (
                r#"{"site":{"currency":"EUR","zone":"UTC"},"promotions":[],"catalog":{"items":[{}]}}"#,
                "catalog.items[0].id",
            ),
            (r#"{"sites":[{"id":"s","keys":[],"policy":{"currency":"EUR","zone":"Moon"}}]}"#, "sites[0].policy.zone"),
            (r#"{"sites":[{"id":"s","policy":7}]}"#, "sites[0].policy"),
            (r#"{"sites":[],"colour":1}"#, "colour"),
        ] {
            assert_eq!(findings(text.as_bytes(), NOW).unwrap_err()[0].field, field, "{text}");
        }
    }
}
