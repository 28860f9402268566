//! The server with less durability than it has: commits are acknowledged before they are on the disk. Tests start it that must be seen to
//! notice. It takes `--database` and `--seed`, and passes over all else.

use std::sync::Arc;

use tearoff_http_tests::harness::plenty;
use tearoff_server::Server;
use tearoff_server::clock::SystemClock;
use tearoff_server::config::{Config, Database};
use tearoff_server::ids::SystemIds;
use tearoff_server::seed::Seed;
use tearoff_server::store::sqlite::Durability;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let told = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name);
        place.and_then(|place| arguments.get(place + 1)).expect("both are told").clone()
    };
    let database = Database::parse(&told("--database")).expect("a database");
    let config = Config { durability: Durability::Normal, ..plenty(database) };
    let seed = Seed::read(&told("--seed")).expect("a seed");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut server = runtime
        .block_on(Server::start(config, seed, Arc::new(SystemClock), Arc::new(SystemIds)))
        .expect("the server starts");
    eprintln!("listening address={}", server.address());
    eprintln!("{}", runtime.block_on(server.broken()));
}
