//! Embeds the digests that the native run of the random cases wrote, where `TEAROFF_PARITY` names the file.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=TEAROFF_PARITY");
    // Without digests the other tests still build; the one that needs them says what is missing.
    let text = env::var_os("TEAROFF_PARITY").map_or_else(String::new, |path| {
        let path = PathBuf::from(path);
        println!("cargo::rerun-if-changed={}", path.display());
        fs::read_to_string(&path).unwrap_or_else(|error| {
            println!("cargo::error=`{}`, which TEAROFF_PARITY names, cannot be read: {error}", path.display());
            String::new()
        })
    });
    let out: PathBuf = env::var_os("OUT_DIR").unwrap_or_default().into();
    if let Err(error) = fs::write(out.join("parity.txt"), text) {
        println!("cargo::error=parity.txt cannot be written: {error}");
    }
}
