//! Floors: what a bare program takes for the same bytes. `floor sqlite FILE TREES BYTES`, `floor naive DATABASE`, `floor echo`.

mod body;
mod echo;
mod naive;
mod sqlite;

use axum::Router;
use axum::serve::ListenerExt;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let router = match *arguments.as_slice() {
        ["sqlite", file, trees, bytes] => {
            sqlite::router(file, trees.parse().expect("how many trees"), bytes.parse().expect("how many bytes"))
        }
        ["naive", database] => naive::router(database).await,
        ["echo"] => echo::router(),
        _ => panic!("floor sqlite FILE TREES BYTES, floor naive DATABASE, or floor echo"),
    };
    serve(router).await;
}

async fn serve(router: Router) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    eprintln!("{{\"message\":\"listening\",\"address\":\"{}\"}}", listener.local_addr().expect("an address"));
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("no delay"));
    axum::serve(listener, router).await.expect("serving");
}
