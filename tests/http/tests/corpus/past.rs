//! How a promotion came to be used as often as a story says: which use was whose, with which code, and when.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use tearoff_core::promotion::draft::LimitDraft;
use tearoff_core::standalone::{PromotionRequest, UsageRequest};
use tearoff_corpus::Story;

use crate::establish::CUSTOMER;

/// Most uses that are made where no limit counts them.
const UNCOUNTED_MAX: u32 = 3;

/// The uses of a promotion.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// Another code of the promotion.
    pub(crate) other_code: String,
    /// The uses, in no order.
    pub(crate) uses: Vec<PastUse>,
    /// What the only use took off.
    pub(crate) spent_minor: i64,
}

/// One use.
#[derive(Debug)]
pub(crate) struct PastUse {
    /// By whom.
    pub(crate) email: String,
    /// With which code; none where it acts without.
    pub(crate) code: Option<String>,
    /// When.
    pub(crate) at: DateTime<Utc>,
}

impl Past {
    /// As many uses as the counts ask for, each counted by as many of them as can be.
    pub(crate) fn of(story: &Story, promotion: &PromotionRequest, usage: &UsageRequest) -> Self {
        let now: DateTime<Utc> = story.given.facts.now_at.parse().expect("an instant");
        let entered = |code: &&String| story.given.facts.codes.iter().any(|typed| typed.eq_ignore_ascii_case(code));
        let code = promotion.codes.iter().find(entered).or(promotion.codes.first());
        let other_code = format!("other-{}", promotion.id.replace('_', "-"));
        let limits = &promotion.terms.limits;
        let spent_minor = if limits.budget.is_empty() { 0 } else { usage.spent_minor };
        let counted =
            |count: u32, limit: &Option<LimitDraft>| if limit.is_some() { count } else { count.min(UNCOUNTED_MAX) };
        let total = counted(usage.total, &limits.total);
        let customer = counted(usage.customer, &limits.per_customer);
        let by_code = counted(usage.code, &limits.per_code);
        let day = counted(usage.day, &limits.per_day);
        let week = counted(usage.week, &limits.per_week);
        let month = counted(usage.month, &limits.per_month);
        let count = [total, customer, by_code, day, week, month, u32::from(spent_minor > 0)].into_iter().max();
        let uses = (0..count.unwrap_or_default()).map(|number| {
            let of_this_customer = number < customer;
            PastUse {
                email: if of_this_customer { CUSTOMER.into() } else { format!("client{number}@example.com") },
                code: code.map(|code| if number < by_code { code } else { &other_code }).cloned(),
                at: match number {
                    _ if number < day => now,
                    _ if number < week => on(now, within_week(now.date_naive())),
                    _ if number < month => on(now, within_month(now.date_naive())),
                    _ => on(now, now.date_naive() - Days::new(400)),
                },
            }
        });
        Self { uses: uses.collect(), other_code: other_code.clone(), spent_minor }
    }

    /// Whether it was never used.
    pub(crate) const fn is_empty(&self) -> bool {
        self.uses.is_empty()
    }
}

fn on(now: DateTime<Utc>, date: NaiveDate) -> DateTime<Utc> {
    date.and_time(now.time()).and_utc()
}

/// Another day of the same ISO week.
fn within_week(day: NaiveDate) -> NaiveDate {
    if day.weekday().num_days_from_monday() > 0 { day - Days::new(1) } else { day + Days::new(1) }
}

/// A day of the same month in another week.
fn within_month(day: NaiveDate) -> NaiveDate {
    if day.day() > 7 { day - Days::new(7) } else { day + Days::new(7) }
}
