//! The README's own commands, as they stand there.

use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::signing::secret;
use tearoff_http_tests::site::Site;
use tearoff_server::clock::{Clock, SystemClock};

#[test]
fn what_the_readme_does_by_hand_works() {
    let readme = include_str!("../../../README.md");
    let (_, section) = readme.split_once("## By hand").expect("the section");
    let (_, commands) = section.split_once("```sh\n").expect("its commands");
    let (commands, _) = commands.split_once("```").expect("their end");
    let harness = Harness::open();
    let run = Command::new("bash")
        .args(["-euo", "pipefail", "-c", commands])
        .env("HOST", harness.backend().base())
        .env("KEY", &harness.site(0).secret)
        .output()
        .expect("bash");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    let last: Value = serde_json::from_str(said.lines().last().expect("an answer")).expect("JSON");
    let redemption = &last["redemptions"][0];
    assert_eq!((redemption["order"].as_str(), redemption["state"].as_str()), (Some("8"), Some("confirmed")));
    assert_eq!((&redemption["total_minor"], last["redemptions"].as_array().map(Vec::len)), (&3240.into(), Some(1)));
}

/// The first block of this language below "Prices of your own".
fn signing(language: &str) -> &'static str {
    let readme = include_str!("../../../README.md");
    let (_, section) = readme.split_once("## Prices of your own").expect("the section");
    let (_, code) = section.split_once(&format!("```{language}\n")).expect("its code");
    code.split_once("```").expect("its end").0
}

/// Runs a backend that prints what it has signed, and passes that on as a page does.
fn a_page_is_priced_by(program: &mut Command) {
    let harness = Harness::with(vec![Site::studio("studio").with("prices", "signed")]);
    // The backend has a clock of its own.
    harness.clock().set(SystemClock.now());
    let run = program.env("SITE", "studio").env("SECRET", secret(&harness.backend())).output().expect("a program");
    let said = String::from_utf8_lossy(&run.stdout).trim().to_owned();
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    let asked = json!({ "codes": ["WELCOME20"], "signed_cart": said });
    assert_eq!(harness.page().post("/v1/quotes", &asked).expect(200)["quote"]["total_minor"], 800);
}

#[test]
fn a_backend_in_node_signs_as_the_readme_says() {
    let code = format!(
        "{}\nconst cart = {{ lines: [{{ id: \"1\", item: \"yoga\", unit_price_minor: 1000 }}] }};\n\
         console.log(signCart(process.env.SITE, process.env.SECRET, cart, {{ account: \"Zoë/7?\" }}));",
        signing("js")
    );
    a_page_is_priced_by(Command::new("node").args(["--input-type=module", "--eval", &code]));
}

/// Nothing else needs PHP, so it is not installed for this: where there is none, the code is held against what was tried.
#[test]
fn a_backend_in_php_signs_as_the_readme_says() {
    let code = format!(
        "{}\necho sign_cart(getenv('SITE'), getenv('SECRET'), ['lines' => [['id' => '1', 'item' => 'yoga', \
         'unit_price_minor' => 1000]]], ['account' => 'Zoë/7?']);",
        signing("php")
    );
    if Command::new("php").arg("--version").output().is_ok() {
        a_page_is_priced_by(Command::new("php").args(["-r", &code]));
        // What is no UTF-8 is no JSON: nothing is signed in its place.
        let broken =
            format!("{}\necho sign_cart('studio', 'secret', ['lines' => [['id' => \"\\xff\"]]]);", signing("php"));
        let run = Command::new("php").args(["-r", &broken]).output().expect("php");
        assert!(!run.status.success() && !String::from_utf8_lossy(&run.stdout).contains("cart1."), "{run:?}");
    }
    let tried: String = Sha256::digest(signing("php")).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(tried, PHP_TRIED, "try the changed code where there is PHP, and put its hash here");
}

/// The SHA-256 of the code in PHP that was last tried.
const PHP_TRIED: &str = "92b3a9fc61681fa7fcf8c4a6e2eb2b68d01b93134ce57c0923a3c11cf3387833";
