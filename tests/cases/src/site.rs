//! What a site decided: every rounding policy, zones near and far.

use tearoff_core::code::Alphabet;
use tearoff_core::money::allocate::Leftover;
use tearoff_core::money::rounding::Half;
use tearoff_core::policy::{
    ConfirmOn, LaneDraft, LocationDraft, Overflow, Precedence, Round, Rounding, SitePolicyDraft, Split,
};
use tearoff_core::promotion::ActsOn;
use tearoff_core::redemption::Restore;

use crate::Random;

/// Currencies of 2, 0, 3 and 4 decimals.
pub(crate) const CURRENCIES: [&str; 6] = ["EUR", "USD", "JPY", "KWD", "CLF", "TWD"];

/// Zones, and when they turn their clocks in 2026: by an hour, by half an hour, at midnight, in the southern summer, or never.
pub(crate) const ZONES: [(&str, &[&str]); 14] = [
    ("Europe/Athens", &["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    ("Europe/London", &["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    ("America/New_York", &["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"]),
    ("America/St_Johns", &["2026-03-08T05:30:00Z", "2026-11-01T04:30:00Z"]),
    ("America/Havana", &["2026-03-08T05:00:00Z", "2026-11-01T05:00:00Z"]),
    ("America/Santiago", &["2026-04-05T03:00:00Z", "2026-09-06T04:00:00Z"]),
    ("Africa/Cairo", &["2026-04-23T22:00:00Z", "2026-10-29T21:00:00Z"]),
    ("Asia/Beirut", &["2026-03-28T22:00:00Z", "2026-10-24T21:00:00Z"]),
    ("Australia/Lord_Howe", &["2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"]),
    ("Pacific/Chatham", &["2026-04-04T14:00:00Z", "2026-09-26T14:00:00Z"]),
    ("Asia/Kathmandu", &[]),
    ("Asia/Tokyo", &[]),
    ("Pacific/Kiritimati", &[]),
    ("UTC", &[]),
];

/// The site of a case.
pub(crate) fn draw(random: &mut Random) -> SitePolicyDraft {
    let currency = if random.chance(60) { "EUR" } else { random.pick(&CURRENCIES) };
    let locations = random.weighted(&[(5, 0), (3, 1), (2, 2), (1, 3)]);
    let names = ["athens", "berlin", "north"];
    let locations = names.iter().take(locations).map(|id| location(random, id)).collect();
    SitePolicyDraft {
        currency: currency.into(),
        zone: random.pick(&ZONES).0.into(),
        locations,
        rounding: rounding(random),
        acts_on: acts_on(random),
        lanes: lanes(random),
        codes_max: random.weighted(&[(5, 1), (4, 2), (1, 3)]),
        precedence: random.weighted(&[(3, Precedence::CodeFirst), (2, Precedence::BestForCustomer)]),
        overflow: random.weighted(&[(2, Overflow::Partial), (1, Overflow::Refuse)]),
        trusts_claims: random.chance(30),
        start_required: random.chance(10),
        has_frequency: random.chance(50),
        has_dates: random.chance(85),
        new_codes: random.weighted(&[(3, Alphabet::LettersDigitsSpaces), (1, Alphabet::Strict)]),
        confirm_on: ConfirmOn::default(),
        hold_seconds: 900,
        honor_quote_seconds: 300,
        prices: tearoff_core::cart::PriceSource::Caller,
        // No quote depends on it.
        restore: Restore::default(),
        tag_redeems: false,
    }
}

fn acts_on(random: &mut Random) -> ActsOn {
    random.weighted(&[(2, ActsOn::Remaining), (1, ActsOn::List)])
}

/// Lanes of the owner's own.
const LANES: [&str; 3] = ["season", "partners", "a"];

fn lanes(random: &mut Random) -> Vec<LaneDraft> {
    let mut ids = LANES;
    random.shuffle(&mut ids);
    let count = random.weighted(&[(5, 0), (3, 1), (2, 2)]);
    ids.iter().take(count).map(|id| LaneDraft { id: (*id).into(), acts_on: acts_on(random) }).collect()
}

fn location(random: &mut Random, id: &str) -> LocationDraft {
    LocationDraft { id: id.into(), zone: random.pick(&ZONES).0.into() }
}

fn rounding(random: &mut Random) -> Rounding {
    Rounding {
        round: random.weighted(&[(2, Round::PerCart), (1, Round::PerLine), (1, Round::PerUnit)]),
        half: random.weighted(&[(2, Half::Up), (1, Half::Even), (1, Half::Down)]),
        leftover: random.weighted(&[(2, Leftover::Largest), (1, Leftover::First), (1, Leftover::Last)]),
        split: random.weighted(&[(3, Split::ByValue), (2, Split::PerUnit)]),
    }
}
