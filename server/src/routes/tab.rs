//! Whom an answer is charged to: whoever asks with a publishable key; the host's own backend asks for nothing.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::customer::Customer;
use crate::keys::Caller;
use crate::limiter::{Charged, Tells, TooMany, Visitor};
use crate::problem::Problem;
use crate::store::{KeyKind, SiteNumber};

/// What somebody runs up who asks, from their request on.
#[derive(Clone)]
pub(super) struct Tab {
    app: App,
    page: Option<Page>,
    asked_at: Instant,
}

/// Who pays.
#[derive(Clone)]
struct Page {
    site: SiteNumber,
    site_id: Box<str>,
    address: IpAddr,
    codes: u32,
    customer: Option<Customer>,
}

impl Page {
    const fn visitor(&self) -> Visitor<'_> {
        Visitor { site: self.site, address: self.address, customer: self.customer.as_ref() }
    }
}

impl Tab {
    /// Charges the request itself, before anything is done for it.
    ///
    /// # Errors
    /// 429 when the page's address has asked too often.
    pub(super) async fn open(app: &App, caller: &Caller) -> Result<Self, Problem> {
        let (site, address) = (&caller.site, caller.address);
        let page = match caller.kind {
            KeyKind::Secret => None,
            KeyKind::Publishable => {
                app.limiter().charge_request(site.number, address).await.map_err(too_many)?;
                let site_id = site.id.clone();
                Some(Page { site: site.number, site_id, address, codes: 0, customer: None })
            }
        };
        Ok(Self { app: app.clone(), page, asked_at: Instant::now() })
    }

    /// The same for so many codes and this customer.
    ///
    /// # Errors
    /// 429 when as many wrong codes would not be borne: then nothing need be looked up.
    pub(super) fn of(mut self, codes: usize, customer: Option<&Customer>) -> Result<Self, Problem> {
        if let Some(page) = &mut self.page {
            page.codes = u32::try_from(codes).unwrap_or(u32::MAX);
            page.customer = customer.cloned();
            self.app.limiter().bears(page.visitor(), page.codes).map_err(too_many)?;
        }
        Ok(self)
    }

    /// Charges for an answer that is made, before it is told.
    ///
    /// # Errors
    /// [`TooMany`] when a budget does not bear it.
    pub(super) fn charge(&self, tells: Tells) -> Result<Charged, TooMany> {
        let Some(page) = &self.page else { return Ok(Charged::default()) };
        if page.codes > 0
            && let Some(strain) = self.app.limiter().strain(page.site)
        {
            self.app.metrics().strained();
            if strain.is_news {
                let site = &*page.site_id;
                tracing::warn!(site, "more wrong codes are tried than the site bears: each counts as ten");
            }
        }
        self.app.limiter().charge(page.visitor(), page.codes, tells)
    }

    /// Gives back what was charged for an answer that is made again.
    pub(super) fn give_back(&self, charged: &Charged) {
        self.app.limiter().give_back(charged);
    }

    /// Waits until what was charged may be told. What cost nothing may be told at once.
    ///
    /// # Errors
    /// 429 when a budget did not bear it, here or with all servers together: nothing may be told then.
    pub(super) async fn settle(&self, charged: Result<Charged, TooMany>) -> Result<(), Problem> {
        let settled = match charged {
            Ok(charged) if charged.is_nothing() => return Ok(()),
            Ok(charged) => self.app.limiter().settle(charged).await,
            Err(refused) => Err(refused),
        };
        sleep_until(next_stroke(self.asked_at, Instant::now())).await;
        settled.map_err(too_many)
    }

    /// Charges for an answer and waits until it may be told. What went wrong costs no more than the request.
    ///
    /// # Errors
    /// 429, and what `answer` says.
    pub(super) async fn pay<T>(&self, answer: impl Future<Output = Result<(T, Tells), Problem>>) -> Result<T, Problem> {
        let (answer, tells) = answer.await?;
        self.settle(self.charge(tells)).await?;
        Ok(answer)
    }

    /// Who asks, where anybody pays.
    pub(super) fn visitor(&self) -> Option<Visitor<'_>> {
        self.page.as_ref().map(Page::visitor)
    }
}

/// Whoever asks has asked or guessed too often.
pub(super) fn too_many(refused: TooMany) -> Problem {
    let title = "this address has asked too often";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", title).retry_after(refused.retry_after_seconds)
}

/// When a guess is answered: at the next of the strokes that follow the question. A private code is read and evaluated, an unknown one is not;
/// both are done well before the first stroke, so that a clock tells them apart no better than the words do (R65).
fn next_stroke(asked_at: Instant, done_at: Instant) -> Instant {
    const EVERY: Duration = Duration::from_millis(5);
    let mut stroke = asked_at + EVERY;
    while stroke < done_at {
        stroke += EVERY;
    }
    stroke
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_are_answered_on_the_stroke() {
        let asked_at = Instant::now();
        let after = |micros: u64| next_stroke(asked_at, asked_at + Duration::from_micros(micros)) - asked_at;
        assert_eq!([after(0), after(200), after(5000)], [Duration::from_millis(5); 3]);
        assert_eq!(after(5001), Duration::from_millis(10));
    }
}
