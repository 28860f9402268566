#![doc = include_str!("../README.md")]

mod appointment;
mod cart;
mod code;
mod codes;
mod customer;
mod judge;
mod kept;
mod lanes;
mod later;
mod limits;
mod number;
mod price;
mod question;
mod quote;
mod read;
mod reason;
mod scope;
mod share;
mod spending;
mod tiers;
mod units;
mod window;

pub use quote::answer;
