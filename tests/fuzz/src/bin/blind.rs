//! Spoils inputs for a while, without looking at what they reach: `blind TARGET SECONDS FOLDER`. An input that fails is written to the
//! folder.

use std::error::Error;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tearoff_cases::Random;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, seconds, folder] = arguments.as_slice() else {
        return Err("needs a target, seconds and a folder".into());
    };
    let target = tearoff_fuzz::find(name).ok_or_else(|| format!("there is no target `{name}`"))?;
    let (limit, folder) = (Duration::from_secs(seconds.parse()?), PathBuf::from(folder));
    let seeds = tearoff_fuzz::seeds(name)?;
    let begun = Instant::now();
    // Another stream with each run: what was tried already is tried in the test run.
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let mut tried = 0_u64;
    while begun.elapsed() < limit {
        let mut random = Random::of(seed, tried);
        let (one, other): (&Vec<u8>, &Vec<u8>) = (random.pick(&seeds), random.pick(&seeds));
        let input = tearoff_fuzz::mutate(one, other, &mut random);
        tried += 1;
        if catch_unwind(|| (target.run)(&input)).is_err() {
            std::fs::create_dir_all(&folder)?;
            let path = folder.join(format!("{name}-{seed}-{tried}"));
            std::fs::write(&path, &input)?;
            return Err(format!("`{name}` fails on the input kept in `{}`", path.display()).into());
        }
    }
    println!("{name}: {tried} inputs, none failed");
    Ok(())
}
