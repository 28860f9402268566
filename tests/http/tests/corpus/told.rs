//! What the server tells, in the words of a story.

use serde_json::Value;
use tearoff_corpus::want::FieldFault;
use tearoff_http_tests::client::Answer;

/// Why a story goes no further.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Its input is refused, as a story may want: fields as paths below its `given`.
    Invalid(Vec<FieldFault>),
    /// The server did what it must not.
    Failed(String),
}

/// The body of an answer with this status. Refused input stops the story; `renamed` gives each field its place in the story.
pub(crate) fn body(answer: &Answer, status: u16, renamed: impl Fn(&str) -> String) -> Result<Value, Stop> {
    if answer.status == status {
        return Ok(answer.json());
    }
    let problem = answer.any_problem();
    let faults = problem["errors"].as_array().filter(|_| matches!(answer.status, 400 | 409));
    let Some(faults) = faults else { return Err(Stop::Failed(format!("{status} expected: {problem}"))) };
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap_or_default().to_owned();
    let fault = |fault: &Value| FieldFault { field: renamed(&text(fault, "field")), code: text(fault, "code") };
    Err(Stop::Invalid(faults.iter().map(fault).collect()))
}

/// The body of an answer with this status to something that no story can have refused.
pub(crate) fn done(answer: &Answer, status: u16) -> Result<Value, Stop> {
    body(answer, status, str::to_owned).map_err(|stop| match stop {
        Stop::Invalid(faults) => Stop::Failed(format!("{status} expected: {faults:?}")),
        failed @ Stop::Failed(_) => failed,
    })
}
