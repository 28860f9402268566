#![doc = include_str!("../README.md")]

pub mod change;
pub mod page;
pub mod sample;

pub use sample::{Sample, answer, any_case, config};
