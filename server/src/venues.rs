//! The wall clocks that a cart needs: core's, each table made once.

use chrono::{DateTime, Utc};
use tearoff_core::cart::Cart;
use tearoff_core::facts::Venue;
use tearoff_core::policy::SitePolicy;
use tearoff_core::time::OffsetTable;
use tearoff_core::zones;

use crate::memo::Memo;

/// A zone and a stretch of time. Tables begin and end at midnight, so there are few of them in a day.
type Stretch = (String, DateTime<Utc>, DateTime<Utc>);

/// Most tables that are kept: a page may ask for any day of five years, which shall not fill the memory.
const TABLES_MAX: usize = 4096;

/// The site's own clock, then those of the cart's venues, as [`zones::venues`] has them.
pub(crate) fn venues(policy: &SitePolicy, cart: &Cart, now: DateTime<Utc>) -> Vec<Venue> {
    static TABLES: Memo<Stretch, Option<OffsetTable>> = Memo::of_at_most(TABLES_MAX);
    let table = |zone: &str, from, until| {
        let stretch = (zone.to_owned(), from, until);
        let found: Result<_, std::convert::Infallible> =
            TABLES.recall(&stretch, || Ok(zones::table(zone, from, until)));
        found.unwrap_or_default()
    };
    zones::venues_by(policy, cart, now, &table)
}
