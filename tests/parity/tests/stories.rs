//! The model expects what the stories of the corpus want: core, which replays them, is asked here together with the model.

use tearoff_corpus::want::Want;
use tearoff_parity::compare;

#[test]
fn the_model_agrees_with_every_story() {
    let stories = tearoff_corpus::stories().unwrap_or_else(|fault| panic!("{fault}"));
    let answered: Vec<_> = stories.iter().filter(|story| matches!(story.want, Want::Quote(_))).collect();
    assert!(answered.len() > 100, "the corpus has stories that are answered");
    for story in answered {
        if let Err(difference) = compare::answer(&story.given) {
            panic!("{}.json: {difference}", story.slug);
        }
    }
}
