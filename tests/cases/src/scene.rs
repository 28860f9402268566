//! What a case is built around: a site, a moment and a cart.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tearoff_core::policy::SitePolicyDraft;
use tearoff_core::request::{CartRequest, LineRequest};

use crate::{Random, cart, site};

/// A site, a moment and a cart.
pub(crate) struct Scene {
    pub(crate) site: SitePolicyDraft,
    /// When the codes are used.
    pub(crate) now: DateTime<Utc>,
    /// The same on the site's wall clock.
    pub(crate) local_now: NaiveDateTime,
    pub(crate) cart: CartRequest,
    /// The currency of the cart.
    pub(crate) currency: String,
}

impl Scene {
    pub(crate) fn draw(random: &mut Random) -> Self {
        let site = site::draw(random);
        let now = moment(random);
        let zone: Tz = site.zone.parse().unwrap_or(Tz::UTC);
        let local_now = now.with_timezone(&zone).naive_local();
        let cart = cart::draw(random, &site, local_now.date());
        let currency = cart.currency.clone().unwrap_or_else(|| site.currency.clone());
        Self { site, now, local_now, cart, currency }
    }

    /// What the cart costs.
    pub(crate) fn subtotal(&self) -> i64 {
        self.cart.lines.iter().map(line_subtotal).sum()
    }
}

/// What a line costs. Carts are drawn within the bound on their sum.
pub(crate) fn line_subtotal(line: &LineRequest) -> i64 {
    let price = line.unit_price_minor.unwrap_or(0);
    let dates: i64 = line.occurrences.iter().map(|one| one.unit_price_minor.unwrap_or(price)).sum();
    line.quantity.unwrap_or(1) * if line.occurrences.is_empty() { price } else { dates }
}

/// Days around which clocks change somewhere, a leap day, and the ends of a year.
const SPECIAL_DAYS: [(i32, u32, u32); 10] = [
    (2026, 3, 29),
    (2026, 10, 25),
    (2026, 3, 8),
    (2026, 11, 1),
    (2025, 3, 30),
    (2026, 4, 5),
    (2024, 2, 29),
    (2026, 12, 31),
    (2027, 1, 1),
    (2026, 4, 24),
];

fn moment(random: &mut Random) -> DateTime<Utc> {
    let day = if random.chance(40) {
        let (year, month, day) = *random.pick(&SPECIAL_DAYS);
        let day = NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
        day.checked_add_days(Days::new(random.below(2))).unwrap_or(day)
    } else {
        let day = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default();
        day.checked_add_days(Days::new(random.below(1200))).unwrap_or(day)
    };
    let seconds = if random.chance(30) { random.between(0, 95) * 900 } else { random.between(0, 86_399) };
    let milliseconds = if random.chance(20) { random.between(1, 999) } else { 0 };
    (day.and_time(NaiveTime::MIN) + TimeDelta::seconds(seconds) + TimeDelta::milliseconds(milliseconds)).and_utc()
}

/// `2026-12-01`.
pub(crate) fn date_text(date: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// `2026-12-01T18:00`, with seconds where there are any.
pub(crate) fn local_text(local: NaiveDateTime) -> String {
    use chrono::Timelike;
    let minutes = format!("{}T{:02}:{:02}", date_text(local.date()), local.hour(), local.minute());
    if local.second() == 0 { minutes } else { format!("{minutes}:{:02}", local.second()) }
}
