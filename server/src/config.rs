//! What a server is started with.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use crate::limiter::{Guesses, PageRedemptions};
use crate::network::Network;
use crate::origin::parse_origins;

/// What a server is started with, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens; port 0 for any that is free.
    pub listen: SocketAddr,
    /// The SQLite file.
    pub database: PathBuf,
    /// The folder with loader, widget and demo page.
    pub www: Option<PathBuf>,
    /// Proxies whose `x-forwarded-for` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Where pages that this server serves are seen from outside.
    pub public_origins: Vec<String>,
    /// Whether secret keys that everybody knows may be used from elsewhere than this machine.
    pub allow_published_keys: bool,
    /// How often an address may guess codes with a publishable key.
    pub guesses: Guesses,
    /// How often the pages at an address, or for an identity, may redeem.
    pub page_redemptions: PageRedemptions,
}

/// Six wrong codes a minute are more than a visitor mistypes, and a code of even 30 bits outlasts two centuries of them.
pub const GUESSES_PER_MINUTE: u32 = 6;
/// A visitor who comes back to a page a few times must not wait, nor must a household.
pub const GUESS_BURST: u32 = 20;

/// More than a family books in an hour at one studio, and too few to use a promotion up before its owner can look.
pub const PAGE_REDEMPTIONS_PER_HOUR: u32 = 10;

/// What is written on the command line, before it is checked.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8600")]
    pub listen: String,
    /// The database: `sqlite:PATH`, made if it is not there
    #[arg(long, value_name = "DATABASE")]
    pub database: String,
    /// Folder with the bundle: loader, widget and demo page
    #[arg(long, value_name = "FOLDER")]
    pub www: Option<PathBuf>,
    /// JSON file with sites, keys, catalogs and promotions to add where they are missing
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,
    /// Proxy whose word about addresses is believed, such as `10.0.0.0/8`; may be given several times
    #[arg(long = "trusted-proxy", value_name = "NETWORK")]
    pub trusted_proxies: Vec<String>,
    /// Where this server's own pages are seen from outside, such as `https://codes.example`: they may use any site's key; may be given
    /// several times. On the machine itself they may without it
    #[arg(long = "public-origin", value_name = "ORIGIN")]
    pub public_origins: Vec<String>,
    /// Start even though others could use the secret key of the demo's seed, which everybody knows
    #[arg(long)]
    pub allow_published_keys: bool,
    /// Wrong codes that one address may try each minute with a publishable key
    #[arg(long, value_name = "COUNT", default_value_t = GUESSES_PER_MINUTE)]
    pub guesses_per_minute: u32,
    /// Wrong codes that one address may try at once
    #[arg(long, value_name = "COUNT", default_value_t = GUESS_BURST)]
    pub guess_burst: u32,
    /// Orders that one address, or one customer, may redeem each hour with a publishable key, where a site lets its tag redeem
    #[arg(long, value_name = "COUNT", default_value_t = PAGE_REDEMPTIONS_PER_HOUR)]
    pub page_redemptions_per_hour: u32,
}

impl Config {
    /// Checks settings.
    ///
    /// # Errors
    /// Every fault, each as a sentence that names its setting.
    pub fn check(settings: &Settings) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let listen = settings.listen.parse().map_err(|_| {
            faults.push(format!("`--listen {}` is no address with a port such as `127.0.0.1:8600`", settings.listen));
        });
        let database = settings.database.strip_prefix("sqlite:").filter(|path| !path.is_empty()).map(PathBuf::from);
        if database.is_none() {
            faults.push(format!("`--database {}` must be `sqlite:` and a path", settings.database));
        }
        if let Some(www) = settings.www.as_ref().filter(|www| !www.is_dir()) {
            faults.push(format!("`--www {}` is no folder", www.display()));
        }
        if let Some(seed) = settings.seed.as_ref().filter(|seed| !seed.is_file()) {
            faults.push(format!("`--seed {}` is no file", seed.display()));
        }
        let mut trusted_proxies = Vec::new();
        for text in &settings.trusted_proxies {
            match text.parse() {
                Ok(network) => trusted_proxies.push(network),
                Err(fault) => faults.push(format!("`--trusted-proxy`: {fault}")),
            }
        }
        let public_origins = parse_origins(&settings.public_origins, "--public-origin").unwrap_or_else(|found| {
            faults.extend(found.iter().map(|fault| format!("`{}` {}", fault.field, fault.message)));
            Vec::new()
        });
        let guesses = (NonZeroU32::new(settings.guesses_per_minute), NonZeroU32::new(settings.guess_burst));
        if guesses.0.is_none() || guesses.1.is_none() {
            faults.push("`--guesses-per-minute` and `--guess-burst` must be at least 1".into());
        }
        let page_redemptions = NonZeroU32::new(settings.page_redemptions_per_hour).map(PageRedemptions);
        if page_redemptions.is_none() {
            faults.push("`--page-redemptions-per-hour` must be at least 1".into());
        }
        match (listen, database, guesses, page_redemptions) {
            (Ok(listen), Some(database), (Some(per_minute), Some(burst)), Some(page_redemptions))
                if faults.is_empty() =>
            {
                Ok(Self {
                    listen,
                    database,
                    www: settings.www.clone(),
                    trusted_proxies,
                    public_origins,
                    allow_published_keys: settings.allow_published_keys,
                    guesses: Guesses { per_minute, burst },
                    page_redemptions,
                })
            }
            _ => Err(faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_are_told_at_once() {
        let settings = Settings {
            listen: "localhost".into(),
            database: "/tmp/a".into(),
            www: Some("/nowhere".into()),
            seed: Some("/nowhere/seed.json".into()),
            trusted_proxies: vec!["me".into()],
            public_origins: vec!["codes.example".into()],
            allow_published_keys: false,
            guesses_per_minute: 0,
            guess_burst: 1,
            page_redemptions_per_hour: 0,
        };
        let faults = Config::check(&settings).unwrap_err();
        assert_eq!(faults.len(), 8, "{faults:?}");
    }
}
