//! Hashes: of a build's inputs, of a release, and the ones that browsers check.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::failure::Outcome;
use crate::tree;

/// Collects what a build depends on.
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    /// A fingerprint of nothing yet.
    pub(crate) fn new() -> Self {
        Self(Sha256::new())
    }

    /// Adds a named value. Both lengths are part of it, so that no two lists of values are alike.
    pub(crate) fn add(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        for part in [name.as_bytes(), value] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
        self
    }

    /// Adds every file at or below `paths`, by its name within `root` and its content.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(crate) fn add_files(mut self, root: &Path, paths: &[&str]) -> Outcome<Self> {
        let listed: Outcome<Vec<Vec<PathBuf>>> = paths.iter().map(|path| tree::files(&root.join(path))).collect();
        for file in listed?.into_iter().flatten() {
            let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
            self = self.add(&name, tree::read(&file)?);
        }
        Ok(self)
    }

    /// Twenty hexadecimal digits: 80 bits, which no accident meets twice.
    pub(crate) fn short(self) -> String {
        self.digits(20)
    }

    /// The first hexadecimal digits, an even number of them.
    pub(crate) fn digits(self, count: usize) -> String {
        let mut text = String::new();
        for byte in self.0.finalize().iter().take(count / 2) {
            let _infallible = write!(text, "{byte:02x}");
        }
        text
    }
}

/// The value of an `integrity` attribute for a file. The loader carries two of them, and a hash does not compress: of those that
/// browsers accept this is the shortest.
pub(crate) fn integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", base64(&Sha256::digest(bytes)))
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let three = chunk.iter().chain([&0, &0]).take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for place in 0..4 {
            let digit = three >> (18 - 6 * place) & 63;
            let letter = ALPHABET.get(digit as usize).copied().map_or('=', char::from);
            text.push(if place > chunk.len() { '=' } else { letter });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, base64, integrity};

    #[test]
    fn base64_is_the_common_one() {
        for (bytes, want) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), want);
        }
    }

    #[test]
    fn integrity_is_what_browsers_compare() {
        let known = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(integrity(b""), known);
    }

    #[test]
    fn values_are_not_run_together() {
        let one = Fingerprint::new().add("a", "bc").short();
        assert_ne!(one, Fingerprint::new().add("ab", "c").short());
        assert_eq!(one.len(), 20);
        assert!(one.starts_with(&Fingerprint::new().add("a", "bc").digits(12)));
    }
}
