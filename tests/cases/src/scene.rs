//! What a case is built around: a site, a moment, a cart and a customer.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tearoff_core::policy::SitePolicyDraft;
use tearoff_core::promotion::condition::Channel;
use tearoff_core::request::{CartRequest, LineRequest};
use tearoff_core::standalone::CustomerRequest;

use crate::site::ZONES;
use crate::{Random, cart, customer, site};

/// A site, a moment, a cart and a customer.
pub(crate) struct Scene {
    pub(crate) site: SitePolicyDraft,
    /// When the codes are used.
    pub(crate) now: DateTime<Utc>,
    /// The same on the site's wall clock.
    pub(crate) local_now: NaiveDateTime,
    pub(crate) cart: CartRequest,
    /// The currency of the cart.
    pub(crate) currency: String,
    /// Who books, where that is known.
    pub(crate) customer: Option<CustomerRequest>,
    /// Where it is booked.
    pub(crate) channel: Channel,
}

impl Scene {
    pub(crate) fn draw(random: &mut Random) -> Self {
        let site = site::draw(random);
        let now = moment(random, &site.zone);
        let zone: Tz = site.zone.parse().unwrap_or(Tz::UTC);
        let local_now = now.with_timezone(&zone).naive_local();
        let cart = cart::draw(random, &site, local_now.date());
        let currency = cart.currency.clone().unwrap_or_else(|| site.currency.clone());
        let customer = customer::draw(random);
        let channel = customer::channel(random);
        Self { site, now, local_now, cart, currency, customer, channel }
    }

    /// Every start of an appointment in the cart.
    pub(crate) fn appointments(&self) -> Vec<Appointment> {
        let lines = self.cart.lines.iter().filter(|line| takes_place(line.kind.as_deref()));
        let starts = lines.flat_map(|line| line.occurrences.iter().map(move |occurrence| (line, &occurrence.start)));
        starts.filter_map(|(line, start)| self.appointment(line, start)).collect()
    }

    fn appointment(&self, line: &LineRequest, start: &str) -> Option<Appointment> {
        let date: NaiveDate = start.get(..10)?.parse().ok()?;
        let time = start.get(11..).and_then(read_time);
        let venue = self.site.locations.iter().find(|location| Some(&location.id) == line.location.as_ref());
        let zone: Tz = venue.map_or(&self.site.zone, |location| &location.zone).parse().ok()?;
        let instant = time.and_then(|time| date.and_time(time).and_local_timezone(zone).earliest());
        let minutes_ahead = instant.map(|instant| (instant.to_utc() - self.now).num_minutes());
        Some(Appointment { date, time, minutes_ahead })
    }

    /// What the cart costs.
    pub(crate) fn subtotal(&self) -> i64 {
        self.cart.lines.iter().map(line_subtotal).sum()
    }
}

/// When something in the cart starts.
#[derive(Clone, Copy)]
pub(crate) struct Appointment {
    pub(crate) date: NaiveDate,
    pub(crate) time: Option<NaiveTime>,
    /// How far from now, in whole minutes.
    pub(crate) minutes_ahead: Option<i64>,
}

pub(crate) fn takes_place(kind: Option<&str>) -> bool {
    matches!(kind, Some("appointment" | "group_class" | "series_class"))
}

/// `18:00` or `18:00:30`.
pub(crate) fn read_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S")).ok()
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
