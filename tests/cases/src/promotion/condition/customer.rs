//! What is asked of the customer and of where they book.

use tearoff_core::customer::{History, Identity};
use tearoff_core::promotion::condition::{Audience, Channel};
use tearoff_core::promotion::draft::ConditionDraft;

use crate::Random;
use crate::customer::{CUSTOMERS, PASSES, TAGS, some};
use crate::promotion::{Aim, Obstacle};
use crate::scene::Scene;

/// So many times in a hundred each condition is asked that the customer meets.
const USUALLY: u64 = 7;

pub(super) fn draw_all(random: &mut Random, scene: &Scene, aim: Aim) -> Vec<ConditionDraft> {
    let history = scene.customer.as_ref().map(|customer| customer.history);
    // What waits for the customer is asked less often of one whom nobody knows.
    let percent = |meets: fn(History) -> bool| match history {
        None => 2,
        Some(history) if meets(history) => USUALLY,
        Some(_) => 0,
    };
    let mut conditions = Vec::new();
    let audience = audience(random, history, aim);
    if random.chance(if history.is_none() { 2 } else { 12 }) || aim.has(Obstacle::OtherAudience) {
        conditions.extend(audience.map(|audience| ConditionDraft::Audience { audience }));
    }
    if random.chance(percent(|history| !history.has_ordered)) || aim.has(Obstacle::OrderedBefore) {
        conditions.push(ConditionDraft::FirstOrder {});
    }
    if random.chance(percent(|history| !history.has_appointment)) || aim.has(Obstacle::CameBefore) {
        conditions.push(ConditionDraft::FirstAppointment {});
    }
    let is_believed = scene.site.trusts_claims
        || scene.customer.as_ref().is_some_and(|customer| customer.identity == Identity::Asserted);
    let believed = if is_believed && history.is_some() { 8 } else { 2 };
    if random.chance(believed) || aim.has(Obstacle::NotNamed) {
        conditions.push(named(random, scene, aim));
    }
    if random.chance(believed) || aim.has(Obstacle::WithoutPass) {
        conditions.push(pass(random, scene, aim));
    }
    if random.chance(12) || aim.has(Obstacle::OtherChannel) {
        conditions.push(channels(random, scene, aim));
    }
    conditions
}

/// That to which the customer belongs, or that to which they do not where this is the obstacle.
fn audience(random: &mut Random, history: Option<History>, aim: Aim) -> Option<Audience> {
    let history = history.unwrap_or_default();
    let mut audiences = vec![(Audience::Existing, history.in_system), (Audience::New, history.is_new())];
    audiences.retain(|(_, belongs)| *belongs != aim.has(Obstacle::OtherAudience));
    random.pick_any(&audiences).map(|(audience, _)| *audience)
}

fn named(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let (mut customers, mut tags) = (some(random, &CUSTOMERS), some(random, &TAGS));
    let known = scene.customer.as_ref();
    let id = known.and_then(|customer| customer.id.clone());
    let carried = known.map(|customer| customer.tags.clone()).unwrap_or_default();
    if aim.has(Obstacle::NotNamed) {
        customers.retain(|customer| Some(customer) != id.as_ref());
        tags.retain(|tag| !carried.contains(tag));
    } else if random.chance(50) {
        customers.extend(id);
    } else {
        tags.extend(random.pick_any(&carried).cloned());
    }
    if customers.is_empty() && tags.is_empty() {
        customers.push("somebody".into());
    }
    ConditionDraft::NamedCustomers { customers, tags }
}

fn pass(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let mut passes = some(random, &PASSES);
    let held = scene.customer.as_ref().map(|customer| customer.passes.clone()).unwrap_or_default();
    if aim.has(Obstacle::WithoutPass) {
        passes.retain(|pass| !held.contains(pass));
    } else {
        passes.extend(random.pick_any(&held).cloned());
    }
    if passes.is_empty() {
        passes.push("platinum".into());
    }
    ConditionDraft::ActivePass { passes }
}

fn channels(random: &mut Random, scene: &Scene, aim: Aim) -> ConditionDraft {
    let all = [Channel::BookingPage, Channel::PointOfSale, Channel::StaffInbox, Channel::Invoice];
    let mut channels: Vec<Channel> = all.into_iter().filter(|_| random.chance(40)).collect();
    channels.retain(|channel| *channel != scene.channel);
    if aim.has(Obstacle::OtherChannel) {
        let other = if scene.channel == Channel::Invoice { Channel::BookingPage } else { Channel::Invoice };
        channels.extend(channels.is_empty().then_some(other));
    } else {
        channels.push(scene.channel);
    }
    random.shuffle(&mut channels);
    ConditionDraft::Channels { channels }
}
