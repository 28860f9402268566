//! Floors: what a bare program takes for the same bytes. `floor sqlite FILE TREES BYTES`, `floor naive DATABASE TREES BYTES`, `floor one DATABASE TREES
//! BYTES`, `floor echo`.

mod body;
mod echo;
mod naive;
mod sqlite;

use axum::Router;
use axum::serve::ListenerExt;

use naive::Written;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let router = match *arguments.as_slice() {
        ["sqlite", file, trees, bytes] => sqlite::router(file, number(trees), number(bytes)),
        [written @ ("naive" | "one"), database, trees, bytes] => {
            let written = if written == "one" { Written::AsOne } else { Written::AsTransaction };
            naive::router(database, number(trees), number(bytes), written).await
        }
        ["echo"] => echo::router(),
        _ => panic!("floor sqlite FILE TREES BYTES, floor naive|one DATABASE TREES BYTES, or floor echo"),
    };
    serve(router).await;
}

fn number(text: &str) -> usize {
    text.parse().expect("how many trees, and how many bytes")
}

async fn serve(router: Router) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    eprintln!("{{\"message\":\"listening\",\"address\":\"{}\"}}", listener.local_addr().expect("an address"));
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("no delay"));
    axum::serve(listener, router).await.expect("serving");
}
