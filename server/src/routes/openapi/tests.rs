//! The document as a whole. That core's schemas are what core reads and writes is proved where they are made, in `tests/wire`.

use serde_json::Value;

use super::{STAND_INS, references, whole};
use crate::wire::SCHEMA;

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

#[test]
fn no_schema_has_two_meanings() {
    let wire: Value = serde_json::from_str(SCHEMA).unwrap();
    let (_, document) = crate::routes::api();
    let own = document.components.unwrap().schemas;
    let own: Vec<_> = own.keys().map(String::as_str).filter(|name| !STAND_INS.contains(name)).collect();
    assert!(own.len() > 10);
    for name in own {
        assert!(wire["$defs"].get(name).is_none(), "`{name}` is a schema of core's too: name the handler's otherwise");
    }
}
