//! What a server is started with: settings from the command line, the environment and a file, each of them declared once.

mod database;
mod given;
mod reader;
mod setting;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use database::{Database, PostgresUrl};
pub(crate) use given::{CONFIG, Given};
pub(crate) use reader::{Reader, unknown_name};
pub(crate) use setting::{Effective, Setting};

use crate::limiter::{Guesses, Limits, PageRedemptions, SiteGuesses};
use crate::logging::{self, Format, Log};
use crate::network::Network;
use crate::seed::Seed;
use crate::store::sqlite::Durability;

/// What a server is started with, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens; port 0 for any that is free.
    pub listen: SocketAddr,
    /// What it keeps everything in.
    pub database: Database,
    /// When a commit of a file is on the disk; full, unless a test says otherwise.
    pub durability: Durability,
    /// Where metrics are asked for; nowhere when absent.
    pub metrics_listen: Option<SocketAddr>,
    /// The folder with loader, widget and demo page.
    pub www: Option<PathBuf>,
    /// Proxies whose `x-forwarded-for` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Where pages that this server serves are seen from outside.
    pub public_origins: Vec<String>,
    /// Whether secret keys that everybody knows may be used from elsewhere than this machine.
    pub allow_published_keys: bool,
    /// How long requests under way may take to end once the server is told to stop.
    pub stop_timeout: Duration,
    /// How often an address may guess codes with a publishable key.
    pub guesses: Guesses,
    /// How often all visitors of a site together may guess before each guess counts as several.
    pub site_guesses: SiteGuesses,
    /// How often the pages at an address, or for an identity, may redeem.
    pub page_redemptions: PageRedemptions,
}

impl Config {
    /// How much the limiter bears.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        Limits { guesses: self.guesses, site_guesses: self.site_guesses, redemptions: self.page_redemptions }
    }
}

/// Six wrong codes a minute are more than a visitor mistypes, and a code of even 30 bits outlasts two centuries of them.
pub const GUESSES_PER_MINUTE: u32 = 6;
/// A visitor who comes back to a page a few times must not wait, nor must a household.
pub const GUESS_BURST: u32 = 20;

/// A hundred addresses at their full rate: no site's visitors mistype as much, and whoever has thousands of addresses soon meets it.
pub const SITE_GUESSES_PER_MINUTE: u32 = 600;

/// More than a family books in an hour at one studio, and too few to use a promotion up before its owner can look.
pub const PAGE_REDEMPTIONS_PER_HOUR: u32 = 10;

/// Long enough for whatever a request may wait for, and shorter than service managers wait before they kill.
pub const STOP_TIMEOUT_SECONDS: u32 = 15;

/// All that `tearoff serve` is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// How it serves.
    pub config: Config,
    /// What is added to the database where it is missing.
    pub seed: Seed,
    /// What is written of it, and how.
    pub log: Log,
}

/// The settings: every one there is, with what it means, what it must be, and what it is where nobody says. `None` where one is at fault.
pub(crate) fn declare(reader: &mut Reader<'_>) -> Option<Told> {
    let setting = Setting::new;
    let listen = setting("listen", "ADDRESS", "Address and port to listen on").or("127.0.0.1:8600");
    let listen = reader.one(listen, values::address);
    let database = "The database: `sqlite:PATH`, made if it is not there, or `postgres://USER:PASSWORD@HOST/NAME`";
    let database = reader.one(setting("database", "DATABASE", database).masked(masked), Database::parse);
    let metrics = "Address and port on which Prometheus finds `/metrics`; nowhere where it is not given. For the operator's network only";
    let metrics_listen = reader.maybe(setting("metrics-listen", "ADDRESS", metrics), values::address);
    let www = "Folder with the bundle: loader, widget and demo page";
    let www = reader.maybe(setting("www", "FOLDER", www), values::folder);
    let seed = "JSON file with sites, keys, catalogs and promotions to add where they are missing";
    let seed = reader.maybe(setting("seed", "FILE", seed), Seed::read);
    let proxies = "Proxies whose word about addresses is believed, such as `10.0.0.0/8`";
    let trusted_proxies = reader.list(setting("trusted-proxy", "NETWORK", proxies), values::network);
    let origins = "Where this server's own pages are seen from outside, such as `https://codes.example`: they may use any site's key. On the \
                   machine itself they may without it";
    let public_origins = reader.list(setting("public-origin", "ORIGIN", origins), values::origin);
    let allow = "Start even though others could use the secret key of the demo's seed, which everybody knows";
    let allow_published_keys = reader.one(setting("allow-published-keys", "", allow).or(false), values::switch);
    let guesses = "Wrong codes that one address may try each minute with a publishable key";
    let guesses = setting("guesses-per-minute", "COUNT", guesses).or(GUESSES_PER_MINUTE);
    let per_minute = reader.one(guesses, values::count);
    let burst = setting("guess-burst", "COUNT", "Wrong codes that one address may try at once").or(GUESS_BURST);
    let burst = reader.one(burst, values::count);
    let of_site = "Wrong codes that all visitors of a site together may try each minute with a publishable key; beyond it each counts as ten";
    let of_site = setting("site-guesses-per-minute", "COUNT", of_site).or(SITE_GUESSES_PER_MINUTE);
    let of_site = reader.one(of_site, values::count);
    let redemptions = "Orders that one address, or one customer, may redeem each hour with a publishable key, where a site lets its tag redeem";
    let redemptions = setting("page-redemptions-per-hour", "COUNT", redemptions).or(PAGE_REDEMPTIONS_PER_HOUR);
    let page_redemptions = reader.one(redemptions, values::count);
    let stop =
        "Seconds that requests under way may take to end once the server is told to stop; told again, it stops at once";
    let stop = setting("stop-timeout", "SECONDS", stop).or(STOP_TIMEOUT_SECONDS);
    let stop_timeout = reader.one(stop, values::seconds);
    let format = "How the log is written on standard error: `json`, an object a line, or `text`";
    let format = reader.one(setting("log-format", "FORMAT", format).or("json"), Format::parse);
    let level = "What is logged: `error`, `warn`, `info` with a line for each request, `debug` or `trace`";
    let level = reader.one(setting("log-level", "LEVEL", level).or("info"), logging::level);
    let config = Config {
        listen: listen?,
        database: database?,
        durability: Durability::Full,
        metrics_listen: metrics_listen?,
        www: www?,
        trusted_proxies: trusted_proxies?,
        public_origins: public_origins?,
        allow_published_keys: allow_published_keys?,
        stop_timeout: stop_timeout?,
        guesses: Guesses { per_minute: per_minute?, burst: burst? },
        site_guesses: SiteGuesses(of_site?),
        page_redemptions: PageRedemptions(page_redemptions?),
    };
    let log = Log { format: format?, level: level? };
    Some(Told { config, seed: seed?.unwrap_or_default(), log })
}

/// A database's name without its password; nothing of what is none.
fn masked(database: &str) -> String {
    Database::parse(database).map(|database| database.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
