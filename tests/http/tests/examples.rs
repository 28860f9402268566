//! The examples of the description are what the server is asked and says today. Alone in its process: ids are counted for the whole of it.

use tearoff_http_tests::examples::{committed, text};

#[test]
fn what_is_committed_is_what_the_server_says() {
    let kept = std::fs::read_to_string(committed()).unwrap();
    let differs = kept
        .lines()
        .zip(text().lines())
        .find(|(kept, said)| kept != said)
        .map(|(kept, said)| format!("{kept} / {said}"));
    assert_eq!(differs, None, "write them anew: cargo run -p tearoff-http-tests --bin interface-examples");
}
