//! Policies named after how a site worked before: whoever comes from another system writes its name and keeps what they know.
//!
//! A preset says what holds for the fields that are not written beside it; a field that is written wins. What is read is a
//! [`SitePolicyDraft`] with every field in its place, so a stored policy stays as it is when a preset changes later.

use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

use super::{
    ConfirmOn, LaneDraft, LocationDraft, Overflow, Precedence, Rounding, SitePolicyDraft, catalog, hold_seconds,
    honor_quote_seconds, one_code, yes,
};
use crate::cart::PriceSource;
use crate::code::Alphabet;
use crate::given::given;
use crate::promotion::ActsOn;
use crate::redemption::Restore;

/// A system whose ways a site keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// AOT.plus.
    AotPlus,
    /// SuperSaaS.
    Supersaas,
    /// The booking system with referral codes and reward credit.
    BookingRewards,
    /// MioCommerce.
    Miocommerce,
    /// Fotello.
    Fotello,
}

/// What holds for fields that are not written, as far as any of the systems speaks of them.
#[derive(Clone, Copy)]
struct Otherwise {
    codes_max: u8,
    precedence: Precedence,
    overflow: Overflow,
    start_required: bool,
    has_frequency: bool,
    has_dates: bool,
    new_codes: Alphabet,
    confirm_on: ConfirmOn,
    restore: Restore,
}

impl Default for Otherwise {
    fn default() -> Self {
        Self {
            codes_max: one_code(),
            precedence: Precedence::default(),
            overflow: Overflow::default(),
            start_required: false,
            has_frequency: false,
            has_dates: yes(),
            new_codes: Alphabet::default(),
            confirm_on: ConfirmOn::default(),
            restore: Restore::default(),
        }
    }
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::AotPlus, Self::Supersaas, Self::BookingRewards, Self::Miocommerce, Self::Fotello];

    /// What the system's own description says; where it is silent, our default stands. What it says is stated even where our
    /// default is the same, which may change.
    fn otherwise(self) -> Otherwise {
        let otherwise = Otherwise::default();
        match self {
            // It describes coupons only: their limits, venues, services and memberships are terms of each promotion.
            Self::AotPlus => otherwise,
            Self::Supersaas => Otherwise {
                // A booking has one field for the coupon.
                codes_max: 1,
                // The coupon goes before a permanent discount, even if it is worth less or nothing.
                precedence: Precedence::CodeFirst,
                // What is usable x times is never used more often, repeats included; once used up, "1 times" makes sure that it
                // is applied to one appointment only, not that the booking gets nothing.
                overflow: Overflow::Partial,
                // All fields of a promotion but its code are optional.
                start_required: false,
                // A second range of dates is checked with the date of the appointment.
                has_dates: true,
                // Any combination of numbers, letters and spaces.
                new_codes: Alphabet::LettersDigitsSpaces,
                // The used column counts the reservations made, paid for or not.
                confirm_on: ConfirmOn::Placed,
                // The coupon of a deleted appointment is marked as unused again.
                restore: Restore::OnCancel,
                ..otherwise
            },
            Self::BookingRewards => Otherwise {
                // One coupon or one referral code per cart; a gift joins a discount, which is no code.
                codes_max: 1,
                // Whoever referred a friend gets the reward once the purchase is completed; until it is paid for it is pending.
                confirm_on: ConfirmOn::Paid,
                ..otherwise
            },
            Self::Miocommerce => Otherwise {
                // The start date is required; the end date is optional.
                start_required: true,
                // A coupon is for one-time bookings, recurring ones or both, where the page has a frequency section.
                has_frequency: true,
                // Days of the week count where the page has a choice of dates.
                has_dates: true,
                ..otherwise
            },
            Self::Fotello => Otherwise {
                // Codes become upper case and hold letters, numbers, hyphens and underscores only.
                new_codes: Alphabet::Strict,
                // A redemption counts when the invoice is finalized, not when the order is placed.
                confirm_on: ConfirmOn::Finalized,
                ..otherwise
            },
        }
    }
}

/// The fields of a [`SitePolicyDraft`] as they are written, with the preset that stands for those that are not.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename = "SitePolicyDraft", deny_unknown_fields)]
pub(super) struct SitePolicyFields {
    /// The system whose ways hold for the fields that are not written; ours when absent.
    #[serde(default)]
    preset: Option<Preset>,
    /// ISO 4217: the currency of a cart that names none.
    currency: String,
    /// IANA name of the site's time zone, in which owners write dates (R25).
    zone: String,
    /// The venues with zones of their own.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    locations: Vec<LocationDraft>,
    /// How discounts are rounded and shared out (R3).
    #[serde(default)]
    rounding: Rounding,
    /// What the engine's lanes are computed on, where several promotions act (R3).
    #[serde(default)]
    acts_on: ActsOn,
    /// Lanes of the owner's own, in the order in which they act (R50).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = 20)))]
    lanes: Vec<LaneDraft>,
    /// How many codes a cart may have, 1 to 10 (R48, R50).
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "u8", default = "one_code", range(min = 1, max = super::CODES_MAX)))]
    codes_max: Option<u8>,
    /// Whether a code goes before discounts that act without one (R49).
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "Precedence", default = "Precedence::default"))]
    precedence: Option<Precedence>,
    /// What happens to occurrences above what a limit has left (R44).
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "Overflow", default = "Overflow::default"))]
    overflow: Option<Overflow>,
    /// Whether rules about named customers, passes and standing discounts take a visitor's word for who they are (R69).
    #[serde(default)]
    trusts_claims: bool,
    /// Whether a promotion must say when it begins (R25).
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "bool", default = "bool::default"))]
    start_required: Option<bool>,
    /// Whether the pages let the visitor choose how often to book (R35).
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "bool", default = "bool::default"))]
    has_frequency: Option<bool>,
    /// Whether the pages let the visitor choose a date (R27).
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "bool", default = "yes"))]
    has_dates: Option<bool>,
    /// What may stand in new codes (R8).
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "Alphabet", default = "Alphabet::default"))]
    new_codes: Option<Alphabet>,
    /// When a placed redemption is confirmed (R55).
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "ConfirmOn", default = "ConfirmOn::default"))]
    confirm_on: Option<ConfirmOn>,
    /// When cancelling gives a use back (R57).
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "Restore", default = "Restore::default"))]
    restore: Option<Restore>,
    /// How long an unplaced reservation holds its uses, in seconds, 60 to 86,400 (R55).
    #[serde(default = "hold_seconds")]
    #[cfg_attr(feature = "schema", schemars(range(min = 60, max = 86_400)))]
    hold_seconds: u32,
    /// How long a snapshot fixes terms and time conditions, in seconds, 0 to 900 (R70).
    #[serde(default = "honor_quote_seconds")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 900)))]
    honor_quote_seconds: u32,
    /// Whose word counts for prices (R61). A page's own never counts: with a publishable key prices are the catalog's, or, where they
    /// are `signed`, those of a cart that the host's server has signed. With its secret key that server need not sign.
    #[serde(default = "catalog")]
    prices: PriceSource,
    /// Whether a page may reserve and place with the publishable key alone (R55).
    #[serde(default)]
    tag_redeems: bool,
}

impl From<SitePolicyFields> for SitePolicyDraft {
    fn from(fields: SitePolicyFields) -> Self {
        let otherwise = fields.preset.map_or_else(Otherwise::default, Preset::otherwise);
        Self {
            currency: fields.currency,
            zone: fields.zone,
            locations: fields.locations,
            rounding: fields.rounding,
            acts_on: fields.acts_on,
            lanes: fields.lanes,
            codes_max: fields.codes_max.unwrap_or(otherwise.codes_max),
            precedence: fields.precedence.unwrap_or(otherwise.precedence),
            overflow: fields.overflow.unwrap_or(otherwise.overflow),
            trusts_claims: fields.trusts_claims,
            start_required: fields.start_required.unwrap_or(otherwise.start_required),
            has_frequency: fields.has_frequency.unwrap_or(otherwise.has_frequency),
            has_dates: fields.has_dates.unwrap_or(otherwise.has_dates),
            new_codes: fields.new_codes.unwrap_or(otherwise.new_codes),
            confirm_on: fields.confirm_on.unwrap_or(otherwise.confirm_on),
            restore: fields.restore.unwrap_or(otherwise.restore),
            hold_seconds: fields.hold_seconds,
            honor_quote_seconds: fields.honor_quote_seconds,
            prices: fields.prices,
            tag_redeems: fields.tag_redeems,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn site(more: &str) -> Result<SitePolicyDraft, String> {
        let json = std::format!(r#"{{"currency":"EUR","zone":"Europe/Athens"{more}}}"#);
        serde_json::from_str(&json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_preset_stands_for_what_is_not_written() {
        let fotello = site(r#","preset":"fotello""#).unwrap();
        assert_eq!(fotello.new_codes, Alphabet::Strict);
        assert_eq!(fotello.confirm_on, ConfirmOn::Finalized);
        let miocommerce = site(r#","preset":"miocommerce""#).unwrap();
        assert!(miocommerce.start_required && miocommerce.has_frequency && miocommerce.has_dates);
        assert_eq!(site(r#","preset":"booking_rewards""#).unwrap().confirm_on, ConfirmOn::Paid);
        assert_eq!(site(r#","preset":"supersaas""#), site(""));
        assert_eq!(site(r#","preset":"aot_plus""#), site(""));
    }

    #[test]
    fn what_is_written_wins() {
        let fotello = site(r#","confirm_on":"placed","preset":"fotello""#).unwrap();
        assert_eq!((fotello.confirm_on, fotello.new_codes), (ConfirmOn::Placed, Alphabet::Strict));
        assert!(!site(r#","preset":"miocommerce","start_required":false"#).unwrap().start_required);
        assert_eq!(site(r#","preset":"supersaas","restore":"never""#).unwrap().restore, Restore::Never);
        assert_eq!(site("").unwrap().restore, Restore::OnCancel);
    }

    #[test]
    fn faults_name_their_fields() {
        for (more, said) in [
            (r#","preset":"fotelo""#, "unknown variant `fotelo`"),
            (r#","precedense":"code_first""#, "unknown field `precedense`"),
            (r#","codes_max":null"#, "invalid type: null, expected u8"),
        ] {
            let fault = site(more).unwrap_err();
            assert!(fault.starts_with(said), "{fault}");
        }
        let fault = serde_json::from_str::<SitePolicyDraft>(r#"{"currency":"EUR"}"#).unwrap_err().to_string();
        assert!(fault.starts_with("missing field `zone`"), "{fault}");
    }

    #[cfg(feature = "serialize")]
    #[test]
    fn a_policy_is_stored_without_its_preset() {
        let fotello = site(r#","preset":"fotello""#).unwrap();
        let stored = serde_json::to_string(&fotello).unwrap();
        assert!(!stored.contains("preset"));
        assert_eq!(serde_json::from_str::<SitePolicyDraft>(&stored).unwrap(), fotello);
    }
}
