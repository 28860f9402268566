//! The server's time in the page (SPEC section 13): what the server said plus what has elapsed since. The device's clock is often
//! wrong, so it is never read for the time of day.

use chrono::{DateTime, Utc};

/// When something happened, by the page's two clocks, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Of the clock that nobody can set, from any origin. It may stand still while the device sleeps.
    pub(crate) monotonic: i64,
    /// Of the device's clock. Only ever compared with itself, to notice such a sleep.
    pub(crate) wall: i64,
}

/// How far the two clocks may part before the page asks the server for the time again, in milliseconds. More than a clock's usual
/// correction, less than what moves a minute.
const PARTED_MAX: u64 = 5_000;

/// The server's time at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServerTime {
    /// What the server said.
    pub(crate) now: DateTime<Utc>,
    /// When it was heard.
    pub(crate) heard: Moment,
}

impl ServerTime {
    /// The server's time now.
    pub(crate) fn at(&self, moment: Moment) -> DateTime<Utc> {
        let elapsed = moment.monotonic.saturating_sub(self.heard.monotonic).max(0);
        let now = self.now.timestamp_millis().saturating_add(elapsed);
        DateTime::from_timestamp_millis(now).unwrap_or(self.now)
    }

    /// Whether the page's clocks have parted since: the device slept, or its clock was set.
    pub(crate) const fn has_parted(&self, moment: Moment) -> bool {
        let monotonic = moment.monotonic.saturating_sub(self.heard.monotonic);
        moment.wall.saturating_sub(self.heard.wall).abs_diff(monotonic) > PARTED_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_with_the_monotonic_clock_alone() {
        let now = DateTime::from_timestamp_millis(1_000_000).unwrap();
        let heard = Moment { monotonic: 500, wall: 70_000 };
        let time = ServerTime { now, heard };
        let later = |monotonic: i64, wall: i64| Moment { monotonic: 500 + monotonic, wall: 70_000 + wall };
        for (elapsed, on_the_wall, parted) in
            [(0, 0, false), (60_000, 60_400, false), (60_000, 3_600_000, true), (60_000, -60_000, true)]
        {
            let moment = later(elapsed, on_the_wall);
            assert_eq!(time.at(moment).timestamp_millis(), 1_000_000 + elapsed);
            assert_eq!(time.has_parted(moment), parted, "{elapsed} {on_the_wall}");
        }
        assert_eq!(time.at(later(-9, 0)), now, "never backwards");
    }
}
