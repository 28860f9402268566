use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;

use super::*;
use tempfile::TempDir;

fn read(flags: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<(Told, Vec<String>), Vec<String>> {
    let mut texts = BTreeMap::<String, Vec<String>>::new();
    for (name, text) in flags {
        texts.entry((*name).to_owned()).or_default().push((*text).to_owned());
    }
    let variables = variables.iter().map(|(name, text)| (OsString::from(name), OsString::from(text)));
    let given = Given::gather(texts, variables);
    let mut reader = Reader::new(&given);
    let told = declare(&mut reader);
    let found = reader.finish();
    if found.faults.is_empty() {
        Ok((told.expect("settings"), found.effective.iter().map(ToString::to_string).collect()))
    } else {
        Err(found.faults)
    }
}

const DATABASE: (&str, &str) = ("database", "sqlite:a.sqlite");

#[test]
fn a_flag_beats_the_environment_and_that_the_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("tearoff.toml");
    let written = "database = \"sqlite:file.sqlite\"\nguess-burst = 3\nguesses-per-minute = 3\npage-redemptions-per-hour = \"3\"\n\
                   trusted-proxy = [\"10.0.0.0/8\", \"::1\"]\nallow-published-keys = true\n";
    fs::write(&file, written).unwrap();
    let flags = [("config", file.to_str().unwrap()), ("guess-burst", "1"), ("allow-published-keys", "false")];
    let variables = [
        ("TEAROFF_GUESS_BURST", "2"),
        ("TEAROFF_GUESSES_PER_MINUTE", "2"),
        ("TEAROFF_PUBLIC_ORIGIN", "https://a.example, https://b.example:443"),
        ("PATH", "/bin"),
    ];
    let (told, effective) = read(&flags, &variables).unwrap();
    let config = told.config;
    assert_eq!(config.database, Database::Sqlite("file.sqlite".into()));
    assert_eq!((config.guesses.burst.get(), config.guesses.per_minute.get()), (1, 2));
    assert_eq!(config.page_redemptions.0.get(), 3);
    assert!(!config.allow_published_keys && config.www.is_none());
    assert_eq!(config.trusted_proxies.len(), 2);
    assert_eq!(config.public_origins, ["https://a.example", "https://b.example"]);
    let effective: Vec<String> =
        effective.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "listen = \"127.0.0.1:8600\" # default",
        "database = \"sqlite:file.sqlite\" # file",
        "guess-burst = 1 # --guess-burst",
        "guesses-per-minute = 2 # TEAROFF_GUESSES_PER_MINUTE",
        "site-guesses-per-minute = 600 # default",
        "trusted-proxy = [\"10.0.0.0/8\", \"::1\"] # file",
        "allow-published-keys = false # --allow-published-keys",
        "# www is not set",
    ] {
        assert!(effective.contains(&line.to_owned()), "{line}: {effective:#?}");
    }
}

/// What is told can be read again, and is the same.
#[test]
fn what_is_told_is_a_file_of_settings() {
    let folder = TempDir::new().unwrap();
    let odd = folder.path().join("a \"quoted\" \\ folder");
    fs::create_dir(&odd).unwrap();
    let flags =
        [("database", "sqlite:ä \"b\".sqlite"), ("www", odd.to_str().unwrap()), ("trusted-proxy", "10.0.0.0/8")];
    let (told, effective) = read(&flags, &[("TEAROFF_GUESS_BURST", "7")]).unwrap();
    let file = folder.path().join("told.toml");
    fs::write(&file, effective.join("\n")).unwrap();
    let (again, _) = read(&[("config", file.to_str().unwrap())], &[]).unwrap();
    assert_eq!(format!("{:?}", again.config), format!("{:?}", told.config));
}

#[test]
fn all_faults_are_told_at_once_with_where_and_what_would_be_right() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("bad.toml");
    fs::write(
        &file,
        "guess-burst = 0\ncolour = \"red\"\ntrusted-proxy = [1.5]\nlissten = 1\nconfig = \"other.toml\"\n",
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let flags = [
        ("config", file),
        ("listen", "localhost"),
        ("www", "/nowhere"),
        ("seed", "/nowhere/seed.json"),
        ("guesses-per-minute", "6"),
        ("guesses-per-minute", "7"),
    ];
    let variables = [
        ("TEAROFF_PUBLIC_ORIGIN", "codes.example"),
        ("TEAROFF_PAGE_REDEMPTIONS_PER_HOUR", "many"),
        ("TEAROFF_ALLOW_PUBLISHED_KEYS", "yes"),
        ("TEAROFF_SEEDS", "x"),
    ];
    let faults = read(&flags, &variables).unwrap_err();
    let in_file = |name: &str| format!("`{name}` in `{file}`");
    for (place, right) in [
        ("`--listen` is `localhost`".to_owned(), "such as `127.0.0.1:8600`"),
        ("`database` is not given".into(), "`TEAROFF_DATABASE`"),
        ("`--www` is `/nowhere`".into(), "must be a folder"),
        ("`--seed` is `/nowhere/seed.json`".into(), "must be a file"),
        ("`--guesses-per-minute`".into(), "must be given once"),
        ("`TEAROFF_PUBLIC_ORIGIN` is `codes.example`".into(), "such as `https://studio.example`"),
        ("`TEAROFF_PAGE_REDEMPTIONS_PER_HOUR` is `many`".into(), "must be a whole number from 1"),
        ("`TEAROFF_ALLOW_PUBLISHED_KEYS` is `yes`".into(), "must be `true` or `false`"),
        ("`TEAROFF_SEEDS`".into(), "perhaps `TEAROFF_SEED` is meant"),
        (in_file("guess-burst"), "must be a whole number from 1"),
        (in_file("trusted-proxy"), "or a list of those"),
        (in_file("colour"), "`tearoff serve --help` lists them"),
        (in_file("lissten"), "perhaps `listen` in"),
        (in_file("config"), "a file names no other"),
    ] {
        let is_told = |fault: &&String| fault.starts_with(&place) && fault.contains(right);
        assert_eq!(faults.iter().filter(is_told).count(), 1, "{place} … {right}: {faults:#?}");
    }
    assert_eq!(faults.len(), 14, "{faults:#?}");
}

#[test]
fn a_file_that_cannot_be_read_hides_no_other_fault() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("bad.toml");
    for (bytes, told) in [
        (&b"database = \"sqlite:a\"\nlisten 8600\n"[..], "in line 2"),
        (b"\xff", "is not UTF-8"),
        (b"listen = 1\nlisten = 2\n", "in line 2"),
    ] {
        fs::write(&file, bytes).unwrap();
        let faults = read(&[("config", file.to_str().unwrap()), ("guess-burst", "x")], &[]).unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].contains("bad.toml") && faults[0].contains(told), "{faults:?}");
    }
    let faults = read(&[DATABASE], &[("TEAROFF_CONFIG", "/nowhere.toml")]).unwrap_err();
    assert!(faults.len() == 1 && faults[0].contains("/nowhere.toml"), "{faults:?}");
    fs::write(&file, b"\xef\xbb\xbfdatabase = \"sqlite:a\"\r\n").unwrap();
    assert!(read(&[("config", file.to_str().unwrap())], &[]).is_ok(), "a byte-order mark");
}

#[test]
fn a_password_is_never_told() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("secret.toml");
    for written in [
        "database = postgres://ana:hush@db.example/codes\n",
        "database = \"postgres://ana:hush@db.example/codes\nlisten = 1",
        "database = \"mysql://ana:hush@db.example/codes\"\n",
        "database = { url = \"postgres://ana:hush@db.example/codes\" }\n",
        "postgres://ana:hush@db.example/codes\n",
        "database = [\"postgres://ana:hush@db.example/codes\", \"sqlite:hush\"]\n",
    ] {
        fs::write(&file, written).unwrap();
        let faults = read(&[("config", file.to_str().unwrap())], &[]).unwrap_err();
        assert!(!faults.concat().contains("hush"), "{written}: {faults:?}");
    }
    let faults = read(&[], &[("TEAROFF_DATABASE", "postgres//ana:hush@db.example")]).unwrap_err();
    assert!(faults.len() == 1 && faults[0].contains("TEAROFF_DATABASE") && !faults[0].contains("hush"), "{faults:?}");
    let (told, effective) = read(&[("database", "postgres://ana:hush@db.example/codes")], &[]).unwrap();
    assert!(!format!("{told:?}").contains("hush") && !effective.concat().contains("hush"), "{effective:?}");
    assert!(effective.concat().contains("postgres://ana:…@db.example/codes"), "{effective:?}");
}
