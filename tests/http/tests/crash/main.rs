//! Crashes (R60): the process killed at any moment, or the power cut. Nothing acknowledged is lost and no limit is exceeded.

mod counted;
mod power_cut;

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tearoff_http_tests::crowd::Crowd;
use tearoff_http_tests::harness::redemptions;
use tearoff_http_tests::process::{Process, Start};
use tearoff_http_tests::site::{Site, reservation};
use tempfile::TempDir;

use counted::{everything_is_there, lost, sound};
use power_cut::PowerCut;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");
/// The same with `synchronous=NORMAL`, which must be seen to lose.
const WEAK: &str = env!("CARGO_BIN_EXE_weak-server-under-test");
const CALLERS: usize = 200;
/// What all callers want, and what it costs.
const FIFTY: (&str, u64) = ("FIFTY", 1620);
/// The long forms draw their moments from it: the same number, the same moments.
const SEED: u64 = 20_261_121;

fn studio() -> [Site; 1] {
    [Site::studio("studio")]
}

/// 200 callers for 50 uses; the server is killed in the middle and started again. Tells how often callers went unanswered.
fn kill_midway(delay: Duration, acknowledgements: usize) -> usize {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &studio());
    let secret = &studio()[0].secret;
    let mut process = start.run();
    let crowd = Crowd::before(vec![process.stranger().with_key(secret)], FIFTY);
    thread::scope(|scope| {
        for order in 0..CALLERS {
            let crowd = &crowd;
            scope.spawn(move || crowd.insist(&format!("order-{order}"), 0));
        }
        let begun = Instant::now();
        while crowd.acknowledged() < acknowledgements && begun.elapsed() < Duration::from_secs(5) {
            thread::sleep(Duration::from_micros(100));
        }
        thread::sleep(delay);
        process.kill();
        process = start.run();
        crowd.open(0, process.stranger().with_key(secret));
    });
    assert_eq!((crowd.acknowledged(), crowd.refused()), (50, CALLERS - 50));
    let backend = process.stranger().with_key(secret);
    everything_is_there(&backend, &crowd.acknowledged.lock().unwrap());
    assert_eq!(redemptions(&backend).len(), 50);
    sound(&start.database(), 50);
    crowd.unanswered()
}

#[test]
fn killed_at_any_moment_and_started_again() {
    let unanswered: usize = [(0, 0), (3, 0), (9, 0), (0, 1), (1, 1), (0, 10), (0, 30), (0, 49)]
        .into_iter()
        .map(|(delay, acknowledgements)| kill_midway(Duration::from_millis(delay), acknowledgements))
        .sum();
    assert!(unanswered > 0, "no caller noticed any of the kills: they came too late to prove anything");
}

#[test]
#[ignore = "`cargo xtask bench crash` and `cargo xtask soak` run it"]
fn soak_two_hundred_kills() {
    let mut draw = drawing(SEED);
    let kills = 200;
    let unanswered: usize = (0..kills)
        .map(|_| kill_midway(Duration::from_micros(draw(20_000)), usize::try_from(draw(50)).expect("a few")))
        .sum();
    println!(
        "{kills} kills, 50 redemptions acknowledged each time and none lost; {unanswered} requests went unanswered and were sent again"
    );
    assert!(unanswered > kills, "{unanswered}");
}

/// Numbers below a bound, the same for the same seed (SplitMix64).
fn drawing(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }
}

/// Cuts the power once so much is acknowledged; gives the server after the reboot, and what was acknowledged before.
fn cut(start: &Start, acknowledgements: usize, disk: &PowerCut) -> (Process, BTreeMap<String, String>) {
    let secret = &studio()[0].secret;
    let mut process = start.run();
    let crowd = Crowd::before(vec![process.stranger().with_key(secret)], FIFTY);
    thread::scope(|scope| {
        for caller in 0..8 {
            let crowd = &crowd;
            // One after another: every acknowledgement is a commit of its own, or nearly.
            scope.spawn(move || (0..7).for_each(|order| crowd.insist(&format!("order-{caller}-{order}"), 0)));
        }
        let begun = Instant::now();
        while crowd.acknowledged() < acknowledgements && begun.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_micros(50));
        }
        process.kill();
        crowd.give_up();
    });
    disk.restore(&start.database());
    let acknowledged = crowd.acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() >= acknowledgements, "{} were acknowledged", acknowledged.len());
    (start.run(), acknowledged)
}

/// Cuts the power once so much is acknowledged; nothing is lost, and the server goes on by itself. Tells how much was acknowledged.
fn cut_and_count(acknowledgements: usize) -> usize {
    let (folder, disk) = (TempDir::new().unwrap(), PowerCut::prepare());
    let start = disk.preloaded(Start::new(SERVER, folder.path(), &studio()));
    let (process, acknowledged) = cut(&start, acknowledgements, &disk);
    everything_is_there(&process.stranger().with_key(&studio()[0].secret), &acknowledged);
    sound(&start.database(), 50);
    acknowledged.len()
}

/// SIGKILL cannot show whether commits are synced, because what was written survives in the kernel. This can.
#[test]
fn the_power_is_cut() {
    for acknowledgements in [1, 11, 23, 37] {
        cut_and_count(acknowledgements);
    }
}

#[test]
#[ignore = "`cargo xtask bench crash` and `cargo xtask soak` run it"]
fn soak_a_hundred_power_cuts() {
    let mut draw = drawing(SEED);
    let cuts = 100;
    let acknowledged: usize = (0..cuts).map(|_| cut_and_count(1 + usize::try_from(draw(40)).expect("a few"))).sum();
    println!("{cuts} power cuts, {acknowledged} redemptions acknowledged before them, none lost");
}

/// The check of the check: less durability, in the same harness, loses what was acknowledged.
#[test]
fn less_durability_would_be_noticed() {
    let (folder, disk) = (TempDir::new().unwrap(), PowerCut::prepare());
    // The schema and the seed reach the disk.
    drop(disk.preloaded(Start::new(SERVER, folder.path(), &studio())).run());
    let weak = disk.preloaded(Start::new(WEAK, folder.path(), &studio()));
    let (process, acknowledged) = cut(&weak, 20, &disk);
    let lost = lost(&process.stranger().with_key(&studio()[0].secret), &acknowledged);
    println!("with `synchronous=NORMAL` {lost} of {} acknowledged redemptions were lost", acknowledged.len());
    assert!(lost > 0);
}

/// Another check of the check: with a disk that says it has synced and has not, the same run loses what was acknowledged.
#[test]
fn a_disk_that_lies_would_be_noticed() {
    let (folder, disk) = (TempDir::new().unwrap(), PowerCut::prepare());
    let honest = disk.preloaded(Start::new(SERVER, folder.path(), &studio()));
    // The schema and the seed reach the disk.
    drop(honest.run());
    let lying = honest.clone().with("POWER_CUT_LIES", "1");
    let secret = &studio()[0].secret;
    let mut process = lying.run();
    let backend = process.stranger().with_key(secret);
    assert_eq!(backend.reserve("order", &reservation("order", "FIFTY", 1620)).status, 201);
    process.kill();
    disk.restore(&honest.database());
    let process = honest.run();
    assert_eq!(redemptions(&process.stranger().with_key(secret)).len(), 0);
}

/// A disk that breaks: what cannot be made durable is not acknowledged, the server ends by itself and says why, and what was
/// acknowledged before is there.
#[test]
fn a_disk_that_breaks_ends_the_server() {
    let (folder, disk) = (TempDir::new().unwrap(), PowerCut::prepare());
    let broken = folder.path().join("broken");
    let start =
        disk.preloaded(Start::new(SERVER, folder.path(), &studio())).with("POWER_CUT_BROKEN", broken.to_str().unwrap());
    let secret = &studio()[0].secret;
    let mut process = start.run();
    let backend = process.stranger().with_key(secret);
    assert_eq!(backend.reserve("before", &reservation("before", "FIFTY", 1620)).status, 201);
    std::fs::write(&broken, "").unwrap();
    let during = |order: usize| reservation(&format!("during-{order}"), "FIFTY", 1620);
    let ask = |order: usize| {
        let asked = backend.request("POST", "/v1/redemptions").header("idempotency-key", &format!("during-{order}"));
        // Nobody answers any more, or says that it failed.
        if let Ok(answer) = asked.json(&during(order)).try_send() {
            assert!(answer.status >= 500, "{}", answer.text());
            let _ = answer.any_problem();
        }
    };
    thread::scope(|scope| (0..16).for_each(|order| drop(scope.spawn(move || ask(order)))));
    assert!(!process.ended().success(), "{}", process.log());
    std::fs::remove_file(&broken).unwrap();
    disk.restore(&start.database());
    let process = start.run();
    let backend = process.stranger().with_key(secret);
    let orders: Vec<Value> = redemptions(&backend).iter().map(|redemption| redemption["order"].clone()).collect();
    assert_eq!(orders, ["before"]);
    assert_eq!(backend.reserve("during-0", &during(0)).status, 201, "the retry is served");
    sound(&start.database(), 50);
}
