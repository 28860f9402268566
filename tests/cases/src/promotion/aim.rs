//! What promotions are made to fail at.

use crate::Random;

/// What a promotion is made to fail at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    Inactive,
    OtherCurrency,
    TooEarly,
    TooLate,
    OtherHours,
    UsedUp,
    UsedUpByCustomer,
    CodeUsedUp,
    PeriodUsedUp,
    BudgetSpent,
    OutOfScope,
    OtherDays,
    OtherAppointmentWindow,
    OtherAppointmentHours,
    OtherLeadTime,
    OtherBookingType,
    OtherAudience,
    OrderedBefore,
    CameBefore,
    NotNamed,
    WithoutPass,
    OtherChannel,
    TooLittle,
    TooMuch,
    TooManyLines,
    TooFew,
    GiftNotChosen,
    OwnReferral,
}

/// How often each obstacle is drawn; a promotion has none, one, or rarely two.
const OBSTACLES: [(u64, Obstacle); 28] = [
    (3, Obstacle::Inactive),
    (3, Obstacle::OtherCurrency),
    (3, Obstacle::TooEarly),
    (3, Obstacle::TooLate),
    (3, Obstacle::OtherHours),
    (3, Obstacle::UsedUp),
    (3, Obstacle::UsedUpByCustomer),
    (3, Obstacle::CodeUsedUp),
    (4, Obstacle::PeriodUsedUp),
    (4, Obstacle::BudgetSpent),
    (3, Obstacle::OutOfScope),
    (8, Obstacle::OtherDays),
    (5, Obstacle::OtherAppointmentWindow),
    (9, Obstacle::OtherAppointmentHours),
    (5, Obstacle::OtherLeadTime),
    (13, Obstacle::OtherBookingType),
    (8, Obstacle::OtherAudience),
    (6, Obstacle::OrderedBefore),
    (6, Obstacle::CameBefore),
    (3, Obstacle::NotNamed),
    (3, Obstacle::WithoutPass),
    (3, Obstacle::OtherChannel),
    (5, Obstacle::TooLittle),
    (4, Obstacle::TooMuch),
    (4, Obstacle::TooManyLines),
    (5, Obstacle::TooFew),
    (6, Obstacle::GiftNotChosen),
    (4, Obstacle::OwnReferral),
];

/// What a promotion is made to fail at, if anything.
#[derive(Clone, Copy)]
pub(crate) struct Aim([Option<Obstacle>; 2]);

impl Aim {
    pub(super) fn draw(random: &mut Random) -> Self {
        let first = random.chance(29).then(|| random.weighted(&OBSTACLES));
        let second = (first.is_some() && random.chance(12)).then(|| random.weighted(&OBSTACLES));
        Self([first, second])
    }

    /// The same, but for a gift that is not chosen nothing is in the way.
    pub(super) fn without_most(self) -> Self {
        Self(self.0.map(|obstacle| obstacle.filter(|obstacle| *obstacle == Obstacle::GiftNotChosen)))
    }

    pub(crate) fn has(self, obstacle: Obstacle) -> bool {
        self.0.contains(&Some(obstacle))
    }
}
