//! Writes `digests.txt`: what each story's answer hashes to under this engine.

use std::error::Error;
use std::fs;
use std::path::Path;

use tearoff_corpus::{digests, stories};

fn main() -> Result<(), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("digests.txt");
    fs::write(&path, digests::list(&stories()?))?;
    println!("wrote {}", path.display());
    Ok(())
}
