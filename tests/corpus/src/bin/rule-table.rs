//! Writes `RULES.md`: which stories prove which rule.

use std::error::Error;
use std::fs;
use std::path::Path;

use tearoff_corpus::{stories, table};

fn main() -> Result<(), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RULES.md");
    fs::write(&path, table::markdown(&stories()?))?;
    println!("wrote {}", path.display());
    Ok(())
}
