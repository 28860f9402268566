#![doc = include_str!("../README.md")]

pub mod history;
pub mod load;
pub mod pages;
pub mod program;
pub mod report;
pub mod request;
pub mod rounds;
pub mod site;
