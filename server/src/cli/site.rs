//! `tearoff site`: a site of one's own, with keys that nobody has seen.

use std::fmt::Display;
use std::io;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use tearoff_core::invalid::InvalidField;

use super::database::Which;
use super::lines::{Broken, write};
use crate::clock::SystemClock;
use crate::config::Database;
use crate::ids::{Ids, NoRandomness, SystemIds};
use crate::json;
use crate::keys::Key;
use crate::leftovers::Absent;
use crate::redeem::Batcher;
use crate::seed::{SeedError, SeedSite, add, add_keys_to};
use crate::store::{KeyKind, Mode, Opened, open};

/// What is done with sites.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a site and tell its keys, once
    ///
    /// Writes one JSON object: the site's id, a page's key and a secret key, and a pair for trying it out. Only their hashes are kept. All else
    /// about a site is said over HTTP, with the secret key. An SQLite file has one writer: stop its server meanwhile. A
    /// database of an older version is brought up to date, as by `tearoff serve`. The exit code is 2 when no site was added, 1 when its keys cannot
    /// be told. Example:
    /// `tearoff site add studio --database sqlite:tearoff.sqlite --currency EUR --zone Europe/Athens --origin https://studio.example`
    Add(New),
    /// Make keys for a site whose keys are lost, and tell them, once
    ///
    /// Writes what `add` writes. The lost ones go on: end them with `DELETE /v1/keys/{id}`. An SQLite file has one writer: stop its server
    /// meanwhile. A database of an older version is brought up to date. The exit code is 2 when no key was made, 1 when they cannot be told. Example: `tearoff site keys studio --database sqlite:tearoff.sqlite`
    Keys(There),
}

/// A site that is there, or will be.
#[derive(Debug, clap::Args)]
pub(super) struct There {
    /// Its id: 1 to 64 lower-case letters, digits, `-` and `_`
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    database: Which,
}

/// A new site.
#[derive(Debug, clap::Args)]
pub(super) struct New {
    #[command(flatten)]
    there: There,
    /// What it sells in, an ISO 4217 code such as `EUR`
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Where its clocks are, an IANA time zone such as `Europe/Athens`
    #[arg(long, value_name = "ZONE")]
    zone: String,
    /// The system whose habits it takes over, one of those of `GET /v1/presets`
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// Where its pages are, such as `https://studio.example`; may be given several times
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
}

/// New keys of a site, as they are told.
#[derive(Serialize)]
struct Keys<'a> {
    site: &'a str,
    publishable_key: String,
    secret_key: String,
    test_publishable_key: String,
    test_secret_key: String,
}

impl<'a> Keys<'a> {
    fn draw(site: &'a str, ids: &dyn Ids) -> Result<Self, NoRandomness> {
        let draw = |kind, mode| Key::generate(kind, mode, ids).map(|key| key.reveal().to_owned());
        Ok(Self {
            site,
            publishable_key: draw(KeyKind::Publishable, Mode::Live)?,
            secret_key: draw(KeyKind::Secret, Mode::Live)?,
            test_publishable_key: draw(KeyKind::Publishable, Mode::Test)?,
            test_secret_key: draw(KeyKind::Secret, Mode::Test)?,
        })
    }

    fn all(&self) -> Vec<String> {
        [&self.publishable_key, &self.secret_key, &self.test_publishable_key, &self.test_secret_key]
            .map(Clone::clone)
            .into()
    }
}

/// Does it.
///
/// # Errors
/// [`Broken`].
pub(super) fn run(command: &Command) -> Result<(), Broken> {
    let there = match command {
        Command::Add(new) => &new.there,
        Command::Keys(there) => there,
    };
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let keys = Keys::draw(&there.id, &*ids).map_err(failed)?;
    let seed = match command {
        Command::Add(new) => site(new, &keys).map(Some),
        Command::Keys(_) => Ok(None),
    };
    let (seed, database) = both(seed, there.database.named())?;
    let absent = Absent::before(&database);
    let done = write_down(&database, there, seed, &keys, &ids);
    if done.is_err() {
        absent.clear();
    }
    done?;
    // Whoever does not read the keys has lost them: that is no success.
    write(&keys, &mut io::stdout().lock())
}

/// Adds the site that is described, or keys to one that is there.
fn write_down(
    database: &Database,
    there: &There,
    seed: Option<SeedSite>,
    keys: &Keys<'_>,
    ids: &Arc<dyn Ids>,
) -> Result<(), Broken> {
    let Opened { writer, readers, .. } = open(database).map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let (batcher, ended) = Batcher::start(writer, Arc::new(SystemClock)).map_err(failed)?;
        let done = match seed {
            Some(seed) => add(seed, &batcher, ids).await,
            None => add_keys_to(there.id.clone(), keys.all(), &batcher).await,
        };
        // Whoever writes closes the database last.
        drop((readers, batcher));
        let _ = ended.await;
        done.map_err(|error| match error {
            SeedError::Invalid(faults) => invalid(&faults),
            SeedError::Failed(error) => failed(error),
        })
    })
}

fn failed(error: impl Display) -> Broken {
    Broken::Invalid(error.to_string())
}

/// The site that the flags describe, with all that is wrong with it.
fn site(new: &New, keys: &Keys<'_>) -> Result<SeedSite, Broken> {
    let described = |preset: Option<&str>| {
        let policy = json!({ "currency": new.currency, "zone": new.zone, "preset": preset });
        let site = json!({ "id": new.there.id, "keys": keys.all(), "policy": policy, "origins": new.origin });
        json::parse::<SeedSite>(site.to_string().as_bytes())
    };
    let (site, mut faults) = match described(new.preset.as_deref()) {
        Ok(site) => (site, Vec::new()),
        // What takes over the habits of nobody who is known is read without them: the rest may be wrong, too.
        Err(fault) => (described(None).map_err(|fault| invalid(&[fault]))?, vec![fault]),
    };
    faults.extend(site.faults());
    if faults.is_empty() { Ok(site) } else { Err(invalid(&faults)) }
}

/// Both, or what is wrong with either, told together.
fn both<A, B>(one: Result<A, Broken>, other: Result<B, Broken>) -> Result<(A, B), Broken> {
    match (one, other) {
        (Err(Broken::Invalid(one)), Err(Broken::Invalid(other))) => {
            Err(Broken::Invalid(format!("{one}\ntearoff: {other}")))
        }
        (one, other) => Ok((one?, other?)),
    }
}

/// The faults, each with the argument that is at fault.
fn invalid(faults: &[InvalidField]) -> Broken {
    let told = faults.iter().map(|fault| match fault.field.split(['.', '[']).collect::<Vec<_>>()[..] {
        ["policy", field, ..] => format!("`--{field}` {}", fault.message),
        ["origins", ..] => format!("`--origin` {}", fault.message),
        _ => format!("`ID` {}", fault.message),
    });
    Broken::Invalid(told.collect::<Vec<_>>().join("\ntearoff: "))
}
