//! One business story: what is given, what is wanted, and which rules and systems it speaks for.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use tearoff_core::standalone::EvaluationRequest;

use crate::rules::{self, Proof, RuleNumber, System};
use crate::want::{FieldFault, Want, WantedQuote};

/// A story of the corpus, checked.
#[derive(Clone, Debug)]
pub struct Story {
    /// The name of its file without the ending.
    pub slug: String,
    /// What it shows, in one line.
    pub title: String,
    /// What happens, with the arithmetic where there is any.
    pub story: String,
    /// The rules it proves, and how.
    pub rules: BTreeMap<RuleNumber, Proof>,
    /// The systems whose users must find this here.
    pub systems: Vec<System>,
    /// Why the story cannot be told over HTTP, where it cannot.
    pub http_skip: Option<String>,
    /// What the story waits for until it can be told over HTTP: the server cannot establish its facts yet.
    pub http_waits: Option<String>,
    /// Another story that must be answered byte for byte alike.
    pub alike: Option<String>,
    /// Site, promotions, cart and facts.
    pub given: EvaluationRequest,
    /// The answer.
    pub want: Want,
    /// What is to come of each step under `given.then`, in order.
    pub want_then: Vec<Value>,
}

/// A story file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoryFile {
    title: String,
    story: String,
    rules: BTreeMap<String, Proof>,
    systems: Vec<System>,
    #[serde(default)]
    http: HttpFile,
    #[serde(default)]
    alike: Option<String>,
    given: EvaluationRequest,
    want: WantFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantFile {
    quote: Option<WantedQuote>,
    errors: Option<Vec<FieldFault>>,
    #[serde(default)]
    then: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpFile {
    skip: Option<String>,
    waits: Option<String>,
}

/// A story file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidStory {
    slug: String,
    fault: String,
}

impl InvalidStory {
    /// What is wrong with which story.
    pub fn new(slug: &str, fault: impl Into<String>) -> Self {
        Self { slug: slug.into(), fault: fault.into() }
    }
}

impl fmt::Display for InvalidStory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.json: {}", self.slug, self.fault)
    }
}

impl std::error::Error for InvalidStory {}

impl Story {
    /// Reads the story file of that name.
    ///
    /// # Errors
    /// When it is no JSON, has an unknown field, or speaks of a rule or system it cannot speak for.
    pub fn parse(slug: &str, text: &str) -> Result<Self, InvalidStory> {
        let invalid = |fault: String| InvalidStory::new(slug, fault);
        let file: StoryFile = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let want = match (file.want.quote, file.want.errors) {
            (Some(quote), None) => Want::Quote(quote),
            (None, Some(errors)) => Want::Errors(errors),
            _ => return Err(invalid("`want` needs `quote` or `errors`".into())),
        };
        let rules = file.rules.iter().map(|(name, proof)| RuleNumber::parse(name).map(|rule| (rule, *proof)));
        let story = Self {
            slug: slug.into(),
            title: file.title,
            story: file.story,
            rules: rules.collect::<Result<_, _>>().map_err(invalid)?,
            systems: file.systems,
            http_skip: file.http.skip,
            http_waits: file.http.waits,
            alike: file.alike,
            given: file.given,
            want,
            want_then: file.want.then,
        };
        story.check().map_err(invalid)?;
        Ok(story)
    }

    /// Why the story is left out over HTTP, for good or for now; `None` where it is told.
    #[must_use]
    pub fn left_out_over_http(&self) -> Option<&str> {
        self.http_skip.as_deref().or(self.http_waits.as_deref())
    }

    /// What serde cannot see.
    fn check(&self) -> Result<(), String> {
        for (name, text) in [("title", &self.title), ("story", &self.story)] {
            if text.trim().is_empty() {
                return Err(format!("`{name}` is empty"));
            }
        }
        match [&self.http_skip, &self.http_waits] {
            [Some(_), Some(_)] => return Err("`http.skip` and `http.waits` exclude each other".into()),
            [Some(text), None] | [None, Some(text)] if text.trim().is_empty() => {
                return Err("`http.skip` must say why, and `http.waits` what for".into());
            }
            _ => {}
        }
        self.check_rules()?;
        self.check_systems()?;
        self.check_then()?;
        self.want.check()
    }

    /// Each step has its outcome.
    fn check_then(&self) -> Result<(), String> {
        let (given, wanted) = (self.given.then.len(), self.want_then.len());
        if given != wanted && matches!(self.want, Want::Quote(_)) {
            return Err(format!("{given} steps are given and {wanted} outcomes wanted"));
        }
        Ok(())
    }

    /// Whether anything is refused or waits, at once or later.
    fn refuses(&self) -> bool {
        self.want.refuses() || self.want_then.iter().any(|outcome| outcome.get("refused").is_some())
    }

    fn check_rules(&self) -> Result<(), String> {
        if self.rules.is_empty() {
            return Err("proves no rule".into());
        }
        for (number, proof) in &self.rules {
            if rules::find(*number).is_none() {
                return Err(format!("{number} is not in the table of rules"));
            }
            if *proof == Proof::Refuses && !self.refuses() {
                return Err(format!("is said to refuse by {number}, but everything is applied"));
            }
        }
        Ok(())
    }

    /// A system may only be named where one of the story's rules is its own. Tearoff wants them all.
    fn check_systems(&self) -> Result<(), String> {
        if self.systems.is_empty() {
            return Err("speaks for no system".into());
        }
        if !self.systems.is_sorted_by(|one, two| one < two) {
            return Err(format!("`systems` must be in the order {:?}, each once", System::ALL.map(System::name)));
        }
        let asks = |system: System| {
            let rules = self.rules.keys().filter_map(|number| rules::find(*number));
            rules.into_iter().any(|rule| rule.systems.contains(&system))
        };
        match self.systems.iter().find(|system| **system != System::Tearoff && !asks(**system)) {
            Some(system) => Err(format!("no rule of the story is one of `{}`", system.name())),
            None => Ok(()),
        }
    }

    /// The owner's own words about the promotions: what no answer may hold (R18).
    pub fn internal_texts(&self) -> impl Iterator<Item = &str> {
        let promotions = self.given.promotions.iter().map(|promotion| &promotion.terms);
        promotions.flat_map(|terms| [Some(terms.name.as_str()), terms.description.as_deref()]).flatten()
    }
}
