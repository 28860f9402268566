//! The README's own commands, as they stand there.

use std::process::Command;

use serde_json::Value;
use tearoff_http_tests::harness::Harness;

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
