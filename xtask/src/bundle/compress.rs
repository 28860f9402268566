//! Compresses files once, as hard as possible, so that the server only hands them out.

use std::io::Write;

use brotli::enc::BrotliEncoderParams;
use brotli::enc::backward_references::BrotliEncoderMode;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::failure::{Context, Outcome};

/// The largest window that every browser must accept.
const BROTLI_WINDOW: i32 = 24;

/// From what the encoder guesses a byte: its own choice, or the low or high bits of the bytes before. Which is best depends on the
/// file: code is best guessed from the high bits.
const BROTLI_MODES: [BrotliEncoderMode; 3] = [
    BrotliEncoderMode::BROTLI_MODE_GENERIC,
    BrotliEncoderMode::BROTLI_FORCE_LSB_PRIOR,
    BrotliEncoderMode::BROTLI_FORCE_MSB_PRIOR,
];

/// `bytes` as brotli, the smallest of several tries.
///
/// # Errors
/// When the encoder fails.
pub(crate) fn brotli(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut smallest: Option<Vec<u8>> = None;
    for mode in BROTLI_MODES {
        // The highest quality is what the parameters begin with.
        let parameters = BrotliEncoderParams {
            mode,
            lgwin: BROTLI_WINDOW,
            size_hint: bytes.len(),
            ..BrotliEncoderParams::default()
        };
        let mut compressed = Vec::new();
        brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters).context(|| "brotli")?;
        if smallest.as_ref().is_none_or(|smallest| compressed.len() < smallest.len()) {
            smallest = Some(compressed);
        }
    }
    Ok(smallest.unwrap_or_default())
}

/// `bytes` as gzip, for the few clients that know nothing better.
///
/// # Errors
/// When the encoder fails.
pub(crate) fn gzip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(bytes).context(|| "gzip")?;
    writer.finish().context(|| "gzip")
}

#[cfg(test)]
mod tests {
    use super::{brotli, gzip};
    use std::io::Read;

    #[test]
    fn both_can_be_read_back_and_are_smaller() {
        let text = b"the same words again and again ".repeat(100);
        let mut read = Vec::new();
        let small = brotli(&text).expect("compresses");
        brotli::Decompressor::new(&small[..], 4096).read_to_end(&mut read).expect("reads");
        assert_eq!(read, text);
        assert!(small.len() < 100);
        read.clear();
        flate2::read::GzDecoder::new(&gzip(&text).expect("compresses")[..]).read_to_end(&mut read).expect("reads");
        assert_eq!(read, text);
    }
}
