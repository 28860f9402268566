//! The document against what is really read and written, by a validator that was written apart from both.

mod agreement;
mod documents;
mod growth;
mod schemas;
