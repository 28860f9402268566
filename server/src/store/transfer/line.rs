//! The lines of an export: a head, each table with its rows, a foot. One way to write each, and to read it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize, Serializer};
use tearoff_core::ENGINE;

use super::Flaw;
use super::tables::{Column, Kind, Table};
use crate::store::sql::{Columns, Value};
use crate::store::{StoreError, Stored};

/// The form in which an export is written. It rises when a reader of the one before would go wrong.
const FORMAT: u32 = 1;

/// Longest line, with its end: far more than any row holds, since the largest of what is sent has a megabyte.
pub(super) const LINE_MAX: u64 = 16 * 1024 * 1024;

/// The first line.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Head {
    /// What the file is: `database`.
    tearoff: String,
    format: u32,
    schema: u32,
    engine: u32,
}

/// The first line of an export of this version.
pub(super) fn head(schema: u32) -> Stored<Vec<u8>> {
    line(&Head { tearoff: "database".into(), format: FORMAT, schema, engine: ENGINE })
}

/// Whether this version reads what follows a first line.
///
/// # Errors
/// [`Flaw`].
pub(super) fn check_head(text: &[u8], known: u32) -> Result<(), Flaw> {
    let head: Head = serde_json::from_slice(text).map_err(|_| Flaw::NoExport)?;
    let Head { tearoff, format, schema, engine } = head;
    if tearoff != "database" {
        Err(Flaw::NoExport)
    } else if format != FORMAT {
        Err(Flaw::Format { found: format, known: FORMAT })
    } else if schema != known {
        Err(Flaw::Schema { found: schema, known })
    } else if engine > ENGINE {
        Err(Flaw::Engine { found: engine, known: ENGINE })
    } else {
        Ok(())
    }
}

/// The line before a table's rows.
#[derive(Serialize)]
struct TableLine {
    table: &'static str,
    #[serde(serialize_with = "kinds")]
    columns: &'static [Column],
}

fn kinds<S: Serializer>(columns: &[Column], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(columns.iter().map(|column| (column.name, column.kind.name())))
}

/// The line before a table's rows.
pub(super) fn table(table: &Table) -> Stored<Vec<u8>> {
    line(&TableLine { table: table.name, columns: table.columns })
}

/// How many rows a table has.
pub(super) type Rows = (&'static str, u64);

/// The last line.
#[derive(Serialize)]
struct Foot<'a> {
    #[serde(serialize_with = "counts")]
    rows: &'a [Rows],
    sha256: &'a str,
}

pub(super) fn counts<S: Serializer>(rows: &[Rows], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(rows.iter().copied())
}

/// The last line: how many rows there were, and the sum of all lines before.
pub(super) fn foot(rows: &[Rows], sum: &str) -> Stored<Vec<u8>> {
    line(&Foot { rows, sha256: sum })
}

/// What a last line says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FootRead {
    rows: BTreeMap<String, u64>,
    sha256: String,
}

/// Whether a last line says what was read before it.
///
/// # Errors
/// [`Flaw`].
pub(super) fn check_foot(text: &[u8], rows: &[Rows], sum: &str) -> Result<(), Flaw> {
    let foot: FootRead = serde_json::from_slice(text).map_err(|_| Flaw::NoFoot)?;
    let read: BTreeMap<String, u64> = rows.iter().map(|(table, count)| ((*table).to_owned(), *count)).collect();
    if foot.rows != read {
        Err(Flaw::Counts)
    } else if foot.sha256 != sum {
        Err(Flaw::Sum)
    } else {
        Ok(())
    }
}

fn line(value: &impl Serialize) -> Stored<Vec<u8>> {
    let mut line = serde_json::to_vec(value).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

/// A row as a line; and its values that are its key.
pub(super) fn row(table: &Table, columns: &dyn Columns, line: &mut Vec<u8>) -> Stored<Vec<Value<'static>>> {
    let mut key = Vec::with_capacity(table.key);
    for (at, column) in table.columns.iter().enumerate() {
        let value = columns.at(at)?;
        line.push(if at == 0 { b'[' } else { b',' });
        write(table, column, &value, line)?;
        if at < table.key {
            key.push(value.into_owned());
        }
    }
    line.extend(b"]\n");
    if line.len() as u64 > LINE_MAX {
        return Err(StoreError::Inconsistent(format!("a row of `{}` with more than {LINE_MAX} bytes", table.name)));
    }
    Ok(key)
}

fn write(table: &Table, column: &Column, value: &Value<'_>, line: &mut Vec<u8>) -> Stored<()> {
    let inconsistent = |error: serde_json::Error| StoreError::Inconsistent(error.to_string());
    match (value, column.kind) {
        (Value::Null, _) if column.is_optional => line.extend(b"null"),
        (Value::Integer(number), Kind::Integer) => line.extend(number.to_string().as_bytes()),
        (Value::Text(text), Kind::Text) => serde_json::to_writer(line, text).map_err(inconsistent)?,
        (Value::Bytes(bytes), Kind::Bytes) => {
            line.push(b'"');
            line.extend(URL_SAFE_NO_PAD.encode(bytes).as_bytes());
            line.push(b'"');
        }
        _ => return Err(StoreError::Inconsistent(format!("a value of `{}.{}`", table.name, column.name))),
    }
    Ok(())
}

/// The row that a line is.
///
/// # Errors
/// [`Flaw`], which names the column.
pub(super) fn read_row(table: &Table, text: &[u8]) -> Result<Vec<Value<'static>>, Flaw> {
    let values: Vec<serde_json::Value> =
        serde_json::from_slice(text).map_err(|_| Flaw::NoRow { table: table.name, columns: table.columns.len() })?;
    if values.len() != table.columns.len() {
        return Err(Flaw::NoRow { table: table.name, columns: table.columns.len() });
    }
    table.columns.iter().zip(values).map(|(column, value)| read(table, column, value)).collect()
}

fn read(table: &Table, column: &Column, value: serde_json::Value) -> Result<Value<'static>, Flaw> {
    use serde_json::Value as Json;
    let read = match (value, column.kind) {
        (Json::Null, _) if column.is_optional => Some(Value::Null),
        (Json::Number(number), Kind::Integer) => number.as_i64().map(Value::Integer),
        // PostgreSQL keeps no such text.
        (Json::String(text), Kind::Text) => (!text.contains('\0')).then(|| Value::Text(text.into())),
        (Json::String(text), Kind::Bytes) => URL_SAFE_NO_PAD.decode(text).ok().map(|bytes| Value::Bytes(bytes.into())),
        _ => None,
    };
    let wanted = match column.kind {
        Kind::Integer => "a whole number of 64 bits",
        Kind::Text => "a text without U+0000",
        Kind::Bytes => "bytes in base64url without padding",
    };
    let or_null = if column.is_optional { ", or null" } else { "" };
    read.ok_or(Flaw::Column { table: table.name, column: column.name, wanted, or_null })
}
