#![doc = include_str!("../README.md")]
// The sources of the widget bring unit tests, which are found from there alone.
#![cfg(not(test))]

// The widget's own sources, so that what is measured reads carts and writes quotes as the widget does.
#[path = "../../../widget/src/effect/cart.rs"]
mod cart;
#[expect(dead_code, reason = "the widget makes objects too")]
#[path = "../../../widget/src/record.rs"]
mod record;
#[rustfmt::skip]
#[path = "../../../widget/src/effect/quote/write.rs"]
mod write;

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
