#![doc = include_str!("../README.md")]
#![no_std]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::float_arithmetic,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod audit;
#[cfg(feature = "zones")]
pub mod backtest;
pub mod canonical;
pub mod cart;
pub mod catalog;
pub mod code;
pub mod customer;
pub mod digest;
pub mod evaluate;
pub mod facts;
pub mod few;
pub mod id;
pub mod invalid;
pub mod invoice;
pub mod money;
mod order;
pub mod policy;
pub mod project;
pub mod promotion;
pub mod quote;
pub mod reason;
pub mod redemption;
pub mod replay;
pub mod request;
pub mod reward;
#[cfg(feature = "schema")]
mod schema;
pub mod settlement;
pub mod snapshot;
#[cfg(feature = "zones")]
pub mod standalone;
pub mod subscription;
pub mod text;
pub mod time;
#[cfg(feature = "zones")]
pub mod zones;

pub use evaluate::{Evaluation, evaluate};
pub use quote::Quote;

/// The integer version of this engine's behavior (R67). It rises when any answer for any input changes, so that a stored
/// redemption says which engine decided it and a page knows when it must ask the server instead of itself.
pub const ENGINE: u32 = 1;
