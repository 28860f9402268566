//! Makes a database as this version leaves it, `FILE.sqlite`, and its export, `FILE.jsonl`, for later versions to open:
//!
//! ```sh
//! cargo run -p tearoff-http-tests --bin release-fixture -- tests/releases/$VERSION
//! ```

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::release::{fill, sites};
use tearoff_server::config::Database;
use tearoff_server::store::back_up;
use tearoff_server::store::transfer::export;

fn main() -> ExitCode {
    let Some(name) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("release-fixture: name the files to be made, such as `tests/releases/0.1.0`");
        return ExitCode::from(2);
    };
    match make(&name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("release-fixture: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make(name: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let harness = Harness::with(sites());
    fill(&harness);
    let database = name.with_added_extension("sqlite");
    let copied = back_up(&harness.database(), &database, &mut |_, _| {})?;
    let mut file = File::create_new(name.with_added_extension("jsonl"))?;
    let _ = export(&Database::Sqlite(database), &mut file, &mut |_| {})?;
    println!("{} redemptions, {} bytes", copied.redemptions, copied.bytes);
    Ok(())
}
