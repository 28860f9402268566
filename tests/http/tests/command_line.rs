//! The tools on the command line: `tearoff quote`, one answer per line, whatever the line; and how `tearoff backtest` ends.

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");
const EXAMPLES: &str = include_str!("../../../core/examples/request.jsonl");

/// What it answers to these bytes, line by line.
fn quote(input: Vec<u8>) -> Vec<Value> {
    let mut running = Command::new(SERVER)
        .arg("quote")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = running.stdin.take().unwrap();
    let writing = thread::spawn(move || stdin.write_all(&input));
    let ended = running.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let answers = String::from_utf8(ended.stdout).unwrap();
    answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn good() -> &'static str {
    EXAMPLES.lines().next().unwrap()
}

#[test]
fn good_lines_are_answered() {
    let answers = quote(EXAMPLES.into());
    assert_eq!(answers.len(), EXAMPLES.lines().count());
    assert_eq!(answers[0]["quote"]["total_minor"], 2880);
    assert_eq!(answers[1]["quote"]["decisions"][0]["reasons"][0]["code"], "minimum_spend_not_met");
    for answer in &answers {
        assert_eq!(answer["engine"], tearoff_core::ENGINE);
        assert_eq!(answer["digests"]["evaluation"].as_str().map(str::len), Some(64));
        assert!(answer["trace"].is_array());
    }
}

#[test]
fn bad_lines_name_line_and_field_and_the_rest_go_on() {
    let with = |path: &[&str], value: Value| {
        let mut request: Value = serde_json::from_str(good()).unwrap();
        let mut place = &mut request;
        for name in path {
            place = match name.parse::<usize>() {
                Ok(index) => &mut place[index],
                Err(_) => &mut place[*name],
            };
        }
        *place = value;
        request.to_string()
    };
    let price = ["cart", "lines", "0", "unit_price_minor"];
    let table: Vec<(String, &str)> = vec![
        ("nonsense".into(), "body"),
        ("{".into(), "body"),
        ("[]".into(), "body"),
        (format!("{0}{0}", good()), "body"),
        ("[".repeat(200_000), "body"),
        ("\u{FEFF}{}".into(), "body"),
        ("{}".into(), "site"),
        (with(&["colour"], json!(1)), "colour"),
        (with(&["site", "zone"], json!("Moon/Base")), "site.zone"),
        (with(&["site", "currency"], json!("EURO")), "site.currency"),
        (with(&["facts", "now_at"], json!("now")), "facts.now_at"),
        (with(&["facts", "usage"], json!([{ "promotion": "prm_none" }])), "facts.usage[0].promotion"),
        (with(&["facts", "usage"], json!([{ "promotion": "prm_welcome", "total": -1 }])), "facts.usage[0].total"),
        (with(&["facts", "customer"], json!({ "identity": "guessed" })), "facts.customer.identity"),
        (with(&["promotions", "0", "codes"], json!(["ЅАVЕ"])), "promotions[0].codes[0]"),
        (
            with(&["promotions", "0", "terms", "benefit", "percent_bp"], json!(10_001)),
            "promotions[0].terms.benefit.percent_bp",
        ),
        (with(&price, json!(-1)), "cart.lines[0].unit_price_minor"),
        (with(&price, json!(18.0)), "cart.lines[0].unit_price_minor"),
        (with(&price, json!("1800")), "cart.lines[0].unit_price_minor"),
        (with(&price, json!(1_000_000_000_001_i64)), "cart.lines[0].unit_price_minor"),
        (with(&["cart", "lines", "0", "quantity"], json!(10_001)), "cart.lines[0].quantity"),
        (with(&["cart", "lines", "0", "discount_minor"], json!(1)), "cart.lines[0].discount_minor"),
        (with(&["cart", "lines"], vec![json!({ "id": "1", "item": "x" }); 10_000].into()), "cart.lines"),
    ];
    // An empty line and a good one after each bad one: whoever counts lines finds each answer at its place.
    let input: String = table.iter().map(|(line, _)| format!("{line}\n\n{}\r\n", good())).collect();
    let answers = quote(input.into_bytes());
    assert_eq!(answers.len(), 3 * table.len());
    let wanted = quote(good().into())[0].clone();
    for (index, (line, field)) in table.iter().enumerate() {
        let told = line.get(..80).unwrap_or(line);
        let bad = &answers[3 * index];
        assert_eq!(bad["line"], 3 * index + 1, "{told}: {bad}");
        let errors = bad["error"]["errors"].as_array().unwrap_or_else(|| panic!("{told}: {bad}"));
        assert!(errors.iter().any(|error| error["field"] == *field), "{told} does not name `{field}`: {bad}");
        let empty = &answers[3 * index + 1];
        assert_eq!((&empty["line"], &empty["error"]["errors"][0]["field"]), (&json!(3 * index + 2), &json!("body")));
        assert_eq!(answers[3 * index + 2], wanted, "the line after: {told}");
    }
}

/// Lines of any length and any bytes are lines: they are refused, and the next is answered.
#[test]
fn huge_and_binary_lines_are_refused() {
    let mut input = Vec::new();
    for junk in [vec![b'x'; 20 * 1024 * 1024], vec![b' '; 9 * 1024 * 1024], vec![0xFF; 1000], vec![0; 1000]] {
        input.extend(junk);
        input.push(b'\n');
        input.extend(good().as_bytes());
        input.push(b'\n');
    }
    let answers = quote(input);
    let bad = answers.iter().filter(|answer| answer["error"]["errors"][0]["field"] == "body").count();
    let answered = answers.iter().filter(|answer| answer["quote"]["total_minor"] == 2880).count();
    assert_eq!((bad, answered), (4, 4));
}

/// The same question has the same answer, to the byte, whatever was asked before.
#[test]
fn an_answer_depends_on_its_line_alone() {
    let [once, again] = [quote(good().into()), quote(format!("{}nonsense\n{}", EXAMPLES, good()).into_bytes())];
    assert_eq!(once[0].to_string(), again.last().unwrap().to_string());
}

/// Bad lines are data, and the exit code is 0; an input that cannot be read is not, and the exit code is 2.
#[test]
fn the_exit_code_tells_whether_all_was_read() {
    let folder = tempfile::TempDir::new().unwrap();
    let exit = |file: &std::path::Path| Command::new(SERVER).arg("quote").arg(file).output().unwrap();
    let bad = folder.path().join("bad.jsonl");
    std::fs::write(&bad, "nonsense\n\n").unwrap();
    let ended = exit(&bad);
    assert_eq!((ended.status.code(), ended.stdout.iter().filter(|byte| **byte == b'\n').count()), (Some(0), 2));
    for unreadable in [folder.path().join("nowhere.jsonl"), folder.path().to_owned()] {
        let ended = exit(&unreadable);
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(2), "{said}");
        assert!(said.contains("cannot be read") && !said.contains("panicked"), "{said}");
    }
}

/// An editor's byte-order mark at the start of a file is no part of its first line; within it, it is a fault.
#[test]
fn a_byte_order_mark_is_skipped() {
    let answers = quote(format!("\u{FEFF}{0}\n\u{FEFF}{0}\n", good()).into_bytes());
    assert_eq!(answers[0], quote(good().into())[0]);
    assert_eq!((&answers[1]["line"], &answers[1]["error"]["errors"][0]["field"]), (&json!(2), &json!("body")));
}

/// The number of a line is that of the file, and there is no other.
#[test]
fn a_fault_tells_one_line() {
    let answers = quote(format!("{}{{\"site\":nope}}\n", EXAMPLES).into_bytes());
    let bad = answers.last().unwrap();
    assert_eq!(bad["line"], EXAMPLES.lines().count() + 1);
    let message = bad["error"]["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("column 10") && !message.contains("line"), "{message}");
}

/// A back-test that has tried nothing has not gone well; one that has tried something has, whatever else was at fault.
#[test]
fn a_back_test_of_nothing_fails() {
    let folder = tempfile::TempDir::new().unwrap();
    let (draft, orders) = (folder.path().join("draft.json"), folder.path().join("orders.jsonl"));
    let example = include_str!("../../../core/examples/draft.json");
    std::fs::write(&draft, format!("\u{FEFF}{example}")).unwrap();
    let one = include_str!("../../../core/examples/orders.jsonl").lines().next().unwrap();
    for (lines, code, at_fault) in [
        ("nonsense\n\n{}\n".to_owned(), 2, 2),
        (one.replace("\"lines\":[", "\"lines\":[5,"), 2, 1),
        (format!("nonsense\n{one}\n"), 0, 1),
        (format!("\u{FEFF}{one}\n"), 0, 0),
        (String::new(), 0, 0),
    ] {
        std::fs::write(&orders, &lines).unwrap();
        let ended = Command::new(SERVER).arg("backtest").arg("--promotion").arg(&draft).arg(&orders).output().unwrap();
        let (out, said) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
        assert_eq!(ended.status.code(), Some(code), "{lines}: {out} {said}");
        let report: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
        assert_eq!(report["at_fault"], at_fault, "{lines}: {out}");
        assert_eq!(said.contains("every order is at fault"), code != 0, "{said}");
    }
}

#[test]
fn the_schema_is_printed_as_it_is_committed() {
    let printed = Command::new(SERVER).arg("schema").output().unwrap();
    assert!(printed.status.success());
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), include_str!("../../../core/wire/v1.schema.json"));
}
