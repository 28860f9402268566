//! `parity`: random cases by core and by the naive model, on all the threads it is given.

mod arguments;
mod run;

use std::process::ExitCode;

use arguments::Arguments;

fn main() -> ExitCode {
    let told = Arguments::parse(std::env::args().skip(1)).and_then(|arguments| run::run(&arguments));
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("parity: {fault}");
            ExitCode::FAILURE
        }
    }
}
