//! The functions.

use tearoff_core::canonical::{Canonical, Reader};
use tearoff_core::code::CodeKey;
use tearoff_core::facts::Entered;
use tearoff_core::quote::Quote;
use tearoff_core::replay::{Replayed, Stored, replay};
use tearoff_core::request::CartRequest;
use tearoff_core::snapshot::Snapshot;
use tearoff_core::standalone::{EvaluationRequest, Question};

/// One function over bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// The function. It panics where core does, and where core's answer cannot be.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 4] = [
    Target { name: "code", run: code },
    Target { name: "request", run: request },
    Target { name: "snapshot", run: snapshot },
    Target { name: "stored", run: stored },
];

/// The target of that name.
#[must_use]
pub fn find(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// What is typed as a code: a key is its own key (R7), and what is no code is shown cut short.
fn code(bytes: &[u8]) {
    let typed = String::from_utf8_lossy(bytes);
    if let Ok(key) = CodeKey::normalize(&typed) {
        assert_eq!(CodeKey::normalize(key.as_str()).as_ref(), Ok(&key), "a key has another key");
        assert!((1..=64).contains(&key.as_str().len()), "a key without bounds");
    }
    let shown = Entered::unknown(&typed).code;
    assert!(shown.chars().count() <= 64, "an unknown code is shown at length");
}

/// A request as JSON: its answer adds up, and replays.
fn request(bytes: &[u8]) {
    let Ok(request) = serde_json::from_slice::<EvaluationRequest>(bytes) else { return };
    let question = match Question::parse(&request) {
        Ok(question) => question,
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a fault");
            return;
        }
    };
    let answer = question.answer();
    adds_up(&answer.quote);
    assert!(serde_json::to_vec(&answer).is_ok(), "an answer that cannot be written");
    assert_eq!(replay(&Stored::of(&question.evaluation(), &answer.quote)), Replayed::Same, "another answer");
}

/// A cart as JSON, behind its length, and then a snapshot: what a page prices.
fn snapshot(bytes: &[u8]) {
    let mut reader = Reader::over(bytes);
    let json = reader.text();
    let (rest, Ok(cart)) = (reader.rest(), serde_json::from_str::<CartRequest>(json)) else { return };
    let Ok(snapshot) = Snapshot::read(rest) else { return };
    assert_eq!(snapshot.to_bytes(), rest, "two encodings of one snapshot");
    if let Ok(cart) = snapshot.establish(&cart) {
        adds_up(&snapshot.quote(&cart));
    }
}

/// A stored evaluation, as it might come back from a broken disk.
fn stored(bytes: &[u8]) {
    if let Ok(stored) = Stored::from_bytes(bytes) {
        let _ = replay(&stored);
    }
}

/// No total is anything but its parts (R5).
fn adds_up(quote: &Quote) {
    let minor = [quote.subtotal, quote.discount, quote.total].map(tearoff_core::money::Amount::minor);
    assert_eq!(minor[0] - minor[1], minor[2], "a total that does not add up");
    let lines: i64 = quote.lines.iter().map(|line| line.total.minor()).sum();
    assert_eq!(lines, minor[2], "lines that do not add up");
    assert!(quote.discount <= quote.subtotal, "a discount above the price");
}
