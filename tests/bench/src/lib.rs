#![doc = include_str!("../README.md")]
// The sources of the widget bring unit tests, which are found from there alone.
#![cfg(not(test))]

// The widget's own source, so that what is measured reads carts as the widget does.
#[path = "../../../widget/src/border/cart.rs"]
mod cart;

#[cfg(not(target_arch = "wasm32"))]
pub mod count;
pub mod held;
#[cfg(not(target_arch = "wasm32"))]
pub mod question;
pub mod wire;

/// The widget's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
