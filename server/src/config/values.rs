//! What values must be. Each reads one text, and says in its own words what would be right.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::network::Network;
use crate::origin::parse_origins;

/// An address with its port.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an address with a port, such as `127.0.0.1:8600`".into())
}

/// A folder that is there.
pub(super) fn folder(text: &str) -> Result<PathBuf, String> {
    let path = Path::new(text);
    if path.is_dir() { Ok(path.to_owned()) } else { Err("must be a folder, and there is none".into()) }
}

/// A range of addresses.
pub(super) fn network(text: &str) -> Result<Network, String> {
    text.parse().map_err(|_: String| "must be an address or a range of addresses, such as `10.0.0.0/8`".into())
}

/// An origin, as browsers send it.
pub(super) fn origin(text: &str) -> Result<String, String> {
    let parsed = parse_origins(&[text.to_owned()], "").map_err(|faults| faults.into_iter().next());
    let fault = |found: Option<tearoff_core::invalid::InvalidField>| found.map(|fault| fault.message.into_owned());
    parsed.map(|origins| origins.concat()).map_err(|found| fault(found).unwrap_or_default())
}

/// How many, at least one.
pub(super) fn count(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| format!("must be a whole number from 1 to {}", u32::MAX))
}

/// Yes or no.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "must be `true` or `false`".into())
}

/// Seconds, none included.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    /// Longer than anybody waits.
    const MOST: u64 = 3600;
    let seconds = text.parse().ok().filter(|seconds| *seconds <= MOST);
    seconds.map(Duration::from_secs).ok_or_else(|| format!("must be a whole number of seconds from 0 to {MOST}"))
}
