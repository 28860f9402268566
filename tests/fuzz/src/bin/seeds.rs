//! Writes the inputs of a target to a folder, one file each: `seeds TARGET FOLDER`.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(target), Some(folder)) = (arguments.next(), arguments.next().map(PathBuf::from)) else {
        return Err("needs a target and a folder".into());
    };
    std::fs::create_dir_all(&folder)?;
    for (index, seed) in tearoff_fuzz::seeds(&target)?.into_iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{index:04}")), seed)?;
    }
    Ok(())
}
