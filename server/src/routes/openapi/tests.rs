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

/// One that says nothing back, or streams lines, has an example of its request all the same.
#[test]
fn every_operation_and_every_problem_has_an_example() {
    let document = whole(crate::routes::api().1);
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let about = format!("{method} {path}");
            if let Some(body) = operation.get("requestBody") {
                assert!(body["content"]["application/json"]["example"].is_object(), "{about}: the request");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let is_needed = parameter["required"] == true;
                assert!(!is_needed || parameter.get("example").is_some(), "{about}: {}", parameter["name"]);
            }
            let answers =
                operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
            let has_example = |answer: &Value| {
                answer["content"]
                    .as_object()
                    .is_none_or(|kinds| kinds.values().any(|kind| kind.get("example").is_some()))
            };
            assert!(answers.into_iter().any(|(_, answer)| has_example(answer)), "{about}: the answer");
        }
    }
    let problems =
        &document["components"]["responses"]["ProblemResponse"]["content"]["application/problem+json"]["examples"];
    let problems = problems.as_object().unwrap();
    for code in codes_in_the_sources() {
        assert!(problems.contains_key(&code), "`{code}` has no example: `tests/http/src/examples/problems.rs`");
    }
}

/// The code of each problem that the sources make.
fn codes_in_the_sources() -> Vec<String> {
    let (mut folders, mut codes) =
        (vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("openapi/tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for made in text.split("::new(").skip(1).filter(|made| made.trim_start().starts_with("StatusCode::")) {
                    let code = made.split(',').nth(1).unwrap_or_default().trim().trim_matches('"').to_owned();
                    let is_code =
                        code.contains('_') && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                    codes.extend(is_code.then_some(code));
                }
            }
        }
    }
    assert!(codes.len() > 20);
    codes
}
