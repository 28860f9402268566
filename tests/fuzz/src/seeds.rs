//! Inputs to begin with: what the stories of the corpus send.

use std::path::Path;
use std::{fmt, fs, io};

use serde_json::Value;
use tearoff_core::ENGINE;
use tearoff_core::canonical::{Canonical, Writer};
use tearoff_core::catalog::{Catalog, CatalogItem};
use tearoff_core::evaluate;
use tearoff_core::id::LocationId;
use tearoff_core::money::{AmountTable, Money};
use tearoff_core::replay::Stored;
use tearoff_core::snapshot::Snapshot;
use tearoff_core::standalone::{EvaluationRequest, Question};

/// Stories that cannot be read.
#[derive(Debug)]
pub struct SeedError(String);

impl fmt::Display for SeedError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for SeedError {}

/// The inputs of one target, in the order of the stories' names.
///
/// # Errors
/// When the stories cannot be read.
pub fn seeds(target: &str) -> Result<Vec<Vec<u8>>, SeedError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/stories");
    let failed = |error: io::Error| SeedError(format!("`{}`: {error}", folder.display()));
    let entries = fs::read_dir(&folder).map_err(failed)?;
    let mut paths =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort_unstable();
    let mut seeds = Vec::new();
    for path in paths {
        let text = fs::read(&path).map_err(failed)?;
        let story: Value =
            serde_json::from_slice(&text).map_err(|error| SeedError(format!("`{}`: {error}", path.display())))?;
        seeds.extend(of_story(target, &story["given"]));
    }
    Ok(seeds)
}

fn of_story(target: &str, given: &Value) -> Vec<Vec<u8>> {
    let typed = || given["facts"]["codes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    match target {
        "code" => typed().map(|code| code.as_bytes().to_vec()).collect(),
        "request" => vec![given.to_string().into_bytes()],
        _ => {
            let Ok(request) = serde_json::from_value::<EvaluationRequest>(given.clone()) else { return Vec::new() };
            let Ok(question) = Question::parse(&request) else { return Vec::new() };
            let quote = evaluate(&question.evaluation());
            match target {
                "stored" => vec![Stored::of(&question.evaluation(), &quote).to_bytes()],
                _ => vec![with_snapshot(&given["cart"], question)],
            }
        }
    }
}

/// The cart, and the snapshot that a server would send for it.
fn with_snapshot(cart: &Value, question: Question) -> Vec<u8> {
    let currency = question.cart.currency();
    let item = |line: &tearoff_core::cart::Line| {
        let price = line.slots.first().map(|slot| slot.unit_price).unwrap_or_default();
        let prices = AmountTable::new(vec![Money { currency, amount: price }]).ok()?;
        Some(CatalogItem {
            id: line.item.clone(),
            kind: line.kind,
            categories: line.categories.clone(),
            prices,
            texts: line.texts.clone(),
            on_sale: line.discounted,
        })
    };
    let lines = question.cart.lines();
    let locations: Vec<LocationId> = lines.iter().filter_map(|line| line.location.clone()).collect();
    let snapshot = Snapshot {
        engine: ENGINE,
        site: "site".into(),
        customer: "".into(),
        expires_at: question.facts.now,
        currency,
        locations,
        catalog: Catalog::new(lines.iter().filter_map(item).collect()),
        candidates: question.candidates,
        facts: question.facts,
    };
    let mut out = Writer::default();
    out.text(&cart.to_string());
    snapshot.write(&mut out);
    out.bytes().to_vec()
}
