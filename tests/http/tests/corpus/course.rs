//! What happens after an answer, done by requests as a host's backend does it, and told in the words of a story.

use serde_json::{Value, json};
use tearoff_core::redemption::change::Actor;
use tearoff_core::standalone::course::Then;
use tearoff_core::standalone::course::then::{Change, Reverse};
use tearoff_corpus::Story;
use tearoff_http_tests::client::{Answer, Client};
use tearoff_http_tests::harness::Harness;

use crate::ask::{in_story, request};
use crate::establish::Established;

/// The order of every story.
const ORDER: &str = "the-order";

/// Whether all steps of a story can be taken by requests. The server counts by occurrence where a limit of the promotion does, and nowhere else.
pub(crate) fn can_be_told(story: &Story) -> bool {
    let counts_occurrences = |id: &String| {
        let promotion = story.given.promotions.iter().find(|promotion| promotion.id == *id);
        let limits = promotion.map(|promotion| json!(promotion.terms.limits).to_string()).unwrap_or_default();
        limits.contains("\"occurrences\"")
    };
    let by_limits = |step: &Then| match step {
        Then::Reserve(step) | Then::Place(step) => step.by_occurrence.iter().all(counts_occurrences),
        Then::Confirm {} | Then::Release {} | Then::EndHold {} => true,
        Then::Reverse(_) | Then::Change(_) | Then::SwitchOff(_) => true,
        _ => false,
    };
    story.given.then.iter().all(by_limits)
}

/// A redemption on its way.
struct Course<'a> {
    harness: &'a Harness,
    story: &'a Story,
    established: &'a Established,
    backend: Client,
    id: Option<String>,
    steps: usize,
}

/// Takes every step, one after another.
pub(crate) fn run(harness: &Harness, story: &Story, established: &Established) -> Result<Vec<Value>, String> {
    let mut course = Course { harness, story, established, backend: harness.backend(), id: None, steps: 0 };
    story.given.then.iter().map(|then| course.step(then)).collect()
}

impl Course<'_> {
    fn step(&mut self, then: &Then) -> Result<Value, String> {
        self.steps += 1;
        match then {
            Then::Reserve(_) if self.id.is_some() => Ok(self.stands()),
            Then::Reserve(_) => self.begin(false),
            Then::Place(_) if self.id.is_some() => self.follow("place"),
            Then::Place(_) => self.begin(true),
            Then::Confirm {} => self.follow("confirm"),
            Then::Release {} => self.follow("release"),
            Then::EndHold {} => {
                self.harness.clock().advance(chrono::TimeDelta::hours(1));
                Ok(self.stands())
            }
            Then::Reverse(step) => self.reverse(step),
            Then::Change(step) => self.change(step),
            Then::SwitchOff(step) => {
                let ids = self.established.promotions.iter().find(|(_, in_story)| *in_story == step.promotion);
                let (id, _) = ids.ok_or("no such promotion")?;
                let _ = self.backend.post(&format!("/v1/promotions/{id}/deactivate"), &json!({})).expect(200);
                let (caller, asked) = request(self.harness, self.story, self.established);
                let mut quote = caller.post("/v1/quotes", &asked).expect(200)["quote"].take();
                in_story(&mut quote["decisions"], self.established);
                Ok(json!({ "asked": { "total_minor": quote["total_minor"], "decisions": quote["decisions"] } }))
            }
            other => Err(format!("there is no request for {other:?}")),
        }
    }

    /// What is booked, for the total that the server has for it.
    fn booking(&self, codes: Option<&[String]>) -> Value {
        let (_, mut asked) = request(self.harness, self.story, self.established);
        if let Some(codes) = codes {
            asked["codes"] = json!(codes);
        }
        let quote = self.backend.post("/v1/quotes", &asked).expect(200);
        asked["seen"] = json!({ "total_minor": quote["quote"]["total_minor"] });
        asked
    }

    fn begin(&mut self, place: bool) -> Result<Value, String> {
        let mut asked = self.booking(None);
        asked["order"] = json!(ORDER);
        asked["place"] = json!(place);
        let answer = self.backend.reserve("the-key", &asked);
        if answer.status != 201 {
            return Ok(self.refused(&answer));
        }
        self.id = answer.json()["id"].as_str().map(str::to_owned);
        Ok(self.stands())
    }

    /// The redemption's own address; that of one that nobody made, where there is none.
    fn path(&self) -> String {
        let nobodys = "red_00000000-0000-7000-8000-000000000000";
        format!("/v1/redemptions/{}", self.id.as_deref().unwrap_or(nobodys))
    }

    fn shown(&self) -> Value {
        let mut shown = self.backend.get(&self.path()).expect(200);
        in_story(&mut shown["uses"], self.established);
        shown
    }

    fn stands(&self) -> Value {
        let shown = self.shown();
        json!({ "redemption": { "state": shown["state"], "uses": shown["uses"], "total_minor": shown["left_minor"] } })
    }

    fn follow(&self, step: &str) -> Result<Value, String> {
        let answer = self.backend.post(&format!("{}/{step}", self.path()), &json!({}));
        Ok(if answer.status == 200 { self.stands() } else { self.refused(&answer) })
    }

    fn at(&self, at: Option<&str>) {
        if let Some(at) = at {
            self.harness.clock().set(at.parse().expect("an instant"));
        }
    }

    fn keyed(&self, path: &str, body: &Value) -> Answer {
        self.backend.request("POST", path).header("Idempotency-Key", &format!("step-{}", self.steps)).json(body).send()
    }

    fn reverse(&self, step: &Reverse) -> Result<Value, String> {
        self.at(step.at.as_deref());
        if let Some(restore) = step.restore {
            let mut site = self.backend.get("/v1/site").expect(200);
            site["policy"]["restore"] = json!(restore);
            let policy = json!({ "policy": site["policy"] });
            let _ = self.backend.request("PUT", "/v1/site").header("If-Match", "*").json(&policy).send().expect(200);
        }
        let parts: Vec<Value> = step
            .parts
            .iter()
            .map(|part| json!({ "line": part.line, "start": part.start, "quantity": part.quantity }))
            .collect();
        let asked = json!({ "cause": step.cause, "parts": parts });
        let answer = self.keyed(&format!("{}/reverse", self.path()), &asked);
        if answer.status != 200 {
            return Ok(self.refused(&answer));
        }
        let mut told = answer.json();
        let mut reversed = told["reversals"].as_array_mut().and_then(Vec::pop).unwrap_or_default();
        in_story(&mut reversed["given_back"], self.established);
        if let Some(members) = reversed.as_object_mut() {
            members.remove("reversed_at");
            members.insert("state".into(), told["state"].take());
        }
        Ok(json!({ "reversed": reversed }))
    }

    fn change(&mut self, step: &Change) -> Result<Value, String> {
        self.at(step.at.as_deref());
        let asked = self.booking(Some(&step.codes));
        let path = format!("{}/replace", self.path());
        if step.by == Actor::Visitor {
            let page = self.harness.page();
            return Ok(self.refused(&page.request("POST", &path).header("Idempotency-Key", "k").json(&asked).send()));
        }
        let before = self.shown();
        let answer = self.keyed(&path, &asked);
        if answer.status != 201 {
            return Ok(self.refused(&answer));
        }
        let first = self.shown();
        self.id = answer.json()["id"].as_str().map(str::to_owned);
        let mut second = self.shown();
        in_story(&mut second["quote"]["decisions"], self.established);
        Ok(json!({ "changed": {
            "first": first["state"], "second": second["state"], "given_back": before["uses"], "taken": second["uses"],
            "before_minor": before["left_minor"], "after_minor": second["left_minor"],
            "decisions": second["quote"]["decisions"],
        } }))
    }

    /// A problem, in the words of core.
    fn refused(&self, answer: &Answer) -> Value {
        let mut problem = answer.any_problem();
        let message = [&problem["detail"], &problem["title"]].into_iter().find(|text| text.is_string()).cloned();
        let mut refused = match problem["reason"].take() {
            Value::Object(reason) => Value::Object(reason),
            _ => json!({}),
        };
        let code = match problem["code"].as_str().unwrap_or_default() {
            _ if problem["quote"].is_object() => {
                in_story(&mut problem["quote"]["decisions"], self.established);
                refused["decisions"] = problem["quote"]["decisions"].take();
                "not_applied"
            }
            "secret_key_needed" => "staff_only",
            "not_found" => "nothing_to_do_this_to",
            "wrong_state" => "too_late",
            code => code,
        };
        refused["code"] = json!(code);
        refused["message"] = json!(message);
        json!({ "refused": refused })
    }
}
