//! Compact canonical bytes: one encoding per value, the same on every target (R66).
//!
//! They are what digests are made over, what a snapshot carries to a page, and what is stored with a redemption. Integers are
//! little-endian base-128 varints (signed ones zigzag), texts and lists carry their length first, an enum its tag. There is no
//! field name and no padding; a type's fields are listed once, in [`canonical_struct!`] or [`canonical_enum!`], and the compiler
//! refuses a list that forgets one. The format is only read back by an engine of the same number.

use alloc::{boxed::Box, vec::Vec};
use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};

/// Bytes that are not the canonical form of the wanted type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A value with exactly one byte form.
pub trait Canonical: Sized {
    /// Appends the value's bytes.
    fn write(&self, out: &mut Writer);

    /// Takes one value off the front. Bytes that are no value of this type, or break one of its bounds, [fail](Reader::fail) the
    /// reader; what is returned then, and from then on, means nothing.
    ///
    /// The reader remembers a failure, so that no field of any type has to pass one on: a page that had to give back a half-read
    /// promotion at each of its fields would be a twentieth larger.
    fn take(reader: &mut Reader<'_>) -> Self;

    /// Reads one value back.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes are no value of this type, or break one of its bounds.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let value = Self::take(reader);
        if reader.failed { Err(Malformed) } else { Ok(value) }
    }

    /// The value's bytes.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.write(&mut out);
        out.bytes
    }

    /// Reads a value that fills `bytes` to the end.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes are no value of this type or go on after it.
    fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::over(bytes);
        let value = Self::read(&mut reader)?;
        if reader.rest.is_empty() { Ok(value) } else { Err(Malformed) }
    }
}

/// Most values that are written on their own fit into this: what is hashed for a cart of a few lines need not be moved as it grows.
const BYTES_USUAL: usize = 512;

/// Collects canonical bytes.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Default for Writer {
    fn default() -> Self {
        Self { bytes: Vec::with_capacity(BYTES_USUAL) }
    }
}

impl Writer {
    /// Appends an unsigned integer as a varint.
    #[expect(clippy::cast_possible_truncation, reason = "masked to seven bits")]
    pub fn unsigned(&mut self, mut value: u64) {
        while value > 0x7f {
            self.bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// Appends a length-prefixed text.
    pub fn text(&mut self, text: &str) {
        self.unsigned(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends values, their number first.
    pub fn list<T: Canonical>(&mut self, values: &[T]) {
        self.unsigned(values.len() as u64);
        for value in values {
            value.write(self);
        }
    }

    /// Forgets what has been written, and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// What has been written.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads canonical bytes from front to back. Once it has failed it has nothing left but zeros and empty texts.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    failed: bool,
}

impl<'a> Reader<'a> {
    /// Reads from the front of `bytes`.
    #[must_use]
    pub const fn over(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, failed: false }
    }

    /// What has not been read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether anything was malformed so far.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.failed
    }

    /// Says that the bytes are malformed.
    pub const fn fail(&mut self) {
        self.failed = true;
        self.rest = &[];
    }

    /// Fails unless `holds`.
    pub(crate) const fn require(&mut self, holds: bool) {
        if !holds {
            self.fail();
        }
    }

    /// The value if there is one; else fails, and a placeholder.
    pub(crate) fn or_fail<T>(&mut self, found: Option<T>, placeholder: T) -> T {
        self.require(found.is_some());
        found.unwrap_or(placeholder)
    }

    /// Takes `count` bytes; fails when fewer are left.
    pub fn raw(&mut self, count: usize) -> &'a [u8] {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            self.fail();
            return &[];
        };
        self.rest = rest;
        taken
    }

    /// Takes a varint, in its shortest form only: one value, one encoding. Fails when it is cut off, overlong or above 64 bits.
    pub fn unsigned(&mut self) -> u64 {
        let mut value = 0_u64;
        for shift in (0..64_u32).step_by(7) {
            let byte = self.raw(1).first().copied().unwrap_or(0);
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                break;
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    break;
                }
                return value;
            }
        }
        self.fail();
        0
    }

    /// Takes a length-prefixed text; fails when it is cut off or no UTF-8.
    pub fn text(&mut self) -> &'a str {
        let length = usize::try_from(self.unsigned()).unwrap_or(usize::MAX);
        let text = core::str::from_utf8(self.raw(length)).ok();
        self.or_fail(text, "")
    }
}

macro_rules! canonical_unsigned {
    ($($type:ty),*) => {$(
        impl Canonical for $type {
            fn write(&self, out: &mut Writer) {
                out.unsigned(u64::from(*self));
            }

            fn take(reader: &mut Reader<'_>) -> Self {
                let value = reader.unsigned();
                reader.or_fail(Self::try_from(value).ok(), 0)
            }
        }
    )*};
}
canonical_unsigned!(u8, u16, u32, u64);

impl Canonical for i64 {
    fn write(&self, out: &mut Writer) {
        out.unsigned(self.unsigned_abs().wrapping_shl(1).wrapping_sub(u64::from(*self < 0)));
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let value = reader.unsigned();
        let half = (value >> 1).cast_signed();
        if value & 1 == 0 { half } else { half.wrapping_neg().wrapping_sub(1) }
    }
}

impl Canonical for i32 {
    fn write(&self, out: &mut Writer) {
        i64::from(*self).write(out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let value = i64::take(reader);
        reader.or_fail(Self::try_from(value).ok(), 0)
    }
}

impl Canonical for bool {
    fn write(&self, out: &mut Writer) {
        out.unsigned(u64::from(*self));
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let value = reader.unsigned();
        reader.require(value <= 1);
        value == 1
    }
}

impl Canonical for Box<str> {
    fn write(&self, out: &mut Writer) {
        out.text(self);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        reader.text().into()
    }
}

impl<T: Canonical> Canonical for Box<T> {
    fn write(&self, out: &mut Writer) {
        T::write(self, out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        Self::new(T::take(reader))
    }
}

impl<T: Canonical> Canonical for Option<T> {
    fn write(&self, out: &mut Writer) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        if bool::take(reader) { Some(T::take(reader)) } else { None }
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn write(&self, out: &mut Writer) {
        out.list(self);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        // The count is not trusted with memory: every value takes at least one byte, so a false count runs dry first.
        let count = reader.unsigned();
        let mut values = Self::new();
        for _ in 0..count {
            values.push(T::take(reader));
            if reader.failed {
                break;
            }
        }
        values
    }
}

impl Canonical for DateTime<Utc> {
    fn write(&self, out: &mut Writer) {
        self.timestamp_millis().write(out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let millis = i64::take(reader);
        reader.or_fail(Self::from_timestamp_millis(millis), Self::UNIX_EPOCH)
    }
}

impl Canonical for NaiveTime {
    fn write(&self, out: &mut Writer) {
        self.num_seconds_from_midnight().write(out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let seconds = u32::take(reader);
        reader.or_fail(Self::from_num_seconds_from_midnight_opt(seconds, 0), Self::MIN)
    }
}

impl Canonical for NaiveDate {
    fn write(&self, out: &mut Writer) {
        self.to_epoch_days().write(out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let days = i32::take(reader);
        reader.or_fail(Self::from_epoch_days(days), Self::MIN)
    }
}

/// Lists a struct's fields in the order of their bytes.
macro_rules! canonical_struct {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::canonical::Canonical for $name {
            fn write(&self, out: &mut $crate::canonical::Writer) {
                let Self { $($field),* } = self;
                $($crate::canonical::Canonical::write($field, out);)*
            }

            fn take(reader: &mut $crate::canonical::Reader<'_>) -> Self {
                Self { $($field: $crate::canonical::Canonical::take(reader)),* }
            }
        }
    };
}
pub(crate) use canonical_struct;

/// Lists an enum's variants with their tags, and each variant's fields. A tag is for ever.
macro_rules! canonical_enum {
    ($name:ident { $($tag:literal => $variant:ident $({ $($field:ident),* $(,)? })? $(($whole:ident))?),* $(,)? }) => {
        impl $crate::canonical::Canonical for $name {
            fn write(&self, out: &mut $crate::canonical::Writer) {
                match self {
                    $(Self::$variant $({ $($field),* })? $(($whole))? => {
                        out.unsigned($tag);
                        $($($crate::canonical::Canonical::write($field, out);)*)?
                        $($crate::canonical::Canonical::write($whole, out);)?
                    })*
                }
            }

            fn take(reader: &mut $crate::canonical::Reader<'_>) -> Self {
                match reader.unsigned() {
                    $($tag => {
                        $(let $whole = $crate::canonical::Canonical::take(reader);)?
                        Self::$variant $({ $($field: $crate::canonical::Canonical::take(reader)),* })? $(($whole))?
                    })*
                    _ => {
                        // A reader that has failed says 0, which is a tag of every enum.
                        reader.fail();
                        Self::take(reader)
                    }
                }
            }
        }
    };
}
pub(crate) use canonical_enum;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_come_back(unsigned: u64, signed: i64, small: i32) {
            prop_assert_eq!(u64::from_bytes(&unsigned.to_bytes()), Ok(unsigned));
            prop_assert_eq!(i64::from_bytes(&signed.to_bytes()), Ok(signed));
            prop_assert_eq!(i32::from_bytes(&small.to_bytes()), Ok(small));
        }

        #[test]
        fn whatever_is_read_is_written_the_same(bytes: Vec<u8>) {
            if let Ok(value) = Vec::<Option<Box<str>>>::from_bytes(&bytes) {
                prop_assert_eq!(value.to_bytes(), bytes);
            }
        }
    }

    #[test]
    fn the_ends_of_the_integers() {
        for value in [0, 1, -1, i64::MAX, i64::MIN] {
            assert_eq!(i64::from_bytes(&value.to_bytes()), Ok(value));
        }
        assert_eq!(u64::from_bytes(&[0x80, 0x00]), Err(Malformed), "overlong");
        assert_eq!(u64::from_bytes(&[0xff; 10]), Err(Malformed), "above 64 bits");
        assert_eq!(u8::from_bytes(&[0x80, 0x02]), Err(Malformed), "above 8 bits");
        assert_eq!(Vec::<u8>::from_bytes(&[0xff, 0x7f, 1]), Err(Malformed), "a count above what is there");
        assert_eq!(Vec::<bool>::from_bytes(&[2, 2, 1]), Err(Malformed), "a failure is remembered");
    }
}
