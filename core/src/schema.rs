//! The JSON Schema of what is not read or written by serde's derives: the forms that texts and numbers have.
//!
//! All other types derive theirs beside serde's, from the same attributes, so that a field cannot be read without being in the
//! document. `tests/wire` makes the document of them and holds it against what is really read and written.

use alloc::borrow::Cow;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::code::CodeKey;
use crate::digest::Digest;
use crate::id;
use crate::invoice::NotEdited;
use crate::money::{Amount, Currency, Percent};
use crate::promotion::Unit;
use crate::promotion::draft::LimitDraft;
use crate::redemption::change::NotChanged;
use crate::redemption::reversal::NotReversed;
use crate::reward;
use crate::settlement::Unsettled;
use crate::standalone::course::told::{OutOfTurn, Refused};
use crate::text::{LENGTH_MAX, Text};
use crate::time::{DailyRange, LocalStart, Weekdays};

/// The schema of a type, in its place wherever the type stands.
macro_rules! form {
    ($($name:ty: $schema:tt;)*) => {$(
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

/// An instant in UTC, as a text.
pub(crate) struct UtcText;

/// A time of day, as a text.
pub(crate) struct TimeOfDay;

/// An id before it is checked.
pub(crate) struct Id;

/// The id of a line that is sent: those of lines that the engine adds begin with `~`.
pub(crate) struct SentLineId;

const ID: &str = "^[!-~]{1,64}$";
const TIME_OF_DAY: &str = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$";

form! {
    UtcText: {
        "type": "string",
        "format": "date-time",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?Z$",
    };
    TimeOfDay: { "type": "string", "pattern": TIME_OF_DAY };
    Id: { "type": "string", "pattern": ID };
    SentLineId: { "type": "string", "pattern": "^[!-}][!-~]{0,63}$" };
    LocalStart: {
        "type": "string",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?$",
    };
    Amount: { "type": "integer", "format": "int64", "minimum": 0, "maximum": Amount::MAX.minor() };
    Percent: { "type": "integer", "minimum": 0, "maximum": Percent::WHOLE_BP };
    Currency: { "type": "string", "pattern": "^[A-Z]{3}$" };
    Text: { "type": "string", "minLength": 1, "maxLength": LENGTH_MAX };
    Digest: { "type": "string", "pattern": "^[0-9a-f]{64}$" };
    CodeKey: { "type": "string", "pattern": "^[-A-Z0-9_ ]{1,64}$" };
    Weekdays: {
        "type": "array",
        "items": { "type": "string", "enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] },
        "minItems": 1,
        "uniqueItems": true,
    };
    id::LineId: { "type": "string", "pattern": ID };
    id::ItemId: { "type": "string", "pattern": ID };
    id::CategoryId: { "type": "string", "pattern": ID };
    id::LocationId: { "type": "string", "pattern": ID };
    id::LaneId: { "type": "string", "pattern": ID };
    id::PromotionId: { "type": "string", "pattern": ID };
    id::OrderReference: { "type": "string", "pattern": ID };
}

impl JsonSchema for DailyRange {
    fn schema_name() -> Cow<'static, str> {
        "DailyRange".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Hours that come back every day; over midnight where they end before they begin.",
            "properties": {
                "from": { "type": "string", "pattern": TIME_OF_DAY, "description": "The first time of day." },
                "until": { "type": "string", "pattern": TIME_OF_DAY, "description": "The first time of day after it." },
            },
            "required": ["from", "until"],
        })
    }
}

impl JsonSchema for LimitDraft {
    fn schema_name() -> Cow<'static, str> {
        "LimitDraft".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let max = json_schema!({
            "type": "integer",
            "minimum": 1,
            "maximum": crate::promotion::limits::MAX,
            "description": "How many.",
        });
        json_schema!({
            "description": "A number of redemptions, or an object that says what is counted.",
            "oneOf": [max, {
                "type": "object",
                "properties": { "max": max, "count": generator.subschema_for::<Unit>() },
                "required": ["max"],
                "additionalProperties": false,
            }],
        })
    }
}

impl JsonSchema for Refused {
    fn schema_name() -> Cow<'static, str> {
        "Refused".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Why a step was not taken.",
            "properties": { "message": { "type": "string", "description": "The same in English." } },
            "required": ["code", "message"],
            "anyOf": [
                generator.subschema_for::<Unsettled>(),
                generator.subschema_for::<reward::Refusal>(),
                generator.subschema_for::<NotReversed>(),
                generator.subschema_for::<NotChanged>(),
                generator.subschema_for::<NotEdited>(),
                generator.subschema_for::<OutOfTurn>(),
            ],
        })
    }
}
