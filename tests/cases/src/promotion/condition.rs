//! What must hold: each condition fits the scene, or fails where that is the aim.

mod appointment;
mod customer;
mod spending;
mod window;

use tearoff_core::promotion::draft::{ConditionDraft, ScopeDraft};

use super::{Aim, Obstacle};
use crate::Random;
use crate::scene::Scene;

pub(super) fn draw_all(random: &mut Random, scene: &Scene, aim: Aim, scope: &ScopeDraft) -> Vec<ConditionDraft> {
    let mut conditions = customer::draw_all(random, scene, aim);
    let needs_window = aim.has(Obstacle::TooEarly) || aim.has(Obstacle::TooLate) || scene.site.start_required;
    if needs_window || random.chance(25) {
        conditions.push(window::redeemable(random, scene, aim));
    }
    if aim.has(Obstacle::OtherHours) || random.chance(10) {
        conditions.push(window::hours(random, scene, aim));
    }
    // Where the cart has appointments most conditions on them are met, and two of them often both.
    let asks = random.chance(match (scene.appointments().is_empty(), scope.include.is_empty()) {
        (true, _) => 4,
        (false, false) => 28,
        (false, true) => 50,
    });
    let mut asked = |obstacle: Obstacle, percent: u64| aim.has(obstacle) || (asks && random.chance(percent));
    let (range, hours) = (asked(Obstacle::OtherAppointmentWindow, 25), asked(Obstacle::OtherAppointmentHours, 35));
    let booking = asked(Obstacle::OtherBookingType, if scene.site.has_frequency { 40 } else { 15 });
    let lead = asked(Obstacle::OtherLeadTime, 25);
    // Hours and weekdays often stand together: what lies after midnight is then the day before.
    if asked(Obstacle::OtherDays, if hours { 60 } else { 35 }) {
        conditions.push(appointment::weekdays(random, scene, aim));
    }
    if range {
        conditions.push(appointment::window(random, scene, aim));
    }
    if hours {
        conditions.push(appointment::hours(random, scene, aim));
    }
    if booking {
        conditions.push(appointment::booking_type(random, scene, aim));
    }
    if lead {
        conditions.push(appointment::lead_time(random, scene, aim));
    }
    if aim.has(Obstacle::TooLittle) || random.chance(22) {
        conditions.push(spending::minimum(random, scene, aim, scope));
    }
    if aim.has(Obstacle::TooMuch) || random.chance(16) {
        conditions.push(spending::maximum(random, scene, aim));
    }
    if aim.has(Obstacle::TooManyLines) || random.chance(8) {
        conditions.push(spending::lines(random, scene, aim));
    }
    random.shuffle(&mut conditions);
    conditions
}
