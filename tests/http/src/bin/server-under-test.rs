//! The `tearoff` binary by another name, so that cargo builds it for these tests, which start and kill it.

use std::process::ExitCode;

fn main() -> ExitCode {
    tearoff_server::cli::run()
}
