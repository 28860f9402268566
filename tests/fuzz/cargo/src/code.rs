#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(target) = tearoff_fuzz::find("code") {
        (target.run)(bytes);
    }
});
