//! The lines of an export, a page at a time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tearoff_core::id::CustomerId;
use tearoff_core::time::format_instant;

use super::{Format, csv};
use crate::ids::RedemptionId;
use crate::routes::codes::list::{CodeAnswer, CodeState, told};
use crate::routes::customers::CustomerAnswer;
use crate::routes::promotions::PromotionAnswer;
use crate::routes::redemptions::RedemptionAnswer;
use crate::store::{CodeNumber, Mode, Page, PromotionNumber, PromotionRecord, Read, SiteNumber, StoreError, Stored};

/// Things read at once.
const AT_ONCE: u32 = 100;
/// Codes read at once: each is small.
const CODES_AT_ONCE: u32 = 1000;

/// What is exported.
#[derive(Clone, Copy, Debug)]
pub(super) struct Export {
    /// Of which site.
    pub(super) site: SiteNumber,
    /// Whose redemptions and uses.
    pub(super) mode: Mode,
    /// The only promotion whose codes are wanted.
    pub(super) of: Option<PromotionNumber>,
    /// How lines are written.
    pub(super) format: Format,
    /// When it began.
    pub(super) now: DateTime<Utc>,
}

/// How far an export has come: after the last thing that was written.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Promotions(Option<PromotionNumber>),
    /// Within a promotion, the first when absent.
    Codes(Option<PromotionNumber>, Option<CodeNumber>),
    Catalog,
    Customers(Option<CustomerId>),
    Redemptions(Option<RedemptionId>),
}

/// Some lines, and where to go on; nowhere after the last.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) text: Vec<u8>,
    pub(super) next: Option<Place>,
}

impl Export {
    /// What stands above the lines.
    pub(super) const fn head(&self) -> &'static str {
        match self.format {
            Format::Jsonl => "",
            Format::Csv => csv::CODES_HEAD,
        }
    }

    /// The next lines.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn page(&self, read: &dyn Read, place: Place) -> Stored<Lines> {
        let (site, mode, now) = (self.site, self.mode, self.now);
        match place {
            Place::Promotions(after) => {
                let found = read.promotions(site, Page { after, limit: AT_ONCE })?;
                let next = following(&found, AT_ONCE, |last| Place::Promotions(Some(last.number)));
                let told = found.into_iter().map(|record| PromotionAnswer::of(read, mode, record, now));
                Ok(Lines { text: json(&told.collect::<Stored<Vec<_>>>()?)?, next })
            }
            Place::Codes(of, after) => self.codes(read, of, after),
            Place::Catalog => Ok(Lines { text: json(&read.catalog(site)?)?, next: None }),
            Place::Customers(after) => {
                let found = read.customers(site, Page { after: after.as_ref(), limit: AT_ONCE })?;
                let next = following(&found, AT_ONCE, |last| Place::Customers(Some(last.id.clone())));
                let told: Vec<CustomerAnswer> = found.into_iter().map(Into::into).collect();
                Ok(Lines { text: json(&told)?, next })
            }
            Place::Redemptions(after) => {
                let found = read.redemptions(site, mode, Page { after, limit: AT_ONCE })?;
                let next = following(&found, AT_ONCE, |last| Place::Redemptions(Some(last.id)));
                let told: Vec<_> = found.into_iter().map(|found| RedemptionAnswer::at(found, now)).collect();
                Ok(Lines { text: json(&told)?, next })
            }
        }
    }

    fn codes(&self, read: &dyn Read, of: Option<PromotionNumber>, after: Option<CodeNumber>) -> Stored<Lines> {
        let following_promotion = |after: Option<PromotionNumber>| -> Stored<Option<Arc<PromotionRecord>>> {
            Ok(read.promotions(self.site, Page { after, limit: 1 })?.pop().map(Arc::new))
        };
        let record = match of {
            Some(number) => read.promotion(number)?,
            None => following_promotion(None)?,
        };
        let Some(record) = record else { return Ok(Lines::default()) };
        let found = read.code_page(record.number, Page { after, limit: CODES_AT_ONCE })?;
        let next = match following(&found, CODES_AT_ONCE, |last| Place::Codes(Some(record.number), Some(last.number))) {
            None if self.of.is_none() => {
                following_promotion(Some(record.number))?.map(|next| Place::Codes(Some(next.number), None))
            }
            next => next,
        };
        let codes = told(read, &record, self.mode, found, self.now)?;
        let promotion = record.promotion.terms.promotion.as_str();
        let text = match self.format {
            Format::Jsonl => json(&codes.into_iter().map(|code| CodeLine { promotion, code }).collect::<Vec<_>>())?,
            Format::Csv => codes.iter().map(|code| code_row(promotion, code)).collect::<String>().into_bytes(),
        };
        Ok(Lines { text, next })
    }
}

/// A code of a site.
#[derive(Serialize)]
struct CodeLine<'a> {
    promotion: &'a str,
    #[serde(flatten)]
    code: CodeAnswer,
}

fn code_row(promotion: &str, code: &CodeAnswer) -> String {
    let state = match code.state {
        CodeState::Active => "active",
        CodeState::Retired => "retired",
    };
    let used = code.used.map(|used| used.to_string()).unwrap_or_default();
    let retired_at = code.retired_at.map(format_instant).unwrap_or_default();
    csv::row(&[promotion, &code.code, state, &used, &format_instant(code.created_at), &retired_at])
}

/// Where to go on after a full page.
fn following<T>(found: &[T], limit: u32, place: impl Fn(&T) -> Place) -> Option<Place> {
    let is_full = u32::try_from(found.len()).is_ok_and(|count| count >= limit);
    found.last().filter(|_| is_full).map(place)
}

fn json(values: &[impl Serialize]) -> Stored<Vec<u8>> {
    let mut text = Vec::new();
    for value in values {
        serde_json::to_writer(&mut text, value).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        text.push(b'\n');
    }
    Ok(text)
}
