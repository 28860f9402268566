//! `cargo xtask test`: the steps that every change must pass, cheapest first.

pub(crate) mod browser;
mod description;
mod steps;

use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::progress;
use crate::workspace::Workspace;

pub(crate) use steps::REQUESTS;

/// One step: it needs no other step to have run before.
struct Step {
    name: &'static str,
    /// What a pass proves.
    proves: &'static str,
    run: fn(&Workspace) -> Outcome<()>,
}

/// How a step went.
enum Verdict {
    Passed(Duration),
    Failed(Duration),
    LeftOut,
    NotReached,
}

/// `cargo xtask test` and `cargo xtask ci`.
///
/// # Errors
/// When a step fails; those after it do not run.
pub(crate) fn run(arguments: &Arguments) -> Outcome<()> {
    let steps = &steps::STEPS;
    if arguments.has("--list") {
        steps.iter().for_each(|step| println!("{:<14}{}", step.name, step.proves));
        return Ok(());
    }
    let (only, skip) = (arguments.values("--only"), arguments.values("--skip"));
    if let Some(unknown) = only.iter().chain(&skip).find(|name| steps.iter().all(|step| step.name != **name)) {
        return Err(Failure::new(format!("there is no step `{unknown}`; `cargo xtask test --list` names them")));
    }
    let workspace = Workspace::find()?;
    workspace.bound_target()?;
    let chosen = |step: &Step| (only.is_empty() || only.contains(&step.name)) && !skip.contains(&step.name);
    let mut failure = None;
    let mut verdicts = Vec::new();
    for step in steps {
        let verdict = match &failure {
            _ if !chosen(step) => Verdict::LeftOut,
            Some(_) => Verdict::NotReached,
            None => perform(step, &workspace, &mut failure),
        };
        verdicts.push((step.name, verdict));
    }
    print!("{}", summary(&verdicts));
    failure.map_or(Ok(()), Err)
}

fn perform(step: &Step, workspace: &Workspace, failure: &mut Option<Failure>) -> Verdict {
    progress::step(&format!("[{}] {}", step.name, step.proves));
    let begun = Instant::now();
    let outcome = (step.run)(workspace);
    let took = begun.elapsed();
    match outcome {
        Ok(()) => {
            progress::step(&format!("[{}] passed in {}", step.name, progress::spoken(took)));
            Verdict::Passed(took)
        }
        Err(cause) => {
            let told = if process::interrupted() {
                "interrupted".to_owned()
            } else {
                format!("step `{}` failed: {cause}\nagain alone: cargo xtask test --only {}", step.name, step.name)
            };
            *failure = Some(Failure::new(told));
            Verdict::Failed(took)
        }
    }
}

fn summary(verdicts: &[(&str, Verdict)]) -> String {
    let row = |(name, verdict): &(&str, Verdict)| {
        let (word, took) = match verdict {
            Verdict::Passed(took) => ("passed", progress::spoken(*took)),
            Verdict::Failed(took) => ("FAILED", progress::spoken(*took)),
            Verdict::LeftOut => ("left out", String::new()),
            Verdict::NotReached => ("not reached", String::new()),
        };
        format!("{}\n", format!("  {name:<14}{word:<14}{took}").trim_end())
    };
    let total = verdicts.iter().map(|(_, verdict)| match verdict {
        Verdict::Passed(took) | Verdict::Failed(took) => *took,
        Verdict::LeftOut | Verdict::NotReached => Duration::ZERO,
    });
    let total = progress::spoken(total.sum());
    let rows: String = verdicts.iter().map(row).collect();
    let failed = verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Failed(_)));
    let (count, end) = (
        verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Passed(_))).count(),
        if failed { "one failed" } else { "none failed" },
    );
    format!("\nSteps of `cargo xtask test`\n{rows}{count} steps passed, {end}, in {total}\n")
}

#[cfg(test)]
mod tests {
    use super::{Verdict, steps, summary};
    use std::time::Duration;

    #[test]
    fn the_summary_says_what_did_not_run() {
        let second = Duration::from_secs(1);
        let verdicts = [
            ("a", Verdict::Passed(second)),
            ("b", Verdict::LeftOut),
            ("c", Verdict::Failed(second)),
            ("d", Verdict::NotReached),
        ];
        let want = "\nSteps of `cargo xtask test`\n  a             passed        1.0 s\n  b             left out\n  c             FAILED        1.0 s\n  \
                    d             not reached\n1 steps passed, one failed, in 2.0 s\n";
        assert_eq!(summary(&verdicts), want);
    }

    #[test]
    fn names_of_steps_are_unique() {
        let names: std::collections::BTreeSet<_> = steps::STEPS.iter().map(|step| step.name).collect();
        assert_eq!(names.len(), steps::STEPS.len());
    }
}
