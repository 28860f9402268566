//! `bench-server SERVER FLOOR FOLDER [ROUNDS [SECONDS [PARTS]]]`: the server beside its floors; prints the table. Parts are `sqlite`, `postgres`,
//! `quotes` and `history`, with commas.

use std::time::Duration;

use tearoff_load::report::report;
use tearoff_load::rounds::{Database, Plan};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize, otherwise: &str| arguments.get(index).map_or(otherwise, String::as_str).to_owned();
    let parts = argument(5, "sqlite,postgres,quotes,history");
    let asks = |part: &str| parts.split(',').any(|asked| asked == part);
    let all = [("sqlite", Database::Sqlite), ("postgres", Database::Postgres)];
    let seconds: f64 = argument(4, "1").parse().expect("seconds");
    let plan = Plan {
        tearoff: argument(0, "tearoff").into(),
        floor: argument(1, "floor").into(),
        folder: argument(2, "load").into(),
        rounds: argument(3, "7").parse().expect("how many rounds"),
        counted: Duration::from_secs_f64(seconds),
        databases: all.into_iter().filter(|(part, _)| asks(part)).map(|(_, database)| database).collect(),
        quotes: asks("quotes"),
        history: asks("history"),
    };
    let rounds = plan.rounds;
    let (measured, weight) = plan.measure(&mut |round| eprintln!("round {} of {rounds}", round + 1));
    print!("{}", report(&measured, &weight, seconds));
}
