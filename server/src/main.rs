//! `tearoff`: the server and its tools.

use std::process::ExitCode;

fn main() -> ExitCode {
    tearoff_server::cli::run()
}
