#![doc = include_str!("../README.md")]

mod mutate;
mod seeds;
mod targets;

pub use mutate::mutate;
pub use seeds::{SeedError, seeds};
pub use targets::{TARGETS, Target, find};
