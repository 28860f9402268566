//! A release is named by its content; the loader carries that name and the hashes that browsers check.

use crate::failure::{Failure, Outcome};
use crate::hash::{self, Fingerprint};

use super::languages::Language;

/// What the loader's source says where the release's name shall stand.
const RELEASE: &str = "__RELEASE__";
/// What it says where the integrity hash of `widget.wasm` shall stand.
const WASM_INTEGRITY: &str = "__WASM_INTEGRITY__";
/// What it says where the integrity hash of `widget.js` shall stand.
const GLUE_INTEGRITY: &str = "__GLUE_INTEGRITY__";
/// What it may say where its style sheet shall stand, within a template string.
const STYLE: &str = "__STYLE__";

/// The loader's source with its style sheet, if it has one of its own.
///
/// # Errors
/// When there is a style sheet and no place for it.
pub(crate) fn with_style(loader: &str, style: Option<&str>) -> Outcome<String> {
    let Some(style) = style else { return Ok(loader.to_owned()) };
    if style.contains(['`', '\\', '$']) {
        return Err(Failure::new(
            "the loader's style sheet holds a back-tick, a backslash or a dollar sign, which its template string would read",
        ));
    }
    fill(loader, &[(STYLE, style.trim())])
}

/// The name of the release made of these files: the same files, the same name. Twelve hexadecimal digits: a host has few releases, and
/// the loader carries the name.
pub(crate) fn name(loader: &str, glue: &[u8], wasm: &[u8], languages: &[Language]) -> String {
    let files = Fingerprint::new().add("loader", loader).add("glue", glue).add("wasm", wasm);
    languages.iter().fold(files, |files, language| files.add(&language.name, &language.json)).digits(12)
}

/// The loader of the release called `name`.
///
/// # Errors
/// When the source has no place for one of the values.
pub(crate) fn loader(source: &str, name: &str, glue: &[u8], wasm: &[u8]) -> Outcome<String> {
    fill(source, &[(RELEASE, name), (WASM_INTEGRITY, &hash::integrity(wasm)), (GLUE_INTEGRITY, &hash::integrity(glue))])
}

fn fill(source: &str, values: &[(&str, &str)]) -> Outcome<String> {
    values.iter().try_fold(source.to_owned(), |text, (place, value)| {
        if text.contains(place) {
            Ok(text.replace(place, value))
        } else {
            Err(Failure::new(format!("the loader has no `{place}`")))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Language, loader, name, with_style};

    #[test]
    fn every_place_is_filled() {
        let source = r#"const r="__RELEASE__",w="__WASM_INTEGRITY__",g="__GLUE_INTEGRITY__";"#;
        let filled = loader(source, "abc", b"glue", b"wasm").expect("has all places");
        assert!(filled.starts_with(r#"const r="abc",w="sha256-"#), "{filled}");
        assert!(!filled.contains("__"), "{filled}");
    }

    #[test]
    fn a_forgotten_place_is_named() {
        let failure = loader(r#""__RELEASE__""#, "abc", b"", b"").expect_err("incomplete");
        assert_eq!(failure.to_string(), "the loader has no `__WASM_INTEGRITY__`");
    }

    #[test]
    fn a_style_sheet_finds_its_place() {
        assert_eq!(with_style("s=`__STYLE__`", Some("a{b:c}\n")).expect("has the place"), "s=`a{b:c}`");
        assert_eq!(with_style("s", None).expect("needs none"), "s");
        assert!(with_style("s", Some("a{}")).is_err());
        assert!(with_style("`__STYLE__`", Some("a{content:'`'}")).is_err());
    }

    #[test]
    fn the_name_follows_the_content() {
        let language = |json: &str| [Language { name: "en".to_owned(), json: json.to_owned() }];
        assert_eq!(name("a", b"b", b"c", &language("{}")), name("a", b"b", b"c", &language("{}")));
        assert_ne!(name("a", b"b", b"c", &[]), name("a", b"b", b"d", &[]));
        assert_ne!(name("a", b"b", b"c", &language("{}")), name("a", b"b", b"c", &language("{ }")));
    }
}
