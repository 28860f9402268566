//! Writes a database, table by table, row by row, in the order of the primary keys.

use std::io::Write;

use sha2::{Digest, Sha256};

use super::line::{self, Rows};
use super::tables::{TABLES, Table};
use super::{TransferError, Transferred, hexadecimal};
use crate::store::Stored;
use crate::store::sql::{Connection, Value};

/// Rows asked for at once, at the most: a database of the network sends them all before we see the first, and of the largest redemptions a
/// hundred are some 100 MB.
const ROWS_MAX: usize = 100;
/// Bytes of an export that are asked for at once, as far as the rows before foretell it.
const PAGE: usize = 4 * 1024 * 1024;

/// What is written, and what was.
struct Sheet<'o> {
    out: &'o mut dyn Write,
    sum: Sha256,
    lines: u64,
    progress: &'o mut dyn FnMut(u64),
}

impl Sheet<'_> {
    fn write(&mut self, text: &[u8]) -> Result<(), TransferError> {
        self.sum.update(text);
        self.lines = self.lines.saturating_add(1);
        self.out.write_all(text).map_err(TransferError::Unwritable)
    }
}

/// Writes all that `connection` sees, which must be one state.
///
/// # Errors
/// [`TransferError`].
pub(super) fn export(
    connection: &dyn Connection,
    schema: u32,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64),
) -> Result<Transferred, TransferError> {
    let mut sheet = Sheet { out, sum: Sha256::new(), lines: 0, progress };
    sheet.write(&line::head(schema)?)?;
    let mut rows: Vec<Rows> = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        sheet.write(&line::table(table)?)?;
        rows.push((table.name, write_rows(connection, table, &mut sheet)?));
    }
    let foot = line::foot(&rows, &hexadecimal(sheet.sum.clone()))?;
    sheet.write(&foot)?;
    sheet.out.flush().map_err(TransferError::Unwritable)?;
    Ok(Transferred { rows })
}

/// Tells how many rows there are.
fn write_rows(connection: &dyn Connection, table: &Table, sheet: &mut Sheet<'_>) -> Result<u64, TransferError> {
    let (first, next) = queries(table);
    let (mut count, mut after, mut limit) = (0_u64, Vec::new(), ROWS_MAX);
    loop {
        let page = Page::read(connection, table, if after.is_empty() { &first } else { &next }, &after, limit, sheet)?;
        count = count.saturating_add(page.rows as u64);
        (sheet.progress)(sheet.lines);
        if page.rows < limit {
            return Ok(count);
        }
        limit = limit_after(page.rows, page.bytes);
        after = page.last;
    }
}

/// The first page of a table, and the one after a key.
fn queries(table: &Table) -> (String, String) {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let columns = names.join(", ");
    let (name, key) = (table.name, names.iter().take(table.key).copied().collect::<Vec<_>>().join(", "));
    let places = (2..).take(table.key).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
    let ordered = format!("ORDER BY {key} LIMIT ?1");
    (
        format!("SELECT {columns} FROM {name} {ordered}"),
        format!("SELECT {columns} FROM {name} WHERE ({key}) > ({places}) {ordered}"),
    )
}

/// How many rows to ask for after so many that had so many bytes.
fn limit_after(rows: usize, bytes: usize) -> usize {
    let each = bytes.checked_div(rows).unwrap_or_default().max(1);
    (PAGE / each).clamp(1, ROWS_MAX)
}

/// What was written of a table at once.
#[derive(Default)]
struct Page {
    rows: usize,
    bytes: usize,
    /// The key of the last row.
    last: Vec<Value<'static>>,
}

impl Page {
    fn read(
        connection: &dyn Connection,
        table: &Table,
        sql: &str,
        after: &[Value<'static>],
        limit: usize,
        sheet: &mut Sheet<'_>,
    ) -> Result<Self, TransferError> {
        let mut page = Self::default();
        let limit = Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX));
        let values: Vec<Value<'_>> = [limit].into_iter().chain(after.iter().cloned()).collect();
        // What is not written must not be taken for a fault of the database.
        let mut written = Ok(());
        let mut text = Vec::new();
        connection.query(sql, &values, &mut |columns| -> Stored<()> {
            if written.is_ok() {
                text.clear();
                page.last = line::row(table, columns, &mut text)?;
                page.rows = page.rows.saturating_add(1);
                page.bytes = page.bytes.saturating_add(text.len());
                written = sheet.write(&text);
            }
            Ok(())
        })?;
        written.map(|()| page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_at_once_is_bounded() {
        assert_eq!(limit_after(100, 20_000), ROWS_MAX, "small rows");
        assert_eq!(limit_after(100, 100 * PAGE / 10), 10, "large rows");
        assert_eq!(limit_after(1, 2 * PAGE), 1, "a row larger than that");
        assert_eq!(limit_after(0, 0), ROWS_MAX);
    }

    #[test]
    fn a_page_begins_after_a_whole_key() {
        let origins = TABLES.iter().find(|table| table.name == "origins").unwrap();
        let (first, next) = queries(origins);
        assert_eq!(first, "SELECT origin, site FROM origins ORDER BY origin, site LIMIT ?1");
        assert_eq!(
            next,
            "SELECT origin, site FROM origins WHERE (origin, site) > (?2, ?3) ORDER BY origin, site LIMIT ?1"
        );
    }
}
