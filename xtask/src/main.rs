//! Every build, test and release step of Tearoff, so that a continuous-integration machine runs nothing that cannot be run at home.
//!
//! `cargo xtask` alone lists the commands. This crate is the first that is built on a new machine, so it stays small: no argument
//! parser, no async runtime, no JSON library.

mod arguments;
mod bench;
mod bundle;
mod command;
mod exclusive;
mod failure;
mod fuzz;
mod hash;
mod invariants;
mod lockfile;
mod parity;
mod process;
mod progress;
mod provision;
mod serve;
mod soak;
mod suite;
mod temporary;
mod tree;
mod workspace;

use std::process::ExitCode;

use bundle::link;

fn main() -> ExitCode {
    if let Some(linker) = std::env::var_os(link::LINKER) {
        return link::run(&linker);
    }
    match command::run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            progress::failed(&failure);
            ExitCode::FAILURE
        }
    }
}
