//! Secret keys that everybody knows, because they stand in the demo's seed: they work on this machine, and nowhere else unasked.

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::keys::Key;
use crate::seed::Seed;
use crate::store::{Readers, Stored};

/// The secret keys of `www/booking/seed.json`.
const SECRETS: [&str; 1] = ["sk_demo_00000000000000000000000000"];

/// A published secret key with which others could use this server at `now`, if there is one: among those of the seed, or kept from an earlier one.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError).
pub(crate) fn exposed(
    config: &Config,
    seed: &Seed,
    readers: &dyn Readers,
    now: DateTime<Utc>,
) -> Stored<Option<&'static str>> {
    if config.allow_published_keys || !faces_others(config) {
        return Ok(None);
    }
    let is_seeded = |secret: &str| seed.sites.iter().any(|site| site.keys.iter().any(|key| key == secret));
    let mut kept = Ok(None);
    readers.read(&mut |read| {
        let is_kept = |secret: &str| match Key::parse(secret) {
            Some(key) => read.find_key(&key.hash()).map(|found| found.is_some_and(|found| found.is_valid_at(now))),
            None => Ok(false),
        };
        kept = SECRETS
            .into_iter()
            .find_map(|secret| is_kept(secret).map(|is| is.then_some(secret)).transpose())
            .transpose();
    })?;
    Ok(SECRETS.into_iter().find(|secret| is_seeded(secret)).or(kept?))
}

/// Whether anybody but this machine is to reach it, by itself or through a proxy.
fn faces_others(config: &Config) -> bool {
    let is_here = |origin: &String| {
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|here| host.strip_prefix(here).is_some_and(|port| port.is_empty() || port.starts_with(':')))
    };
    !config.listen.ip().is_loopback()
        || !config.trusted_proxies.is_empty()
        || !config.public_origins.iter().all(is_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secrets_of_the_demos_seed_are_known() {
        let seed: Seed = serde_json::from_str(include_str!("../../www/booking/seed.json")).unwrap();
        for key in seed.sites.iter().flat_map(|site| &site.keys).filter(|key| key.starts_with("sk_")) {
            assert!(SECRETS.contains(&key.as_str()), "{key}");
        }
    }
}
