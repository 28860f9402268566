//! Reads an export into an empty database.

use std::io::{BufRead, Read};

use sha2::{Digest, Sha256};

use super::line::{self, LINE_MAX, Rows};
use super::tables::{TABLES, Table};
use super::{Fill, Flaw, NotAdded, TransferError, Transferred, hexadecimal};
use crate::store::sql::Value;

/// Rows added at once, at the most.
const ROWS_MAX: usize = 1000;
/// Bytes of an export whose rows are added at once.
const CHUNK: usize = 4 * 1024 * 1024;

/// What is read, and what was.
struct Sheet<'i> {
    input: &'i mut dyn BufRead,
    sum: Sha256,
    /// The line that was read last, without its end, and its number, from 1.
    text: Vec<u8>,
    number: u64,
    /// How many bytes were read.
    read: u64,
    progress: &'i mut dyn FnMut(u64, u64),
}

impl Sheet<'_> {
    /// Reads the next line, which must be there. It counts in the sum when the one after it is read: the last line does not.
    fn next(&mut self) -> Result<(), TransferError> {
        if self.number > 0 {
            self.sum.update(&self.text);
            self.sum.update(b"\n");
        }
        self.text.clear();
        let read = Read::take(&mut *self.input, LINE_MAX).read_until(b'\n', &mut self.text);
        let read = read.map_err(TransferError::Unreadable)?;
        self.number = self.number.saturating_add(1);
        self.read = self.read.saturating_add(read as u64);
        if self.text.pop_if(|last| *last == b'\n').is_some() {
            return Ok(());
        }
        Err(self.at_fault(if read as u64 == LINE_MAX { Flaw::TooLong } else { Flaw::Cut }))
    }

    fn at_fault(&self, flaw: Flaw) -> TransferError {
        TransferError::Invalid { line: self.number, flaw }
    }

    /// Whether a row stands on this line; tables and the end are objects.
    fn is_row(&self) -> bool {
        self.text.first() != Some(&b'{')
    }
}

/// Adds all that is read to an empty database.
///
/// # Errors
/// [`TransferError`]. What was added must then be undone.
pub(super) fn import(
    target: &dyn Fill,
    schema: u32,
    input: &mut dyn BufRead,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Transferred, TransferError> {
    must_be_empty(target)?;
    let mut sheet = Sheet { input, sum: Sha256::new(), text: Vec::new(), number: 0, read: 0, progress };
    sheet.next().map_err(|error| match error {
        TransferError::Invalid { line, .. } => TransferError::Invalid { line, flaw: Flaw::NoExport },
        other => other,
    })?;
    line::check_head(&sheet.text, schema).map_err(|flaw| sheet.at_fault(flaw))?;
    sheet.next()?;
    let mut rows: Vec<Rows> = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        // One way to write it: what is written otherwise is another table.
        if line::table(table)?.strip_suffix(b"\n") != Some(&sheet.text) {
            return Err(sheet.at_fault(Flaw::NoTable { wanted: table.name }));
        }
        sheet.next()?;
        rows.push((table.name, add_rows(target, table, &mut sheet)?));
    }
    let sum = hexadecimal(sheet.sum.clone());
    line::check_foot(&sheet.text, &rows, &sum).map_err(|flaw| sheet.at_fault(flaw))?;
    let more = sheet.input.fill_buf().map_err(TransferError::Unreadable)?;
    if more.is_empty() { Ok(Transferred { rows }) } else { Err(sheet.at_fault(Flaw::More)) }
}

fn must_be_empty(target: &dyn Fill) -> Result<(), TransferError> {
    for table in &TABLES {
        let mut is_empty = true;
        target.query(&format!("SELECT 1 FROM {} LIMIT 1", table.name), &[], &mut |_| {
            is_empty = false;
            Ok(())
        })?;
        if !is_empty {
            return Err(TransferError::NotEmpty { table: table.name });
        }
    }
    Ok(())
}

/// Rows that are added together, with what they were on.
#[derive(Default)]
struct Chunk {
    rows: Vec<Vec<Value<'static>>>,
    bytes: usize,
    /// The line of the first.
    begins: u64,
}

impl Chunk {
    fn add(&mut self, target: &dyn Fill, table: &Table) -> Result<(), TransferError> {
        let Self { rows, begins, .. } = std::mem::take(self);
        if rows.is_empty() {
            return Ok(());
        }
        target.fill(&addition(table), &rows).map_err(|not_added| match not_added {
            NotAdded::Row { row, error } => TransferError::Invalid {
                line: begins.saturating_add(row as u64),
                flaw: Flaw::Refused { table: table.name, error },
            },
            NotAdded::Failed(error) => error.into(),
        })
    }
}

fn addition(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let places: Vec<String> = (1..=names.len()).map(|place| format!("?{place}")).collect();
    format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), places.join(", "))
}

/// Adds the rows from this line to the next that holds none; tells how many.
fn add_rows(target: &dyn Fill, table: &Table, sheet: &mut Sheet<'_>) -> Result<u64, TransferError> {
    let (mut count, mut chunk, mut last) = (0_u64, Chunk::default(), Vec::new());
    while sheet.is_row() {
        let row = line::read_row(table, &sheet.text).map_err(|flaw| sheet.at_fault(flaw))?;
        let key: Vec<_> = row.iter().take(table.key).cloned().collect();
        if key <= last {
            return Err(sheet.at_fault(Flaw::OutOfOrder { table: table.name }));
        }
        last = key;
        if chunk.rows.is_empty() {
            chunk.begins = sheet.number;
        }
        chunk.bytes = chunk.bytes.saturating_add(sheet.text.len());
        chunk.rows.push(row);
        count = count.saturating_add(1);
        if chunk.rows.len() == ROWS_MAX || chunk.bytes >= CHUNK {
            chunk.add(target, table)?;
            (sheet.progress)(sheet.read, sheet.number);
        }
        sheet.next()?;
    }
    chunk.add(target, table)?;
    Ok(count)
}
