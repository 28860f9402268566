//! Compresses files once, as hard as possible, so that the server only hands them out.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::failure::{Context, Outcome};

/// The highest quality and the largest window that every browser must accept.
const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW: u32 = 24;
const BUFFER: usize = 1 << 16;

/// `bytes` as brotli.
///
/// # Errors
/// When the encoder fails.
pub(crate) fn brotli(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), BUFFER, BROTLI_QUALITY, BROTLI_WINDOW);
    writer.write_all(bytes).context(|| "brotli")?;
    Ok(writer.into_inner())
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
