//! What the person at the terminal sees while a step runs. Progress goes to the error stream, results to the output stream.

use std::time::Duration;

use crate::failure::Failure;

/// Says what begins now.
pub(crate) fn step(what: &str) {
    eprintln!("==> {what}");
}

/// Says what begins now and may take longer than a few seconds.
pub(crate) fn long_step(what: &str, about: &str) {
    eprintln!("==> {what} (about {about})");
}

/// Says that the work goes on, but not as well as it could.
pub(crate) fn warning(what: &str) {
    eprintln!("warning: {what}");
}

/// Says why the command ends here.
pub(crate) fn failed(failure: &Failure) {
    eprintln!("error: {failure}");
}

/// A duration as a person says it: `0.4 s`, `12 s`, `3 min 20 s`.
pub(crate) fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{}.{} s", seconds, duration.subsec_millis() / 100),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::spoken;
    use std::time::Duration;

    #[test]
    fn durations_are_said_in_the_unit_that_fits() {
        for (milliseconds, want) in
            [(0, "0.0 s"), (9_940, "9.9 s"), (10_000, "10 s"), (119_999, "119 s"), (200_500, "3 min 20 s")]
        {
            assert_eq!(spoken(Duration::from_millis(milliseconds)), want);
        }
    }
}
