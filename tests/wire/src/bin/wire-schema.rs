//! Writes `core/wire/v1.schema.json`; with `--freeze`, as a release does, also what nobody may break from then on.

use std::{env, fs};

use tearoff_wire::growth::{FROZEN, binding};
use tearoff_wire::{committed, document, text};

fn main() -> std::io::Result<()> {
    fs::write(committed(), text())?;
    println!("wrote {}", committed().display());
    if env::args().any(|argument| argument == "--freeze") {
        let frozen = committed().with_file_name(FROZEN);
        fs::write(&frozen, binding(&document()))?;
        println!("wrote {}", frozen.display());
    }
    Ok(())
}
