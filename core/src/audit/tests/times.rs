//! When a promotion acts: windows, weekdays, hours and lead times that leave nothing over.

use super::*;

#[test]
fn times() {
    let conditions = |list: Value| json!({ "conditions": list });
    let window = |from: &str, until: &str| json!({ "type": "appointment_window", "from": from, "until": until });
    let none = || json!({});
    check(&[
        ("nothing to say", none(), none(), &[]),
        (
            "over",
            none(),
            conditions(json!([{ "type": "redeemable", "until": "2026-11-30" }])),
            &["never_applies over conditions.redeemable"],
        ),
        ("ends in a moment", none(), conditions(json!([{ "type": "redeemable", "until": "2026-12-01T14:01" }])), &[]),
        (
            "appointments over",
            none(),
            conditions(json!([window("2026-11-01", "2026-11-29")])),
            &["contradiction appointments_over conditions.appointment_window"],
        ),
        ("over somewhere on earth, perhaps", none(), conditions(json!([window("2026-11-01", "2026-11-30")])), &[]),
        (
            "code begins after the appointments",
            none(),
            conditions(json!([{ "type": "redeemable", "from": "2027-02-01" }, window("2027-01-01", "2027-01-15")])),
            &["contradiction appointments_over conditions.appointment_window"],
        ),
        // 1 December 2026 is a Tuesday.
        (
            "no such day",
            none(),
            conditions(json!([window("2026-12-07", "2026-12-09"), { "type": "weekdays", "days": ["thu", "sun"] }])),
            &["never_applies weekdays_outside_window conditions.weekdays"],
        ),
        (
            "the last day",
            none(),
            conditions(json!([window("2026-12-07", "2026-12-09"), { "type": "weekdays", "days": ["wed"] }])),
            &[],
        ),
        (
            "not with the hour at which the window ends",
            none(),
            conditions(json!([window("2026-12-07", "2026-12-09T00:00"), { "type": "weekdays", "days": ["wed"] }])),
            &["never_applies weekdays_outside_window conditions.weekdays"],
        ),
        (
            "any two weeks have every day",
            none(),
            conditions(json!([window("2026-12-07", "2026-12-20"), { "type": "weekdays", "days": ["sun"] }])),
            &[],
        ),
        (
            "no such hours",
            none(),
            conditions(json!([window("2026-12-07T10:00", "2026-12-07T12:00"),
                { "type": "appointment_hours", "from": "17:00", "until": "19:00" }])),
            &["never_applies hours_outside_window conditions.appointment_hours"],
        ),
        (
            "after midnight belongs to the day before",
            none(),
            conditions(json!([window("2026-12-07T00:00", "2026-12-07T02:00"), { "type": "weekdays", "days": ["sun"] },
                { "type": "appointment_hours", "from": "22:00", "until": "03:00" }])),
            &[],
        ),
        (
            "and not to its own",
            none(),
            conditions(json!([window("2026-12-07T00:00", "2026-12-07T02:00"), { "type": "weekdays", "days": ["mon"] },
                { "type": "appointment_hours", "from": "22:00", "until": "03:00" }])),
            &["never_applies weekdays_outside_window conditions.weekdays"],
        ),
        (
            "too late for an early bird",
            none(),
            conditions(
                json!([window("2026-12-03", "2026-12-09"), { "type": "lead_time", "at_least_minutes": 20_160 }]),
            ),
            &["never_applies lead_time_outside_window conditions.lead_time"],
        ),
        (
            "too early for the last minute",
            none(),
            conditions(json!([window("2027-01-10", "2027-01-12"), { "type": "lead_time", "at_most_minutes": 1440 },
                { "type": "redeemable", "until": "2026-12-31" }])),
            &["never_applies lead_time_outside_window conditions.lead_time"],
        ),
        (
            "in time later",
            none(),
            conditions(json!([window("2027-01-10", "2027-01-12"), { "type": "lead_time", "at_most_minutes": 1440 }])),
            &[],
        ),
        (
            "not checked",
            json!({ "has_dates": false }),
            conditions(json!([window("2026-12-07", "2026-12-09"), { "type": "weekdays", "days": ["thu"] },
                { "type": "booking_type", "booking": "one_time" }])),
            &[
                "not_checked dates_not_checked conditions.appointment_window",
                "not_checked dates_not_checked conditions.weekdays",
                "not_checked frequency_not_checked conditions.booking_type",
            ],
        ),
    ]);
}
