//! A body that is made while it is sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::Frame;
use tokio::sync::mpsc;

use super::lines::{Export, Lines, Place};
use crate::app::App;
use crate::problem::Problem;
use crate::store::{StoreError, Stored};

/// Pages that wait to be sent: one, while the next is read.
const AHEAD: usize = 1;

/// The lines from `place` on. The first page is read before anything is answered, so that a database that fails is told as a problem; when it
/// fails later the transfer ends without its last chunk, and whoever reads knows that lines are missing.
///
/// # Errors
/// [`Problem`] when the first page cannot be read.
pub(super) async fn of(app: App, export: Export, place: Place) -> Result<Body, Problem> {
    let first = read(&app, export, place).await?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let mut head = export.head().as_bytes().to_vec();
        head.extend_from_slice(&first.text);
        let mut sent = sender.send(Ok(Bytes::from(head))).await;
        let mut next = first.next;
        // Nobody reads on for somebody who has gone away.
        while let (Ok(()), Some(place)) = (&sent, next.take()) {
            let page = read(&app, export, place).await.map(|lines| {
                next = lines.next;
                Bytes::from(lines.text)
            });
            if let Err(error) = &page {
                tracing::error!(%error, "an export broke off");
            }
            sent = sender.send(page).await;
        }
    });
    Ok(Body::new(Pages(receiver)))
}

async fn read(app: &App, export: Export, place: Place) -> Stored<Lines> {
    app.store().read(move |read| export.page(read, place)).await
}

/// Pages as they come.
struct Pages(mpsc::Receiver<Stored<Bytes>>);

impl hyper::body::Body for Pages {
    type Data = Bytes;
    type Error = StoreError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StoreError>>> {
        self.0.poll_recv(context).map(|page| page.map(|page| page.map(Frame::data)))
    }
}
