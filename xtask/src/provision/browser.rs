//! Chromium or Chrome with its driver, for the tests in a browser.

use std::path::PathBuf;

use crate::failure::{Failure, Outcome};
use crate::process;

use super::debian;

const CHROMES: [&str; 5] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome"];
const DRIVERS: [&str; 1] = ["chromedriver"];
/// Where Chrome is on a Mac, which puts it on no search path.
const MAC_CHROME: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// A browser and the program that drives it.
#[derive(Debug)]
pub(crate) struct Browser {
    /// Chromium or Chrome.
    pub(crate) chrome: PathBuf,
    /// Its `chromedriver`.
    pub(crate) driver: PathBuf,
}

/// The browser that `CHROME` and `CHROMEDRIVER` or the search path name, else Debian's, installed when it is missing.
///
/// # Errors
/// When there is none and none may be installed.
pub(crate) fn ensure() -> Outcome<Browser> {
    if let Some(browser) = present() {
        return Ok(browser);
    }
    debian::install(&["chromium", "chromium-driver"], "chromium with its driver", "1 minute")?;
    present()
        .ok_or_else(|| Failure::new("chromium is installed, but neither it nor chromedriver is on the search path"))
}

fn present() -> Option<Browser> {
    let mac = PathBuf::from(MAC_CHROME);
    let chrome = named("CHROME")
        .or_else(|| CHROMES.into_iter().find_map(process::find))
        .or_else(|| mac.is_file().then_some(mac))?;
    let driver = named("CHROMEDRIVER").or_else(|| DRIVERS.into_iter().find_map(process::find))?;
    Some(Browser { chrome, driver })
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}
