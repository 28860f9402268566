//! Replays every story of the corpus over HTTP, each as a test of its own and on a server of its own.
//!
//! What a story gives is established as an owner, a backend and earlier customers would establish it, by requests and the clock; then a
//! page asks with what a page sends.

#[macro_use]
extern crate tearoff_corpus;

mod ask;
mod course;
mod establish;
mod past;
mod told;

use std::cell::RefCell;

use serde_json::Value;
use tearoff_core::time::parse_instant;
use tearoff_corpus::{Answered, Implementation, Story};
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::site::Site;

use establish::Established;
use told::Stop;

/// The server, asked over HTTP.
#[derive(Default)]
struct OverHttp {
    /// The server of the story, and what was established there.
    told: RefCell<Option<(Harness, Established)>>,
}

impl Implementation for OverHttp {
    fn answer(&self, story: &Story) -> Result<Answered, String> {
        let harness = Harness::with(vec![Site::bare("story")]);
        let answered = clock(&harness, story).and_then(|()| Established::of(&harness, story)).and_then(|established| {
            let quote = ask::quote(&harness, story, &established)?;
            Ok((established, quote))
        });
        match answered {
            Ok((established, quote)) => {
                self.told.replace(Some((harness, established)));
                Ok(Answered::Quote(quote))
            }
            Err(Stop::Invalid(faults)) => Ok(Answered::Errors(faults)),
            Err(Stop::Failed(fault)) => Err(fault),
        }
    }

    fn then(&self, story: &Story) -> Result<Option<Vec<Value>>, String> {
        let told = self.told.borrow();
        let Some((harness, established)) = told.as_ref() else { return Err("there was no quote".into()) };
        course::run(harness, story, established).map(Some)
    }
}

/// At most one story in so many may be left out, or asked by the host because a page could not ask it.
const EXCEPTION_ONE_IN: usize = 10;

#[test]
fn few_stories_are_not_asked_as_a_page_asks() {
    let stories = tearoff_corpus::stories().unwrap_or_else(|fault| panic!("{fault}"));
    // What waits for facts that the server cannot establish yet is counted apart, by the corpus itself.
    let stories: Vec<_> = stories.into_iter().filter(|story| story.http_waits.is_none()).collect();
    let is_exception = |story: &&Story| story.http_skip.is_some() || !establish::is_priced_by_catalog(story);
    let exceptions: Vec<_> = stories.iter().filter(is_exception).map(|story| &story.slug).collect();
    let (found, all) = (exceptions.len(), stories.len());
    assert!(found * EXCEPTION_ONE_IN <= all, "{found} of {all}: {exceptions:?}");
}

fn clock(harness: &Harness, story: &Story) -> Result<(), Stop> {
    let now = parse_instant(&story.given.facts.now_at).map_err(|(_, fault)| Stop::Failed(fault.into()))?;
    harness.clock().set(now);
    Ok(())
}

/// Puts a story to the server. One that waits is tried too, where all that it gives can be sent: answered as wanted, it waits for nothing.
fn put(slug: &str) {
    let story = tearoff_corpus::story(slug).unwrap_or_else(|fault| panic!("{fault}"));
    if let Some(reason) = &story.http_skip {
        eprintln!("left out: {reason}");
        return;
    }
    let Some(waits) = &story.http_waits else {
        return tearoff_corpus::replay(&story, &OverHttp::default())
            .unwrap_or_else(|differences| panic!("\n{differences}"));
    };
    if let Some(fact) = establish::unsent(&story) {
        eprintln!("left out, waiting for {waits}: there is no request for {fact}");
    } else if let Err(differences) = tearoff_corpus::replay(&story, &OverHttp::default()) {
        eprintln!("left out, waiting for {waits}: {differences}");
    } else {
        panic!("{slug}.json is answered as wanted: it does not wait for {waits}");
    }
}

macro_rules! each_is_answered_as_wanted {
    ($($name:ident $slug:literal)*) => {
        $(
            #[test]
            fn $name() {
                put($slug);
            }
        )*
    };
}

for_each_story!(each_is_answered_as_wanted);
