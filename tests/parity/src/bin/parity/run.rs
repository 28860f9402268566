//! The run: blocks handed out to threads, progress, report.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use tearoff_cases::{Coverage, case};
use tearoff_parity::block::{self, CASES_A_BLOCK, Fold};
use tearoff_parity::{Expected, compare};

use crate::arguments::Arguments;

/// Below so many cases the report is told but not judged: chance decides too much.
const JUDGED_FROM: u64 = 10_000;

/// What is shared by the threads.
struct Work<'a> {
    arguments: &'a Arguments,
    next: AtomicU64,
    done: AtomicU64,
    stop: AtomicBool,
    begun: Instant,
}

/// What one thread found.
#[derive(Default)]
struct Found {
    blocks: Vec<(u64, String)>,
    coverage: Coverage,
    /// The first case of this thread that differs, and how.
    difference: Option<(u64, String)>,
}

/// Answers every case twice, compares, reports, and writes the digests where they are wanted.
///
/// # Errors
/// Telling the first case on which core and the model differ, or what the cases did not reach.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    println!("{} random cases from seed {}, core against the model", arguments.cases, arguments.seed);
    let work = Work {
        arguments,
        next: AtomicU64::new(0),
        done: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        begun: Instant::now(),
    };
    let found = thread::scope(|scope| {
        let threads: Vec<_> = (0..arguments.threads).map(|_| scope.spawn(|| work.on_one_thread())).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked".to_owned())).collect::<Vec<_>>()
    });
    let mut all = Found::default();
    for found in found {
        all.merge(found?);
    }
    if let Some((index, difference)) = all.difference {
        return Err(format!("case {index} of seed {} differs\n{difference}", arguments.seed));
    }
    print!("{}", all.coverage);
    let missed = all.coverage.missed();
    if arguments.cases >= JUDGED_FROM && !missed.is_empty() {
        return Err(format!("the cases do not reach enough\n{}", missed.join("\n")));
    }
    all.blocks.sort();
    let blocks = all.blocks.into_iter().map(|(_, digest)| digest).collect();
    let expected = Expected { seed: arguments.seed, cases: arguments.cases, blocks };
    if let Some(path) = &arguments.expected {
        fs::write(path, expected.to_string())
            .map_err(|error| format!("`{}` cannot be written: {error}", path.display()))?;
    }
    println!("core and model agree on {} cases, in {:.1} s", arguments.cases, work.begun.elapsed().as_secs_f64());
    println!("digest {}", expected.digest());
    Ok(())
}

impl Work<'_> {
    fn on_one_thread(&self) -> Found {
        let mut found = Found::default();
        let blocks = block::count(self.arguments.cases);
        loop {
            let block = self.next.fetch_add(1, Ordering::Relaxed);
            if block >= blocks || self.stop.load(Ordering::Relaxed) {
                return found;
            }
            if let Err(difference) = self.block(block, &mut found) {
                self.stop.store(true, Ordering::Relaxed);
                found.difference = Some(difference);
                return found;
            }
            let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
            self.progress(done, blocks);
        }
    }

    fn block(&self, block: u64, found: &mut Found) -> Result<(), (u64, String)> {
        let mut fold = Fold::default();
        for index in block::cases_of(block, self.arguments.cases) {
            let request = case(self.arguments.seed, index);
            let answer = compare::answer(&request).map_err(|difference| (index, difference))?;
            found.coverage.note(&request, &answer);
            fold.add(&answer).map_err(|fault| (index, fault))?;
        }
        found.blocks.push((block, fold.digest()));
        Ok(())
    }

    /// Twenty lines in all.
    fn progress(&self, done: u64, blocks: u64) {
        if done * 20 / blocks > (done - 1) * 20 / blocks {
            let cases = (done * CASES_A_BLOCK).min(self.arguments.cases);
            eprintln!("  {cases} of {} cases, {:.1} s", self.arguments.cases, self.begun.elapsed().as_secs_f64());
        }
    }
}

impl Found {
    fn merge(&mut self, other: Self) {
        self.blocks.extend(other.blocks);
        self.coverage.merge(&other.coverage);
        let differences = self.difference.take().into_iter().chain(other.difference);
        self.difference = differences.min_by_key(|(index, _)| *index);
    }
}
