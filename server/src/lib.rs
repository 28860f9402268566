#![doc = include_str!("../README.md")]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod admit;
mod answers;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod customer;
pub mod customers;
pub mod edits;
pub mod establish;
pub mod files;
pub mod ids;
pub mod json;
pub mod keys;
mod leftovers;
pub mod limiter;
pub mod logging;
mod memo;
mod metrics;
pub mod network;
mod open_files;
mod origin;
pub mod partial;
pub mod problem;
pub mod promotions;
mod published;
pub mod redeem;
pub mod replay;
mod request_id;
mod routes;
pub mod seed;
pub mod server;
pub mod signed_cart;
pub mod snapshot_token;
pub mod store;
mod sweeper;
mod venues;
pub mod wire;

pub use app::{App, app};
pub use server::Server;
