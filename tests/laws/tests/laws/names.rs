//! What has a name on the wire has that name wherever it is written: in JSON by the server, by the widget, and when it is read.

use serde::Serialize;
use tearoff_core::cart::{Frequency, LineKind};
use tearoff_core::promotion::Period;
use tearoff_core::promotion::condition::BookingType;

fn written(value: impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn a_name_is_the_same_wherever_it_is_written() {
    let kinds = [
        "appointment",
        "group_class",
        "series_class",
        "package",
        "subscription",
        "product",
        "add_on",
        "fee",
        "tip",
        "deposit",
        "tax",
    ];
    for name in kinds {
        let kind = LineKind::find(name).unwrap();
        assert_eq!((kind.name(), written(kind).as_str()), (name, name));
    }
    assert_eq!(LineKind::find("boat"), None);
    for frequency in [Frequency::OneTime, Frequency::Recurring, Frequency::OpenEnded] {
        assert_eq!(written(frequency), frequency.name());
    }
    for booking in [BookingType::OneTime, BookingType::Recurring] {
        assert_eq!(written(booking), booking.name());
    }
    for period in [Period::Day, Period::Week, Period::Month] {
        assert_eq!(written(period), period.name());
    }
}
