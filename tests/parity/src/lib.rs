#![doc = include_str!("../README.md")]

pub mod block;
#[cfg(not(target_family = "wasm"))]
pub mod compare;
pub mod expected;

pub use expected::Expected;
