//! The naive model answers every story too: written apart from core, it is held to the same wanted numbers.

use serde_json::{Value, json};
use tearoff_corpus::want::Want;
use tearoff_corpus::{Answered, Implementation, Story};

/// The model. It gives neither sentences nor hints, so those are lent to it.
struct Model;

impl Implementation for Model {
    fn answer(&self, story: &Story) -> Result<Answered, String> {
        let Want::Quote(wanted) = &story.want else { return Err("the model expects valid input".into()) };
        let given = serde_json::to_value(&story.given).map_err(|error| error.to_string())?;
        let mut quote = tearoff_model::answer(&given);
        let decisions = quote["decisions"].as_array_mut().into_iter().flatten();
        for (decision, wanted) in decisions.zip(&wanted.decisions) {
            decision["hints"] = json!(wanted.hints);
            for reason in decision.get_mut("reasons").and_then(Value::as_array_mut).into_iter().flatten() {
                reason["message"] = Value::from("a sentence");
            }
        }
        Ok(Answered::Quote(quote))
    }
}

#[test]
fn the_model_answers_as_wanted() {
    let stories = tearoff_corpus::stories().unwrap_or_else(|fault| panic!("{fault}"));
    let valid = stories.iter().filter(|story| matches!(story.want, Want::Quote(_)));
    let differing: Vec<_> = valid.filter_map(|story| tearoff_corpus::replay(story, &Model).err()).collect();
    assert!(differing.is_empty(), "{} stories:\n{}", differing.len(), differing.join("\n"));
}
