//! What a case is built around: a site, a moment and a cart.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tearoff_core::policy::SitePolicyDraft;
use tearoff_core::request::{CartRequest, LineRequest};

use crate::site::ZONES;
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
        let now = moment(random, &site.zone);
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

/// Days at which calendars go wrong.
const SPECIAL_DAYS: [(i32, u32, u32); 4] = [(2024, 2, 29), (2026, 12, 31), (2027, 1, 1), (2028, 2, 28)];

/// Near where the site's clocks are turned, on a special day, or any time.
fn moment(random: &mut Random, zone: &str) -> DateTime<Utc> {
    let turns = ZONES.iter().find(|(known, _)| *known == zone).map_or(&[][..], |(_, turns)| *turns);
    let turn = random.pick_any(turns).and_then(|turn| turn.parse::<DateTime<Utc>>().ok());
    let around = match turn.filter(|_| random.chance(50)) {
        Some(turn) => turn - TimeDelta::hours(3) + seconds(random, 6 * 3600),
        None => {
            let (year, month, day) = *random.pick(&SPECIAL_DAYS);
            let special = NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
            let first = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default();
            let any = first.checked_add_days(Days::new(random.below(1200))).unwrap_or(first);
            let day = if random.chance(20) { special } else { any };
            day.and_time(NaiveTime::MIN).and_utc() + seconds(random, 86_400)
        }
    };
    let milliseconds = if random.chance(20) { random.between(1, 999) } else { 0 };
    around + TimeDelta::milliseconds(milliseconds)
}

/// Less than `most` seconds, sometimes whole quarters of an hour.
fn seconds(random: &mut Random, most: i64) -> TimeDelta {
    let any = random.between(0, most - 1);
    TimeDelta::seconds(if random.chance(30) { any / 900 * 900 } else { any })
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
