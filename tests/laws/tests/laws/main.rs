//! The laws, by what they are about. The first sentence of each is the law.

mod afterwards;
mod answers;
mod bounds;
mod bytes;
mod carts;
mod codes;
mod concealed;
mod credit;
mod hints;
mod lanes;
mod money;
mod names;
mod pages;
mod settlements;
mod sites;
mod traces;
