//! Spoiling an input.

use tearoff_cases::Random;

/// What numbers go wrong at.
const NUMBERS: [&str; 10] = [
    "0",
    "-1",
    "1",
    "10000",
    "10001",
    "1000000000000",
    "1000000000001",
    "9223372036854775807",
    "-9223372036854775808",
    "1e400",
];
/// What texts go wrong at.
const TEXTS: [&str; 14] = [
    "",
    " ",
    "\u{0}",
    "é",
    "９",
    "\u{200b}",
    "1970-01-01",
    "9999-12-31T23:59:59",
    "2026-02-30",
    "24:00",
    "null",
    "[[[[",
    "true",
    "\"",
];
/// What bytes go wrong at.
const BYTES: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'}', b','];

/// The input, spoiled in one to four places; now and then with a part of another.
#[must_use]
pub fn mutate(input: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        spoil(&mut bytes, other, random);
    }
    bytes
}

fn spoil(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = place(bytes.len(), random);
    let end = at.saturating_add(place(16, random)).min(bytes.len());
    match random.below(9) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = *random.pick(&BYTES);
            }
        }
        2 => drop(bytes.drain(at..end)),
        3 => {
            let again = bytes[at..end].to_vec();
            drop(bytes.splice(at..at, again));
        }
        4 => bytes.truncate(at),
        5 => {
            let from = place(other.len(), random);
            let part = other[from..other.len().min(from.saturating_add(64))].to_vec();
            drop(bytes.splice(at..end, part));
        }
        6 | 7 => {
            let number = random.pick(&NUMBERS).bytes();
            let (at, end) = run_of(bytes, at, |byte| byte.is_ascii_digit());
            drop(bytes.splice(at..end, number));
        }
        _ => {
            let text = random.pick(&TEXTS).bytes();
            let (at, end) = run_of(bytes, at, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
            drop(bytes.splice(at..end, text));
        }
    }
}

/// The next run of such bytes from a place on.
fn run_of(bytes: &[u8], from: usize, belongs: impl Fn(u8) -> bool) -> (usize, usize) {
    let start = (from..bytes.len()).find(|at| belongs(bytes[*at])).unwrap_or(bytes.len());
    let end = (start..bytes.len()).find(|at| !belongs(bytes[*at])).unwrap_or(bytes.len());
    (start, end)
}

fn place(length: usize, random: &mut Random) -> usize {
    usize::try_from(random.below(length as u64)).unwrap_or(0)
}
