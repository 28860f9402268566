//! Input line by line, never as a whole: a file may be longer than memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use tearoff_core::invalid::{Fault, InvalidField, InvalidFields, InvalidLine};

use crate::json::without_mark;

/// Longest line: a cart at its bounds with thousands of promotions.
pub(super) const LINE_MAX: u64 = 8 * 1024 * 1024;

/// Why not all of the input was worked on. A line at fault is none of these: it is answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The input cannot be read, or not to its end.
    #[error("the input cannot be read: {0}")]
    Unreadable(io::Error),
    /// A file is something else than it should be, in words for whoever named it.
    #[error("{0}")]
    Invalid(String),
    /// Nobody takes the answers.
    #[error("the answers cannot be written: {0}")]
    Unwritable(#[from] io::Error),
}

impl Broken {
    /// The exit code that tells it.
    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Unreadable(_) | Self::Invalid(_) => 2,
            Self::Unwritable(_) => 1,
        })
    }

    /// The faults of a file that is read as a whole.
    pub(super) fn invalid(file: &Path, faults: &[InvalidField]) -> Self {
        let told = faults.iter().map(|fault| format!("`{}`: `{}` {}", file.display(), fault.field, fault.message));
        Self::Invalid(told.collect::<Vec<_>>().join("\ntearoff: "))
    }
}

/// Where lines come from.
pub(super) struct Source {
    reader: Box<dyn BufRead>,
    /// How many bytes there are, where that is known.
    pub(super) bytes: Option<u64>,
}

impl Source {
    /// Opens a file; `-`, or none, is standard input.
    ///
    /// # Errors
    /// [`Broken::Invalid`], which names the file.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Broken> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return Ok(Self { reader: Box::new(io::stdin().lock()), bytes: None });
        };
        let named = |error| Broken::Invalid(format!("`{}` cannot be read: {error}", path.display()));
        let file = File::open(path).map_err(named)?;
        // A pipe has a length too, and it is 0.
        let bytes = file.metadata().ok().map(|metadata| metadata.len()).filter(|bytes| *bytes > 0);
        Ok(Self { reader: Box::new(BufReader::new(file)), bytes })
    }

    /// What reads it, a buffer at a time.
    pub(super) fn into_reader(self) -> Box<dyn BufRead> {
        self.reader
    }

    /// All of it.
    ///
    /// # Errors
    /// [`Broken::Unreadable`], and [`Broken::Invalid`] for more than `most` bytes.
    pub(super) fn read_all(self, most: u64) -> Result<Vec<u8>, Broken> {
        let mut bytes = Vec::new();
        let mut reader = io::Read::take(self.reader, most.saturating_add(1));
        io::Read::read_to_end(&mut reader, &mut bytes).map_err(Broken::Unreadable)?;
        if bytes.len() as u64 > most {
            return Err(Broken::Invalid(format!("the file must have at most {most} bytes")));
        }
        Ok(without_mark(&bytes).to_vec())
    }

    /// Passes on every line.
    ///
    /// # Errors
    /// [`Broken::Unreadable`], and what `each` answers.
    pub(super) fn for_each(mut self, each: impl FnMut(Line<'_>) -> Result<(), Broken>) -> Result<(), Broken> {
        for_each_line(&mut self.reader, each)
    }
}

/// One line.
pub(super) struct Line<'a> {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Its text without the space around it; a fault where it is too long to be kept.
    pub(super) text: Result<&'a [u8], InvalidField>,
    /// How many bytes have been read, with this line.
    pub(super) read: u64,
}

/// Passes on every line.
///
/// # Errors
/// [`Broken::Unreadable`], and what `each` answers.
pub(super) fn for_each_line(
    input: &mut dyn BufRead,
    mut each: impl FnMut(Line<'_>) -> Result<(), Broken>,
) -> Result<(), Broken> {
    let mut line = Vec::new();
    let mut read = 0_u64;
    for number in 1_u64.. {
        line.clear();
        let taken = io::Read::take(&mut *input, LINE_MAX).read_until(b'\n', &mut line).map_err(Broken::Unreadable)?;
        if taken == 0 {
            break;
        }
        read = read.saturating_add(taken as u64);
        let whole = line.ends_with(b"\n") || (taken as u64) < LINE_MAX;
        if !whole {
            read = read.saturating_add(skip_line(input).map_err(Broken::Unreadable)?);
        }
        let text = if number == 1 { without_mark(&line) } else { &line }.trim_ascii();
        each(Line { number, text: if whole { Ok(text) } else { Err(too_long()) }, read })?;
    }
    Ok(())
}

/// A line that is at fault, as it is answered.
pub(super) const fn refused(line: u64, errors: Vec<InvalidField>) -> InvalidLine {
    InvalidLine { line, error: InvalidFields { errors } }
}

impl Line<'_> {
    /// Whether nothing is on it.
    pub(super) fn is_empty(&self) -> bool {
        self.text.as_ref().is_ok_and(|text| text.is_empty())
    }
}

/// Writes a value as one line.
///
/// # Errors
/// [`Broken::Unwritable`].
pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> Result<(), Broken> {
    serde_json::to_writer(&mut *out, value).map_err(io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

/// What became of it all: whoever reads has seen enough when the pipe breaks.
///
/// # Errors
/// All but that.
pub(super) fn ended(outcome: Result<(), Broken>) -> Result<(), Broken> {
    match outcome {
        Err(Broken::Unwritable(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn too_long() -> InvalidField {
    InvalidField {
        field: "body".into(),
        code: Fault::OutOfBounds,
        message: format!("must have less than {LINE_MAX} bytes").into(),
    }
}

/// Reads on to the end of the line, keeping nothing; tells how many bytes that were.
fn skip_line(input: &mut dyn BufRead) -> io::Result<u64> {
    let mut skipped = 0_u64;
    loop {
        let buffer = input.fill_buf()?;
        let (length, done) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at.saturating_add(1), true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(length);
        skipped = skipped.saturating_add(length as u64);
        if done {
            return Ok(skipped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(mut input: &[u8]) -> Vec<String> {
        let mut texts = Vec::new();
        for_each_line(&mut input, |line| {
            texts.push(String::from_utf8_lossy(line.text.as_ref().unwrap()).into_owned());
            Ok(())
        })
        .unwrap();
        texts
    }

    #[test]
    fn a_byte_order_mark_is_skipped_where_a_file_begins() {
        assert_eq!(texts(b"\xEF\xBB\xBF{}\r\n{}"), ["{}", "{}"]);
        assert_eq!(texts(b"\xEF\xBB\xBF"), [""]);
        assert_eq!(texts(b"{}\n\xEF\xBB\xBF{}"), ["{}", "\u{FEFF}{}"], "within a file it is a fault");
        let source = Source { reader: Box::new(&b"\xEF\xBB\xBF{}"[..]), bytes: None };
        assert_eq!(source.read_all(10).unwrap(), b"{}");
    }
}
