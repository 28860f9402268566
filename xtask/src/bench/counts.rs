//! How many instructions core executes, counted by callgrind: the same however busy the machine is, and so held to budgets.
//!
//! Counted is the difference between a run that evaluates often and one that evaluates less often: neither starting the program nor
//! reading the question is in it.

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::process::Run;
use crate::progress;
use crate::provision::valgrind;
use crate::tree;
use crate::workspace::Workspace;

use super::core;

/// The file with the budgets.
const BUDGETS: &str = "tests/bench/instructions.txt";
/// How much above its budget a count may be, in percent.
const TOLERANCE: u64 = 5;
/// How often the two runs evaluate.
const TIMES: [u64; 2] = [20, 120];

/// Instructions of one evaluation, or what they may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// `decide` or `digest`.
    pub(super) what: String,
    /// Lines of the cart.
    pub(super) lines: u32,
    /// How many.
    pub(super) instructions: u64,
}

/// What is counted, and what it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Budgets {
    /// The tools with which the budgets were counted.
    tools: String,
    counts: Vec<Count>,
}

/// What was counted, beside the budgets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// The counts.
    pub(super) counts: Vec<Count>,
    budgets: Budgets,
    tools: String,
}

/// The step of the test run.
///
/// # Errors
/// When a count is over its budget, or something does not compile or run.
pub(crate) fn check(workspace: &Workspace) -> Outcome<()> {
    let Some(counted) = count(workspace)? else { return Ok(()) };
    print!("{}", counted.table());
    let over = counted.over_budget();
    if over.is_empty() {
        return Ok(());
    }
    let told = format!(
        "core does more than it did: {}; callgrind_annotate tells where. If it must be so, the counts above are the new `{BUDGETS}`",
        over.join("; ")
    );
    if counted.is_comparable() {
        return Err(Failure::new(told));
    }
    progress::warning(&format!("{told} (they were counted with {}, this is {})", counted.budgets.tools, counted.tools));
    Ok(())
}

/// Counts; `None`, with a warning, where there is no valgrind and none can be had.
///
/// # Errors
/// When something does not compile or run.
pub(super) fn count(workspace: &Workspace) -> Outcome<Option<Counted>> {
    let budgets = Budgets::parse(&tree::read_text(&workspace.root.join(BUDGETS))?)?;
    let valgrind = match valgrind::ensure() {
        Ok(found) => found,
        Err(failure) => {
            progress::warning(&format!("instructions are not counted: {failure}"));
            return Ok(None);
        }
    };
    let program = core::build(workspace)?;
    progress::step("counting core's instructions");
    let folder = workspace.scratch().join("bench/callgrind");
    tree::empty(&folder)?;
    let one = |budget: &Count| -> Outcome<Count> {
        let [few, many] = TIMES.map(|times| executed(&valgrind, &program, &folder, budget, times));
        let instructions = many?.saturating_sub(few?) / (TIMES[1] - TIMES[0]);
        Ok(Count { instructions, ..budget.clone() })
    };
    let counts = budgets.counts.iter().map(one).collect::<Outcome<_>>()?;
    Ok(Some(Counted { counts, budgets, tools: tools()? }))
}

/// Instructions of a whole run of the program.
fn executed(valgrind: &Path, program: &Path, folder: &Path, count: &Count, times: u64) -> Outcome<u64> {
    let profile = folder.join(format!("{}-{}-{times}.out", count.what, count.lines));
    let run = Run::new(valgrind).args(["--tool=callgrind", "--log-fd=1"]);
    let run = run.arg(format!("--callgrind-out-file={}", profile.display())).arg(program);
    let said = run.args([&count.what, &count.lines.to_string(), &times.to_string()]).minutes(2).output()?;
    collected(&said)
        .ok_or_else(|| Failure::new(format!("callgrind did not say how many instructions it counted:\n{said}")))
}

/// 123 of `==7== Collected : 123`.
fn collected(said: &str) -> Option<u64> {
    said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

/// What a count depends on beside the sources: the compiler, what it compiles for, and the library that allocates.
fn tools() -> Outcome<String> {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Run::new(program).arg("-vV").output()?;
    let compiler =
        named(&said).ok_or_else(|| Failure::new(format!("the compiler does not say what it is:\n{said}")))?;
    let library = Run::new("getconf").arg("GNU_LIBC_VERSION").output().unwrap_or_else(|_| "another library".to_owned());
    Ok(format!("{compiler} {}", library.trim()))
}

fn named(said: &str) -> Option<String> {
    let value = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    Some(format!("rustc {} {}", value("release")?, value("host")?))
}

impl Budgets {
    /// Reads the file: `with TOOLS`, then `WHAT LINES INSTRUCTIONS`, one a line; the rest of a line after `#` is a comment.
    fn parse(text: &str) -> Outcome<Self> {
        let mut tools = None;
        let mut counts = Vec::new();
        for line in text.lines() {
            let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
            match *words.as_slice() {
                [] => {}
                ["with", ref words @ ..] => tools = Some(words.join(" ")),
                [what, lines, instructions] => {
                    let number = |text: &str| text.replace('_', "").parse::<u64>().ok();
                    let count = || Some((u32::try_from(number(lines)?).ok()?, number(instructions)?));
                    let (lines, instructions) =
                        count().ok_or_else(|| Failure::new(format!("`{line}` in `{BUDGETS}` is no budget")))?;
                    counts.push(Count { what: what.to_owned(), lines, instructions });
                }
                _ => return Err(Failure::new(format!("`{line}` in `{BUDGETS}` is no budget"))),
            }
        }
        let tools = tools.ok_or_else(|| Failure::new(format!("`{BUDGETS}` names no tools")))?;
        Ok(Self { tools, counts })
    }
}

impl Counted {
    /// Whether the budgets were counted with the same tools.
    fn is_comparable(&self) -> bool {
        self.tools == self.budgets.tools
    }

    fn over_budget(&self) -> Vec<String> {
        let over = self.counts.iter().zip(&self.budgets.counts).filter(|(count, budget)| is_over(count, budget));
        over.map(|(count, budget)| {
            format!(
                "`{} {}` takes {} instructions, the budget is {}",
                count.what, count.lines, count.instructions, budget.instructions
            )
        })
        .collect()
    }

    /// A table for people, which can be the file with the budgets.
    pub(super) fn table(&self) -> String {
        let row = |(count, budget): (&Count, &Count)| {
            let change = 100.0 * (count.instructions as f64 / budget.instructions.max(1) as f64 - 1.0);
            format!("{:<8}{:>5}{:>10}    # {change:+.1} % of its budget\n", count.what, count.lines, count.instructions)
        };
        let rows: String = self.counts.iter().zip(&self.budgets.counts).map(row).collect();
        format!("with {}\n{rows}", self.tools)
    }
}

fn is_over(count: &Count, budget: &Count) -> bool {
    count.instructions * 100 > budget.instructions * (100 + TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::{Budgets, Count, Counted, collected, named};

    fn budgets() -> Budgets {
        Budgets::parse("# why\nwith rustc 1.95.0 x86_64 glibc 2.36\n\ndecide 5 10_000\ndigest 50 2000\n")
            .expect("valid")
    }

    fn counted(instructions: [u64; 2]) -> Counted {
        let budgets = budgets();
        let counts = budgets.counts.iter().zip(instructions);
        let counts = counts.map(|(budget, instructions)| Count { instructions, ..budget.clone() }).collect();
        Counted { counts, tools: budgets.tools.clone(), budgets }
    }

    #[test]
    fn a_count_may_be_a_little_over_its_budget() {
        assert_eq!(counted([10_500, 2100]).over_budget(), [""; 0]);
        let want = "`decide 5` takes 10501 instructions, the budget is 10000";
        assert_eq!(counted([10_501, 1]).over_budget(), [want]);
    }

    #[test]
    fn the_table_can_be_the_file() {
        let counted = counted([9000, 2100]);
        let table = counted.table();
        assert!(table.contains("decide      5      9000    # -10.0 % of its budget\n"), "{table}");
        assert_eq!(Budgets::parse(&table).expect("valid").counts, counted.counts);
        assert!(counted.is_comparable());
    }

    #[test]
    fn what_is_no_budget_is_named() {
        for (text, wrong) in [("with x\ndecide five 1", "decide five 1"), ("decide 5 1", "no tools"), ("a", "`a`")] {
            assert!(Budgets::parse(text).expect_err("invalid").to_string().contains(wrong), "{text}");
        }
    }

    #[test]
    fn what_the_tools_say_is_read() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 6241\n==7==\n"), Some(6241));
        assert_eq!(collected("==7== no such tool\n"), None);
        let said = "rustc 1.95.0 (f2d3ce0bd 2026-03-21)\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\nLLVM version: 22.1\n";
        assert_eq!(named(said).as_deref(), Some("rustc 1.95.0 x86_64-unknown-linux-gnu"));
        assert_eq!(named("rustc"), None);
    }
}
