//! Lines for programs: each a JSON object with what is logged as its fields. There is one for each request, so they are written as they are read.

use std::fmt::{self, Debug};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes an event as a line: `timestamp`, `level`, what is logged, `target`, and the `span` in which it was logged, which is the request's
/// and tells its id.
#[derive(Clone, Copy, Debug)]
pub(super) struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        out.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut out)?;
        out.write_str("\",\"level\":\"")?;
        out.write_str(metadata.level().as_str())?;
        out.write_str("\"")?;
        let mut fields = Fields { out: out.by_ref(), written: Ok(()) };
        event.record(&mut fields);
        fields.written?;
        out.write_str(",\"target\":\"")?;
        out.write_str(metadata.target())?;
        out.write_str("\"")?;
        if let Some(span) = context.lookup_current() {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<N>>().map_or("", |fields| fields.fields.as_str());
            // They are an object already.
            let fields = fields.strip_prefix('{').and_then(|fields| fields.strip_suffix('}')).unwrap_or_default();
            let comma = if fields.is_empty() { "" } else { "," };
            write!(out, ",\"span\":{{{fields}{comma}\"name\":\"{}\"}}", span.name())?;
        }
        out.write_str("}\n")
    }
}

/// Writes each field behind the last.
struct Fields<'w> {
    out: Writer<'w>,
    written: fmt::Result,
}

impl Fields<'_> {
    fn write(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let written = std::mem::replace(&mut self.written, Ok(()));
        self.written = written.and_then(|()| {
            self.out.write_str(",\"")?;
            self.out.write_str(field.name())?;
            self.out.write_str("\":")?;
            value(&mut self.out)
        });
    }
}

impl Visit for Fields<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, |out| write!(out, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, |out| write!(out, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, |out| write!(out, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.write(field, |out| quoted(out, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, |out| quoted(out, &format!("{value:?}")));
    }
}

/// Writes a text as JSON has it. Nearly all stand there as they are.
fn quoted(out: &mut Writer<'_>, text: &str) -> fmt::Result {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if !text.bytes().all(is_plain) {
        return out.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?);
    }
    out.write_str("\"")?;
    out.write_str(text)?;
    out.write_str("\"")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tracing_subscriber::fmt::format::JsonFields;

    use super::super::gathered::Written;
    use super::*;

    /// What is logged while `work` is done, each line as it is read.
    fn logged(work: impl FnOnce()) -> Vec<Value> {
        let (tell, told) = std::sync::mpsc::channel();
        struct Told(std::sync::mpsc::Sender<Vec<u8>>);
        impl std::io::Write for Told {
            fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
                self.0.send(text.to_vec()).unwrap();
                Ok(text.len())
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let (written, gathering) = Written::to(Told(tell)).unwrap();
        let log =
            tracing_subscriber::fmt().with_writer(gathering).event_format(JsonLines).fmt_fields(JsonFields::new());
        tracing::subscriber::with_default(log.finish(), work);
        drop(written);
        let text: Vec<u8> = told.try_iter().flatten().collect();
        String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_value_is_read_as_it_was_logged() {
        let odd = "a \"quoted\" \\ line\nbreak \u{1} \u{7f} \u{2028} ελληνικά";
        let lines = logged(|| {
            tracing::info!(
                text = odd,
                empty = "",
                number = -7_i64,
                count = u64::MAX,
                yes = true,
                none = None::<u64>,
                "a \"message\""
            );
            tracing::warn!(shown = %odd, debugged = ?Some("x"), "{odd}");
        });
        let [info, warn] = lines.as_slice() else { panic!("{lines:?}") };
        for (name, wanted) in [
            ("level", json!("INFO")),
            ("message", json!("a \"message\"")),
            ("text", json!(odd)),
            ("empty", json!("")),
            ("number", json!(-7)),
            ("count", json!(u64::MAX)),
            ("yes", json!(true)),
            ("none", Value::Null),
            ("span", Value::Null),
            ("target", json!(module_path!())),
        ] {
            assert_eq!(info[name], wanted, "{name}: {info}");
        }
        assert!(info["timestamp"].as_str().unwrap().ends_with('Z'), "{info}");
        assert_eq!((&warn["message"], &warn["shown"]), (&json!(odd), &json!(odd)));
        assert_eq!(warn["debugged"], "Some(\"x\")");
    }

    #[test]
    fn what_is_logged_on_the_way_has_the_requests_id() {
        let lines = logged(|| {
            let span = tracing::error_span!("request", id = "a\"b");
            span.in_scope(|| tracing::error!("within"));
            tracing::error_span!("bare").in_scope(|| tracing::error!("within"));
        });
        assert_eq!(lines[0]["span"], json!({ "id": "a\"b", "name": "request" }));
        assert_eq!(lines[1]["span"], json!({ "name": "bare" }));
    }
}
