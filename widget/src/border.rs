//! Between the engine and the scripts beside it (`widget/js`): what happened comes in as bytes, and what shall be done goes out as
//! bytes, both as core writes its canonical ones. One call each way, and no object that both sides hold: this is what keeps the border
//! small, and the scripts cheaper than the same in WebAssembly.

mod cart;
pub(crate) mod read;
pub(crate) mod write;
