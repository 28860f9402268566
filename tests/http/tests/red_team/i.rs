//! I: what the server is built of, and that the page's engine is the server's.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tearoff_core::digest::Digests;
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::cart;

use crate::quote;

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Each dependency is pinned to bytes: a version that somebody replaced, or a branch that moved, does not build.
#[test]
fn i1_every_dependency_is_pinned_to_its_bytes() {
    let lock = read("Cargo.lock");
    let packages: Vec<&str> = lock.split("[[package]]").skip(1).collect();
    let (own, others): (Vec<&str>, Vec<&str>) = packages.iter().partition(|package| !package.contains("source = "));
    assert!(others.len() > 100, "{}", others.len());
    for package in others {
        let is_pinned = package.contains("source = \"registry+") && package.contains("checksum = \"");
        assert!(is_pinned, "a dependency that is pinned to nothing: {package}");
    }
    assert!(
        own.iter().all(|package| package.contains("name = \"tearoff-") || package.contains("name = \"xtask\"")),
        "{own:?}"
    );
}

#[test]
fn i2_nothing_unsafe_and_no_panic_where_money_is_decided() {
    let workspace = read("Cargo.toml");
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    let members = workspace.split("members = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    for member in members.split('"').skip(1).step_by(2) {
        let manifest = read(&format!("{member}/Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{member} does not keep the workspace's lints");
    }
    let core = read("core/src/lib.rs");
    for lint in [
        "unwrap_used",
        "expect_used",
        "panic",
        "indexing_slicing",
        "arithmetic_side_effects",
        "float_arithmetic",
        "cast_possible_truncation",
    ] {
        assert!(core.contains(&format!("clippy::{lint}")), "core may {lint}");
    }
    assert!(core.contains("#![no_std]"));
    assert!(workspace.contains("[profile.release]\noverflow-checks = true"), "money never wraps in what is shipped");
}

/// What a page computes from the bytes it was sent is what the server answers, quote and digests; in WebAssembly that is `parity`'s to show.
#[test]
fn i4_the_pages_engine_gives_the_servers_answer() {
    let harness = Harness::open();
    let backend = harness.backend();
    let lines = |quantities: [u64; 3]| {
        let items = ["yoga", "massage", "mug"];
        let line = |(item, quantity): (&str, u64)| json!({ "id": item, "item": item, "quantity": quantity });
        json!({ "lines": items.into_iter().zip(quantities).map(line).collect::<Vec<Value>>() })
    };
    for code in ["WELCOME20", "HUNDRED", "MIN30", "FIFTY", "ONCE", "TUESDAY", "EXPIRED"] {
        let told = backend.post("/v1/lookups", &json!({ "code": code, "cart": lines([1, 1, 1]) })).expect(200);
        let bytes = URL_SAFE_NO_PAD.decode(told["snapshot"].as_str().unwrap().split('.').next().unwrap()).unwrap();
        let snapshot = Snapshot::read(&bytes).unwrap();
        for cart in [lines([1, 1, 1]), lines([7, 1, 13]), lines([10_000, 3, 9_999]), cart("yoga", 1)] {
            let request: CartRequest = serde_json::from_value(cart.clone()).unwrap();
            let page = snapshot.establish(&request).unwrap();
            let computed = snapshot.quote(&page);
            let digests = Digests::of(&snapshot.evaluation(&page), &computed);
            let server = backend.post("/v1/quotes", &json!({ "codes": [code], "cart": cart })).expect(200);
            assert_eq!(serde_json::to_value(&computed).unwrap(), server["quote"], "{code} {cart}");
            assert_eq!(serde_json::to_value(digests).unwrap(), server["digests"], "{code} {cart}");
        }
    }
    assert_ne!(quote(&backend, &["WELCOME20"], &cart("yoga", 1)), quote(&backend, &["FIFTY"], &cart("yoga", 1)));
}
