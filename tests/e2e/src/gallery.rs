//! Screenshots of every state, for people to look at.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use crate::visitor::Visitor;

/// The widths a page must look right at, in CSS pixels.
pub const WIDTHS: [u32; 3] = [320, 768, 1280];

/// How a visitor's system shows pages.
pub const LOOKS: [(&str, &str, &str); 4] = [
    ("light", "prefers-color-scheme", "light"),
    ("dark", "prefers-color-scheme", "dark"),
    ("forced", "forced-colors", "active"),
    ("rtl", "prefers-color-scheme", "light"),
];

/// Where the pictures go.
///
/// # Panics
/// When the folder cannot be made.
#[must_use]
pub fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target").into(), PathBuf::from);
    let folder = target.join("gallery");
    std::fs::create_dir_all(&folder).expect("the gallery's folder");
    folder
}

/// Photographs the page in every width and look.
///
/// # Panics
/// When a picture cannot be taken or written.
pub async fn photograph(visitor: &Visitor, state: &str) {
    for (look, feature, value) in LOOKS {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        visitor.browser.tools("Emulation.setEmulatedMedia", features).await;
        let direction = if look == "rtl" { "rtl" } else { "ltr" };
        visitor.run("document.documentElement.dir = arguments[0]", vec![json!(direction)]).await;
        for width in WIDTHS {
            let metrics = json!({ "width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": false });
            visitor.browser.tools("Emulation.setDeviceMetricsOverride", metrics).await;
            visitor
                .run("document.querySelector('tearoff-promo').scrollIntoView({ block: 'center' })", Vec::new())
                .await;
            let overflow = "return document.documentElement.scrollWidth > document.documentElement.clientWidth";
            assert_eq!(
                visitor.run(overflow, Vec::new()).await,
                json!(false),
                "{state} is cut off at {width} px, {look}"
            );
            let picture = visitor.client().screenshot().await.expect("a screenshot");
            std::fs::write(folder().join(format!("{state}-{look}-{width}.png")), picture).expect("writing the picture");
        }
    }
    visitor.browser.tools("Emulation.clearDeviceMetricsOverride", json!({})).await;
    visitor.browser.tools("Emulation.setEmulatedMedia", json!({ "features": [] })).await;
    visitor.run("document.documentElement.dir = 'ltr'", Vec::new()).await;
}

/// Photographs the page in one look and width, as it is.
///
/// # Panics
/// When it is cut off, or the picture cannot be taken or written.
pub async fn take(visitor: &Visitor, name: &str, look: &str, width: u32) {
    // Nothing moves in a picture.
    let still = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
    let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": look }, still] });
    visitor.browser.tools("Emulation.setEmulatedMedia", features).await;
    let metrics = json!({ "width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": false });
    visitor.browser.tools("Emulation.setDeviceMetricsOverride", metrics).await;
    visitor.run("document.querySelector('tearoff-promo').scrollIntoView({ block: 'center' })", Vec::new()).await;
    let overflow = "return document.documentElement.scrollWidth > document.documentElement.clientWidth";
    assert_eq!(visitor.run(overflow, Vec::new()).await, json!(false), "{name} is cut off at {width} px");
    let picture = visitor.client().screenshot().await.expect("a screenshot");
    std::fs::write(folder().join(format!("{name}-{look}-{width}.png")), picture).expect("writing the picture");
    visitor.browser.tools("Emulation.clearDeviceMetricsOverride", json!({})).await;
    visitor.browser.tools("Emulation.setEmulatedMedia", json!({ "features": [] })).await;
}

/// Writes the page that shows all pictures.
///
/// # Panics
/// When the folder cannot be read or the page not written.
pub fn bind() {
    let entries = std::fs::read_dir(folder()).expect("the gallery");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".png"))
        .collect();
    names.sort();
    let mut page = String::from("<!doctype html><meta charset=utf-8><title>Tearoff, every state</title>\n");
    for name in names {
        let _ = writeln!(
            page,
            "<figure><img src=\"{name}\" alt=\"\" loading=lazy><figcaption>{name}</figcaption></figure>"
        );
    }
    std::fs::write(folder().join("index.html"), page).expect("writing the gallery");
}
