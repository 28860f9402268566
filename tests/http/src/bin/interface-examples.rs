//! Writes the examples of the interface's description.

use std::fs;

use tearoff_http_tests::examples::{committed, text};

fn main() -> std::io::Result<()> {
    fs::write(committed(), text())?;
    println!("wrote {}", committed().display());
    Ok(())
}
