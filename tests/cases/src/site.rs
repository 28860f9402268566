//! What a site decided: every rounding policy, zones near and far.

use tearoff_core::code::Alphabet;
use tearoff_core::money::allocate::Leftover;
use tearoff_core::money::rounding::Half;
use tearoff_core::policy::{ConfirmOn, LocationDraft, Round, Rounding, SitePolicyDraft, Split};

use crate::Random;

/// Currencies of 2, 0, 3 and 4 decimals.
pub(crate) const CURRENCIES: [&str; 6] = ["EUR", "USD", "JPY", "KWD", "CLF", "TWD"];

/// Zones that change their clocks by an hour, by half an hour, at midnight, in the southern summer, or never.
const ZONES: [&str; 14] = [
    "Europe/Athens",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
];

/// The site of a case.
pub(crate) fn draw(random: &mut Random) -> SitePolicyDraft {
    let currency = if random.chance(60) { "EUR" } else { random.pick(&CURRENCIES) };
    let locations = random.weighted(&[(5, 0), (3, 1), (2, 2), (1, 3)]);
    let names = ["athens", "berlin", "north"];
    let locations = names.iter().take(locations).map(|id| location(random, id)).collect();
    SitePolicyDraft {
        currency: currency.into(),
        zone: (*random.pick(&ZONES)).into(),
        locations,
        rounding: rounding(random),
        has_dates: random.chance(85),
        new_codes: random.weighted(&[(3, Alphabet::LettersDigitsSpaces), (1, Alphabet::Strict)]),
        confirm_on: ConfirmOn::default(),
        hold_seconds: 900,
        honor_quote_seconds: 300,
        prices: tearoff_core::cart::PriceSource::Caller,
        tag_redeems: false,
    }
}

fn location(random: &mut Random, id: &str) -> LocationDraft {
    LocationDraft { id: id.into(), zone: (*random.pick(&ZONES)).into() }
}

fn rounding(random: &mut Random) -> Rounding {
    Rounding {
        round: random.weighted(&[(2, Round::PerCart), (1, Round::PerLine), (1, Round::PerUnit)]),
        half: random.weighted(&[(2, Half::Up), (1, Half::Even), (1, Half::Down)]),
        leftover: random.weighted(&[(2, Leftover::Largest), (1, Leftover::First), (1, Leftover::Last)]),
        split: random.weighted(&[(3, Split::ByValue), (2, Split::PerUnit)]),
    }
}
