//! The cart and the customer of a request, and whose word they are: the caller's, or that of the host's backend, which has signed them (R61).

use tearoff_core::invalid::{Fault, InvalidField};
use tearoff_core::request::CartRequest;

use crate::app::App;
use crate::customer::{Customer, CustomerRequest, asserted_by};
use crate::keys::Caller;
use crate::problem::Problem;
use crate::signed_cart::{BYTES_MAX, Opened, Vouched, open};
use crate::store::Read;
use tearoff_core::customer::Identity;

/// What a request says of its cart, as it was sent: one of the first two.
#[derive(Debug)]
pub(super) struct Sent {
    /// The cart itself.
    pub(super) cart: Option<CartRequest>,
    /// A cart that the host's backend has signed.
    pub(super) signed_cart: Option<String>,
    /// Who the caller says the customer is.
    pub(super) customer: Option<CustomerRequest>,
}

/// What is asked about.
#[derive(Debug)]
pub(super) struct Told {
    /// The cart.
    pub(super) cart: CartRequest,
    /// Whose word it is.
    pub(super) vouched: Vouched,
    /// Who the customer is, as it was written.
    pub(super) named: Option<CustomerRequest>,
    /// Who the customer is; `None` where nobody is named.
    pub(super) customer: Option<Customer>,
}

impl Told {
    /// Reads what was sent. A cart whose time is over is told too: it may find what was recorded with it.
    ///
    /// # Errors
    /// 400 for a request that does not say which cart, or says it twice, and for a customer at fault; 403 for a cart that nobody has signed
    /// for this site.
    pub(super) async fn read(app: &App, caller: &Caller, sent: Sent) -> Result<Self, Problem> {
        let (cart, vouched, named, sure) = match (sent.cart, sent.signed_cart) {
            (Some(cart), None) => (cart, Vouched::ByCaller, sent.customer, asserted_by(caller.kind)),
            (None, Some(token)) => {
                let Opened { cart, customer, vouched } = opened(app, caller, token).await?;
                match (customer, sent.customer) {
                    (Some(_), Some(_)) => {
                        return Err(contradiction("customer", "is said by `signed_cart` already"));
                    }
                    (Some(signed), None) => (cart, vouched, Some(signed), Identity::Asserted),
                    (None, claimed) => (cart, vouched, claimed, asserted_by(caller.kind)),
                }
            }
            (Some(_), Some(_)) => return Err(contradiction("cart", "cannot stand beside `signed_cart`")),
            (None, None) => return Err(Problem::invalid(&[fault("cart", Fault::Required, "is required")])),
        };
        let customer = Customer::parse(named.as_ref(), sure)?;
        Ok(Self { cart, vouched, named, customer })
    }

    /// How many places there are to price: what lines take place at several times is priced at each.
    pub(super) fn places(&self) -> usize {
        self.cart.lines.iter().map(|line| line.occurrences.len().max(1)).sum()
    }
}

async fn opened(app: &App, caller: &Caller, token: String) -> Result<Opened, Problem> {
    if token.len() > BYTES_MAX {
        return Err(Problem::invalid(&[fault("signed_cart", Fault::OutOfBounds, "must have at most 524288 bytes")]));
    }
    let (site, now) = (caller.site.number, app.clock().now());
    // Up to five HMACs of half a megabyte: away from the threads that serve connections.
    let id = caller.site.id.clone();
    let opened = move |read: &dyn Read| open(&token, &read.cart_secrets(site, now)?, &id, now).map_err(Problem::from);
    app.store().read(opened).await
}

fn contradiction(field: &str, message: &'static str) -> Problem {
    Problem::invalid(&[fault(field, Fault::Contradiction, message)])
}

fn fault(field: &str, code: Fault, message: &'static str) -> InvalidField {
    InvalidField { field: field.into(), code, message: message.into() }
}
