//! The document as a whole. That core's schemas are what core reads and writes is proved where they are made, in `tests/wire`.

use super::{references, whole};

#[test]
fn the_document_is_whole() {
    let (_, document) = crate::routes::api();
    let document = whole(document);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = Vec::new();
    references(&document, &mut names);
    assert!(names.len() > 100);
    for name in names {
        let schema = &document["components"]["schemas"][&name];
        assert!(schema.as_object().is_some_and(|schema| !schema.is_empty()), "{name}");
    }
    assert!(!document.to_string().contains("$defs"));
    for (path, methods) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with("/v1/"), "{path}");
        for (method, operation) in methods.as_object().unwrap() {
            let about = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{about}");
            assert!(operation["security"].as_array().is_some_and(|keys| !keys.is_empty()), "{about}");
            let body: &[&str] = if operation["requestBody"].is_object() { &["400", "413", "415"] } else { &[] };
            // Without a key, with another's or from a foreign origin, when we fail, when we are busy.
            for status in ["401", "403", "500", "503"].iter().chain(body) {
                assert!(operation["responses"][status].is_object(), "{about}: {status}");
            }
        }
    }
}
