//! Which of the codes entered are admitted, in the order entered (R48).

use serde_json::Value;

use crate::judge::{Stand, judge};
use crate::lanes::{Code, lane_of, run};
use crate::number::Number;
use crate::question::Question;
use crate::read::integer;
use crate::reason::Reason;

/// What becomes of a code.
pub(crate) enum Fate {
    /// It acts.
    Admitted,
    /// Its own conditions do not hold; and perhaps another code is in its way besides.
    Refused { reasons: Vec<Reason>, with: Option<String> },
    /// Its conditions hold, but another code is in its way.
    NotCombinable { with: String },
    /// Something that acts by itself is worth more.
    Beaten { by: Number },
}

/// What becomes of each code, in the order entered.
pub(crate) fn fates<'a>(question: &Question<'a>, codes: &[Code<'a>], alone: &[&'a Value]) -> Vec<Fate> {
    let mut admitted: Vec<Code<'a>> = Vec::new();
    let mut fates = Vec::new();
    for code in codes {
        let fate = fate(question, code, &admitted, alone);
        if matches!(fate, Fate::Admitted) {
            admitted.push(code.clone());
        }
        fates.push(fate);
    }
    fates
}

fn fate<'a>(question: &Question<'a>, code: &Code<'a>, admitted: &[Code<'a>], alone: &[&'a Value]) -> Fate {
    let most = usize::try_from(integer(question.site, "codes_max").unwrap_or(1)).expect("a count");
    let own_lane = lane_of(code.promotion);
    let holder = admitted.iter().find(|other| lane_of(other.promotion) == own_lane);
    let in_the_way = holder.or(admitted.first().filter(|_| admitted.len() >= most));
    let in_the_way = in_the_way.map(|other| other.shown.clone());
    // Judged behind what acts in the lanes before its own, whoever holds that.
    let lanes = run(question, admitted, alone);
    let lane = lanes.iter().find(|lane| lane.name == own_lane).expect("a lane of this site");
    let found = judge(question, code.promotion, Stand { left: &lane.left, is_on_list: lane.is_on_list });
    if !found.applies() {
        return Fate::Refused { reasons: found.reasons, with: in_the_way };
    }
    if let Some(with) = in_the_way {
        return Fate::NotCombinable { with };
    }
    let together: Vec<Code<'a>> = admitted.iter().chain([code]).cloned().collect();
    let lanes = run(question, &together, alone);
    if let Some(by) = lanes.into_iter().find(|lane| lane.name == own_lane).and_then(|lane| lane.beaten_by) {
        return Fate::Beaten { by };
    }
    let acting = run(question, &together, alone).iter().filter(|lane| lane.has_code()).count();
    match admitted.first() {
        Some(first) if acting < together.len() => Fate::NotCombinable { with: first.shown.clone() },
        _ => Fate::Admitted,
    }
}
