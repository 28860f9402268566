//! `POST /v1/customers/import`: a host that knows its customers already, or tells of all whose facts have changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use tearoff_core::invalid::{Fault, Faults};
use utoipa::ToSchema;

use crate::app::App;
use crate::customers::{CustomerDraft, NewCustomer, keep};
use crate::edits::{Action, Change, Resource};
use crate::json::{Body, CUSTOMERS_MAX, Json};
use crate::keys::Owner;
use crate::problem::Problem;
use crate::routes::openapi;
use crate::store::{Stored, Write};

/// Most customers of one request.
const ENTRIES_MAX: usize = 5000;
/// Customers written in one piece of work: others who write are kept waiting no longer than that takes.
const AT_ONCE: usize = 250;
/// Most faults that are told: whoever has more begins with these.
const FAULTS_MAX: usize = 100;

/// Customers to be told of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportRequest {
    /// The customers, each id once, at most 5,000.
    #[schema(max_items = 5000)]
    customers: Vec<ImportedCustomer>,
}

/// One of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportedCustomer {
    /// The host's own id of their account: 1 to 64 printable ASCII characters, not `import`.
    id: String,
    /// What is told of them.
    customer: CustomerDraft,
}

/// What came of it.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct ImportAnswer {
    /// How many are told of for the first time.
    new: u32,
    /// Of how many was told before.
    known: u32,
}

/// Tell of many customers
///
/// Each in place of what was told of them before, whatever that was, as with `PUT /v1/customers/{id}`. When any is at fault none is
/// written. They are written some hundreds at a time: when the server fails meanwhile, the same request can be sent again.
#[utoipa::path(
    post,
    path = "/v1/customers/import",
    tag = "customers",
    request_body = ImportRequest,
    responses(
        (status = 200, body = ImportAnswer),
        (status = 400, response = openapi::ProblemResponse),
    ),
    security(("secret" = [])),
)]
pub(crate) async fn import(
    State(app): State<App>,
    caller: Owner,
    Body(request): Body<ImportRequest, CUSTOMERS_MAX>,
) -> Result<Json<ImportAnswer>, Problem> {
    let customers: Arc<[NewCustomer]> = check(request)?.into();
    let (site, editor) = (caller.site.number, caller.editor());
    let mut told = ImportAnswer::default();
    for from in (0..customers.len()).step_by(AT_ONCE) {
        let customers = Arc::clone(&customers);
        let work = move |store: &dyn Write, now| -> Stored<(u32, u32)> {
            let (mut new, mut known) = (0_u32, 0_u32);
            for customer in customers.iter().skip(from).take(AT_ONCE) {
                let count = if keep(store, site, customer, now)? { &mut new } else { &mut known };
                *count = count.saturating_add(1);
            }
            let change = Change::of(Resource::Customer, Action::Imported).counting(new.saturating_add(known));
            editor.keep(store, site, now, &change)?;
            Ok((new, known))
        };
        let (new, known) = app.store().batcher().submit(site, work).await?;
        told = ImportAnswer { new: told.new.saturating_add(new), known: told.known.saturating_add(known) };
    }
    Ok(Json(told))
}

fn check(request: ImportRequest) -> Result<Vec<NewCustomer>, Problem> {
    let mut faults = Faults::default();
    if request.customers.len() > ENTRIES_MAX {
        faults.add("customers", Fault::OutOfBounds, format!("must have at most {ENTRIES_MAX} entries"));
        return Err(Problem::invalid(&faults.into_vec()));
    }
    let (mut checked, mut ids) = (Vec::with_capacity(request.customers.len()), BTreeSet::new());
    for (index, ImportedCustomer { id, customer }) in request.customers.into_iter().enumerate() {
        let field = format!("customers[{index}]");
        let id_field = format!("{field}.id");
        match NewCustomer::parse((&id, &id_field), customer, &format!("{field}.customer")) {
            Ok(customer) if ids.insert(customer.id.clone()) => checked.push(customer),
            Ok(_) => faults.add(&id_field, Fault::Duplicate, "is the id of an earlier customer"),
            Err(found) => faults.extend(found),
        }
    }
    let mut faults = faults.into_vec();
    faults.truncate(FAULTS_MAX);
    if faults.is_empty() { Ok(checked) } else { Err(Problem::invalid(&faults)) }
}
