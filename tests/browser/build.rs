//! Embeds the digests that the native run of the random cases wrote, where `TEAROFF_PARITY` names the file, and names the widget's language
//! files.

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
    for (name, text) in [("parity.txt", text), ("languages.rs", languages())] {
        if let Err(error) = fs::write(out.join(name), text) {
            println!("cargo::error={name} cannot be written: {error}");
        }
    }
}

/// A list of the languages with their files.
fn languages() -> String {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../widget/words");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let of = |file: &PathBuf| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        format!("({name:?}, include_str!({:?})),", file.display().to_string())
    };
    format!("&[{}]", files.iter().map(of).collect::<String>())
}
