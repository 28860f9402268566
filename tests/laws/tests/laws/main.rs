//! The laws, by what they are about. The first sentence of each is the law.

mod answers;
mod bytes;
mod carts;
mod codes;
mod hints;
mod money;
mod pages;
