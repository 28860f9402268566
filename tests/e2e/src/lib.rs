#![doc = include_str!("../README.md")]

pub mod browser;
pub mod gallery;
pub mod studio;
pub mod visitor;

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

/// How long anything may take before a story gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A path that the caller of the tests must name.
///
/// # Panics
/// When it does not: these tests are started by `cargo xtask test`.
#[must_use]
pub fn path_from_environment(name: &str) -> PathBuf {
    std::env::var_os(name).unwrap_or_else(|| panic!("set {name}, or run `cargo xtask test --only stories`")).into()
}

/// A port on which nothing listens at the moment.
///
/// # Panics
/// When the machine has none.
#[must_use]
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// Waits until something listens on a port.
///
/// # Panics
/// When nothing does in time, or the process that should has ended.
pub fn wait_for_port(port: u16, process: &mut Child) {
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Ok(Some(status)) = process.try_wait() {
            panic!("the process that should listen on port {port} ended: {status}");
        }
        assert!(begun.elapsed() < PATIENCE, "nothing listens on port {port}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
