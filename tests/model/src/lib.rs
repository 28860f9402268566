#![doc = include_str!("../README.md")]

mod cart;
mod code;
mod judge;
mod number;
mod price;
mod quote;
mod read;
mod share;
mod window;

pub use quote::answer;
