//! `GET /docs`: the description of the interface as a page to be read, written from the document when the server starts. It runs no script and
//! loads nothing but its style.

mod html;
mod schema;

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use serde_json::Value;

use crate::app::App;
use html::{Html, paragraphs};

const STYLE: &str = include_str!("reference/style.css");
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
);
/// It changes with the server only.
const A_WHILE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// Serves the page about `document`.
pub(super) fn serve(document: &Value) -> MethodRouter<App> {
    let page = Bytes::from(page(document));
    get(move || async move { answer("text/html; charset=utf-8", page) })
}

/// Serves its style.
pub(super) fn serve_style() -> MethodRouter<App> {
    get(|| async { answer("text/css; charset=utf-8", Bytes::from_static(STYLE.as_bytes())) })
}

fn answer(kind: &'static str, body: Bytes) -> Response {
    const FRAMES: HeaderName = header::X_FRAME_OPTIONS;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, A_WHILE),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (FRAMES, HeaderValue::from_static("DENY")),
    ];
    (headers, body).into_response()
}

/// The groups of operations in the order in which somebody meets them; any other comes after them.
const GROUPS: [&str; 10] =
    ["pages", "redemptions", "promotions", "codes", "customers", "catalog", "site", "keys", "edits", "export"];

/// One operation of the document.
struct Operation<'d> {
    method: &'d str,
    path: &'d str,
    told: &'d Value,
}

impl Operation<'_> {
    fn group(&self) -> &str {
        self.told.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default()
    }

    /// Its name within the page: `post-v1-promotions-id-codes`.
    fn anchor(&self) -> String {
        let path: String =
            self.path.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
        let words: Vec<&str> = path.split('-').filter(|word| !word.is_empty()).collect();
        format!("{}-{}", self.method, words.join("-"))
    }
}

/// The page.
fn page(document: &Value) -> String {
    let operations = operations(document);
    let mut groups: Vec<&str> = GROUPS.to_vec();
    for operation in &operations {
        if !groups.contains(&operation.group()) {
            groups.push(operation.group());
        }
    }
    let mut out = Html::begin("Tearoff: the interface");
    out.open("header", "").element("h1", "", "Tearoff: the interface");
    let text = |at: &str| document.pointer(at).and_then(Value::as_str).unwrap_or_default();
    out.raw(&paragraphs(text("/info/description")));
    out.raw("<p>The same for programs: <a href=\"/v1/openapi.json\"><code>/v1/openapi.json</code></a>, ");
    out.text(&format!("OpenAPI {}; version {}.", text("/openapi"), text("/info/version"))).raw("</p>").close("header");
    contents(&mut out, &groups, &operations);
    out.open("main", "");
    for group in &groups {
        out.open("section", &format!("group-{group}")).element("h2", "", group);
        operations
            .iter()
            .filter(|operation| operation.group() == *group)
            .for_each(|operation| tell(&mut out, operation));
        out.close("section");
    }
    problems(&mut out, document);
    schema::all(&mut out, document);
    out.close("main");
    out.end()
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths.flat_map(|(path, methods)| of_path(path, methods)).collect()
}

fn of_path<'d>(path: &'d String, methods: &'d Value) -> Vec<Operation<'d>> {
    let methods = methods.as_object().into_iter().flatten();
    methods.map(|(method, told)| Operation { method, path, told }).collect()
}

fn contents(out: &mut Html, groups: &[&str], operations: &[Operation<'_>]) {
    out.raw("<nav aria-label=\"Contents\">");
    for group in groups {
        out.raw("<details><summary>").text(group).raw("</summary><ul>");
        for operation in operations.iter().filter(|operation| operation.group() == *group) {
            let summary = operation.told.get("summary").and_then(Value::as_str).unwrap_or_default();
            out.raw("<li>").link(&operation.anchor(), summary).raw("</li>");
        }
        out.raw("</ul></details>");
    }
    out.raw("<ul><li>")
        .link("problems", "Problems")
        .raw("</li><li>")
        .link("schemas", "Schemas")
        .raw("</li></ul></nav>");
}

/// Tells of one operation.
fn tell(out: &mut Html, operation: &Operation<'_>) {
    let Operation { method, path, told } = operation;
    let text = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
    out.open("article", &operation.anchor()).raw("<h3>").text(text("summary")).raw("</h3>");
    out.raw(&format!("<p class=\"route\"><b class=\"{method}\">{}</b> <code>", method.to_uppercase()));
    // It may be broken where it is too long, after a slash.
    out.raw(&path.replace('/', "/<wbr>")).raw("</code></p>");
    out.raw(&paragraphs(text("description")));
    keys(out, told);
    parameters(out, told);
    if let Some(body) = told.get("requestBody") {
        out.element("h4", "", "Request");
        content(out, body);
    }
    out.element("h4", "", "Answers").raw("<dl>");
    let answers = told.get("responses").and_then(Value::as_object).into_iter().flatten();
    let (problems, others): (Vec<_>, Vec<_>) = answers.partition(|(_, answer)| answer.get("$ref").is_some());
    for (status, answer) in others {
        out.raw("<dt><code>").text(status).raw("</code></dt><dd>");
        out.raw(&paragraphs(answer.get("description").and_then(Value::as_str).unwrap_or_default()));
        content(out, answer);
        out.raw("</dd>");
    }
    out.raw("<dt>");
    for (status, _) in problems {
        out.raw("<code>").text(status).raw("</code> ");
    }
    out.raw("</dt><dd>").link("problems", "A problem").raw("</dd></dl>").close("article");
}

fn keys(out: &mut Html, told: &Value) {
    let kinds = told.get("security").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<&str> = kinds.filter_map(|kind| kind.as_object()?.keys().next().map(String::as_str)).collect();
    let told = match names.as_slice() {
        ["secret"] => "With a secret key.",
        _ => "With a publishable or a secret key.",
    };
    out.element("p", "keys", told);
}

fn parameters(out: &mut Html, told: &Value) {
    let Some(parameters) = told.get("parameters").and_then(Value::as_array).filter(|some| !some.is_empty()) else {
        return;
    };
    out.element("h4", "", "Parameters").raw("<dl>");
    for parameter in parameters {
        let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
        out.raw("<dt><code>").text(text("name")).raw("</code> <small>").text(text("in"));
        out.raw(if parameter.get("required") == Some(&Value::Bool(true)) { ", required" } else { "" })
            .raw("</small></dt><dd>");
        out.raw(&paragraphs(text("description")));
        if let Some(example) = parameter.get("example") {
            out.raw("<p>Such as <code>").text(&shown(example)).raw("</code></p>");
        }
        out.raw("</dd>");
    }
    out.raw("</dl>");
}

/// What a body is, and an example of it.
fn content(out: &mut Html, of: &Value) {
    for (kind, content) in of.get("content").and_then(Value::as_object).into_iter().flatten() {
        out.raw("<p><code>").text(kind).raw("</code>");
        if let Some(schema) = content.get("schema") {
            out.raw(": ");
            schema::name(out, schema);
        }
        out.raw("</p>");
        if let Some(example) = content.get("example") {
            sample(out, "Example", example);
        }
    }
}

/// Every problem, with an occurrence of it.
fn problems(out: &mut Html, document: &Value) {
    let at = "/components/responses/ProblemResponse/content/application~1problem+json/examples";
    out.open("section", "problems").element("h2", "", "problems");
    out.raw("<p>What goes wrong is answered in the form of RFC 9457, with a stable <code>code</code>. Faults of a request stand in <code>errors</code>, ");
    out.raw("each with its field. A 409 of an order may have the code of any reason of the engine, with all <code>reasons</code>.</p>");
    for (code, example) in document.pointer(at).and_then(Value::as_object).into_iter().flatten() {
        let value = example.get("value").unwrap_or(&Value::Null);
        out.open("article", &format!("problem-{code}")).raw("<h3><code>").text(code).raw("</code></h3><p>");
        let status = value.get("status").map(Value::to_string).unwrap_or_default();
        let title = value.get("title").and_then(Value::as_str).unwrap_or_default();
        out.text(&format!("{status}: ")).raw(&html::marked(title)).raw("</p>");
        sample(out, "Example", value);
        out.close("article");
    }
    out.close("section");
}

/// An example, folded where it is long.
fn sample(out: &mut Html, title: &str, value: &Value) {
    const LINES_OPEN: usize = 12;
    let text = shown(value);
    let open = if text.lines().count() > LINES_OPEN { "" } else { " open" };
    out.raw(&format!("<details{open}><summary>"))
        .text(title)
        .raw("</summary><pre tabindex=\"0\">")
        .text(&text)
        .raw("</pre></details>");
}

/// A value as it is shown: a text as it is, all else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
