#![doc = include_str!("../README.md")]

pub mod contract;
pub mod ledger;

pub use ledger::{Database, Ledger};
