#![doc = include_str!("../README.md")]

pub mod client;
pub mod clock;
pub mod crowd;
pub mod database;
pub mod examples;
pub mod harness;
pub mod process;
pub mod release;
pub mod signing;
pub mod site;
