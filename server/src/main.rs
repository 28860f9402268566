//! `tearoff`: the server and its tools.

use std::process::ExitCode;

/// A request takes and gives back memory some hundred times, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tearoff_server::cli::run()
}
