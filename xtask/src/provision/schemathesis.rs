//! Schemathesis, which reads the interface's description and tries to have the server contradict it: a Python package, in an environment of
//! its own in the cache, with exactly the packages of the list in `xtask/schemathesis`.

use std::path::PathBuf;

use crate::exclusive;
use crate::failure::{Failure, Outcome};
use crate::hash::Fingerprint;
use crate::process::{self, Run};
use crate::progress;
use crate::tree;
use crate::workspace::Workspace;

use super::debian;

const LIST: &str = "xtask/schemathesis/requirements.txt";

/// The program, installed when it is missing or is another version.
///
/// # Errors
/// When there is no Python and none may be installed, or pip fails; with the command to type.
pub(crate) fn ensure(workspace: &Workspace) -> Outcome<PathBuf> {
    let wanted = Fingerprint::new().add_files(&workspace.root, &[LIST])?.short();
    let folder = workspace.cache.join("schemathesis");
    let (program, marker) = (folder.join("bin/schemathesis"), folder.join("installed"));
    let is_there = || program.exists() && tree::read_text(&marker).is_ok_and(|installed| installed == wanted);
    if is_there() {
        return Ok(program);
    }
    let _turn = exclusive::turn(&workspace.cache.join("schemathesis.lock"))?;
    if is_there() {
        return Ok(program);
    }
    tree::empty(&folder)?;
    let environment = || Run::new("python3").args(["-m", "venv", "--clear"]).arg(&folder).minutes(2);
    if process::find("python3").is_none() || environment().output().is_err() {
        debian::install(&["python3-venv"], "Python with environments", "30 seconds")?;
        environment().output()?;
    }
    progress::long_step("installing what holds the server against its description", "30 seconds");
    let switches = ["install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", "--requirement"];
    let pip = Run::new(folder.join("bin/pip")).args(switches).arg(workspace.root.join(LIST)).minutes(5);
    let typed = pip.typed();
    pip.output().map_err(|failure| Failure::new(format!("{failure}\nwhere packages can be reached, type: {typed}")))?;
    tree::write(&marker, wanted)?;
    Ok(program)
}
