//! JSON from outside: read with the name of the field at fault, whatever the fault is.

mod strict;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tearoff_core::invalid::{Fault, InvalidField};

use crate::problem::Problem;
use strict::Strict;

/// Most bytes of an ordinary request: a cart of 500 lines with long ids and 1,000 occurrences takes a fifth of it.
pub const BODY_MAX: usize = 1024 * 1024;
/// Most bytes of a catalog.
pub const CATALOG_MAX: usize = 8 * 1024 * 1024;

/// Most bytes of a list of codes.
pub const CODES_MAX: usize = 8 * 1024 * 1024;
/// Most bytes of a list of customers.
pub const CUSTOMERS_MAX: usize = 8 * 1024 * 1024;

/// An answer, written as JSON.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        /// About what a quote takes: a text that grows is moved each time.
        const BYTES: usize = 2048;
        const TYPE: HeaderValue = HeaderValue::from_static("application/json");
        let mut text = Vec::with_capacity(BYTES);
        match serde_json::to_writer(&mut text, &self.0) {
            Ok(()) => ([(header::CONTENT_TYPE, TYPE)], text).into_response(),
            Err(error) => Problem::internal(&error).into_response(),
        }
    }
}

/// The body of a request, read as `T`.
#[derive(Clone, Debug)]
pub struct Body<T, const MAX: usize = BODY_MAX>(pub T);

impl<T: DeserializeOwned, S: Sync, const MAX: usize> FromRequest<S> for Body<T, MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            let title = "the body must be JSON, and `content-type` must say `application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", title));
        }
        let announced =
            request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: usize| length > MAX) {
            return Err(too_large(MAX));
        }
        // What is left is a body of unknown length that grows too large, or a connection that broke; the latter hears no answer.
        let bytes = to_bytes(request.into_body(), MAX).await.map_err(|_| too_large(MAX))?;
        parse(&bytes).map(Self).map_err(|fault| Problem::invalid(&[fault]))
    }
}

fn is_json(request: &Request) -> bool {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = given.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn too_large(most: usize) -> Problem {
    let fault = InvalidField {
        field: "body".into(),
        code: Fault::OutOfBounds,
        message: format!("must have at most {most} bytes").into(),
    };
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "the body is too large")
        .detail(format!("`body` {}", fault.message))
        .with("errors", serde_json::json!([fault]))
}

/// Reads JSON.
///
/// # Errors
/// The first fault, with the field that holds it; `body` when the text is no JSON at all.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, InvalidField> {
    match strictly(bytes) {
        Ok(value) => Ok(value),
        // Where a fault is, is kept account of by who reads the text once more: few have one.
        Err(_) => told(bytes),
    }
}

/// Reads JSON, whatever its faults are.
fn strictly<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(Strict(&mut reader))?;
    reader.end()?;
    Ok(value)
}

/// The same, with the field that holds the first fault.
fn told<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, InvalidField> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Strict(&mut reader)).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => String::new(),
            path => path,
        };
        explain(&path, error.inner(), bytes)
    })?;
    reader.end().map_err(|error| explain("", &error, bytes))?;
    Ok(value)
}

/// A file's bytes without the byte-order mark that some editors begin it with.
#[must_use]
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Turns a parser's complaint about a text into a fault in our words.
fn explain(path: &str, error: &serde_json::Error, text: &[u8]) -> InvalidField {
    let whole = error.to_string();
    // `… at line 1 column 7` helps where the text is no JSON, and only there.
    let said = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(said, _)| said);
    // A number beyond all bounds counts as no JSON there; here it is a wrong value of its field.
    if !error.is_data() && said != TOO_LARGE {
        // A text of one line may be a line of a file, which has a number of its own there.
        let line = if text.trim_ascii().contains(&b'\n') { format!("line {} ", error.line()) } else { String::new() };
        let place = format!("{line}column {}", error.column());
        return fault("body".into(), Fault::Malformed, format!("is not JSON: {} at {place}", said.to_lowercase()));
    }
    let quoted = said.split('`').nth(1).unwrap_or_default();
    let below = |name: &str| match path {
        "" => name.to_owned(),
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    let here = || if path.is_empty() { "body".to_owned() } else { path.to_owned() };
    if said.starts_with("missing field") {
        fault(below(quoted), Fault::Required, "is required".into())
    } else if said.starts_with("unknown field") {
        fault(below(&shortened(quoted)), Fault::Unknown, "is no field of this request".into())
    } else if said.starts_with("duplicate field") {
        fault(below(quoted), Fault::Duplicate, "is given twice".into())
    } else if let Some(known) = said.strip_prefix("unknown variant ").and_then(|rest| rest.split_once("expected ")) {
        fault(here(), Fault::Unknown, format!("`{}` is not known here: must be {}", shortened(quoted), known.1))
    } else {
        fault(here(), value_fault(said), value_message(said))
    }
}

fn value_fault(said: &str) -> Fault {
    if said.starts_with("invalid value: integer") { Fault::OutOfBounds } else { Fault::Malformed }
}

/// What the parser says of a number that no type of its own can hold.
const TOO_LARGE: &str = "number out of range";

/// What a value must be, from what the parser expected.
fn value_message(said: &str) -> String {
    const INTEGER: &str = "must be an integer, without decimals or exponent, of at most 64 bits";
    let expected = said.rsplit_once("expected ").map_or("", |(_, expected)| expected);
    let wanted = match expected {
        _ if said == TOO_LARGE => INTEGER,
        "a string" | "str" | "string" => "must be a text",
        "a boolean" => "must be `true` or `false`",
        "a sequence" => "must be a list",
        "i64" | "u64" | "i32" | "u32" | "u16" | "u8" if said.starts_with("invalid value: integer") => {
            "lies outside what this field can hold"
        }
        "i64" | "u64" | "i32" | "u32" | "u16" | "u8" => INTEGER,
        _ if expected.starts_with("struct ") || expected.starts_with("internally tagged enum") => "must be an object",
        _ if expected.starts_with("one of ") || expected.starts_with("an object ") => {
            return format!("must be {expected}");
        }
        "newtype variant" | "struct variant" => "must be an object with one field",
        _ => "has a value that is not possible here",
    };
    wanted.into()
}

/// What a caller wrote, short enough to be told back.
fn shortened(text: &str) -> String {
    const SHOWN_MAX: usize = 64;
    text.chars().filter(|character| !character.is_control()).take(SHOWN_MAX).collect()
}

fn fault(field: String, code: Fault, message: String) -> InvalidField {
    InvalidField { field, code, message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tearoff_core::policy::SitePolicyDraft;
    use tearoff_core::request::CartRequest;
    use tearoff_core::standalone::PromotionRequest;
    use tearoff_core::standalone::course::then::Then;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        #[expect(dead_code, reason = "only its faults are looked at")]
        cart: CartRequest,
        #[serde(default)]
        #[expect(dead_code, reason = "only its faults are looked at")]
        place: bool,
    }

    #[test]
    fn every_fault_names_its_field() {
        let line = |more: &str| format!(r#"{{"cart":{{"lines":[{{"id":"1","item":"yoga"{more}}}]}}}}"#);
        for (text, field, code) in [
            (String::new(), "body", Fault::Malformed),
            ("{".into(), "body", Fault::Malformed),
            ("nonsense".into(), "body", Fault::Malformed),
            ("[]".into(), "body", Fault::Malformed),
            ("{}".into(), "cart", Fault::Required),
            (r#"{"cart":{"lines":[]},"colour":1}"#.into(), "colour", Fault::Unknown),
            (r#"{"cart":{"lines":[]},"cart":{"lines":[]}}"#.into(), "cart", Fault::Duplicate),
            (r#"{"cart":{"lines":[]}} {}"#.into(), "body", Fault::Malformed),
            (r#"{"cart":{"lines":{}}}"#.into(), "cart.lines", Fault::Malformed),
            (r#"{"cart":{"lines":[]},"place":"yes"}"#.into(), "place", Fault::Malformed),
            (r#"{"cart":{"lines":[{"id":"1"}]}}"#.into(), "cart.lines[0].item", Fault::Required),
            (line(r#","colour":"red""#), "cart.lines[0].colour", Fault::Unknown),
            (line(r#","quantity":1.5"#), "cart.lines[0].quantity", Fault::Malformed),
            (line(r#","quantity":1e3"#), "cart.lines[0].quantity", Fault::Malformed),
            (line(r#","quantity":1e400"#), "cart.lines[0].quantity", Fault::Malformed),
            (line(r#","quantity":"2""#), "cart.lines[0].quantity", Fault::Malformed),
            (line(r#","quantity":99999999999999999999"#), "cart.lines[0].quantity", Fault::Malformed),
            (line(r#","unit_price_minor":12.00"#), "cart.lines[0].unit_price_minor", Fault::Malformed),
            (line(r#","quantity":1,"quantity":2"#), "cart.lines[0].quantity", Fault::Duplicate),
            (line(r#","occurrences":[{"start":5}]"#), "cart.lines[0].occurrences[0].start", Fault::Malformed),
        ] {
            let found = parse::<Asked>(text.as_bytes()).unwrap_err();
            assert_eq!((found.field.as_str(), found.code), (field, code), "{text}: {found:?}");
            let words = &found.message;
            assert!(!words.contains("struct") && !words.contains("i64") && !words.ends_with('.'), "{words}");
        }
    }

    /// Every value of a promotion, of a policy and of a course, in turn of every wrong type.
    #[test]
    fn every_wrong_type_names_its_field() {
        for (place, wrong) in [
            ("terms", "[]"),
            ("terms", "5"),
            ("terms.kind", "7"),
            ("terms.kind", "[]"),
            ("terms.kind", r#"{"coupon":null}"#),
            ("terms.kind", "null"),
            ("terms.disclosure", r#"{"open":null}"#),
            ("terms.name", "5"),
            ("terms.label", "[]"),
            ("terms.priority", "1.5"),
            ("terms.every_payment", "\"yes\""),
            ("terms.benefit", "[]"),
            ("terms.benefit", "\"percent\""),
            ("terms.benefit.type", "7"),
            ("terms.benefit.type", r#"{"percent":null}"#),
            ("terms.benefit.percent_bp", "[]"),
            ("terms.benefit.percent_bp", "null"),
            ("terms.units", "[]"),
            ("terms.units", "3"),
            ("terms.scope", "[]"),
            ("terms.scope", "null"),
            ("terms.limits", "[]"),
            ("terms.limits.total", "true"),
            ("terms.limits.total", "[5]"),
            ("terms.limits.total", r#"{"max":5,"count":7}"#),
            ("terms.limits.budget", "{}"),
            ("terms.conditions", "{}"),
            ("terms.conditions", "7"),
        ] {
            let body = with(place, wrong);
            let found = parse::<PromotionRequest>(body.as_bytes()).unwrap_err();
            let is_there = found.field == place || found.field.starts_with(&format!("{place}."));
            assert!(
                is_there && !found.message.contains("JSON"),
                "{place} = {wrong}: {} {}",
                found.field,
                found.message
            );
            assert!(!found.message.contains("struct") && !found.message.contains("variant"), "{}", found.message);
        }
        for (text, field) in [
            (r#"{"currency":"EUR","zone":"UTC","rounding":[]}"#, "rounding"),
            (r#"{"currency":"EUR","zone":"UTC","rounding":{"half":{"even":null}}}"#, "rounding.half"),
            (r#"{"currency":"EUR","zone":"UTC","new_codes":7}"#, "new_codes"),
            (r#"{"currency":"EUR","zone":"UTC","locations":[["a","UTC"]]}"#, "locations[0]"),
        ] {
            let found = parse::<SitePolicyDraft>(text.as_bytes()).unwrap_err();
            assert_eq!(found.field, field, "{text}: {}", found.message);
        }
        for (text, field) in [
            (r#""subscribe""#, "subscribe"),
            (r#"{"subscribe":[]}"#, "subscribe"),
            (r#"{"subscribe":{},"confirm":{}}"#, "body"),
            ("{}", "body"),
            (r#"{"earn":{"means":5}}"#, "earn.means"),
            (r#"{"earn":{"means":{"online":null}}}"#, "earn.means"),
        ] {
            let found = parse::<Then>(text.as_bytes()).unwrap_err();
            assert_eq!(found.field, field, "{text}: {}", found.message);
        }
        assert_eq!(parse::<Then>(br#"{"subscribe":{}}"#), Ok(Then::Subscribe {}));
    }

    /// A good promotion with another value in one place.
    fn with(place: &str, value: &str) -> String {
        let mut whole = serde_json::json!({"id": "prm_1", "codes": ["A"], "terms": {
            "name": "n", "kind": "coupon", "label": "l", "benefit": {"type": "percent", "percent_bp": 1000},
            "limits": {"total": 5}, "conditions": [], "scope": {}}});
        assert!(parse::<PromotionRequest>(whole.to_string().as_bytes()).is_ok());
        let mut at = &mut whole;
        for step in place.split('.') {
            at = &mut at[step];
        }
        *at = serde_json::from_str(value).unwrap();
        whole.to_string()
    }

    #[test]
    fn a_line_is_told_only_where_there_are_several() {
        let told = |text: &str| parse::<Asked>(text.as_bytes()).unwrap_err().message;
        assert_eq!(told("{\"cart\":nope}"), "is not JSON: expected ident at column 10");
        assert_eq!(told("{\"cart\":nope}\n"), "is not JSON: expected ident at column 10");
        assert_eq!(told("{\n\"cart\":nope}"), "is not JSON: expected ident at line 2 column 9");
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = "[".repeat(100_000);
        let found = parse::<serde_json::Value>(deep.as_bytes()).unwrap_err();
        assert_eq!(found.field, "body");
    }
}
