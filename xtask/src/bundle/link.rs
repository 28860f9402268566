//! This program as the widget's linker: it passes everything on to the real one but exports that no page asks for.
//!
//! A WebAssembly module keeps whatever it exports, and wasm-bindgen exports what any dependency offers to JavaScript. Leptos always
//! brings its server functions along, whose streams and promises are a tenth of the widget, and neither cargo nor the compiler can be
//! told to leave them out. The linker then removes what only they reach.

use std::ffi::{OsStr, OsString};
use std::process::{Command, ExitCode};

use crate::failure::Failure;
use crate::progress;

/// The variable that makes this program a linker; its value is the path of the real one.
pub(crate) const LINKER: &str = "TEAROFF_LINKER";

/// Parts of the names of exports that are left out: streams for server functions, and functions that wait for promises.
const UNWANTED: [&str; 2] = ["intounderlying", "jspi"];

/// Links as the arguments of this program say, by `linker`.
pub(crate) fn run(linker: &OsStr) -> ExitCode {
    match Command::new(linker).args(wanted(std::env::args_os().skip(1))).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            progress::failed(&Failure::new(format!("{}: {error}", linker.display())));
            ExitCode::FAILURE
        }
    }
}

/// The arguments without `--export NAME` for each unwanted name.
fn wanted(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut kept: Vec<OsString> = Vec::new();
    for argument in arguments {
        let is_export = kept.last().is_some_and(|last| last == "--export");
        if is_export && UNWANTED.iter().any(|part| argument.to_string_lossy().contains(part)) {
            kept.pop();
        } else {
            kept.push(argument);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn unwanted_exports_are_left_out_with_their_switch() {
        let arguments =
            "--export mount_1 --export intounderlyingsink_close -o jspi.wasm --export __wbg_jspi_poll --gc-sections";
        let kept = wanted(arguments.split(' ').map(Into::into));
        assert_eq!(kept, ["--export", "mount_1", "-o", "jspi.wasm", "--gc-sections"]);
    }
}
